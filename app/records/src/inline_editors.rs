//! Editors of single fields: a line, a choice, a record to point at.

use super::{draft::Draft, long_text::LongText, people_field::People, picker::Picker, save::Save, several::SeveralEditor, tags_editor::TagsEditor};
use crate::i18n::{language, t};
use domain::{FieldKind, FieldSpec, Record};
use leptos::prelude::*;
use serde_json::Value;
use uuid::Uuid;
use wasm_bindgen::JsCast;

/// Opens the editor of the next field on Tab, of the previous one on Shift-Tab.
fn open_neighbour(ev: &leptos::ev::KeyboardEvent) {
    let fact = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()).and_then(|e| e.closest(".fact").ok().flatten());
    let next = fact.and_then(|f| if ev.shift_key() { f.previous_element_sibling() } else { f.next_element_sibling() });
    let Some(button) = next.and_then(|n| n.query_selector(".fact__button").ok().flatten()) else { return };
    let Ok(button) = button.dyn_into::<web_sys::HtmlElement>() else { return };
    ev.prevent_default();
    request_animation_frame(move || button.click());
}

/// The editor of a field, by its kind.
#[component]
pub fn Editor(spec: &'static FieldSpec, record: Memo<Record>, editing: RwSignal<bool>, save: Save, draft: Draft) -> impl IntoView {
    let current = record.get_untracked();
    let empty = !spec.required && spec.when_empty().is_none();
    match (spec.kind, spec.kind.picked()) {
        (FieldKind::Tags, Some(kind)) => view! { <TagsEditor spec=spec kind=kind record=record editing=editing save=save/> }.into_any(),
        (FieldKind::Contacts, Some(kind)) => view! { <People spec=spec kind=kind record=record editing=editing save=save/> }.into_any(),
        (_, Some(kind)) => view! {
            <Picker
                kind=kind
                id=format!("pick-{}", spec.key)
                label=t(spec.label)
                none=empty
                on_choose=Callback::new(move |choice: Option<(Uuid, String)>| match choice {
                    Some((id, name)) => save.run((id.to_string().into(), Some((id, name)))),
                    None => save.run((Value::Null, None)),
                })
                on_cancel=Callback::new(move |()| { editing.try_set(false); })
            />
        }
        .into_any(),
        (FieldKind::Choice(choices), _) => view! { <Choices spec=spec options=choices.iter().map(|c| (c.0.to_owned(), t(c.1).to_owned())).collect() empty=empty current=current.text(spec.key) editing=editing save=save/> }.into_any(),
        (FieldKind::Several(choices), _) => view! { <SeveralEditor spec=spec choices=choices current=current.text(spec.key) editing=editing save=save/> }.into_any(),
        (FieldKind::Bool, _) => {
            let options = vec![("yes".to_owned(), t("Yes").to_owned()), ("no".to_owned(), t("No").to_owned())];
            view! { <Choices spec=spec options=options empty=empty current=current.text(spec.key) editing=editing save=save/> }.into_any()
        }
        (FieldKind::Recurrence, _) => {
            let now = current.text(spec.key);
            let options = crate::format::recurrence_options(&now);
            view! { <Choices spec=spec options=options empty=empty current=now editing=editing save=save/> }.into_any()
        }
        (FieldKind::LongText(_), _) => view! { <LongText spec=spec current=current.text(spec.key) editing=editing save=save draft=draft/> }.into_any(),
        _ => view! { <OneLine spec=spec current=current.text(spec.key) editing=editing save=save draft=draft/> }.into_any(),
    }
}

