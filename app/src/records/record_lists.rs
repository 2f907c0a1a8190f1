//! What hangs on a record: tasks, what happened, people and deals.

use super::{server_fns::RecordView, timeline::EventLine};
use crate::notes::{NoteCard, NoteView};
use crate::{
    format,
    i18n::{language, t, tf},
    page::RecordLink,
    session::use_session,
    sync::Queue,
    tasks::{AddTask, TaskLine},
};
use domain::{EntityKind, FieldKind, Record, deals::OpenSum, events::Event, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::{EmptyState, Icon, PendingDot};

/// Open tasks about the record, and a line to add one.
#[component]
pub fn TasksOf(shown: RwSignal<RecordView>, editable: bool, reload: Callback<()>) -> impl IntoView {
    let (kind, id) = shown.with_untracked(|v| (v.record.kind, v.record.id));
    let key = match kind {
        EntityKind::Contact => "contactId",
        EntityKind::Company => "companyId",
        _ => "dealId",
    };
    let pool = expect_context::<Queue>().pool;
    view! {
        <section class="card" aria-label=t("Tasks")>
            <h2>{t("Tasks")}</h2>
            {move || {
                pool.track();
                let tasks = pool.over(shown.with(|v| v.tasks.clone()));
                if tasks.is_empty() { view! { <p class="muted">{t("No open tasks.")}</p> }.into_any() } else {
                    view! { <ul class="tasks">{tasks.into_iter().map(|task| view! { <TaskLine task=task again=reload/> }).collect_view()}</ul> }.into_any()
                }
            }}
            <Waiting shown=shown tasks=true/>
            {editable.then(|| view! { <AddTask about=vec![(key, id)] on_added=reload/> })}
        </section>
    }
}

/// What was made here about the record and is not saved yet: tasks, or all else.
#[component]
fn Waiting(shown: RwSignal<RecordView>, tasks: bool) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let id = shown.with_untracked(|v| v.record.id);
    let all = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        queue.pending.track();
        queue.aside.track();
        crate::hydration::when_hydrated(move || {
            all.try_set(queue.waiting_about(id).into_iter().filter(|w| (w.0 == EntityKind::Task) == tasks).collect());
        });
    });
    move || {
        let all = all.get();
        (!all.is_empty()).then(|| {
            view! {
                <ul class="events">{all.into_iter().map(|(_, words, text)| view! {
                    <li class="event"><div class="event__body"><p><strong>{t(words)}</strong>" "<PendingDot/></p><p class="event__words">{text}</p></div></li>
                }).collect_view()}</ul>
            }
        })
    }
}

/// What happened, newest first, by kind if one likes.
#[component]
pub fn Timeline(shown: RwSignal<RecordView>, reload: Callback<()>) -> impl IntoView {
    let only = RwSignal::new("");
    let chip = move |code: &'static str, words: &'static str| {
        view! { <button type="button" class="chip chip--toggle" aria-pressed=move || (only.get() == code).to_string() on:click=move |_| only.set(code)>{words}</button> }
    };
    view! {
        <section class="card" aria-label=t("Timeline")>
            <h2>{t("Timeline")}</h2>
            <div class="filters">{chip("", t("Everything"))}{chip("interaction", t("Interactions"))}{chip("note", t("Notes"))}{chip("task", t("Tasks"))}{chip("changes", t("Changes"))}</div>
            <Waiting shown=shown tasks=false/>
            {move || {
                let v = shown.get();
                let wanted = only.get();
                let fits = |e: &&Event| match wanted {
                    "" => true,
                    "changes" => !e.kind.is_activity(),
                    noun => e.kind.noun() == noun,
                };
                let events: Vec<Event> = v.events.iter().filter(fits).cloned().collect();
                // Pinned ones stand on top; all others where they were written.
                let notes = v.notes.clone();
                let card = move |note: NoteView| view! { <NoteCard note=note on_change=reload/> };
                let pinned = (matches!(wanted, "" | "note")).then(|| notes.iter().filter(|n| n.record.text("pinned") == "yes").cloned().map(card).collect_view());
                if wanted == "note" && !v.notes.is_empty() {
                    return v.notes.iter().cloned().map(card).collect_view().into_any();
                }
                if events.is_empty() && v.notes.is_empty() {
                    return view! { <EmptyState text=t("Nothing has happened here yet.")/> }.into_any();
                }
                let body = |e: &Event| v.interactions.iter().find(|i| e.verb == "created" && i.id == e.entity_id).cloned();
                view! {
                    {pinned}
                    <ol class="events">{events.into_iter().map(|e| {
                        let (about, elsewhere) = (body(&e), e.entity_id != v.record.id);
                        let note = notes.iter().find(|n| e.verb == "created" && n.record.id == e.entity_id && n.record.text("pinned") != "yes").cloned();
                        view! { <EventLine event=e now=v.now body=about linked=elsewhere>{note.map(card)}</EventLine> }
                    }).collect_view()}</ol>
                }.into_any()
            }}
        </section>
    }
}

