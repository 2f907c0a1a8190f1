//! A bar with its words.

use crate::words::tf;
use leptos::prelude::*;

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
