//! `/help`: articles with search, as plain pages without wasm.

use crate::{
    i18n::{language, plain, t, tf},
    title::PlainTitle,
};
use base::help::Article;
use domain::paths;
use leptos::prelude::*;
use pulldown_cmark::{Options, Parser, html::push_html};

/// In the order in which somebody new would read them.
const ARTICLES: &[Article] = base::articles!("/../docs/help/":
    "first-steps",
    "today",
    "quick-add-and-search",
    "log-a-call",
    "tasks-and-reminders",
    "people-and-companies",
    "notes",
    "tags",
    "deals-board",
    "find-deals",
    "dashboard-and-analytics",
    "share-a-dashboard",
    "notifications",
    "import-a-file",
    "undo-and-history",
    "keyboard-shortcuts",
    "without-network",
    "people-and-roles",
    "password-and-tokens",
    "privacy",
    "run-the-server",
);

/// All articles, those of the areas after those of the shell.
fn articles() -> impl Iterator<Item = &'static Article> {
    ARTICLES.iter().chain(sales::HELP)
}

/// Our own words; nothing here was written by a user.
fn html(markdown: &str) -> String {
    let mut out = String::new();
    push_html(&mut out, Parser::new_ext(markdown, Options::ENABLE_TABLES));
    out
}

fn search_form(q: &str) -> impl IntoView + use<> {
    view! {
        <form method="get" action=paths::HELP class="search" role="search">
            <input class="input" type="search" name="q" value=q.to_owned() placeholder=t("Search the help") aria-label=t("Search the help") enterkeyhint="search"/>
            <button type="submit" class="button">{t("Search")}</button>
        </form>
    }
}

fn document(title: &str, style: &str, body: AnyView) -> String {
    let title = format!("{title} · Rapport");
    let html = view! {
        <html lang=language().code()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <PlainTitle text=title/>
                <link rel="icon" href="/public/icon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=style.to_owned()/>
            </head>
            <body>
                <a class="skip" href="#main">{t("Skip to the page")}</a>
                <main class="main" id="main">
                    <div class="page help">
                        <nav class="row" aria-label=t("Main")>
                            <a href=paths::TODAY class="button button--quiet">{t("Back to Rapport")}</a>
                            <a href=paths::HELP class="button button--quiet">{t("All help")}</a>
                        </nav>
                        {body}
                    </div>
                </main>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", html.to_html())
}

/// The list of articles, or those that fit `q`, the best first.
pub fn help_home(q: &str, style: &str) -> String {
    let words: Vec<String> = q.to_lowercase().split_whitespace().take(12).map(str::to_owned).collect();
    plain(|| {
        let mut hits: Vec<(u32, &Article)> = articles().filter_map(|a| Some((a.fits(&words)?, a))).collect();
        hits.sort_by_key(|h| std::cmp::Reverse(h.0));
        let none = hits.is_empty();
        let found = hits
            .into_iter()
            .map(|(_, a)| {
                let href = format!("{}/{}", paths::HELP, a.slug);
                view! { <li><a href=href>{a.title()}</a></li> }
            })
            .collect_view();
        let body = view! {
            <h1>{t("Help")}</h1>
            {search_form(q)}
            {none.then(|| view! { <p>{tf("Nothing in the help matches “{q}”.", &[("q", q)])}</p> })}
            <section class="card"><ul class="links">{found}</ul></section>
        };
        document(t("Help"), style, body.into_any())
    })
}

/// One article; none of that name, none.
pub fn help_article(slug: &str, style: &str) -> Option<String> {
    let article = articles().find(|a| a.slug == slug)?;
    Some(plain(|| {
        let body = view! {
            <h1>{article.title()}</h1>
            {search_form("")}
            <article class="card prose" inner_html=html(article.body())></article>
        };
        document(article.title(), style, body.into_any())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_article_is_listed_found_by_its_title_and_links_to_what_exists() {
        for language in domain::Language::ALL {
            let folder = if language == domain::Language::English { String::new() } else { language.code().to_owned() };
            let files = std::fs::read_dir(format!("{}/../docs/help/{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap().map(Result::unwrap);
            let mut names: Vec<String> =
                files.filter(|f| f.path().is_file()).map(|f| f.file_name().to_string_lossy().trim_end_matches(".md").to_owned()).collect();
            names.sort();
            let mut listed: Vec<&str> = articles().map(|a| a.slug).collect();
            listed.sort_unstable();
            assert_eq!(names, listed);
            Owner::new_root(None).with(|| {
                crate::i18n::speak_in(language);
                for article in articles() {
                    assert!(!article.title().is_empty() && !article.keywords().is_empty() && article.body().len() > 200, "{}", article.slug);
                    let words: Vec<String> = article.title().to_lowercase().split_whitespace().map(str::to_owned).collect();
                    assert!(article.fits(&words).is_some(), "{}", article.slug);
                    for link in article.body().split("](").skip(1).filter_map(|l| l.split(')').next()) {
                        let known = match link.strip_prefix("/help/") {
                            Some(slug) => articles().any(|a| a.slug == slug),
                            None => link.starts_with('/') || link == "https://…",
                        };
                        assert!(known, "{}: {link}", article.slug);
                    }
                }
            });
        }
        assert!(help_home("first steps", "").contains("/help/first-steps"));
        assert!(help_article("nonsense", "").is_none());
        assert!(help_home("<script>", "").contains("&lt;script&gt;"));
    }
}
