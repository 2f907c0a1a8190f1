//! What every field of a form has: label, hint and error belong to the control. Inputs are uncontrolled: typing before
//! hydration survives.

use crate::words::translated;
use leptos::prelude::*;

/// Label, control and error in one.
#[component]
pub fn FieldShell(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(default = false)] required: bool,
    /// What is wrong with it; empty when nothing is.
    #[prop(into)]
    error: Signal<String>,
    children: Children,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    view! {
        <div class="field" class:field--wrong=move || !error.get().is_empty()>
            <label class="field__label" for=id>
                {label}
                {required.then(|| view! { <span class="field__required" aria-hidden="true">" *"</span> })}
            </label>
            {children()}
            <p class="field__error" id=error_id aria-live="polite">{move || translated(error.get())}</p>
        </div>
    }
}
