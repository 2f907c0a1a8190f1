//! A field that is edited where it stands: Enter or leaving saves, Escape reverts, a failure keeps the text.

use super::{
    draft::{Draft, keep_refused},
    long_text::LongText,
    people_field::People,
    picker::Picker,
    record_head::title_after,
    server_fns::goes_on,
    several::SeveralEditor,
    tags_editor::TagsEditor,
};
use crate::{
    i18n::{language, t, tf, translated},
    session::use_session,
    sync::{Named, Queue},
};
use domain::{Command, Currency, EntityKind, FieldKind, FieldMap, FieldSpec, Record, fields, open::when_empty};
use leptos::prelude::*;
use serde_json::Value;
use ui::PendingDot;
use uuid::Uuid;
use wasm_bindgen::JsCast;

/// How a value reads when it is not being edited.
pub fn shown(spec: &FieldSpec, record: &Record) -> String {
    match spec.kind {
        // Deleted, or private to somebody else: an id says nothing to a person.
        FieldKind::Ref(_) => record.label(spec.key).map(str::to_owned).unwrap_or_default(),
        FieldKind::Contacts => record
            .fields
            .get(spec.key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|v| v.as_str()?.parse::<Uuid>().ok())
            .filter_map(|id| record.labels.get(&id).cloned())
            .collect::<Vec<_>>()
            .join(", "),
        FieldKind::Choice(_) | FieldKind::Suggest(_) => {
            let code = record.text(spec.key);
            spec.kind.words(&code).map_or(code, |words| t(words).to_owned())
        }
        FieldKind::Bool => match record.text(spec.key).as_str() {
            "yes" => t("Yes").to_owned(),
            "no" => t("No").to_owned(),
            other => other.to_owned(),
        },
        FieldKind::Several(choices) => {
            let codes = record.text(spec.key);
            choices.iter().filter(|c| codes.split(", ").any(|x| x == c.0)).map(|c| t(c.1)).collect::<Vec<_>>().join(", ")
        }
        FieldKind::Money => {
            let currency = Currency::stored(&record.text("currency"));
            domain::Money::parse(&record.text(spec.key), currency).map(|m| m.display(language())).unwrap_or_default()
        }
        FieldKind::Date => record.text(spec.key).parse().map(crate::format::day).unwrap_or_default(),
        FieldKind::Recurrence => {
            let rule = record.text(spec.key);
            domain::tasks::recurrence_words(&rule).map_or(rule, |w| t(w).to_owned())
        }
        FieldKind::LocalTime => record.text(spec.key).replace('T', " "),
        FieldKind::Instant => record.text(spec.key).parse().map(crate::format::moment).unwrap_or_default(),
        _ => record.text(spec.key),
    }
}

/// One fact of a record with its label.
#[component]
pub fn InlineField(spec: &'static FieldSpec, record: Memo<Record>, editable: bool) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let editing = RwSignal::new(false);
    let pending = RwSignal::new(false);
    let error = RwSignal::new(String::new());
    let value = Memo::new(move |_| record.with(|r| shown(spec, r)));
    let button = NodeRef::<leptos::html::Button>::new();
    // What was typed here and never saved is in hand again.
    let draft = record.with_untracked(|r| Draft::named(format_args!("{}:{}:{}", r.kind.noun(), r.id, spec.key)));
    Effect::new(move |_| {
        crate::routes::when_hydrated(move || {
            if editable && record.try_with_untracked(|r| draft.of_field(&r.text(spec.key)).is_some()) == Some(true) {
                editing.try_set(true);
            }
        });
    });
    // Whoever edited by keyboard stays where they were; whoever left has left.
    Effect::new(move |before: Option<bool>| {
        let now = editing.get();
        if before == Some(true) && !now {
            request_animation_frame(move || {
                let idle = document().active_element().is_none_or(|e| e.tag_name() == "BODY");
                if let Some(button) = button.try_get_untracked().flatten().filter(|_| idle) {
                    let _ = button.focus();
                }
            });
        }
        now
    });

    let me = use_session().member.to_string();
    let save = Callback::new(move |(new, words): (Value, Option<(Uuid, String)>)| {
        let now = record.get_untracked();
        let before = now.fields.get(spec.key).cloned().unwrap_or(Value::Null);
        let mut set = FieldMap::new();
        set.insert(spec.key.into(), new.clone());
        let currency = Currency::stored(&now.text("currency"));
        if let Err(wrong) = fields::check(now.kind, &set, false, currency) {
            error.set(wrong.to_string());
            return;
        }
        if matches!(spec.key, "visibility" | "ownerId") && !goes_on(&now.fields, &set, &me) {
            return editing.set(false);
        }
        error.set(String::new());
        let (key, said) = (draft.key(), now.text(spec.key));
        draft.forget();
        editing.set(false);
        if before == new
            || (before.is_null() && new == Value::String(String::new()))
            || domain::records::plain(Some(&before)) == domain::records::plain(Some(&new))
        {
            return;
        }
        // Painted at once by the pool; the server's word follows.
        pending.set(true);
        let named = Named { names: words.into_iter().collect(), title: title_after(&now, spec.key, &new), about: now.title.clone() };
        queue.send_named(Command::Edit { kind: now.kind, id: now.id, set }, Some(now.version), named, move |result| {
            pending.try_set(false);
            match result {
                Ok(_) => {
                    // A page reckons with one zone from start to end: one's own new one wants a new page.
                    if now.kind == EntityKind::Member && spec.key == "timeZone" {
                        let _ = window().location().reload();
                    }
                    // The live stream omits records the member can no longer see, so the page refetches.
                    if matches!(spec.key, "visibility" | "ownerId") {
                        queue.undone.update(|n| *n += 1);
                    }
                }
                Err(e) => {
                    // What was typed is not lost with the refusal.
                    keep_refused(&key, &serde_json::json!([said, domain::records::plain(Some(&new))]).to_string(), &e);
                    error.try_set(e.of_field(spec.key).unwrap_or_else(|| e.to_string()));
                    queue.fail(&e);
                }
            }
        });
    });
    let label = t(spec.label);
    view! {
        <div class="fact" class:fact--wrong=move || !error.get().is_empty()>
            <dt class="fact__label">{label}</dt>
            <dd class="fact__value">
                {move || {
                    if editing.get() {
                        view! { <Editor spec=spec record=record editing=editing save=save draft=draft/> }.into_any()
                    } else if editable && !spec.create_only {
                        view! {
                            <button type="button" class="fact__button" node_ref=button aria-label=move || tf("{field}: {value}. Edit", &[("field", label), ("value", &value.get())]) on:click=move |_| editing.set(true)>
                                {move || if value.get().is_empty() { view! { <span class="fact__empty">"–"</span> }.into_any() } else { value.get().into_any() }}
                            </button>
                        }
                            .into_any()
                    } else {
                        view! { <span class="fact__text">{move || if value.get().is_empty() { "–".to_owned() } else { value.get() }}</span> }.into_any()
                    }
                }}
                {move || pending.get().then(|| view! { <PendingDot/> })}
                <p class="field__error" aria-live="polite">{move || translated(error.get())}</p>
            </dd>
        </div>
    }
}

