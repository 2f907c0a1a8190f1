//! The moment at which the program has taken over the page that the server rendered.

use leptos::prelude::*;

/// Calls `f` when the page's own code has taken over: what changes before that is not what the server has drawn, and the
/// program cannot take over a page that it does not know.
pub fn when_hydrated(f: impl FnOnce() + 'static) {
    let done = document().document_element().is_some_and(|root| root.has_attribute("data-hydrated"));
    if done {
        return f();
    }
    set_timeout(move || when_hydrated(f), std::time::Duration::from_millis(30));
}
