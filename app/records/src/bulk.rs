//! Several rows of a list at once: chosen by tap, Shift-tap, X or Ctrl-A, changed together, taken back together.

use super::{Picker, selection::Selection, server_fns::tags_of_many};
use crate::{
    i18n::{t, tf},
    lazy::Later,
    session::{may, use_session},
    sync::{Job, Queue},
};
use domain::{FieldKind, FieldMap, Permission, RecordCommand, permissions::OTHERS_AT_ONCE};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;
use std::collections::{BTreeMap, BTreeSet};
use ui::{Icon, Menu, MenuItem, Sheet};
use uuid::Uuid;

/// Shows the boxes where there is no mouse.
#[component]
pub fn SelectButton(selection: Selection) -> impl IntoView {
    may(Permission::EditRecords).then(|| {
        let press = move |_| {
            if selection.selecting.get_untracked() { selection.end() } else { selection.selecting.set(true) }
        };
        view! {
            <button type="button" class="button select-button" aria-pressed=move || selection.selecting.get().to_string() aria-label=t("Select") title=t("Select") on:click=press><Icon name="check"/><span>{t("Select")}</span></button>
        }
    })
}

/// The box of a row.
#[component]
pub fn SelectBox(selection: Selection, id: Uuid, #[prop(into)] name: String) -> impl IntoView {
    may(Permission::EditRecords).then(|| {
        let checked = move || selection.chosen.with(|c| c.contains(&id));
        let click = move |ev: leptos::ev::MouseEvent| selection.set(id, event_target_checked(&ev), ev.shift_key());
        view! {
            <td class="table__check" class:is-shown=move || selection.selecting.get()>
                <label><input type="checkbox" aria-label=tf("Select {name}", &[("name", &name)]) prop:checked=checked on:click=click/></label>
            </td>
        }
    })
}

/// The box of the head, for all rows of the page.
#[component]
pub fn SelectAll(selection: Selection) -> impl IntoView {
    may(Permission::EditRecords).then(|| {
        let all = move || selection.chosen.with(|c| !c.is_empty() && c.len() == selection.rows.with_value(Vec::len));
        view! {
            <th scope="col" class="table__check" class:is-shown=move || selection.selecting.get()>
                <label><input type="checkbox" data-all="" aria-label=t("Select all on this page") prop:checked=all on:click=move |ev| selection.all(event_target_checked(&ev))/></label>
            </th>
        }
    })
}

/// The place of the box in a row that has none.
#[component]
pub fn SelectGap(selection: Selection) -> impl IntoView {
    may(Permission::EditRecords).then(|| view! { <td class="table__check" class:is-shown=move || selection.selecting.get()></td> })
}

/// What somebody is about to choose for all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Choosing {
    Owner,
    AddTag,
    RemoveTag,
}

lazy_part!(bulk, bulk_part(selection: Selection, more: ViewFn), fetch_bulk, view! { <BulkTools selection=selection more=more/> }.into_any());

/// Actions for the selected rows. Their code is loaded when the first row is selected.
#[component]
pub fn BulkBar(
    selection: Selection,
    /// Further actions for records of the kind.
    #[prop(optional, into)]
    more: ViewFn,
) -> impl IntoView {
    super::long_press::choose_by_holding(selection);
    #[cfg(target_arch = "wasm32")]
    crate::lazy::prefetch_parts(fetch_bulk);
    view! { <Later wanted=Signal::derive(move || selection.chosen.with(|c| !c.is_empty())) part=move || bulk_part(selection, more.clone())/> }
}

