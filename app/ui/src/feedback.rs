//! What the interface says back: empty, loading, wrong, busy, who.

use crate::{
    Icon,
    words::{t, tf, translated},
};
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

/// Something went wrong: what happened, and a way on.
#[component]
pub fn ErrorBox(#[prop(into)] text: String) -> impl IntoView {
    view! {
        <div class="error-box" role="alert">
            <Icon name="alert"/>
            <p>{translated(text)}</p>
        </div>
    }
}

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

/// Shown beside a value that the server has not confirmed yet.
#[component]
pub fn PendingDot() -> impl IntoView {
    view! { <span class="pending-dot" role="img" aria-label=t("not saved yet")></span> }
}

/// How far something is.
#[component]
pub fn Progress(done: i64, total: i64, #[prop(into)] label: String) -> impl IntoView {
    view! {
        <div class="progress">
            <progress max=total.max(1) value=done aria-label=label.clone()></progress>
            <span class="progress__text">{tf("{label}: {done} of {total}", &[("label", &label), ("done", &done.to_string()), ("total", &total.to_string())])}</span>
        </div>
    }
}

/// Initials in a colour that stays the same for the same name.
#[component]
pub fn Avatar(#[prop(into)] name: String) -> impl IntoView {
    let initials: String = name.split_whitespace().filter_map(|w| w.chars().next()).take(2).collect::<String>().to_uppercase();
    let hue = name.bytes().fold(7u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b))) % 8;
    view! { <span class=format!("avatar avatar--{hue}") title=name aria-hidden="true">{initials}</span> }
}
