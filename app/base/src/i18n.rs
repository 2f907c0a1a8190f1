//! In which language a page speaks. The words are in `ui::words`; here is how it is chosen: by what the person picked for
//! this browser, else by what the browser asks for.

use domain::Language;
use ui::words::speaks;
pub use ui::words::{t, tf, translated};

/// The cookie that holds what the person picked; none: as the browser asks.
pub const COOKIE: &str = "rapport-language";

/// The language of the page that is being made, or that is here.
pub fn language() -> Language {
    Language::from_code(speaks().code).unwrap_or_default()
}

/// What the cookies say, if anything.
pub fn picked(cookies: &str) -> Option<Language> {
    cookies.split(';').find_map(|c| Language::from_code(c.trim().strip_prefix(COOKIE)?.strip_prefix('=')?))
}

#[cfg(feature = "ssr")]
mod on_the_server {
    use super::*;
    use leptos::prelude::*;
    use std::sync::LazyLock;
    use ui::words::{Catalogue, Speaks, speak};

    /// A word file of an area: part, German, Spanish. `""` is the part of all pages, `server` that of mails and plain pages.
    macro_rules! parts {
        ($($name:literal: $de:literal, $es:literal;)*) => {
            &[$(($name, include_str!(concat!("../../../public/", $de)), include_str!(concat!("../../../public/", $es)))),*]
        };
    }

    /// All catalogues. A text that one area alone uses is in the catalogue of that area, any other in the shared one.
    pub const PARTS: &[(&str, &str, &str)] = parts! {
        "": "words.de.json", "words.es.json";
        "sales": "words.sales.de.json", "words.sales.es.json";
        "people": "words.people.de.json", "words.people.es.json";
        "setup": "words.setup.de.json", "words.setup.es.json";
        "figures": "words.figures.de.json", "words.figures.es.json";
        "server": "words.server.de.json", "words.server.es.json";
    };

    fn german(accented: bool) -> Catalogue {
        Catalogue::of_json(PARTS.iter().map(|p| p.1), accented)
    }

    static GERMAN: LazyLock<Catalogue> = LazyLock::new(|| german(false));
    static SPANISH: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::of_json(PARTS.iter().map(|p| p.2), false));
    static STRANGE: LazyLock<Catalogue> = LazyLock::new(|| german(true));

    /// Hash of all word files. It is part of their addresses, so that a browser never pairs cached words with a newer program.
    pub fn words_version() -> &'static str {
        static VERSION: LazyLock<String> = LazyLock::new(|| {
            use std::hash::{DefaultHasher, Hasher};
            let mut sum = DefaultHasher::new();
            for (_, german, spanish) in PARTS {
                sum.write(german.as_bytes());
                sum.write(spanish.as_bytes());
            }
            format!("{:016x}", sum.finish())
        });
        &VERSION
    }

    /// Addresses of the word files that pages in the language read; none in English.
    pub fn word_files(language: Language) -> impl Iterator<Item = String> {
        let code = language.words();
        PARTS.iter().filter(|p| p.0 != "server").filter_map(move |p| Some(word_file(p.0, code?, words_version())))
    }

    tokio::task_local! {
        static ASKED: Language;
    }

    /// The words of a language.
    pub fn catalogue(language: Language) -> Option<&'static Catalogue> {
        match language {
            Language::English => None,
            Language::German => Some(&GERMAN),
            Language::Spanish => Some(&SPANISH),
            Language::Accented | Language::Mirrored => Some(&STRANGE),
        }
    }

    /// The language that a request asks for.
    pub fn asked(headers: &http::HeaderMap) -> Language {
        let all = |name| headers.get_all(name).iter().filter_map(|v| v.to_str().ok()).collect::<Vec<_>>();
        picked(&all(http::header::COOKIE).join(";")).unwrap_or_else(|| Language::accepted(&all(http::header::ACCEPT_LANGUAGE).join(",")))
    }

    /// Answers a request in the language it asks for: plain pages made on the way speak it.
    pub async fn in_language<T>(language: Language, work: impl Future<Output = T>) -> T {
        ASKED.scope(language, work).await
    }

    /// Everything under the present owner speaks the language of the request.
    pub fn speak_as_asked() -> Language {
        let of_page = use_context::<http::request::Parts>().map(|p| asked(&p.headers));
        let language = of_page.or_else(|| ASKED.try_with(|l| *l).ok()).unwrap_or_default();
        speak_in(language);
        language
    }

    pub fn speak_in(language: Language) {
        speak(Speaks { code: language.code(), words: catalogue(language) });
    }

    /// Makes a plain page in the language of the request. Under an owner without a parent: the thread's current one may be that of
    /// another request, and its context with it.
    pub fn plain<T>(make: impl FnOnce() -> T) -> T {
        Owner::new_root(None).with(|| {
            speak_as_asked();
            make()
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_plain_page_takes_nothing_from_the_request_that_the_thread_served_before() {
            let (parts, ()) = http::Request::builder().header("cookie", format!("{COOKIE}=de")).body(()).expect("a request").into_parts();
            Owner::new_root(None).with(|| {
                provide_context(parts);
                assert_eq!(speak_as_asked(), Language::German);
                assert_eq!(plain(language), Language::English);
            });
        }
    }
}

#[cfg(feature = "ssr")]
pub use on_the_server::{PARTS, asked, catalogue, in_language, plain, speak_as_asked, speak_in, word_files, words_version};

/// Word files that an area's pages need besides that of all pages: those of the areas whose parts they show.
pub const fn words_of(area: &str) -> &'static [&'static str] {
    match area.as_bytes() {
        b"sales" => &["sales"],
        // Contacts and companies list deals; the shell's record pages show all three.
        b"people" | b"app" => &["sales", "people"],
        b"setup" => &["setup"],
        b"figures" => &["figures"],
        _ => &[],
    }
}

