//! The mark of what waits for the server.

use crate::words::t;
use leptos::prelude::*;

/// Shown beside a value that the server has not confirmed yet.
#[component]
pub fn PendingDot() -> impl IntoView {
    view! { <span class="pending-dot" role="img" aria-label=t("not saved yet")></span> }
}
