//! Starting without a page from the server: as whom this browser was last signed in, on the page that was asked for.

use crate::{App, session};
use leptos::{
    prelude::*,
    tachys::view::{Mountable, Render},
};
use wasm_bindgen::JsValue;

/// Builds the whole page in the browser. Answers whether there is anybody to build it for.
pub fn start_offline() -> bool {
    if !session::take_up_kept() {
        return false;
    }
    let to = window().location().search().ok().and_then(|s| web_sys::UrlSearchParams::new_with_str(&s).ok()).and_then(|q| q.get("to"));
    // A page of our own and nothing else.
    let to = to.filter(|t| t.starts_with('/') && !t.starts_with("//") && !t.contains('\\')).unwrap_or_else(|| "/".into());
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&to));
    }
    session::paint();
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
