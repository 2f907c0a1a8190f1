//! `/tasks`: what is to be done, in groups by when, day by day or on a board; done is one tap.

mod board;
mod line;
mod of_record;
pub mod places;
mod strip;
mod view;

pub use line::{AddTask, TaskLine};
pub use of_record::TasksOf;

use crate::{
    AppError,
    i18n::t,
    latest::latest,
    page::PageTitle,
    records::{Pager, ViewTabs},
    session::may,
    sync::{Live, Queue, WaitingToBeMade, coalesced_when_free, undisturbed, use_live},
};
use board::TaskBoard;
use chrono::NaiveDate;
use domain::{EntityKind, Permission, Record, paths};
use leptos::{prelude::*, server_fn::codec::Json};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use strip::DayStrip;
use ui::{EmptyState, ErrorBox, Skeleton};
use view::{TasksView, group};

/// What the address of the page asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    done: bool,
    everyone: bool,
    board: bool,
    due: Option<NaiveDate>,
    after: Option<String>,
}

#[server(prefix = "/fn", endpoint = "tasks/list", protocol = crate::sync::Cached<Json>)]
pub async fn list_tasks(asked: Asked) -> Result<TasksView, AppError> {
    use crate::{Answer, context};
    async {
        let (_, actor) = context::actor()?;
        let mut tx = context::tenant(Permission::ViewRecords).await?;
        let owner = (!asked.everyone).then_some(actor.member);
        let filter = store::Linked { done: Some(asked.done), owner, due: asked.due, ..Default::default() };
        let after = asked.after.as_deref().and_then(domain::Cursor::decode);
        let page = store::list_linked(&mut tx, EntityKind::Task, &filter, after.as_ref(), if asked.board { 200 } else { 100 }).await?;
        let day = store::day_of(&mut tx, chrono::Utc::now()).await?.1;
        let last = day.checked_add_days(chrono::Days::new(view::STRIP - 1)).unwrap_or(day);
        let days = store::task_days(&mut tx, owner, day, last).await?;
        Ok::<_, AppError>(TasksView { page, day, days })
    }
    .await
    .answer()
}

/// One's own open tasks, as a list and as a board, and the form.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut crate::prefetched::Prefetched) -> Result<(), AppError> {
    for board in [false, true] {
        let asked = Asked { board, ..Asked::default() };
        let tasks = list_tasks(asked.clone()).await?;
        set.add_json(&ListTasks { asked }, &tasks);
    }
    set.add_form(EntityKind::Task).await
}

pub struct TasksPage;

lazy_page!(TasksPage, tasks_page, daily);

impl TasksPage {
    fn show() -> AnyView {
        view! { <Tasks/> }.into_any()
    }
}

