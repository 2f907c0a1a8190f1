//! The browser's response cache (IndexedDB, `public/kept.js`) and the time of the last prefetch.

use crate::whose::Whose;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// `localStorage` key of the time of the last prefetch.
pub const PREFETCHED: &str = "rapport:read-ahead";

/// Prefix of a database's name; workspace and member follow.
pub const NAME: &str = "rapport";

/// Calls a function of `public/kept.js`; `None` if the browser has no storage.
pub async fn call(name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let all = js_sys::Reflect::get(&window(), &"rapport".into()).ok()?;
    let function = js_sys::Reflect::get(&all, &name.into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
    let answer = function.apply(&all, &arguments.iter().collect::<js_sys::Array>()).ok()?;
    JsFuture::from(answer.dyn_into::<js_sys::Promise>().ok()?).await.ok()
}

/// Invalidates the prefetch: the next page prefetches everything.
pub fn forget_prefetch(whose: Whose) {
    if let Some(storage) = window().local_storage().ok().flatten() {
        let _ = storage.remove_item(&whose.key(PREFETCHED));
    }
}

/// Deletes all cached responses of `whose`.
pub fn forget(whose: Whose) {
    forget_prefetch(whose);
    spawn_local(async move {
        call("forget", &[JsValue::from_str(&whose.key(NAME))]).await;
    });
}
