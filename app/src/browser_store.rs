//! The browser's database of stored responses (`public/kept.js`), and the record of prefetching into it.

use crate::whose::Whose;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The `localStorage` key of the last prefetch.
pub const PREFETCHED: &str = "rapport:read-ahead";

/// A database is named after its workspace and member.
pub const NAME: &str = "rapport";

/// Calls a function of `public/kept.js`; nothing where the browser keeps nothing.
pub async fn call(name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let all = js_sys::Reflect::get(&window(), &"rapport".into()).ok()?;
    let function = js_sys::Reflect::get(&all, &name.into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
    let answer = function.apply(&all, &arguments.iter().collect::<js_sys::Array>()).ok()?;
    JsFuture::from(answer.dyn_into::<js_sys::Promise>().ok()?).await.ok()
}

/// Removes the time of the last prefetch: the next page prefetches everything.
pub fn forget_prefetch(whose: Whose) {
    if let Some(storage) = window().local_storage().ok().flatten() {
        let _ = storage.remove_item(&whose.key(PREFETCHED));
    }
}

/// Deletes all responses stored for `whose`.
pub fn forget(whose: Whose) {
    forget_prefetch(whose);
    spawn_local(async move {
        call("forget", &[JsValue::from_str(&whose.key(NAME))]).await;
    });
}
