//! The document around every signed-in page.

use crate::routes::App;
use leptos::prelude::*;
use leptos_meta::MetaTags;

/// The whole HTML document. The policy header is set here because it needs the nonce of this response.
pub fn shell(options: LeptosOptions, style: &str) -> impl IntoView + use<> {
    content_policy();
    let look = crate::settings::Appearance::now();
    let language = crate::i18n::speak_as_asked();
    let words = language.words().map(|code| crate::i18n::word_file("", code, crate::i18n::words_version()));
    let nonce = leptos::nonce::use_nonce();
    let session = use_context::<http::request::Parts>().and_then(|p| p.extensions.get::<crate::SessionInfo>().cloned());
    let hue = session.map(|s| s.hue).filter(|h| *h != crate::session::HUE);
    view! {
        <!DOCTYPE html>
        <html lang=language.code() dir=language.is_mirrored().then_some("rtl") data-words=crate::i18n::words_version() data-theme=look.theme_attribute() data-density=look.density_attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content="Rapport: the people you work with, and what comes next."/>
                <link rel="icon" href="/public/icon.svg" type="image/svg+xml"/>
                <link rel="manifest" href="/public/manifest.webmanifest"/>
                <link rel="stylesheet" href=style.to_owned()/>
                {hue.map(|hue| view! { <style nonce=nonce.clone()>{format!(":root{{--brand-h:{hue}}}")}</style> })}
                <script type="module" src="/public/kept.js"></script>
                <script type="module" nonce=nonce.clone()>{start(&options, words.as_deref())}</script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Starts the program when the page has been painted: before that it would only take the network and the processor from
/// what somebody came to see. Where a service worker has the files they cost nothing, so there it starts at once.
///
/// The words of the page are fetched meanwhile, into the browser's cache: a preload would be too long unused by the time that
/// the program asks for them.
fn start(options: &LeptosOptions, words: Option<&str>) -> String {
    let words = words.map(|href| format!("fetch('{href}').then(r=>r.text()).catch(()=>0);")).unwrap_or_default();
    let stem = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    format!(
        "{words}const next=f=>setTimeout(f);\
         const go=()=>import('{stem}.js').then(m=>m.default({{module_or_path:'{stem}_bg.wasm'}}).then(()=>next(()=>m.hydrate()))).catch(()=>setTimeout(go,2000));\
         navigator.serviceWorker?.controller?go():requestAnimationFrame(()=>next(go));"
    )
}

fn content_policy() {
    let (Some(nonce), Some(response)) = (leptos::nonce::use_nonce(), use_context::<leptos_axum::ResponseOptions>()) else { return };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    );
    if let Ok(value) = http::HeaderValue::from_str(&policy) {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, value);
    }
}
