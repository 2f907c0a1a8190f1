//! Tags edited in place: each can be taken off, and one more be chosen or made.

use super::picker::Picker;
use crate::i18n::tf;
use domain::{EntityKind, FieldSpec, Record};
use leptos::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

#[component]
pub fn TagsEditor(
    spec: &'static FieldSpec,
    /// The kind of the tags.
    kind: EntityKind,
    record: Memo<Record>,
    editing: RwSignal<bool>,
    save: Callback<(Value, Option<(Uuid, String)>)>,
) -> impl IntoView {
    let now: Vec<String> = record.with_untracked(|r| {
        r.fields.get(spec.key).and_then(Value::as_array).into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    });
    let chips = now
        .iter()
        .map(|name| {
            let rest: Vec<String> = now.iter().filter(|n| *n != name).cloned().collect();
            let label = tf("Take off {name}", &[("name", name)]);
            view! {
                <span class="chip">
                    {name.clone()}
                    <button type="button" class="chip__remove" aria-label=label on:pointerdown=|ev| ev.prevent_default() on:click=move |_| save.run((json!(rest), None))>"×"</button>
                </span>
            }
        })
        .collect_view();
    view! {
        <div class="row">{chips}</div>
        <Picker
            kind=kind
            id="pick-tags"
            label=spec.label
            none=false
            on_choose=Callback::new(move |choice: Option<(Uuid, String)>| match choice {
                Some((_, name)) => save.run((json!([now.clone(), vec![name]].concat()), None)),
                None => save.run((json!([]), None)),
            })
            on_cancel=Callback::new(move |()| { editing.try_set(false); })
        />
    }
}
