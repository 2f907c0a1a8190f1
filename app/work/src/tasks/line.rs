//! A task as a line to tick, and the line that makes one.

use crate::{
    i18n::{t, tf},
    records::{Draft, SentForm, keep_refused, typed},
    session::{may, use_session},
    sync::{Named, Queue},
};
use domain::{EntityKind, FieldMap, Permission, Record, RecordCommand, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use uuid::Uuid;

/// One task with its box to tick.
#[component]
pub fn TaskLine(task: Record, again: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let was_done = !task.text("completedAt").is_empty();
    let done = RwSignal::new(was_done);
    let (id, version, title) = (task.id, task.version, task.title.clone());
    let words = title.clone();
    let busy = StoredValue::new(false);
    let tick = move |_| {
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        let now = !done.get_untracked();
        done.set(now);
        let mut set = FieldMap::new();
        let at = now.then(|| domain::fields::instant(chrono::Utc::now()));
        set.insert("completedAt".into(), at.map_or(serde_json::Value::Null, Into::into));
        let name = words.clone();
        queue.send_named(RecordCommand::Edit { kind: EntityKind::Task, id, set }, Some(version), Named::about(&words), move |result| match result {
            Ok(outcome) => {
                queue.toast(
                    if now { tf("Done: {title}.", &[("title", &name)]) } else { tf("To do again: {title}.", &[("title", &name)]) },
                    outcome.event,
                );
                again.try_run(());
            }
            Err(e) => {
                busy.try_update_value(|b| *b = false);
                done.try_set(!now);
                queue.fail(&e);
            }
        });
    };
    let due = task.text("dueDate").parse().map(crate::format::day).unwrap_or_default();
    // One's own name on one's own tasks says nothing.
    let owner = task.label("ownerId").filter(|_| task.text("ownerId") != use_session().member.to_string());
    let who = [task.label("contactId"), task.label("companyId"), task.label("dealId"), owner].into_iter().flatten().map(str::to_owned);
    let facts: Vec<String> = [due, task.text("dueTime")].into_iter().filter(|x| !x.is_empty()).chain(who).collect();
    let repeats = !task.text("recurrence").is_empty();
    let high = task.text("priority") == "high";
    let label = tf("Done: {title}", &[("title", &title)]);
    view! {
        <li class="task" class:task--done=move || done.get()>
            <button type="button" class="task__tick" role="checkbox" aria-checked=move || done.get().to_string() aria-label=label on:click=tick disabled=!may(Permission::EditRecords)></button>
            <div class="task__text">
                <A href=paths::record(EntityKind::Task, id)>{title}</A>
                <span class="muted">{facts.join(" · ")}</span>
            </div>
            {high.then(|| view! { <span class="chip chip--danger">{t("High")}</span> })}
            {repeats.then(|| view! { <span class="chip">{t("Repeats")}</span> })}
        </li>
    }
}

/// One line makes a task: words, and a day if there is one.
#[component]
pub fn AddTask(
    /// What it is about: field key and id.
    about: Vec<(&'static str, Uuid)>,
    on_added: Callback<()>,
) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let me = use_session().member;
    let node = NodeRef::<leptos::html::Form>::new();
    let draft = Draft::named(format_args!("task:{}", about.first().map(|a| a.1.to_string()).unwrap_or_default()));
    draft.restore(node);
    let about = StoredValue::new(about);
    let sent = SentForm::new(node, || ());
    let submit = move |ev: leptos::ev::SubmitEvent| {
        let Some(form) = node.get_untracked() else { return };
        let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
        ev.prevent_default();
        let title = data.get("title").as_string().unwrap_or_default().trim().to_owned();
        if title.is_empty() {
            return;
        }
        let mut set = FieldMap::new();
        set.insert("title".into(), title.clone().into());
        set.insert("ownerId".into(), me.to_string().into());
        if let Some(due) = data.get("dueDate").as_string().filter(|d| !d.is_empty()) {
            set.insert("dueDate".into(), due.into());
        }
        about.with_value(|a| {
            for (key, id) in a {
                set.insert((*key).into(), id.to_string().into());
            }
        });
        if sent.busy.get_untracked() {
            return;
        }
        sent.busy.set(true);
        // The outbox holds the input while it is in flight; the draft is restored only after a rejection.
        let (key, text) = (draft.key(), typed(&form));
        draft.forget();
        queue.send(RecordCommand::Create { kind: EntityKind::Task, id: Uuid::now_v7(), set }, None, move |result| match result {
            Ok(outcome) => {
                sent.let_go();
                queue.toast(tf("Added {title}.", &[("title", &title)]), outcome.event);
                on_added.try_run(());
            }
            Err(e) => {
                keep_refused(&key, &text, &e);
                sent.ends();
                queue.fail(&e);
            }
        });
    };
    view! {
        <form method="post" action="/do/save/task" class="add-task" node_ref=node on:submit=submit on:input=move |_| draft.keep(node.get_untracked().as_ref())>
            <input type="hidden" name="id" value=Uuid::now_v7().to_string()/>
            <input type="hidden" name="command_id" value=domain::CommandId::new().to_string()/>
            {about.with_value(|a| a.iter().map(|(key, id)| view! { <input type="hidden" name=*key value=id.to_string()/> }).collect_view())}
            <input class="input" name="title" maxlength="300" placeholder=t("New task") aria-label=t("New task") enterkeyhint="done" autocomplete="off"/>
            <input class="input" type="date" name="dueDate" aria-label=t("Due on")/>
            <button type="submit" class="button">{t("Add")}</button>
        </form>
    }
}
