//! The open tasks of another record, on its page.

use super::line::{AddTask, TaskLine};
use crate::{
    i18n::t,
    records::{OpenRecord, Unsaved},
    sync::Queue,
};
use leptos::prelude::*;

/// Open tasks about the record, and a line to add one.
#[component]
pub fn TasksOf(
    open: OpenRecord,
    /// The field of a task that refers to the record.
    key: &'static str,
) -> impl IntoView {
    let changes = expect_context::<Queue>().changes;
    view! {
        <section class="card" aria-label=t("Tasks")>
            <h2>{t("Tasks")}</h2>
            {move || {
                changes.track();
                let tasks = changes.patched_now(open.view.with(|v| v.tasks.clone()));
                if tasks.is_empty() { view! { <p class="muted">{t("No open tasks.")}</p> }.into_any() } else {
                    view! { <ul class="tasks">{tasks.into_iter().map(|task| view! { <TaskLine task=task again=open.reload/> }).collect_view()}</ul> }.into_any()
                }
            }}
            <Unsaved open=open own_list=true/>
            {open.editable.then(|| view! { <AddTask about=vec![(key, open.id)] on_added=open.reload/> })}
        </section>
    }
}
