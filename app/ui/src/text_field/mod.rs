//! A field of one line.

use crate::{FieldShell, words::t};
use leptos::prelude::*;

/// One line of text.
#[component]
pub fn TextField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(into, default = String::new())] value: String,
    /// `text`, `email`, `tel`, `url`, `date`, `number`, `password`, `search`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(default = false)] required: bool,
    #[prop(default = "off")] autocomplete: &'static str,
    /// Id of a datalist with suggestions.
    #[prop(into, default = String::new())]
    list: String,
    /// What to know before filling it in.
    #[prop(into, default = String::new())]
    hint: String,
    #[prop(into, default = Signal::stored(String::new()))] error: Signal<String>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let described = format!("{id}-error");
    let mode = match kind {
        "number" => "decimal",
        "email" => "email",
        "tel" => "tel",
        "url" => "url",
        _ => "text",
    };
    // Words of the button that shows a password (`public/plain.js`).
    let of_password = move |words: &'static str| (kind == "password").then_some(words);
    let native = if kind == "number" { "text" } else { kind };
    view! {
        <FieldShell id=id.clone() label=label required=required error=error>
            <input
                class="input"
                id=id
                name=name
                type=native
                inputmode=mode
                value=value
                required=required
                autocomplete=autocomplete
                data-show=of_password(t("Show"))
                data-hide=of_password(t("Hide"))
                data-toggle=of_password(t("Show password"))
                list=(!list.is_empty()).then_some(list)
                aria-describedby=described
                aria-invalid=move || (!error.get().is_empty()).then_some("true")
            />
            {(!hint.is_empty()).then(|| view! { <p class="field__hint">{hint}</p> })}
        </FieldShell>
    }
}