#[component]
fn Tasks() -> impl IntoView {
    let query = use_query_map();
    let done = Memo::new(move |_| query.get().get("show").as_deref() == Some("done"));
    let all = Memo::new(move |_| query.get().get("whose").as_deref() == Some("all"));
    let board = Memo::new(move |_| query.get().get("as").as_deref() == Some("board") && !done.get());
    let due = Memo::new(move |_| query.get().get("due").and_then(|d| d.parse::<NaiveDate>().ok()).filter(|_| !board.get() && !done.get()));
    let after = Memo::new(move |_| query.get().get("after").filter(|a| !a.is_empty()));
    let again = RwSignal::new(0u32);
    let reload = coalesced_when_free(move || {
        again.try_update(|n| *n += 1);
    });
    use_live(move |live| match live {
        Live::Message(m) if m.kind == EntityKind::Task => reload(),
        Live::Reset => reload(),
        Live::Message(_) => {}
    });
    let changes = expect_context::<Queue>().changes;
    // What this tab hears of changes that were not made on this page, or came to nothing.
    Effect::new(move |before: Option<()>| {
        changes.track();
        if before.is_some() {
            reload();
        }
    });
    let asked = move || Asked { done: done.get(), everyone: all.get(), board: board.get(), due: due.get(), after: after.get() };
    let tasks = Resource::new(move || (asked(), again.get()), |(asked, _)| undisturbed(list_tasks(asked)));
    let kind = move || if board.get() { "board" } else { "" };
    let address = move |show: &str, whose: &str| {
        paths::with_query(paths::TASKS, &[("as", if show.is_empty() { kind() } else { "" }), ("show", show), ("whose", whose)])
    };
    let toggle = move |on: Signal<bool>, href: Signal<String>, words: &'static str| {
        view! { <a class="chip chip--toggle" aria-current=move || on.get().then_some("true") href=move || href.get()>{words}</a> }
    };
    let whose = move || if all.get() { "all" } else { "" };
    let show = move || if done.get() { "done" } else { "" };
    // The same without listening, for what is drawn once the tasks are there.
    let whose_now = move || if all.get_untracked() { "all" } else { "" };
    let show_now = move || if done.get_untracked() { "done" } else { "" };
    let address_now = move |show: &str| paths::with_query(paths::TASKS, &[("show", show), ("whose", whose_now())]);
    view! {
        <section class="page" class:page--narrow=move || !board.get()>
            <header class="page__head">
                <PageTitle text=t("Tasks")/>
                <div class="segmented" role="group" aria-label=t("View")>
                    <a class="segmented__item" aria-current=move || (!board.get()).then_some("true") href=move || paths::with_query(paths::TASKS, &[("whose", whose())])>{t("List")}</a>
                    <a class="segmented__item" aria-current=move || board.get().then_some("true") href=move || paths::with_query(paths::TASKS, &[("as", "board"), ("whose", whose())])>{t("Board")}</a>
                </div>
            </header>
            <ViewTabs page=paths::TASKS/>
            <div class="filters">
                {toggle(Signal::derive(move || !done.get()), Signal::derive(move || address("", whose())), t("To do"))}
                {toggle(Signal::derive(move || done.get()), Signal::derive(move || address("done", whose())), t("Done"))}
                {toggle(Signal::derive(move || all.get()), Signal::derive(move || address(show(), if all.get() { "" } else { "all" })), t("Everyone's"))}
            </div>
            {may(Permission::EditRecords).then(|| view! { <AddTask about=Vec::new() on_added=Callback::new(move |()| again.update(|n| *n += 1))/> })}
            <WaitingToBeMade kind=EntityKind::Task/>
            <Transition fallback=|| view! { <Skeleton rows=8/> }>
                {move || Suspend::new(async move {
                    match latest(tasks).await {
                        Ok(view) if board.get_untracked() => view! { <TaskBoard view=view again=again/> }.into_any(),
                        Ok(view) if view.page.items.is_empty() && due.get_untracked().is_some() => view! {
                            <DayStrip view=view.clone() chosen=due.get_untracked() whose=whose_now()/>
                            <EmptyState text=t("Nothing is due on this day.")><a href=address_now("") class="button">{t("All days")}</a></EmptyState>
                        }.into_any(),
                        Ok(view) if view.page.items.is_empty() => {
                            let text = match (done.get_untracked(), may(Permission::EditRecords)) {
                                (true, _) => t("Nothing was done yet."),
                                (false, true) => t("Nothing to do. Add a task above, or log a call with a follow-up."),
                                (false, false) => t("Nothing to do."),
                            };
                            view! { <EmptyState text=text/> }.into_any()
                        }
                        Ok(view) => {
                            let next = view.page.next.clone().map(|c| paths::with_query(paths::TASKS, &[("show", show_now()), ("whose", whose_now()), ("after", &c)]));
                            let first = after.get_untracked().map(|_| address_now(show_now()));
                            view! { {(!done.get_untracked()).then(|| view! { <DayStrip view=view.clone() chosen=due.get_untracked() whose=whose_now()/> })} <Groups view=view done=done.get_untracked() again=again/> <Pager first=first next=next/> }.into_any()
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

#[component]
fn Groups(view: TasksView, done: bool, again: RwSignal<u32>) -> impl IntoView {
    let mut groups: Vec<(&'static str, Vec<Record>)> = Vec::new();
    for task in expect_context::<Queue>().changes.patched_now(view.page.items) {
        let words = if done { t("Done") } else { group(task.text("dueDate").parse().ok(), view.day) };
        // What was moved to another day here stands there, wherever it was read.
        match groups.iter_mut().find(|g| g.0 == words) {
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
