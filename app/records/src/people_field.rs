//! People on a record: each can be taken out, and one more be chosen.

use super::{picker::Picker, save::Save};
use crate::i18n::{t, tf};
use domain::{EntityKind, FieldSpec, Record};
use leptos::prelude::*;
use serde_json::Value;
use uuid::Uuid;

#[component]
pub fn People(spec: &'static FieldSpec, kind: EntityKind, record: Memo<Record>, editing: RwSignal<bool>, save: Save) -> impl IntoView {
    let current = record.get_untracked();
    let now: Vec<Uuid> =
        current.fields.get(spec.key).and_then(Value::as_array).into_iter().flatten().filter_map(|v| v.as_str()?.parse().ok()).collect();
    let with = move |ids: &[Uuid]| Value::Array(ids.iter().map(|i| i.to_string().into()).collect());
    let chips = now
        .iter()
        .map(|id| {
            let name = current.labels.get(id).cloned().unwrap_or_default();
            let rest: Vec<Uuid> = now.iter().copied().filter(|i| i != id).collect();
            let label = tf("Take out {name}", &[("name", &name)]);
            view! {
                <span class="chip">
                    {name}
                    <button type="button" class="chip__remove" aria-label=label on:pointerdown=|ev| ev.prevent_default() on:click=move |_| save.run((with(&rest), None))>"×"</button>
                </span>
            }
        })
        .collect_view();
    let all = now.clone();
    view! {
        <div class="row">{chips}</div>
        <Picker
            kind=kind
            id=format!("pick-{}", spec.key)
            label=t(spec.label)
            none=false
            without=now
            on_choose=Callback::new(move |choice: Option<(Uuid, String)>| match choice {
                Some((id, name)) => {
                    let mut list = all.clone();
                    list.push(id);
                    save.run((with(&list), Some((id, name))));
                }
                None => save.run((Value::Array(Vec::new()), None)),
            })
            on_cancel=Callback::new(move |()| { editing.try_set(false); })
        />
    }
}
