//! The browser's storage is full.

use leptos::prelude::*;

/// Said on the window by whatever could not be kept for lack of room.
pub const FULL: &str = "rapport:full";

/// Tells the person that this browser has no room left.
pub fn tell_full() {
    if let Ok(event) = web_sys::Event::new(FULL) {
        let _ = window().dispatch_event(&event);
    }
}
