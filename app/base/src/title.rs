//! The `<title>` of a document: its words come from people, and neither leptos_meta nor the view macro writes them as HTML
//! wants them there.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// What a tab says on a page about `text`; empty: about nothing in particular. On the server leptos_meta writes the words into
/// the head as HTML, so they are escaped; a browser sets them as text, so they are not.
pub fn in_head(text: &str) -> String {
    let words = if text.is_empty() { "Rapport".to_owned() } else { format!("{text} · Rapport") };
    if cfg!(feature = "ssr") { ui::escape_text(&words) } else { words }
}

/// The title of a plain page. Given as inner HTML, because Leptos marks the end of a dynamic text with a comment, and a title
/// has no comments: the tab would show it.
#[cfg(feature = "ssr")]
#[component]
pub fn PlainTitle(#[prop(into)] text: String) -> impl IntoView {
    view! { <title inner_html=ui::escape_text(&text)></title> }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_be_broken_out_of_and_says_nothing_of_its_own() {
        assert_eq!(in_head("A & B</title><b>"), "A &amp; B&lt;/title&gt;&lt;b&gt; · Rapport");
        assert_eq!(in_head(""), "Rapport");
        let html = Owner::new_root(None).with(|| view! { <PlainTitle text="A & B</title><b>"/> }.to_html());
        assert_eq!(html, "<title>A &amp; B&lt;/title&gt;&lt;b&gt;</title>");
    }
}
