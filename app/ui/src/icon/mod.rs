//! Icons out of one sprite (`public/icons.svg`): cached once, no wasm bytes.

use leptos::prelude::*;

/// An icon that says nothing to a screen reader: the words stand beside it, or on the control that holds it.
#[component]
pub fn Icon(
    /// Name of a symbol in the sprite.
    name: &'static str,
) -> impl IntoView {
    view! { <svg class="icon" aria-hidden="true" width="20" height="20"><use href=format!("/public/icons.svg#{name}")></use></svg> }
}