pub type Save = Callback<(Value, Option<(Uuid, String)>)>;

/// Tab in an editor: what is typed is saved, and the next field (with Shift the one before) opens.
fn open_neighbour(ev: &leptos::ev::KeyboardEvent) {
    let fact = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()).and_then(|e| e.closest(".fact").ok().flatten());
    let next = fact.and_then(|f| if ev.shift_key() { f.previous_element_sibling() } else { f.next_element_sibling() });
    let Some(button) = next.and_then(|n| n.query_selector(".fact__button").ok().flatten()) else { return };
    let Ok(button) = button.dyn_into::<web_sys::HtmlElement>() else { return };
    ev.prevent_default();
    request_animation_frame(move || button.click());
}

#[component]
fn Editor(spec: &'static FieldSpec, record: Memo<Record>, editing: RwSignal<bool>, save: Save, draft: Draft) -> impl IntoView {
    let current = record.get_untracked();
    let empty = !spec.required && when_empty(current.kind, spec.key).is_none();
    match spec.kind {
        FieldKind::Ref(kind) => view! {
            <Picker
                kind=kind
                id=format!("pick-{}", spec.key)
                label=t(spec.label)
                on_choose=Callback::new(move |choice: Option<(Uuid, String)>| match choice {
                    Some((id, name)) => save.run((id.to_string().into(), Some((id, name)))),
                    None => save.run((Value::Null, None)),
                })
                on_cancel=Callback::new(move |()| { editing.try_set(false); })
            />
        }
        .into_any(),
        FieldKind::Tags => view! { <TagsEditor spec=spec record=record editing=editing save=save/> }.into_any(),
        FieldKind::Contacts => view! { <People spec=spec record=record editing=editing save=save/> }.into_any(),
        FieldKind::Choice(choices) => view! { <Choices spec=spec options=choices.iter().map(|c| (c.0.to_owned(), t(c.1).to_owned())).collect() empty=empty current=current.text(spec.key) editing=editing save=save/> }.into_any(),
        FieldKind::Several(choices) => view! { <SeveralEditor spec=spec choices=choices current=current.text(spec.key) editing=editing save=save/> }.into_any(),
        FieldKind::Bool => {
            let options = vec![("yes".to_owned(), t("Yes").to_owned()), ("no".to_owned(), t("No").to_owned())];
            view! { <Choices spec=spec options=options empty=empty current=current.text(spec.key) editing=editing save=save/> }.into_any()
        }
        FieldKind::Recurrence => {
            let now = current.text(spec.key);
            let options = crate::format::recurrence_options(&now);
            view! { <Choices spec=spec options=options empty=empty current=now editing=editing save=save/> }.into_any()
        }
        FieldKind::LongText(_) => view! { <LongText spec=spec current=current.text(spec.key) editing=editing save=save draft=draft/> }.into_any(),
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
    // Restored, it waits for whoever typed it: it neither takes the focus nor saves itself.
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
        FieldKind::Phones => ("text", "tel"),
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
    // Leaving the field also happens because saving took it away: then there is nothing left to read.
    let commit = move || {
        if done.try_get_value() == Some(false)
            && let Some(input) = node.try_get_untracked().flatten()
        {
            let text = input.value();
            let text = if moment { crate::format::instant_of_input(&text).unwrap_or(text) } else { text };
            let text = if number { language().typed(&text) } else { text };
            // One of the suggestions in the reader's words is kept under its code.
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
