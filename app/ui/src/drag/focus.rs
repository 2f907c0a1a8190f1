//! The focus of a card that was moved.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// True while the focus indicator is visible (`:focus-visible`), as after keyboard input.
pub fn by_keyboard() -> bool {
    document().active_element().is_some_and(|e| e.matches(":focus-visible").unwrap_or(false))
}

/// Gives the focus to the card's link in the next frame, when the card is in its new place. `scroll`: brings it into view.
pub fn focus_card(id: impl std::fmt::Display, scroll: bool) {
    let selector = format!("[data-card='{id}'] a");
    request_animation_frame(move || {
        let link = document().query_selector(&selector).ok().flatten();
        if let Some(link) = link.and_then(|l| l.dyn_into::<web_sys::HtmlElement>().ok()) {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(!scroll);
            let _ = link.focus_with_options(&options);
        }
    });
}

/// Restores the focus to the currently focused element in the next frame. Moving an element in the document blurs it.
pub fn keep_focus() {
    let focused = document().active_element().and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
    request_animation_frame(move || {
        let lost = document().active_element().is_none_or(|e| e.tag_name() == "BODY");
        if let Some(element) = focused.filter(|e| lost && e.is_connected()) {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = element.focus_with_options(&options);
        }
    });
}
