//! A field that is edited where it stands: Enter or leaving saves, Escape reverts, a failure keeps the text.

use super::{
    conflict::{ConflictBox, EditConflict},
    draft::{Draft, keep_refused},
    inline_editors::Editor,
    server_fns::goes_on,
};
use crate::{
    i18n::{language, t, tf, translated},
    session::use_session,
    sync::{Named, Queue},
    values::value_words,
};
use domain::{Currency, FieldKind, FieldMap, FieldSpec, Record, RecordCommand, fields, records::plain};
use leptos::prelude::*;
use serde_json::Value;
use ui::PendingDot;
use uuid::Uuid;

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

/// What a field said when its editor opened, and in which version of the record.
#[derive(Clone)]
struct Opened {
    version: i64,
    value: Option<Value>,
}

impl Opened {
    /// Base version of an edit of the field. `own_waits`: the page shows an own change of the field that its reading does not
    /// hold yet.
    fn base(&self, now: &Record, key: &str, own_waits: bool) -> i64 {
        // Newer versions that left the field alone, and those of own changes, are no conflict.
        let untouched = !own_waits && plain(now.fields.get(key)) == plain(self.value.as_ref());
        if untouched { now.version } else { self.version }
    }
}

/// An edit of one field.
#[derive(Clone)]
struct InlineEdit {
    /// Where its draft is kept, and what the field said when the editor opened.
    key: String,
    said: String,
    new: Value,
    words: Option<(Uuid, String)>,
}

/// An edit that was refused because somebody else changed the field.
#[derive(Clone)]
struct Refusal {
    edit: InlineEdit,
    with: EditConflict,
}

/// Whether setting `new` leaves the field as it is.
fn same(before: Option<&Value>, new: &Value) -> bool {
    plain(before) == plain(Some(new))
}

/// One fact of a record with its label.
#[component]
pub fn InlineField(spec: &'static FieldSpec, record: Memo<Record>, editable: bool) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let editing = RwSignal::new(false);
    let pending = RwSignal::new(false);
    let error = RwSignal::new(String::new());
    let conflict = RwSignal::new(None::<Refusal>);
    // What the reader saw when the editor opened: a live update meanwhile must not become the base of the edit.
    let opened = StoredValue::new(None::<Opened>);
    let open = move || {
        opened.try_set_value(record.try_with_untracked(|r| Opened { version: r.version, value: r.fields.get(spec.key).cloned() }));
        conflict.try_set(None);
        editing.try_set(true);
    };
    let value = Memo::new(move |_| record.with(|r| shown(spec, r)));
    let button = NodeRef::<leptos::html::Button>::new();
    // What was typed here and never saved is in hand again.
    let draft = record.with_untracked(|r| Draft::named(format_args!("{}:{}:{}", r.kind.noun(), r.id, spec.key)));
    Effect::new(move |_| {
        crate::hydration::when_hydrated(move || {
            if editable && record.try_with_untracked(|r| draft.of_field(&r.text(spec.key)).is_some()) == Some(true) {
                open();
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

    let send = StoredValue::new(move |edit: InlineEdit, base: i64| {
        // Painted at once by the pool; the server's word follows.
        pending.set(true);
        let now = record.get_untracked();
        let (kind, new) = (now.kind, edit.new.clone());
        let set = FieldMap::from_iter([(spec.key.to_owned(), new.clone())]);
        let names = edit.words.iter().cloned().collect();
        let named = Named { names, title: now.title_after(spec.key, &new), ..Named::about(now.title.clone()) };
        queue.send_named(RecordCommand::Edit { kind, id: now.id, set }, Some(base), named, move |result| {
            pending.try_set(false);
            match result {
                Ok(_) => {
                    // All times of a page are in one zone: a new zone of the reader needs a new page.
                    if spec.kind == FieldKind::TimeZone {
                        let _ = window().location().reload();
                    }
                    // The live stream omits records the member can no longer see, so the page refetches.
                    if matches!(spec.key, "visibility" | "ownerId") {
                        queue.undone.update(|n| *n += 1);
                    }
                }
                Err(e) => {
                    // What was typed is not lost with the refusal.
                    keep_refused(&edit.key, &serde_json::json!([edit.said, plain(Some(&new))]).to_string(), &e);
                    match EditConflict::of(&e) {
                        // Told here, if the page is still there.
                        Some(with) if pending.try_get_untracked().is_some() => {
                            conflict.try_set(Some(Refusal { edit, with }));
                            queue.undone.update(|n| *n += 1);
                        }
                        _ => {
                            error.try_set(e.of_field(spec.key).unwrap_or_else(|| e.to_string()));
                            queue.fail(&e);
                        }
                    }
                }
            }
        });
    });
    let me = use_session().member.to_string();
    let save = Callback::new(move |(new, words): (Value, Option<(Uuid, String)>)| {
        let now = record.get_untracked();
        let before = opened.get_value().unwrap_or_else(|| Opened { version: now.version, value: now.fields.get(spec.key).cloned() });
        let set = FieldMap::from_iter([(spec.key.to_owned(), new.clone())]);
        let currency = Currency::stored(&now.text("currency"));
        if let Err(wrong) = fields::check(now.kind, &set, false, currency) {
            error.set(wrong.to_string());
            return;
        }
        if matches!(spec.key, "visibility" | "ownerId") && !goes_on(&now.fields, &set, &me) {
            return editing.set(false);
        }
        error.set(String::new());
        let said = plain(before.value.as_ref());
        let edit = InlineEdit { key: draft.key(), said, new, words };
        draft.forget();
        editing.set(false);
        // Nothing was typed, or somebody else set the same meanwhile.
        if same(before.value.as_ref(), &edit.new) || same(now.fields.get(spec.key), &edit.new) {
            return;
        }
        let own = queue.changes.set_since(now.id, now.version).is_some_and(|set| set.contains_key(spec.key));
        let base = before.base(&now, spec.key, own);
        send.with_value(|send| send(edit, base));
    });
    // The choices go with the conflict: the focus returns to the field.
    let to_button = move || {
        request_animation_frame(move || {
            if let Some(button) = button.try_get_untracked().flatten() {
                let _ = button.focus();
            }
        });
    };
    let use_mine = Callback::new(move |()| {
        to_button();
        if let Some(Refusal { edit, with }) = conflict.try_update(Option::take).flatten() {
            draft.forget();
            send.with_value(|send| send(edit, with.version));
        }
    });
    let keep_theirs = Callback::new(move |()| {
        to_button();
        draft.forget();
        conflict.set(None);
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
                            <button type="button" class="fact__button" node_ref=button aria-label=move || tf("{field}: {value}. Edit", &[("field", label), ("value", &value.get())]) on:click=move |_| open()>
                                {move || if value.get().is_empty() { view! { <span class="fact__empty">"–"</span> }.into_any() } else { value.get().into_any() }}
                            </button>
                        }
                            .into_any()
                    } else {
                        view! { <span class="fact__text">{move || if value.get().is_empty() { "–".to_owned() } else { value.get() }}</span> }.into_any()
                    }
                }}
                {move || pending.get().then(|| view! { <PendingDot/> })}
                {move || conflict.get().map(|Refusal { edit, with }| {
                    let mine = edit.words.map_or_else(|| value_words(Some(spec), &plain(Some(&edit.new))), |(_, name)| name);
                    view! { <ConflictBox conflict=with mine=Some(mine) on_mine=use_mine on_theirs=Some(keep_theirs)/> }
                })}
                <p class="field__error" aria-live="polite">{move || translated(error.get())}</p>
            </dd>
        </div>
    }
}