/// The address of a word file.
pub fn word_file(part: &str, code: &str, version: &str) -> String {
    let dot = if part.is_empty() { "" } else { "." };
    format!("/public/words.{part}{dot}{code}.json?v={version}")
}

/// Loads word files that are not loaded yet, before the page that needs them is rendered or hydrated: the browser's words must
/// be the server's. Ready at once in English.
#[cfg(feature = "hydrate")]
pub async fn learn(parts: &'static [&'static str]) {
    let code = leptos::prelude::document().document_element().and_then(|root| root.get_attribute("lang")).unwrap_or_default();
    let language = Language::from_code(&code).unwrap_or_default();
    let Some(file) = language.words() else { return };
    for part in parts {
        if !LEARNED.with_borrow(|l| l.contains(part)) {
            learn_part(language, part, file).await;
        }
    }
}

#[cfg(feature = "hydrate")]
thread_local! {
    static LEARNED: std::cell::RefCell<Vec<&'static str>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[cfg(feature = "hydrate")]
async fn learn_part(language: Language, part: &'static str, code: &str) {
    use gloo_net::http::Request;
    let version = leptos::prelude::document().document_element().and_then(|root| root.get_attribute("data-words")).unwrap_or_default();
    let address = word_file(part, code, &version);
    let fetch = async || {
        let answer = Request::get(&address).send().await.ok()?;
        if answer.ok() { answer.text().await.ok() } else { None }
    };
    let mut text = fetch().await;
    // After the last pause the page goes on in English: better than no page.
    for pause in [500, 1_000, 2_000, 4_000] {
        if text.is_some() {
            break;
        }
        crate::pause::sleep(pause).await;
        text = fetch().await;
    }
    let Some(text) = text else { return };
    LEARNED.with_borrow_mut(|l| l.push(part));
    let accented = matches!(language, Language::Accented | Language::Mirrored);
    ui::words::learn(language.code(), &text, accented);
}

/// The language that this browser asks for, for a page that no server made.
#[cfg(feature = "hydrate")]
pub fn asked_here() -> Language {
    let all = leptos::prelude::window().navigator().languages();
    let navigator = all.iter().filter_map(|l| l.as_string()).collect::<Vec<_>>().join(",");
    picked(&crate::cookies::of_browser()).unwrap_or_else(|| Language::accepted(&navigator))
}
