//! The browser's entry: hydrate what the server rendered.
#![recursion_limit = "256"]

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    app::hydrate();
}

/// Starts without a page from the server; answers whether somebody is kept here to start for.
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn start_offline() -> bool {
    console_error_panic_hook::set_once();
    app::start_offline().await
}
