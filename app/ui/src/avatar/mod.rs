//! Somebody, as initials.

use leptos::prelude::*;

/// Initials in a colour that stays the same for the same name.
#[component]
pub fn Avatar(#[prop(into)] name: String) -> impl IntoView {
    let initials: String = name.split_whitespace().filter_map(|w| w.chars().next()).take(2).collect::<String>().to_uppercase();
    let hue = name.bytes().fold(7u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b))) % 8;
    view! { <span class=format!("avatar avatar--{hue}") title=name aria-hidden="true">{initials}</span> }
}
