//! How many wait, on the icon of the installed program (the Badging API).

use wasm_bindgen::{JsCast, JsValue};

/// Shows the number; none takes it away. Browsers that know no badges show nothing.
pub fn show(waiting: usize) {
    let navigator: JsValue = leptos::prelude::window().navigator().into();
    let set = js_sys::Reflect::get(&navigator, &"setAppBadge".into()).ok().and_then(|f| f.dyn_into::<js_sys::Function>().ok());
    if let Some(promise) =
        set.and_then(|f| f.call1(&navigator, &JsValue::from(waiting as u32)).ok()).and_then(|p| p.dyn_into::<js_sys::Promise>().ok())
    {
        // Refused where nobody installed it: that is no trouble.
        leptos::task::spawn_local(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        });
    }
}
