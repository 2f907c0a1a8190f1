//! Preference cookies, readable by scripts.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Sets a preference cookie for a year; an empty value deletes it.
pub fn keep_cookie(name: &str, value: &str) {
    let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() else { return };
    let secure = if window().location().protocol().is_ok_and(|p| p == "https:") { "; Secure" } else { "" };
    let age = if value.is_empty() { 0 } else { 31_536_000 };
    let _ = document.set_cookie(&format!("{name}={value}; Path=/; Max-Age={age}; SameSite=Lax{secure}"));
}

/// `document.cookie`.
pub fn of_browser() -> String {
    document().dyn_into::<web_sys::HtmlDocument>().ok().and_then(|d| d.cookie().ok()).unwrap_or_default()
}

/// Cookies of the request on the server, of the document in the browser.
pub fn all_cookies() -> String {
    #[cfg(feature = "ssr")]
    if let Some(parts) = use_context::<http::request::Parts>() {
        return parts.headers.get_all(http::header::COOKIE).iter().filter_map(|v| v.to_str().ok()).collect::<Vec<_>>().join("; ");
    }
    if cfg!(target_arch = "wasm32") { of_browser() } else { String::new() }
}
