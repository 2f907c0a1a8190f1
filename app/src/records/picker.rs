//! Choosing another record: type, see, choose. Search is the server's.

use super::server_fns::record_options;
use crate::i18n::t;
use domain::EntityKind;
use leptos::prelude::*;
use uuid::Uuid;

/// A search box with the records it found (APG listbox pattern: the focus stays in the box).
#[component]
pub fn Picker(
    kind: EntityKind,
    #[prop(into)] label: String,
    /// Called with the chosen record, or `None` to empty the field.
    on_choose: Callback<Option<(Uuid, String)>>,
    on_cancel: Callback<()>,
) -> impl IntoView {
    let q = RwSignal::new(String::new());
    let active = RwSignal::new(0usize);
    let found = LocalResource::new(move || {
        let q = q.get();
        async move { record_options(kind, q).await.unwrap_or_default() }
    });
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
        }
    });
    let results = move || found.get().unwrap_or_default();
    let on_key = move |ev: leptos::ev::KeyboardEvent| match ev.key().as_str() {
        "ArrowDown" => {
            ev.prevent_default();
            let last = results().len().saturating_sub(1);
            active.update(|a| *a = (*a + 1).min(last));
        }
        "ArrowUp" => {
            ev.prevent_default();
            active.update(|a| *a = a.saturating_sub(1));
        }
        "Enter" => {
            ev.prevent_default();
            if let Some(choice) = results().get(active.get_untracked()) {
                on_choose.run(Some(choice.clone()));
            }
        }
        "Escape" => {
            ev.stop_propagation();
            on_cancel.run(());
        }
        _ => {}
    };
    view! {
        <div class="picker">
            <input
                class="input"
                type="search"
                role="combobox"
                aria-expanded="true"
                aria-controls="picker-list"
                aria-activedescendant=move || format!("picker-{}", active.get())
                aria-label=label
                autocomplete="off"
                node_ref=input
                on:input=move |ev| { active.set(0); q.set(event_target_value(&ev)); }
                on:keydown=on_key
            />
            <div class="picker__list" id="picker-list" role="listbox" aria-label=t("Found")>
                {move || {
                    results().into_iter().enumerate().map(|(i, (id, name))| {
                        let words = name.clone();
                        view! {
                            <div
                                class="picker__option"
                                role="option"
                                id=format!("picker-{i}")
                                class:is-active=move || active.get() == i
                                aria-selected=move || if active.get() == i { "true" } else { "false" }
                                on:pointerdown=move |ev| { ev.prevent_default(); on_choose.run(Some((id, words.clone()))); }
                            >
                                {name}
                            </div>
                        }
                    }).collect_view()
                }}
            </div>
            <div class="picker__actions">
                <button type="button" class="button button--quiet" on:click=move |_| on_choose.run(None)>{t("None")}</button>
                <button type="button" class="button button--quiet" on:click=move |_| on_cancel.run(())>{t("Cancel")}</button>
            </div>
        </div>
    }
}
