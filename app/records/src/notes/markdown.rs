//! Markdown to clean HTML, on the server alone.

use ammonia::Builder;
use domain::notes::mentions;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};
use uuid::Uuid;

/// What a note may become: text, lists, links and code; no pictures, no styles, no scripts.
pub fn html(body: &str, names: &[(Uuid, String)]) -> String {
    let mut code = 0u32;
    let parser = Parser::new_ext(body, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES);
    let events = parser.flat_map(|event| match event {
        Event::Start(Tag::CodeBlock(_)) => {
            code += 1;
            vec![event]
        }
        Event::End(TagEnd::CodeBlock) => {
            code = code.saturating_sub(1);
            vec![event]
        }
        Event::Text(text) if code == 0 => named(&text, names),
        // What somebody typed as HTML is text like any other.
        Event::Html(text) | Event::InlineHtml(text) => vec![Event::Text(text)],
        Event::SoftBreak => vec![Event::HardBreak],
        other => vec![other],
    });
    let mut out = String::new();
    push_html(&mut out, events);
    Builder::default()
        .rm_tags(["img", "map", "area"])
        .add_tag_attributes("strong", ["class"])
        .add_tags(["input"])
        .add_tag_attributes("input", ["type", "checked", "disabled"])
        .link_rel(Some("noopener noreferrer nofollow ugc"))
        .url_relative(ammonia::UrlRelative::Deny)
        .clean(&out)
        .to_string()
}

fn named<'a>(text: &CowStr<'a>, names: &[(Uuid, String)]) -> Vec<Event<'a>> {
    let mut out = Vec::new();
    let mut done = 0;
    for (start, end, _) in mentions(text, names) {
        let (before, name) = (text.get(done..start).unwrap_or_default().to_owned(), text.get(start..end).unwrap_or_default());
        out.push(Event::Text(before.into()));
        let mut safe = String::new();
        let _ = pulldown_cmark_escape(&mut safe, name);
        out.push(Event::InlineHtml(format!("<strong class=\"mention\">{safe}</strong>").into()));
        done = end;
    }
    out.push(Event::Text(text.get(done..).unwrap_or_default().to_owned().into()));
    out
}

fn pulldown_cmark_escape(out: &mut String, text: &str) -> std::fmt::Result {
    out.push_str(&ammonia::clean_text(text));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn not_01_markdown_is_shown_and_nothing_else_runs() {
        let names = [(uuid::Uuid::nil(), "Bea <b>".to_owned()), (uuid::Uuid::nil(), "Ana".to_owned())];
        assert_eq!(html("**big** and @Ana", &names), "<p><strong>big</strong> and <strong class=\"mention\">@Ana</strong></p>\n");
        assert_eq!(html("- [x] call\n- [ ] write", &[]).matches("<li>").count(), 2);
        assert_eq!(html("`@Ana`\n\n    @Ana", &names).matches("mention").count(), 0);
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "![x](https://evil.test/pixel.png)",
            "<a href=\"/\" onclick=\"alert(1)\">x</a>",
            "<style>*{display:none}</style>",
            "<iframe src=//evil.test></iframe>",
            "@Bea <b>",
            "</textarea><script>alert(1)</script>",
        ] {
            let out = html(hostile, &names);
            // What is between angle brackets is markup; the rest is text, whatever it says.
            for tag in out.split('<').skip(1).filter_map(|t| t.split('>').next()) {
                let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
                assert!(["p", "a", "strong", "br"].contains(&name), "{hostile} became {out}");
                assert!(!["onclick", "onerror", "javascript:", "data:", "src="].iter().any(|bad| tag.contains(bad)), "{hostile} became {out}");
            }
        }
    }
}