/// One of a few. By keyboard nothing is saved before Enter or leaving; a choice by hand is saved at once.
#[component]
fn Choices(
    spec: &'static FieldSpec,
    options: Vec<(String, String)>,
    empty: bool,
    current: String,
    editing: RwSignal<bool>,
    save: Save,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Select>::new();
    let by_key = StoredValue::new(false);
    let done = StoredValue::new(false);
    Effect::new(move |_| {
        if let Some(select) = node.get() {
            let _ = select.focus();
        }
    });
    let commit = move || {
        if done.try_get_value() == Some(false)
            && let Some(select) = node.try_get_untracked().flatten()
        {
            done.set_value(true);
            save.run((select.value().into(), None));
        }
    };
    view! {
        <select
            class="input"
            aria-label=t(spec.label)
            node_ref=node
            on:pointerdown=move |_| by_key.set_value(false)
            on:change=move |_| if !by_key.get_value() { commit() }
            on:blur=move |_| commit()
            on:keydown=move |ev| match ev.key().as_str() {
                "Enter" => {
                    ev.prevent_default();
                    commit();
                }
                "Tab" => {
                    commit();
                    open_neighbour(&ev);
                }
                "Escape" => {
                    done.set_value(true);
                    editing.set(false);
                }
                _ => by_key.set_value(true),
            }
        >
            {empty.then(|| view! { <option value="">"–"</option> })}
            {options
                .into_iter()
                .map(|(code, words)| {
                    let chosen = code == current;
                    view! { <option value=code selected=chosen>{words}</option> }
                })
                .collect_view()}
        </select>
    }
}

#[component]
fn OneLine(spec: &'static FieldSpec, current: String, editing: RwSignal<bool>, save: Save, draft: Draft) -> impl IntoView {
    let node = NodeRef::<leptos::html::Input>::new();
    let done = StoredValue::new(false);
    // A restored draft neither takes the focus nor saves itself on blur.
    let said = current.clone();
    let restored = draft.of_field(&said);
    let touched = StoredValue::new(restored.is_none());
    Effect::new(move |_| {
        if let Some(input) = node.get()
            && touched.get_value()
        {
            let _ = input.focus();
            input.select();
        }
    });
    let (kind, mode) = match spec.kind {
        FieldKind::Date => ("date", "text"),
        FieldKind::Time => ("time", "text"),
        FieldKind::Instant | FieldKind::LocalTime => ("datetime-local", "text"),
        FieldKind::Int { .. } => ("text", "numeric"),
        FieldKind::Money => ("text", "decimal"),
        FieldKind::Url => ("url", "url"),
        FieldKind::Emails | FieldKind::Email => ("text", "email"),
        FieldKind::Phones | FieldKind::Phone => ("text", "tel"),
        _ => ("text", "text"),
    };
    let list = match spec.kind {
        FieldKind::Suggest(options) => options,
        _ => &[],
    };
    let moment = spec.kind == FieldKind::Instant;
    let number = spec.kind.is_number();
    let current = match (moment, number) {
        (true, _) => crate::format::input_of_instant(&current),
        (_, true) => language().to_type(&current),
        _ => spec.kind.words(&current).map_or(current, |words| t(words).to_owned()),
    };
    let current = restored.unwrap_or(current);
    let list_id = format!("suggest-{}", spec.key);
    // Saving removes the input, which fires blur: its node may be gone by then.
    let commit = move || {
        if done.try_get_value() == Some(false)
            && let Some(input) = node.try_get_untracked().flatten()
        {
            let text = input.value();
            let text = if moment { crate::format::instant_of_input(&text).unwrap_or(text) } else { text };
            let text = if number { language().typed(&text) } else { text };
            // A suggestion in the reader's language is stored under its code.
            let text = list.iter().find(|o| t(o.1).to_lowercase() == text.trim().to_lowercase()).map_or(text, |o| o.0.to_owned());
            save.run((text.into(), None));
        }
    };
    view! {
        <input
            class="input"
            type=kind
            inputmode=mode
            enterkeyhint="done"
            aria-label=t(spec.label)
            value=current
            list=(!list.is_empty()).then(|| list_id.clone())
            node_ref=node
            on:keydown=move |ev| match ev.key().as_str() {
                "Enter" => {
                    ev.prevent_default();
                    commit();
                }
                "Tab" => {
                    commit();
                    open_neighbour(&ev);
                }
                "Escape" => {
                    done.set_value(true);
                    draft.forget();
                    editing.set(false);
                }
                _ => {}
            }
            on:input=move |ev| {
                touched.set_value(true);
                draft.keep_field(&said, &event_target_value(&ev));
            }
            on:blur=move |_| {
                if touched.try_get_value() == Some(true) {
                    commit();
                }
            }
        />
        {(!list.is_empty()).then(|| view! { <datalist id=list_id>{list.iter().map(|o| view! { <option value=t(o.1)></option> }).collect_view()}</datalist> })}
    }
}
