//! Any of a few choices, ticked one by one and saved together.

use super::save::Save;
use crate::i18n::t;
use domain::FieldSpec;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsCast;

#[component]
pub fn SeveralEditor(
    spec: &'static FieldSpec,
    choices: &'static [(&'static str, &'static str)],
    /// Codes with commas between.
    current: String,
    editing: RwSignal<bool>,
    save: Save,
) -> impl IntoView {
    let chosen = RwSignal::new(current.split(", ").map(str::to_owned).filter(|c| !c.is_empty()).collect::<Vec<_>>());
    let group = NodeRef::<leptos::html::Fieldset>::new();
    Effect::new(move |_| {
        let first = group.get().and_then(|g| g.query_selector("input").ok().flatten()).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(input) = first {
            let _ = input.focus();
        }
    });
    let toggle = move |code: &str, on: bool| chosen.update(|all| if on { all.push(code.to_owned()) } else { all.retain(|c| c != code) });
    let done = move || {
        let now = chosen.get_untracked();
        // In the order of the choices: the same set is the same value.
        let codes: Vec<Value> = choices.iter().filter(|c| now.iter().any(|n| n == c.0)).map(|c| Value::from(c.0)).collect();
        save.run((if codes.is_empty() { Value::Null } else { Value::Array(codes) }, None));
    };
    view! {
        <fieldset class="stack several" node_ref=group on:keydown=move |ev| if ev.key() == "Escape" { editing.set(false) }>
            <legend class="visually-hidden">{t(spec.label)}</legend>
            {choices.iter().map(|(code, label)| {
                let on = current.split(", ").any(|c| c == *code);
                view! { <label class="row row--tight"><input type="checkbox" value=*code checked=on on:change=move |ev| toggle(code, event_target_checked(&ev))/>{t(label)}</label> }
            }).collect_view()}
            <div class="row">
                <button type="button" class="button button--primary" on:click=move |_| done()>{t("Save")}</button>
                <button type="button" class="button button--quiet" on:click=move |_| editing.set(false)>{t("Cancel")}</button>
            </div>
        </fieldset>
    }
}
