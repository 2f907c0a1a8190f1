//! What is shown where there is nothing.

use leptos::prelude::*;

/// Nothing here yet: one sentence and what to do about it.
#[component]
pub fn EmptyState(
    /// One sentence.
    #[prop(into)]
    text: String,
    /// The one thing to do next.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p>{text}</p>
            {children.map(|c| c())}
        </div>
    }
}
