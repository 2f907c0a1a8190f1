//! `/tasks`: what is to be done, in groups by when; done is one tap.

use crate::{
    AppError,
    i18n::{t, tf},
    records::Pager,
    routes::PageTitle,
    session::{may, use_session},
    sync::{Live, Queue, use_live},
};
use chrono::{Days, NaiveDate};
use domain::{Command, EntityKind, FieldMap, Page, Permission, Record, paths};
use leptos::prelude::*;
use leptos_router::{LazyRoute, components::A, hooks::use_query_map, lazy_route};
use serde::{Deserialize, Serialize};
use ui::{EmptyState, ErrorBox, Skeleton};
use uuid::Uuid;

/// Tasks with the day they are looked at, in the person's zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TasksView {
    page: Page<Record>,
    day: NaiveDate,
}

#[server(prefix = "/fn", endpoint = "tasks/list")]
pub async fn list_tasks(done: bool, mine: bool, after: Option<String>) -> Result<TasksView, AppError> {
    use crate::{Answer, context};
    async {
        let (_, actor) = context::actor()?;
        let mut tx = context::tenant(Permission::ViewRecords).await?;
        let filter = store::Linked { done: Some(done), owner: mine.then_some(actor.member), ..Default::default() };
        let after = after.as_deref().and_then(domain::Cursor::decode);
        let page = store::list_linked(&mut tx, EntityKind::Task, &filter, after.as_ref(), 100).await?;
        let day = store::day_of(&mut tx, chrono::Utc::now()).await?.1;
        Ok::<_, AppError>(TasksView { page, day })
    }
    .await
    .answer()
}

pub struct TasksPage;

#[lazy_route]
impl LazyRoute for TasksPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <Tasks/> }.into_any()
    }
}

#[component]
fn Tasks() -> impl IntoView {
    let query = use_query_map();
    let done = Memo::new(move |_| query.get().get("show").as_deref() == Some("done"));
    let all = Memo::new(move |_| query.get().get("whose").as_deref() == Some("all"));
    let after = Memo::new(move |_| query.get().get("after").filter(|a| !a.is_empty()));
    let again = RwSignal::new(0u32);
    use_live(move |live| match live {
        Live::Message(m) if m.kind == EntityKind::Task => again.update(|n| *n += 1),
        Live::Reset => again.update(|n| *n += 1),
        Live::Message(_) => {}
    });
    let tasks = Resource::new(move || (done.get(), all.get(), after.get(), again.get()), |(done, all, after, _)| list_tasks(done, !all, after));
    let address = move |show: &str, whose: &str| paths::with_query(paths::TASKS, &[("show", show), ("whose", whose)]);
    let toggle = move |on: Signal<bool>, href: Signal<String>, words: &'static str| {
        view! { <a class="chip chip--toggle" aria-current=move || on.get().then_some("true") href=move || href.get()>{words}</a> }
    };
    let whose = move || if all.get() { "all" } else { "" };
    let show = move || if done.get() { "done" } else { "" };
    view! {
        <section class="page page--narrow">
            <header class="page__head"><PageTitle text=t("Tasks")/></header>
            <div class="filters">
                {toggle(Signal::derive(move || !done.get()), Signal::derive(move || address("", whose())), t("To do"))}
                {toggle(Signal::derive(move || done.get()), Signal::derive(move || address("done", whose())), t("Done"))}
                {toggle(Signal::derive(move || all.get()), Signal::derive(move || address(show(), if all.get() { "" } else { "all" })), t("Everyone's"))}
            </div>
            {may(Permission::EditRecords).then(|| view! { <AddTask about=Vec::new() on_added=Callback::new(move |()| again.update(|n| *n += 1))/> })}
            <Transition fallback=|| view! { <Skeleton rows=8/> }>
                {move || Suspend::new(async move {
                    match tasks.await {
                        Ok(view) if view.page.items.is_empty() => {
                            let text = if done.get_untracked() { t("Nothing was done yet.") } else { t("Nothing to do. Add a task above, or log a call with a follow-up.") };
                            view! { <EmptyState text=text/> }.into_any()
                        }
                        Ok(view) => {
                            let next = view.page.next.clone().map(|c| paths::with_query(paths::TASKS, &[("show", show()), ("whose", whose()), ("after", &c)]));
                            let first = after.get_untracked().map(|_| address(show(), whose()));
                            view! { <Groups view=view done=done.get_untracked() again=again/> <Pager first=first next=next/> }.into_any()
                        }
                        Err(e) => view! {
                            <ErrorBox text=e.to_string()/>
                            <button type="button" class="button" on:click=move |_| again.update(|n| *n += 1)>{t("Try again")}</button>
                        }
                        .into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

/// The heading a task stands under.
fn group(due: Option<NaiveDate>, day: NaiveDate) -> &'static str {
    let within = |n| day.checked_add_days(Days::new(n)).unwrap_or(day);
    match due {
        None => t("Some day"),
        Some(d) if d < day => t("Overdue"),
        Some(d) if d == day => t("Today"),
        Some(d) if d == within(1) => t("Tomorrow"),
        Some(d) if d <= within(7) => t("This week"),
        Some(_) => t("Later"),
    }
}

#[component]
fn Groups(view: TasksView, done: bool, again: RwSignal<u32>) -> impl IntoView {
    let mut groups: Vec<(&'static str, Vec<Record>)> = Vec::new();
    for task in view.page.items {
        let words = if done { t("Done") } else { group(task.text("dueDate").parse().ok(), view.day) };
        match groups.last_mut().filter(|g| g.0 == words) {
            Some((_, tasks)) => tasks.push(task),
            None => groups.push((words, vec![task])),
        }
    }
    groups
        .into_iter()
        .map(|(words, tasks)| {
            view! {
                <section class="card" aria-label=words>
                    <h2>{words}</h2>
                    <ul class="tasks">{tasks.into_iter().map(|task| view! { <TaskLine task=task again=Callback::new(move |()| again.update(|n| *n += 1))/> }).collect_view()}</ul>
                </section>
            }
        })
        .collect_view()
}

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
        queue.send(Command::Edit { kind: EntityKind::Task, id, set }, Some(version), move |result| match result {
            Ok(outcome) => {
                queue.toast(
                    if now { tf("Done: {title}.", &[("title", &name)]) } else { tf("To do again: {title}.", &[("title", &name)]) },
                    outcome.event,
                );
                again.run(());
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
    let about = StoredValue::new(about);
    let busy = StoredValue::new(false);
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
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        queue.send(Command::Create { kind: EntityKind::Task, id: Uuid::now_v7(), set }, None, move |result| match result {
            Ok(outcome) => {
                form.reset();
                busy.try_update_value(|b| *b = false);
                queue.toast(tf("Added {title}.", &[("title", &title)]), outcome.event);
                on_added.run(());
            }
            Err(e) => {
                busy.try_update_value(|b| *b = false);
                queue.fail(&e);
            }
        });
    };
    view! {
        <form method="post" action="/do/save/task" class="add-task" node_ref=node on:submit=submit>
            <input type="hidden" name="id" value=Uuid::now_v7().to_string()/>
            <input type="hidden" name="command_id" value=domain::CommandId::new().to_string()/>
            {about.with_value(|a| a.iter().map(|(key, id)| view! { <input type="hidden" name=*key value=id.to_string()/> }).collect_view())}
            <input class="input" name="title" maxlength="300" placeholder=t("New task") aria-label=t("New task") enterkeyhint="done" autocomplete="off"/>
            <input class="input" type="date" name="dueDate" aria-label=t("Due on")/>
            <button type="submit" class="button">{t("Add")}</button>
        </form>
    }
}
