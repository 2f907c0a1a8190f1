//! Choosing another record: type, see, choose. Search is the server's.

use super::server_fns::record_options;
use crate::{
    i18n::{t, tf, translated},
    session::may,
    sync::{Queue, sleep},
};
use domain::{EntityKind, FieldMap, RecordCommand, kind_spec::ByName};
use leptos::{prelude::*, task::spawn_local};
use uuid::Uuid;
use wasm_bindgen::JsCast;

/// Milliseconds of silence before what was typed is looked for.
const PAUSE: i32 = 150;

/// The fields of a record created from the typed name. A name of two fields is split after its first word.
fn fields_of(kind: EntityKind, name: &str) -> FieldMap {
    let mut set = FieldMap::new();
    match kind.spec().title_fields {
        [first, last] => {
            let (given, family) = name.split_once(' ').unwrap_or((name, ""));
            set.insert((*first).into(), given.into());
            set.insert((*last).into(), family.trim().into());
        }
        keys => set.extend(keys.first().map(|key| ((*key).to_owned(), name.into()))),
    }
    set
}

/// A search box with the records it found (APG listbox pattern: the focus stays in the box).
#[component]
pub fn Picker(
    kind: EntityKind,
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    /// Offers to empty the field; not where one more is added to several.
    #[prop(default = true)]
    none: bool,
    /// Records that are not offered, because they are chosen already.
    #[prop(default = Vec::new())]
    without: Vec<Uuid>,
    /// Called with the chosen record, or `None` to empty the field.
    on_choose: Callback<Option<(Uuid, String)>>,
    on_cancel: Callback<()>,
) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let q = RwSignal::new(String::new());
    let active = RwSignal::new(0usize);
    let results = RwSignal::new(None::<Vec<(Uuid, String)>>);
    let asked = StoredValue::new(0u32);
    // Whether what is found belongs to what is typed: before that nothing is offered to be made, and Enter waits.
    let settled = RwSignal::new(false);
    let entered = StoredValue::new(false);
    let trouble = RwSignal::new(None::<String>);
    let without = StoredValue::new(without);
    // Not a resource: the page around would wait for it and take the box away under the fingers.
    let search = move |text: String, pause: i32| {
        asked.update_value(|n| *n += 1);
        let turn = asked.get_value();
        spawn_local(async move {
            if pause > 0 {
                sleep(pause).await;
            }
            if asked.try_get_value() != Some(turn) {
                return;
            }
            let answer = record_options(kind, text).await;
            if asked.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(mut found) => {
                    without.with_value(|w| found.retain(|(id, _)| !w.contains(id)));
                    trouble.set(None);
                    results.set(Some(found));
                    settled.set(true);
                }
                // Not found and not looked for are two things: nothing is made twice because the network was away.
                Err(e) => {
                    entered.set_value(false);
                    trouble.set(Some(e.to_string()));
                }
            }
        });
    };
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
            search(String::new(), 0);
        }
    });
    let by_name = kind.spec().by_name;
    let makes = match by_name {
        ByName::Never => false,
        ByName::AtOnce => may(kind.edit_permission()),
        ByName::WithReferrer => true,
    };
    let exact = move || {
        let typed = q.get().trim().to_lowercase();
        typed.is_empty() || !settled.get() || results.with(|r| r.as_ref().is_none_or(|r| r.iter().any(|(_, n)| n.to_lowercase() == typed)))
    };
    let offers_new = move || makes && !exact();
    let count = move || results.with(|r| r.as_ref().map_or(0, Vec::len));
    let make = move || {
        let name = q.get_untracked().trim().to_owned();
        let id = Uuid::now_v7();
        let words = name.clone();
        if by_name == ByName::WithReferrer {
            return on_choose.run(Some((id, words)));
        }
        queue.send(RecordCommand::Create { kind, id, set: fields_of(kind, &name) }, None, move |result| match result {
            Ok(outcome) => {
                queue.toast(tf("Added {title}.", &[("title", &words)]), outcome.event);
                on_choose.try_run(Some((id, words)));
            }
            Err(e) => queue.fail(&e),
        });
    };
    let choose_active = move || {
        let at = active.get_untracked();
        let found = results.with_untracked(|r| r.as_ref().and_then(|r| r.get(at).cloned()));
        match found {
            Some(choice) => on_choose.run(Some(choice)),
            None if offers_new() => make(),
            None => {}
        }
    };
    // What was typed is found: a choice that was made before is carried out.
    Effect::new(move |_| {
        if settled.get() && entered.try_update_value(std::mem::take) == Some(true) {
            choose_active();
        }
    });
    let on_input = move |text: String| {
        active.set(0);
        settled.set(false);
        entered.set_value(false);
        // What was found before and does not fit any more goes at once.
        let typed = text.trim().to_lowercase();
        results.update(|all| all.iter_mut().for_each(|all| all.retain(|(_, name)| name.to_lowercase().contains(&typed))));
        search(text.trim().to_owned(), PAUSE);
        q.set(text);
    };
    let on_key = move |ev: leptos::ev::KeyboardEvent| match ev.key().as_str() {
        "ArrowDown" => {
            ev.prevent_default();
            let last = (count() + usize::from(offers_new())).saturating_sub(1);
            active.update(|a| *a = (*a + 1).min(last));
        }
        "ArrowUp" => {
            ev.prevent_default();
            active.update(|a| *a = a.saturating_sub(1));
        }
        "Enter" => {
            ev.prevent_default();
            let shown = results.with_untracked(|r| r.as_ref().is_some_and(|r| active.get_untracked() < r.len()));
            if ev.repeat() || (!settled.get_untracked() && q.with_untracked(|q| q.trim().is_empty())) {
                // A key that was held down since before there was anything to choose.
            } else if settled.get_untracked() || shown {
                choose_active();
            } else {
                entered.set_value(true);
            }
        }
        "Escape" => {
            ev.prevent_default();
            ev.stop_propagation();
            on_cancel.run(());
        }
        _ => {}
    };
    let root = NodeRef::<leptos::html::Div>::new();
    let left = move |ev: web_sys::FocusEvent| {
        let to = ev.related_target().and_then(|x| x.dyn_into::<web_sys::Node>().ok());
        // Choosing takes the picker away, which is a leaving too.
        let Some(root) = root.try_get_untracked().flatten() else { return };
        if !to.as_ref().is_some_and(|n| root.contains(Some(n))) {
            on_cancel.run(());
        }
    };
    let (list, list_of, option, option_of) = (format!("{id}-list"), format!("{id}-list"), id.clone(), id.clone());
    let new_id = format!("{id}-new");
    view! {
        <div class="picker" node_ref=root on:focusout=left>
            <input
                class="input"
                type="search"
                role="combobox"
                aria-expanded="true"
                aria-controls=list
                aria-activedescendant=move || {
                    let at = active.get();
                    if at < count() { Some(format!("{option_of}-{at}")) } else { offers_new().then(|| format!("{option_of}-new")) }
                }
                aria-label=label
                autocomplete="off"
                placeholder=t("Type to search")
                node_ref=input
                on:input=move |ev| on_input(event_target_value(&ev))
                on:keydown=on_key
            />
            <div class="picker__list" id=list_of role="listbox" aria-label=t("Found")>
                {move || {
                    results.get().unwrap_or_default().into_iter().enumerate().map(|(i, (id, name))| {
                        let words = name.clone();
                        view! {
                            <div
                                class="picker__option"
                                role="option"
                                id=format!("{option}-{i}")
                                class:is-active=move || active.get() == i
                                aria-selected=move || if active.get() == i { "true" } else { "false" }
                                // Chosen by the whole tap: what stands where the list was would get the rest of it.
                                on:pointerdown=move |ev| ev.prevent_default()
                                on:click=move |_| on_choose.run(Some((id, words.clone())))
                            >
                                {name}
                            </div>
                        }
                    }).collect_view()
                }}
                {move || {
                    let id = new_id.clone();
                    let last = move || active.get() >= count();
                    offers_new().then(|| view! {
                        <div
                            class="picker__option picker__option--new"
                            role="option"
                            id=id
                            class:is-active=last
                            aria-selected=move || if last() { "true" } else { "false" }
                            on:pointerdown=move |ev| ev.prevent_default()
                            on:click=move |_| make()
                        >
                            {tf("Create “{name}”", &[("name", q.get().trim())])}
                        </div>
                    })
                }}
            </div>
            <p class="picker__count" role="status">
                {move || trouble.get().map(translated)}
                {move || trouble.get().is_none().then(|| match results.with(|r| r.as_ref().map(Vec::len)).filter(|n| settled.get() || *n > 0) {
                    None => t("Searching…").to_owned(),
                    Some(0) => t("Nothing found").to_owned(),
                    Some(n) => tf("{n} found", &[("n", &n.to_string())]),
                })}
            </p>
            <div class="picker__actions">
                {none.then(|| view! { <button type="button" class="button button--quiet" on:click=move |_| on_choose.run(None)>{t("Leave empty")}</button> })}
                <button type="button" class="button button--quiet" on:click=move |_| on_cancel.run(())>{t("Cancel")}</button>
            </div>
        </div>
    }
}
