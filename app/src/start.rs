//! Starting without a page from the server: as whom this browser was last signed in, on the page that was asked for.

use crate::{App, i18n, routes::load_page, session};
use leptos::{
    prelude::*,
    tachys::view::{Mountable, Render},
};
use wasm_bindgen::JsValue;

/// Builds the whole page in the browser. Answers whether there is anybody to build it for.
pub async fn start_offline() -> bool {
    let to = window().location().search().ok().and_then(|s| web_sys::UrlSearchParams::new_with_str(&s).ok()).and_then(|q| q.get("to"));
    // A page of our own and nothing else.
    let to = to.filter(|t| t.starts_with('/') && !t.starts_with("//") && !t.contains('\\')).unwrap_or_else(|| "/".into());
    // What the server alone has cannot be shown: the page goes on saying that there is no network.
    if ["/help", "/s/", "/sign-", "/api/", "/forgot", "/reset/", "/confirm/", "/join/"].iter().any(|p| to.starts_with(p)) {
        return false;
    }
    let to = if to.starts_with("/share-in") { shared(&to) } else { to };
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&to));
    }
    if !session::take_up_kept() {
        return false;
    }
    let language = i18n::asked_here();
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", language.code());
    }
    i18n::learn(&[""]).await;
    session::paint();
    crate::settings::Appearance::now().paint();
    let Some(body) = document().body() else { return false };
    while let Some(old) = body.first_child() {
        let _ = body.remove_child(&old);
    }
    _ = any_spawner::Executor::init_wasm_bindgen();
    let owner = Owner::new_root(None);
    owner.with(|| {
        let mut state = App().into_view().build();
        state.mount(&body, None);
        std::mem::forget(state);
    });
    std::mem::forget(owner);
    true
}

/// Hydrates the page from the server once its words and its code are loaded: hydration is synchronous, which lets the build drop
/// the asynchronous hydration of every view (decision 0030).
pub fn hydrate() {
    wasm_bindgen_futures::spawn_local(async move {
        let path = location().pathname().unwrap_or_default();
        futures::future::join(load_page(&path), i18n::learn(&[""])).await;
        leptos::mount::hydrate_body(App);
    });
}

/// What was shared to the installed program, as the line of quick capture (the server's `/share-in` says the same).
fn shared(to: &str) -> String {
    let query = to.split_once('?').and_then(|q| web_sys::UrlSearchParams::new_with_str(q.1).ok());
    let part = |name: &str| query.as_ref().and_then(|q| q.get(name)).unwrap_or_default().trim().to_owned();
    let mut parts: Vec<String> = ["title", "text", "url"].into_iter().map(part).filter(|p| !p.is_empty()).collect();
    parts.dedup();
    domain::paths::with_query(domain::paths::TODAY, &[("add", &parts.join(" "))])
}