/// People and deals that hang on the record, and how a deal came to its stage.
#[component]
pub fn Related(
    shown: RwSignal<RecordView>,
    /// The record itself, with what was changed here.
    record: Memo<Record>,
) -> impl IntoView {
    let pool = expect_context::<Queue>().pool;
    let home = use_session().currency;
    view! {
        {move || {
            pool.track();
            let mut v = shown.get();
            (v.people, v.deals) = (pool.over(v.people), pool.over(v.deals));
            v.record = record.get();
            let kind = v.record.kind;
            if !kind.has_activities() {
                return ().into_any();
            }
            let no_people = v.people.is_empty();
            let people = v.people.into_iter().map(|p| view! { <li><RecordLink kind=EntityKind::Contact id=p.id.0 text=p.full_name/><span class="muted">{p.job_title}</span></li> }).collect_view();
            let (count, now) = (v.deals.len(), v.now);
            let open = v.open_sum.unwrap_or_else(|| OpenSum::of(&v.deals, home));
            let deals = v.deals.into_iter().take(if kind == EntityKind::Company { 5 } else { 50 }).map(|d| {
                let value = d.value().map_or_else(|| t("no value").to_owned(), |m| m.display(language()));
                let stage = v.stages.get(&d.stage_id).cloned().unwrap_or_default();
                view! {
                    <li>
                        <RecordLink kind=EntityKind::Deal id=d.id.0 text=d.title/>
                        <span class="row row--tight"><span class="chip">{stage}</span><span class="muted">{value}" · "{format::age(d.opened_at, now)}</span></span>
                    </li>
                }
            }).collect_view();
            let all_deals = (kind == EntityKind::Company && count > 5).then(|| {
                let href = paths::with_query(paths::DEALS, &[("as", "list"), ("company", &v.record.id.to_string())]);
                view! { <A href=href attr:class="button button--quiet">{if count >= 50 { t("All deals").to_owned() } else { tf("All {n} deals", &[("n", &count.to_string())]) }}</A> }
            });
            let others = format::other_currencies(open.other_currencies);
            let open_sum = (open.value_minor > 0 || !others.is_empty())
                .then(|| view! { <p class="muted">{tf("{sum} open", &[("sum", &format::money(open.value_minor, home))]) + &others}</p> });
            let company_name = if kind == EntityKind::Company { v.record.title.clone() } else { v.record.label("companyId").unwrap_or_default().to_owned() };
            let with_company = move |form: &str| paths::with_query(&format!("/new/{form}"), &[("companyId", &company_name)]);
            let linked = kind.field("companyId").filter(|f| matches!(f.kind, FieldKind::Ref(_))).and_then(|_| v.record.label("companyId").map(str::to_owned)).zip(v.record.text("companyId").parse().ok());
            let history = v.history.into_iter().map(|h| view! {
                <li>
                    <span>{h.to_stage}</span>
                    <span class="muted">{format!("{}{}", format::day(format::day_of(h.occurred_at)), h.moved_by.map(|m| format!(" · {m}")).unwrap_or_default())}</span>
                    {h.reason.map(|r| view! { <span class="muted">{r}</span> })}
                </li>
            }).collect_view();
            view! {
                <section class="card" aria-label=t("Related")>
                    {linked.map(|(name, company)| view! { <h2>{t("Company")}</h2><ul class="links"><li><RecordLink kind=EntityKind::Company id=company text=name/></li></ul> })}
                    {(kind == EntityKind::Company).then(|| view! {
                        <div class="card__head"><h2>{t("People")}</h2><A href=with_company("contact") attr:class="icon-button" attr:aria-label=t("Add a person")><Icon name="plus"/></A></div>
                        <ul class="links">{people}</ul>
                        {no_people.then(|| view! { <p class="muted">{t("No people yet.")}</p> })}
                    })}
                    {(kind != EntityKind::Deal).then(|| view! {
                        <div class="card__head"><h2>{t("Deals")}</h2><A href=with_company("deal") attr:class="icon-button" attr:aria-label=t("Add a deal")><Icon name="plus"/></A></div>
                        {open_sum}
                        <ul class="links">{deals}</ul>
                        {all_deals}
                        {(count == 0).then(|| view! { <p class="muted">{t("No deals yet.")}</p> })}
                    })}
                    {(kind == EntityKind::Deal).then(|| view! { <h2>{t("Stages")}</h2><ol class="links">{history}</ol> })}
                </section>
            }.into_any()
        }}
    }
}
