//! A field with a few choices.

use crate::FieldShell;
use leptos::prelude::*;

/// One of a few.
#[component]
pub fn SelectField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// Value and words of each choice.
    options: Vec<(String, String)>,
    #[prop(into, default = String::new())] value: String,
    #[prop(default = false)] required: bool,
    /// Offers "nothing" where the field need not be filled.
    #[prop(default = true)]
    empty: bool,
    #[prop(into, default = Signal::stored(String::new()))] error: Signal<String>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let described = format!("{id}-error");
    view! {
        <FieldShell id=id.clone() label=label required=required error=error>
            <select class="input" id=id name=name aria-describedby=described>
                {(!required && empty).then(|| view! { <option value="">"–"</option> })}
                {options
                    .into_iter()
                    .map(|(code, words)| {
                        let chosen = code == value;
                        view! { <option value=code selected=chosen>{words}</option> }
                    })
                    .collect_view()}
            </select>
        </FieldShell>
    }
}
