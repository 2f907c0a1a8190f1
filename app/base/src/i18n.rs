//! In which language a page speaks. The words are in `ui::words`; here is how it is chosen: by what the person picked for
//! this browser, else by what the browser asks for.

use domain::Language;
use ui::words::{Speaks, speak, speaks};
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
    use ui::words::Catalogue;

    static GERMAN: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::of_json(include_str!("../../../public/words.de.json"), false));
    static SPANISH: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::of_json(include_str!("../../../public/words.es.json"), false));
    static STRANGE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::of_json(include_str!("../../../public/words.de.json"), true));

    /// Says which words these are: another version has another address, so nobody reads old words with a new program.
    pub fn words_version() -> &'static str {
        static VERSION: LazyLock<String> = LazyLock::new(|| {
            use std::hash::{DefaultHasher, Hasher};
            let mut sum = DefaultHasher::new();
            sum.write(include_bytes!("../../../public/words.de.json"));
            sum.write(include_bytes!("../../../public/words.es.json"));
            format!("{:016x}", sum.finish())
        });
        &VERSION
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
pub use on_the_server::{asked, catalogue, in_language, plain, speak_as_asked, speak_in, words_version};

/// Learns the words of the page before the page is taken over: the browser's words must be the server's.
#[cfg(feature = "hydrate")]
pub async fn learn(code: &str) {
    use gloo_net::http::Request;
    use ui::words::Catalogue;
    let language = Language::from_code(code).unwrap_or_default();
    let Some(file) = language.file() else { return };
    let version = leptos::prelude::document().document_element().and_then(|root| root.get_attribute("data-words")).unwrap_or_default();
    let address = format!("/public/{file}?v={version}");
    let fetch = async || {
        let answer = Request::get(&address).send().await.ok()?;
        if answer.ok() { answer.text().await.ok() } else { None }
    };
    let mut text = fetch().await;
    // A page whose words do not come is taken over in English in the end: that is better than not at all.
    for pause in [500, 1_000, 2_000, 4_000] {
        if text.is_some() {
            break;
        }
        crate::pause::sleep(pause).await;
        text = fetch().await;
    }
    let Some(text) = text else { return };
    let accented = matches!(language, Language::Accented | Language::Mirrored);
    speak(Speaks { code: language.code(), words: Some(Box::leak(Box::new(Catalogue::of_json(&text, accented)))) });
}

/// The language that this browser asks for, for a page that no server made.
#[cfg(feature = "hydrate")]
pub fn asked_here() -> Language {
    let all = leptos::prelude::window().navigator().languages();
    let navigator = all.iter().filter_map(|l| l.as_string()).collect::<Vec<_>>().join(",");
    picked(&crate::cookies::of_browser()).unwrap_or_else(|| Language::accepted(&navigator))
}
