//! End of hydration.

use leptos::prelude::*;

/// Calls `f` after hydration. A change of the DOM before that would differ from the server's markup, and hydration would fail.
pub fn when_hydrated(f: impl FnOnce() + 'static) {
    let done = document().document_element().is_some_and(|root| root.has_attribute("data-hydrated"));
    if done {
        return f();
    }
    set_timeout(move || when_hydrated(f), std::time::Duration::from_millis(30));
}
