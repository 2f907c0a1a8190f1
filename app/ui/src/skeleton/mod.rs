//! What stands where something is coming.

use leptos::prelude::*;

/// Grey boxes of the size of what is coming.
#[component]
pub fn Skeleton(
    /// How many rows.
    #[prop(default = 6)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            {(0..rows).map(|_| view! { <div class="skeleton__row"></div> }).collect_view()}
        </div>
    }
}
