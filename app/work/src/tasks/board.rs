//! Tasks on a board by when they are due: dragged, moved by keyboard or by menu to another day.

use super::{
    line::TaskLine,
    view::{TasksView, group},
};
use crate::{
    i18n::{t, tf},
    session::may,
    sync::{Named, Queue, when_free},
};
use chrono::{Days, NaiveDate};
use domain::{EntityKind, FieldMap, Permission, Record, RecordCommand, paths};
use leptos::prelude::*;
use ui::{
    Menu, MenuItem,
    drag::{Drop, use_drag_sensor},
};
use uuid::Uuid;

/// Columns in order: code, words, days from today that a task put there is due in; none: no day.
const COLUMNS: [(&str, &str, Option<u64>); 6] = [
    ("overdue", "Overdue", None),
    ("today", "Today", Some(0)),
    ("tomorrow", "Tomorrow", Some(1)),
    ("week", "This week", Some(3)),
    ("later", "Later", Some(14)),
    ("someday", "Some day", None),
];

#[component]
pub fn TaskBoard(view: TasksView, again: RwSignal<u32>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let editable = may(Permission::EditRecords);
    let today = view.day;
    let more = view.page.next.is_some();
    let tasks = RwSignal::new(queue.changes.patched_now(view.page.items));
    let said = RwSignal::new(String::new());
    let node = NodeRef::<leptos::html::Div>::new();
    let put = Callback::new(move |(id, column): (Uuid, String)| {
        let Some((_, words, ahead)) = COLUMNS.iter().find(|c| c.0 == column) else { return };
        if column == "overdue" {
            queue.toast(t("A task becomes overdue by itself."), None);
            return;
        }
        let Some(task) = tasks.with_untracked(|all| all.iter().find(|x| x.id == id).cloned()) else { return };
        let due = ahead.and_then(|n| today.checked_add_days(Days::new(n)));
        if column_of(&task, today) == column {
            return;
        }
        let value = due.map_or(serde_json::Value::Null, |d| d.to_string().into());
        let (before, version, title) = (task.fields.get("dueDate").cloned().unwrap_or_default(), task.version, task.title.clone());
        let set_due = move |value: serde_json::Value| {
            tasks.try_update(|all| {
                if let Some(x) = all.iter_mut().find(|x| x.id == id) {
                    x.fields.insert("dueDate".into(), value);
                }
            });
        };
        // Painted at once; the server's word follows.
        set_due(value.clone());
        let mut set = FieldMap::new();
        set.insert("dueDate".into(), value);
        let words = tf("Moved {title} to {when}.", &[("title", &title), ("when", t(words))]);
        queue.send_named(RecordCommand::Edit { kind: EntityKind::Task, id, set }, Some(version), Named::about(&title), move |result| match result {
            Ok(outcome) => {
                queue.toast(words, outcome.event);
                when_free(move || {
                    again.try_update(|n| *n += 1);
                });
            }
            Err(e) => {
                set_due(before);
                queue.fail(&e);
            }
        });
    });
    if editable {
        let on_drop = Callback::new(move |drop: Drop| {
            if let Ok(id) = drop.card.parse::<Uuid>() {
                put.run((id, drop.column));
            }
        });
        use_drag_sensor(node, on_drop, Callback::new(move |text| said.set(text)));
    }
    let columns = COLUMNS
        .into_iter()
        .map(|(code, words, _)| {
            let here = Memo::new(move |_| tasks.with(|all| all.iter().filter(|x| column_of(x, today) == code).cloned().collect::<Vec<_>>()));
            let heading = format!("tasks-{code}");
            let labelled = heading.clone();
            view! {
                <section class="column" data-column=code data-title=t(words) aria-labelledby=labelled>
                    <header class="column__head"><h2 id=heading>{t(words)}" "<span class="column__count">{move || here.get().len()}</span></h2></header>
                    <ol class="column__cards" data-cards="" tabindex="-1">
                        {move || here.get().into_iter().map(|task| view! { <TaskCard task=task editable=editable put=put again=again/> }).collect_view()}
                    </ol>
                </section>
            }
        })
        .collect_view();
    view! {
        <p class="visually-hidden" id="board-help">{t("Press Space to lift the card, arrow keys to move it, Space to drop it, Escape to cancel.")}</p>
        <div class="board board--tasks" node_ref=node data-ready="">{columns}</div>
        {more.then(|| view! { <p class="muted"><a href=paths::TASKS>{t("There are more; the list has all of them.")}</a></p> })}
        <div class="visually-hidden" role="status" aria-live="polite">{move || said.get()}</div>
    }
}

fn column_of(task: &Record, today: NaiveDate) -> &'static str {
    let words = group(task.text("dueDate").parse().ok(), today);
    COLUMNS.into_iter().find(|c| t(c.1) == words).map_or("someday", |c| c.0)
}

#[component]
fn TaskCard(task: Record, editable: bool, put: Callback<(Uuid, String)>, again: RwSignal<u32>) -> impl IntoView {
    let (id, title) = (task.id, task.title.clone());
    view! {
        <li class="deal-card task-card" data-card=id.to_string() data-title=title.clone() aria-roledescription=t("movable card")>
            <ul class="tasks"><TaskLine task=task again=Callback::new(move |()| again.update(|n| *n += 1))/></ul>
            {editable.then(|| view! {
                <Menu id=format!("task-menu-{id}") label=tf("Move {title} to…", &[("title", &title)])>
                    {COLUMNS.into_iter().filter(|c| c.0 != "overdue").map(|(code, words, _)| view! { <MenuItem on_choose=move |()| put.run((id, code.to_owned()))>{t(words)}</MenuItem> }).collect_view()}
                </Menu>
            })}
        </li>
    }
}
