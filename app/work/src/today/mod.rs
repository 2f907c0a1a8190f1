//! `/`: Today. Who needs me and why, done in place.

mod badge;
mod first_steps;
mod gone;
pub mod places;
mod row;
mod weights;

use crate::{
    AppError, format,
    i18n::{t, tf},
    latest::{latest, suspended},
    page::PageTitle,
    place,
    sample::SampleButton,
    session::{may, use_session},
    sync::{Live, Queue, coalesced_when_free, undisturbed, use_live},
    tasks::AddTask,
};
use domain::{
    Permission, paths,
    today::{Rule, Today, TodayItem},
};
use first_steps::FirstSteps;
use gone::Gone;
use leptos::prelude::*;
use leptos_router::components::A;
use row::TodayRow;
pub use row::why;
use ui::{EmptyState, ErrorBox, Skeleton};
use uuid::Uuid;
use weights::WeightsEditor;

#[server(prefix = "/fn", endpoint = "today/read", protocol = crate::sync::Cached)]
pub async fn read_today() -> Result<Today, AppError> {
    use crate::{Answer, context};
    async {
        let position = context::request()?.position;
        let mut tx = context::tenant_generic(Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::today(&mut tx, chrono::Utc::now(), position).await?)
    }
    .await
    .answer()
}

/// The six highest-ranked people to contact, without the rest of Today.
#[server(prefix = "/fn", endpoint = "today/suggested", protocol = crate::sync::Cached)]
pub async fn read_suggested() -> Result<Vec<TodayItem>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::suggested(&mut tx, chrono::Utc::now(), 6).await?)
    }
    .await
    .answer()
}

/// The page, and the records on it.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut crate::prefetched::Prefetched) -> Result<(), AppError> {
    let today = read_today().await?;
    set.want(today.queue.iter().chain(&today.suggested).map(|row| (row.kind, row.id)));
    set.add::<ReadToday>("", &today);
    Ok(())
}

pub struct TodayPage;

lazy_page!(TodayPage, today_page, daily);

impl TodayPage {
    fn show() -> AnyView {
        view! { <TodayView/> }.into_any()
    }
}

/// Calls `f` on an event of the window, in the browser only; answers how to stop.
fn window_event_listener_untyped_on_client(name: &'static str, f: impl Fn() + 'static) -> impl FnOnce() + Send + Sync + 'static {
    let handle = cfg!(target_arch = "wasm32").then(|| window_event_listener_untyped(name, move |_| f()));
    move || {
        if let Some(handle) = handle {
            handle.remove();
        }
    }
}