#[component]
fn BulkTools(selection: Selection, more: ViewFn) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let kind = selection.kind;
    let choosing = RwSignal::new(None::<Choosing>);
    let open = RwSignal::new(false);
    let count = move || selection.chosen.with(BTreeSet::len);
    // Rerendering the buttons would close an open menu.
    let any = Memo::new(move |_| count() > 0);
    let send_named = move |commands: Vec<Job>, names: BTreeMap<Uuid, String>, words: &'static str| {
        // Nothing is chosen any more: a second press does nothing twice.
        selection.end();
        queue.send_many(commands, names, move |n| tf(words, &[("n", &n.to_string())]));
    };
    let send = move |commands, words| send_named(commands, BTreeMap::new(), words);
    let edit = move |set: FieldMap, names: BTreeMap<Uuid, String>| {
        let commands = selection
            .picked()
            .into_iter()
            .map(|(id, version)| Job::send(&RecordCommand::Edit { kind, id, set: set.clone() }, Some(version)))
            .collect();
        send_named(commands, names, t("{n} changed."));
    };
    let put = move |key: &str, value: serde_json::Value, names: BTreeMap<Uuid, String>| {
        let mut set = FieldMap::new();
        set.insert(key.into(), value);
        edit(set, names);
    };
    let tag = move |name: String, add: bool| {
        let ids: Vec<Uuid> = selection.picked().into_iter().map(|p| p.0).collect();
        spawn_local(async move {
            let found = match tags_of_many(kind, ids).await {
                Ok(found) => found,
                Err(e) => return queue.fail(&e),
            };
            let has = |tags: &[String]| tags.iter().any(|x| x.eq_ignore_ascii_case(&name));
            let commands = found
                .into_iter()
                .filter(|(_, _, tags)| has(tags) != add)
                .map(|(id, version, mut tags)| {
                    if add {
                        tags.push(name.clone())
                    } else {
                        tags.retain(|x| !x.eq_ignore_ascii_case(&name))
                    }
                    let mut set = FieldMap::new();
                    set.insert("tags".into(), tags.into());
                    Job::send(&RecordCommand::Edit { kind, id, set }, Some(version))
                })
                .collect::<Vec<_>>();
            if commands.is_empty() {
                queue.toast(t("Nothing to change."), None);
                return selection.end();
            }
            send(commands, if add { t("{n} tagged.") } else { t("Tag taken from {n}.") });
        });
    };
    let choose = move |what: Choosing| {
        choosing.set(Some(what));
        open.set(true);
    };
    let chosen = move |choice: Option<(Uuid, String)>| {
        open.set(false);
        match (choosing.get_untracked(), choice) {
            (Some(Choosing::Owner), who) => {
                let value = who.as_ref().map_or(serde_json::Value::Null, |w| w.0.to_string().into());
                put("ownerId", value, who.into_iter().collect());
            }
            (Some(Choosing::AddTag), Some((_, name))) => tag(name, true),
            (Some(Choosing::RemoveTag), Some((_, name))) => tag(name, false),
            _ => {}
        }
    };
    let delete = move |()| {
        send(selection.picked().into_iter().map(|(id, _)| Job::send(&RecordCommand::Delete { kind, id }, None)).collect(), t("{n} deleted."))
    };
    // More of others' records at once are refused without the right to take back what others made.
    let query = use_query_map();
    let me = use_session().member.to_string();
    let deletable = move || {
        let own = query.with(|q| q.get("owner").is_some_and(|o| o == me || o == "me"));
        own || may(Permission::TakeBack) || count() <= usize::try_from(OTHERS_AT_ONCE).unwrap_or(usize::MAX)
    };
    let deletable = StoredValue::new(deletable);
    let deletable = move || deletable.with_value(|d| d());
    let statuses = match kind.field("status").map(|f| f.kind) {
        Some(FieldKind::Choice(choices)) => choices,
        _ => &[],
    };
    let tagged = kind.field("tags").is_some();
    let buttons = move || {
        view! {
            <button type="button" class="button" on:click=move |_| choose(Choosing::Owner)>{t("Owner")}</button>
            {tagged.then(|| view! {
                <button type="button" class="button" on:click=move |_| choose(Choosing::AddTag)>{t("Add tag")}</button>
                <button type="button" class="button" on:click=move |_| choose(Choosing::RemoveTag)>{t("Remove tag")}</button>
            })}
            {(!statuses.is_empty()).then(|| view! {
                <span class="bulk__menu">{t("Status")}<Menu id="bulk-status" label=t("Set the status")>
                    {statuses.iter().map(|(code, words)| view! { <MenuItem on_choose=move |()| put("status", (*code).into(), BTreeMap::new())>{t(words)}</MenuItem> }).collect_view()}
                </Menu></span>
            })}
            {more.run()}
            {move || (may(Permission::DeleteRecords) && deletable()).then(|| view! { <button type="button" class="button button--danger" on:click=move |_| delete(())><Icon name="trash"/>{t("Delete")}</button> })}
        }
    };
    view! {
        <div class="bulk" role="region" aria-label=t("Chosen rows") class:is-shown=move || any.get()>
            {move || any.get().then(|| view! {
                <p class="bulk__count" role="status">{move || tf("{n} selected", &[("n", &count().to_string())])}</p>
                <div class="bulk__actions">{buttons()}</div>
                <button type="button" class="icon-button" aria-label=t("Choose none") on:click=move |_| selection.end()><Icon name="close"/></button>
            })}
        </div>
        <Sheet open=open title=t("For all chosen rows")>
            {move || choosing.get().map(|what| {
                let (key, label) = match what {
                    Choosing::Owner => ("ownerId", t("Owner")),
                    _ => ("tags", t("Tag")),
                };
                kind.picked_for(key).map(|of| view! { <Picker kind=of id="bulk-choice" label=label none=what == Choosing::Owner on_choose=Callback::new(chosen) on_cancel=Callback::new(move |()| { open.try_set(false); })/> })
            })}
        </Sheet>
    }
}
