//! Event for a full browser storage.

use leptos::prelude::*;

/// Window event: a write failed because the storage quota is exceeded.
pub const FULL: &str = "rapport:full";

/// Dispatches [`FULL`]; the offline bar shows a message.
pub fn tell_full() {
    if let Ok(event) = web_sys::Event::new(FULL) {
        let _ = window().dispatch_event(&event);
    }
}