#[component]
fn TodayView() -> impl IntoView {
    let queue = expect_context::<Queue>();
    let again = RwSignal::new(0u32);
    let gone: Gone = RwSignal::new(Vec::new());
    let reload = coalesced_when_free(move || {
        again.try_update(|n| *n += 1);
    });
    use_live(move |live| match live {
        Live::Message(m) if m.command.is_some_and(|c| queue.is_own(c)) => {}
        Live::Message(_) | Live::Reset => reload(),
    });
    let online = window_event_listener_untyped_on_client("online", reload);
    on_cleanup(online);
    // What is taken back comes back.
    Effect::new(move |before: Option<u32>| {
        let now = queue.undone.get();
        if before.is_some_and(|b| b != now) {
            gone.set(Vec::new());
            reload();
        }
        now
    });
    // What this tab hears of changes that were not made on this page, or came to nothing.
    Effect::new(move |before: Option<()>| {
        queue.changes.track();
        if before.is_some() {
            reload();
        }
    });
    let today = Resource::new(move || again.get(), |_| undisturbed(read_today()));
    view! {
        <section class="page">
            <Transition fallback=|| view! { <Skeleton rows=8/> }>
                {suspended(move || async move {
                    match latest(today).await {
                        Ok(mut today) => {
                            gone.set(Vec::new());
                            // What was answered here waits for the network, perhaps since before this page was opened.
                            let day = today.day;
                            let open = |i: &TodayItem| queue.changes.set_since(i.id, i.version).is_some_and(|set| !i.answered_by(&set, day));
                            let read = (today.queue.iter().filter(|i| i.rule.is_task()).count(), today.no_next_step.len());
                            for rows in [&mut today.queue, &mut today.suggested, &mut today.no_next_step] {
                                rows.retain(open);
                            }
                            let left = (today.queue.iter().filter(|i| i.rule.is_task()).count(), today.no_next_step.len());
                            today.open_tasks -= (read.0 - left.0) as i64;
                            today.no_next_step_count -= (read.1 - left.1) as i64;
                            view! { <Shown today=today gone=gone again=again/> }.into_any()
                        }
                        Err(e) => view! {
                            <PageTitle text=t("Today")/>
                            <ErrorBox text=e.to_string()/>
                            <button type="button" class="button" on:click=move |_| reload()>{t("Try again")}</button>
                        }
                        .into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Shown(today: Today, gone: Gone, again: RwSignal<u32>) -> impl IntoView {
    let name = use_session().user;
    let due = today.queue.len();
    let reload = Callback::new(move |()| again.update(|n| *n += 1));
    let chip = |words: String, href: &'static str| view! { <A href=href attr:class="chip chip--toggle">{words}</A> };
    let waiting: Vec<(Rule, Uuid)> = today.queue.iter().map(|i| (i.rule, i.id)).collect();
    Effect::new(move |_| badge::show(gone.with(|g| waiting.iter().filter(|w| !g.contains(w)).count())));
    let quiet = today.queue.is_empty() && today.suggested.is_empty() && today.no_next_step.is_empty();
    let day = today.day;
    let (weights, all_suggested) = (today.weights, today.suggested.clone());
    let more_idle = today.no_next_step_count > today.no_next_step.len() as i64;
    let idle_count = if today.no_next_step_count >= 1000 { "1,000+".to_owned() } else { format::count(today.no_next_step_count) };
    view! {
        <header class="page__head">
            <div class="page__title">
                <PageTitle text=t("Today")/>
                <p class="muted">{tf("{day}, {name}", &[("day", &format::weekday(day)), ("name", &name)])}</p>
            </div>
        </header>
        <div class="filters today__stats">
            <span class="chip">{tf("{n} waiting", &[("n", &due.to_string())])}</span>
            {chip(tf("{n} open tasks", &[("n", &format::count(today.open_tasks))]), paths::TASKS)}
            {chip(tf("{n} logged this week", &[("n", &format::count(today.interactions_this_week))]), paths::FEED)}
        </div>
        {(!quiet).then(|| view! { <SampleButton only_remove=true on_change=reload/> })}
        <div class="today">
            <div class="stack">
                <FirstSteps steps=today.first_steps.clone() reload=reload/>
                {quiet.then(|| view! {
                    <EmptyState text=t("Nobody is waiting. Add the people you work with, and Today tells you who to call.")>
                        {place::by_id("new_contact").map(|p| view! { <A href=p.href attr:class="button button--primary">{t(p.words)}</A> })}
                        <A href=paths::IMPORT attr:class="button">{t("Import")}</A>
                        <SampleButton on_change=reload/>
                    </EmptyState>
                })}
                {(due > 0).then(|| view! { <Section title=t("Waiting for you") items=today.queue day=day gone=gone reload=reload/> })}
                {(due == 0 && !quiet).then(|| view! { <section class="card"><h2>{t("Waiting for you")}</h2><p class="muted">{t("Nothing is due. Well done.")}</p></section> })}
                {may(Permission::EditRecords).then(|| view! { <section class="card" aria-label=t("New task")><AddTask about=Vec::new() on_added=reload/></section> })}
            </div>
            <div class="stack">
                {(!today.suggested.is_empty()).then(|| view! { <Section title=t("Get in touch") items=today.suggested day=day gone=gone reload=reload/> })}
                {(!all_suggested.is_empty()).then(|| view! { <WeightsEditor weights=weights items=all_suggested reload=reload/> })}
                {(!today.no_next_step.is_empty()).then(|| view! {
                    <Section title=t("Deals without a next step") items=today.no_next_step day=day gone=gone reload=reload/>
                })}
                {more_idle.then(|| view! { <p class="muted"><A href="/deals?as=list&status=open&nextStep=none">{tf("{n} open deals have no next step", &[("n", &idle_count)])}</A></p> })}
            </div>
        </div>
    }
}

#[component]
fn Section(title: &'static str, items: Vec<TodayItem>, day: chrono::NaiveDate, gone: Gone, reload: Callback<()>) -> impl IntoView {
    let keys: Vec<(Rule, Uuid)> = items.iter().map(|i| (i.rule, i.id)).collect();
    let left = Memo::new(move |_| gone.with(|g| keys.iter().filter(|k| !g.contains(k)).count()));
    view! {
        <section class="card today__section" aria-label=title>
            <h2>{title} " " <span class="muted">{move || left.get()}</span></h2>
            <ul class="today__rows">
                {items.into_iter().map(|item| view! { <TodayRow item=item day=day gone=gone reload=reload/> }).collect_view()}
            </ul>
            <Show when=move || left.get() == 0><p class="muted">{t("All done here.")}</p></Show>
        </section>
    }
}
