//! Content of `/dashboard` (SPEC DSH-01, DSH-02 without leads, DSH-03): every figure links to its records. The shell composes the
//! page, because it shows lines of other areas.

pub mod parts;
pub mod places;

use crate::{
    AppError,
    analytics::{self, Tile},
    failed::Failed,
    format,
    i18n::{t, tf},
    latest::{latest, suspended},
    page::PageTitle,
    session::may,
    sync::{Live, use_live},
};
use chrono::{DateTime, Utc};
use domain::{DealId, EntityKind, Permission, Record, RecordId, analytics::PERIODS, dashboard::Dashboard, events::Event, paths};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};
use parts::{FigureTiles, ForecastChart, PipelineChart, TopDeals, WonChart};
use ui::{Icon, Skeleton};

/// The period without a choice.
const PERIOD: &str = "30d";

#[server(prefix = "/fn", endpoint = "dashboard/read", protocol = crate::sync::Cached)]
pub async fn read_dashboard(period: String) -> Result<Dashboard, AppError> {
    use crate::{Answer, context};
    async {
        let now = chrono::Utc::now();
        let mut tx = context::tenant_generic(Permission::ViewAnalytics).await?;
        let (_, today) = store::day_of(&mut tx, now).await?;
        let days = domain::analytics::period(&period, today);
        let filter = domain::analytics::AnalyticsFilter { from: days.map(|d| d.0), to: days.map(|d| d.1), owner: None };
        Ok::<_, AppError>(store::dashboard(&mut tx, &filter, now).await?)
    }
    .await
    .answer()
}

/// Lines of other areas.
#[derive(Clone, Copy)]
pub struct Lines {
    /// A task, and what reloads the dashboard after a change of it.
    pub task: fn(Record, Callback<()>) -> AnyView,
    /// An event, and the time of the page.
    pub event: fn(Event, DateTime<Utc>) -> AnyView,
}

#[component]
pub fn DashboardView(lines: Lines) -> impl IntoView {
    let query = use_query_map();
    // `all` in the address, since leaving it out is the usual period.
    let period = Memo::new(move |_| query.get().get("period").filter(|p| !p.is_empty()).unwrap_or_else(|| PERIOD.to_owned()));
    let again = RwSignal::new(0u32);
    use_live(move |live| match live {
        Live::Message(m) if m.kind == DealId::KIND || m.kind.spec().own_list => again.update(|n| *n += 1),
        Live::Reset => again.update(|n| *n += 1),
        Live::Message(_) => {}
    });
    let board = Resource::new(move || (period.get(), again.get()), |(period, _)| read_dashboard(period));
    view! {
        <section class="page">
            <header class="page__head">
                <PageTitle text=t("Dashboard")/>
                <span class="page__spring"></span>
                {may(Permission::Share).then(|| view! { <A href=paths::SHARES attr:class="button"><Icon name="share"/>{t("Share")}</A> })}
            </header>
            <nav class="filters filters--scroll" aria-label=t("Period")>
                {PERIODS.iter().map(|(code, words)| {
                    let code = if code.is_empty() { "all" } else { code };
                    view! { <a href=paths::with_query(paths::DASHBOARD, &[("period", code)]) class="chip chip--toggle" aria-current=move || (period.get() == code).then_some("true")>{t(words)}</a> }
                }).collect_view()}
            </nav>
            <Transition fallback=|| view! { <Skeleton rows=10/> }>
                {suspended(move || async move {
                    match latest(board).await {
                        Ok(d) => view! { <Shown d=d again=again lines=lines/> }.into_any(),
                        Err(e) => view! { <Failed error=e/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Shown(d: Dashboard, again: RwSignal<u32>, lines: Lines) -> impl IntoView {
    let Dashboard { board, contacts, activities, people_to_follow_up, tasks, recent, now } = d;
    let won = analytics::deals(&board.filter, "won", "closed", "");
    let subjects = EntityKind::ALL.into_iter().filter(|kind| kind.spec().is_subject());
    let create =
        subjects.map(|kind| view! { <A href=paths::create(kind) attr:class="button"><Icon name="plus"/>{t(kind.spec().label)}</A> }).collect_view();
    let no_tasks = tasks.is_empty();
    let nothing = recent.is_empty();
    view! {
        <div class="tiles">
            <Tile label=t("People") value=format::count(contacts.total_contacts) note=tf("{n} new this month", &[("n", &format::count(contacts.new_this_month))]) href=paths::PEOPLE/>
            <Tile label=t("Follow-ups due") value=format::count(people_to_follow_up) note=tf("{n} logged this week", &[("n", &format::count(activities.interactions_this_week))]) href="/people?followUp=due"/>
            <FigureTiles board=board.clone() links=true/>
        </div>
        {may(Permission::EditRecords).then(|| view! {
            <nav class="actions" aria-label=t("Quick actions")>
                {create}
                <A href=paths::LOG attr:class="button"><Icon name="phone"/>{t("Log")}</A>
            </nav>
        })}
        <div class="charts">
            <div class="card"><PipelineChart board=board.clone() links=true/></div>
            <section class="card" aria-label=t("Largest open deals")><TopDeals board=board.clone() links=true/></section>
            <div class="card"><ForecastChart board=board.clone() links=true/></div>
            <div class="card"><WonChart board=board.clone() links=true/></div>
            <section class="card" aria-label=t("Conversion")>
                <h2>{t("Conversion")}</h2>
                <dl class="facts">
                    <div class="fact"><dt class="fact__label">{t("Deals won of those closed")}</dt><dd class="fact__value"><A href=won.clone()>{format!("{} %", format::decimal(board.sales.win_rate, 2))}</A></dd></div>
                    <div class="fact"><dt class="fact__label">{t("Average sales cycle")}</dt><dd class="fact__value"><A href=won>{tf("{n} days", &[("n", &format::decimal(board.sales.sales_cycle, 2))])}</A></dd></div>
                    <div class="fact"><dt class="fact__label">{t("People in touch in 30 days")}</dt><dd class="fact__value"><A href="/people?sort=attention">{format!("{} %", format::decimal(contacts.engagement_rate, 2))}</A></dd></div>
                    <div class="fact"><dt class="fact__label">{t("Tasks done this week")}</dt><dd class="fact__value"><A href="/tasks?show=done&whose=all">{format::count(activities.tasks_completed)}</A></dd></div>
                </dl>
            </section>
            <section class="card" aria-label=t("Today's tasks")>
                <div class="card__head"><h2>{t("Today's tasks")}</h2><A href=paths::TASKS attr:class="button button--quiet">{t("All tasks")}</A></div>
                {no_tasks.then(|| view! { <p class="muted">{t("Nothing is due.")}</p> })}
                <ul class="tasks">{tasks.into_iter().map(|task| (lines.task)(task, Callback::new(move |()| again.update(|n| *n += 1)))).collect_view()}</ul>
            </section>
            <section class="card" aria-label=t("Recent activity")>
                <div class="card__head"><h2>{t("Recent activity")}</h2><A href=paths::FEED attr:class="button button--quiet">{t("Feed")}</A></div>
                {nothing.then(|| view! { <p class="muted">{t("Nothing has happened yet.")}</p> })}
                <ol class="events">{recent.into_iter().map(|e| (lines.event)(e, now)).collect_view()}</ol>
            </section>
        </div>
    }
}
