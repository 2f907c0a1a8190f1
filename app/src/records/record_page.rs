//! The page of one record: facts to edit in place, what hangs on it, and what happened.

use super::{
    inline_field::InlineField,
    server_fns::{RecordView, read_record},
    timeline::EventLine,
};
use crate::{
    AppError,
    deals::StageStepper,
    format,
    i18n::{t, tf},
    interactions::{About, LogComposer},
    routes::PageTitle,
    session::may,
    shell_parts::{NotFound, RecordLink},
    sync::{Live, Queue, use_live},
    tasks::{AddTask, TaskLine},
};
use domain::{Command, EntityKind, FieldKind, FieldSpec, Permission, Record, events::Event, paths};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    LazyRoute,
    components::A,
    hooks::{use_location, use_navigate, use_params_map},
    lazy_route,
};
use ui::{Avatar, EmptyState, ErrorBox, Icon, Menu, MenuItem, Skeleton};

pub struct RecordPage;

#[lazy_route]
impl LazyRoute for RecordPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <RecordOfPath/> }.into_any()
    }
}

/// The kind that a path stands for: its first part, or the part after `settings`.
fn kind_of(path: &str) -> Option<EntityKind> {
    let mut parts = path.trim_start_matches('/').split('/');
    match parts.next()? {
        "people" => Some(EntityKind::Contact),
        "settings" => EntityKind::from_plural(parts.next()?),
        plural => EntityKind::from_plural(plural),
    }
}

#[component]
fn RecordOfPath() -> impl IntoView {
    let path = use_location().pathname;
    let params = use_params_map();
    let asked = Memo::new(move |_| Some((kind_of(&path.get())?, params.get().get("id")?.parse::<uuid::Uuid>().ok()?)));
    let view = Resource::new_blocking(
        move || asked.get(),
        |asked| async move {
            match asked {
                Some((kind, id)) => read_record(kind, id).await,
                None => Err(AppError::NotFound),
            }
        },
    );
    view! {
        <Suspense fallback=|| view! { <section class="page"><Skeleton/></section> }>
            {move || Suspend::new(async move {
                match view.await {
                    Ok(view) => view! { <RecordBody view=view/> }.into_any(),
                    Err(AppError::NotFound) => view! { <NotFound/> }.into_any(),
                    Err(e) => view! { <section class="page"><ErrorBox text=e.to_string()/></section> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn RecordBody(view: RecordView) -> impl IntoView {
    let record = RwSignal::new(view.record.clone());
    let shown = RwSignal::new(view);
    let queue = expect_context::<Queue>();
    let (kind, id) = record.with_untracked(|r| (r.kind, r.id));
    let editable = may(kind.edit_permission());
    let reload = move || {
        spawn_local(async move {
            // What is being typed stays: fields read the record, editors hold their own text.
            if let Ok(fresh) = read_record(kind, id).await {
                record.try_set(fresh.record.clone());
                shown.try_set(fresh);
            }
        });
    };
    use_live(move |live| match live {
        Live::Message(m) if m.id == id && m.verb == "deleted" => {
            if !m.command.is_some_and(|c| queue.is_own(c)) {
                queue.toast(t("Somebody deleted this record."), None);
            }
        }
        Live::Message(m) if m.id == id || matches!(m.kind, EntityKind::Interaction | EntityKind::Task) => reload(),
        Live::Reset => reload(),
        Live::Message(_) => {}
    });
    let title = Memo::new(move |_| record.with(title_of));
    let about = StoredValue::new(record.with_untracked(about_of));
    // What is known and what one is asked for first; the rest waits behind a button.
    let all_fields = RwSignal::new(false);
    let shown_at_first = record.with_untracked(|r| {
        let core = |s: &FieldSpec| s.quick || !r.text(s.key).is_empty() || matches!(s.key, "nextAction" | "nextActionDate" | "contactIds");
        kind.fields().iter().map(|s| s.key != "key" && core(s)).collect::<Vec<bool>>()
    });
    let hidden = kind.fields().iter().zip(&shown_at_first).filter(|(s, shown)| !**shown && s.key != "key").count();
    let facts = kind
        .fields()
        .iter()
        .zip(shown_at_first)
        .filter(|(s, _)| s.key != "key")
        .map(|(spec, first)| {
            if first {
                view! { <InlineField spec=spec record=record editable=editable/> }.into_any()
            } else {
                view! { <Show when=move || all_fields.get()><InlineField spec=spec record=record editable=editable/></Show> }.into_any()
            }
        })
        .collect_view();
    let imported = record.with_untracked(|r| r.imported.clone());
    let navigate = use_navigate();
    let delete = move |()| {
        let navigate = navigate.clone();
        let name = title.get_untracked();
        queue.send(Command::Delete { kind, id }, None, move |result| match result {
            Ok(outcome) => {
                queue.toast(tf("Deleted {name}.", &[("name", &name)]), outcome.event);
                navigate(parent_of(kind), Default::default());
            }
            Err(e) => queue.fail(&e),
        });
    };
    view! {
        <section class="page record">
            <header class="page__head">
                <A href=parent_of(kind) attr:class="icon-button" attr:aria-label=t("Back")><Icon name="back"/></A>
                {(kind == EntityKind::Contact).then(|| view! { <Avatar name=title.get_untracked()/> })}
                <div class="page__title">
                    {move || view! { <PageTitle text=title.get()/> }}
                    <p class="muted">{move || record.with(subtitle)}</p>
                </div>
                <span class="page__spring"></span>
                {editable.then(|| view! {
                    <A href=format!("/edit/{}/{id}", kind.noun()) attr:class="button">{t("Edit")}</A>
                    <Menu id="record-menu" label=t("More actions")>
                        {may(Permission::DeleteRecords).then(|| view! { <MenuItem danger=true on_choose=delete.clone()><Icon name="trash"/>{t("Delete")}</MenuItem> })}
                    </Menu>
                })}
            </header>
            {(kind == EntityKind::Deal).then(|| view! { <StageStepper record=record shown=shown editable=editable on_moved=Callback::new(move |()| reload())/> })}
            {(kind == EntityKind::Contact).then(|| view! { <ContactActions record=record/> })}
            <div class="record__panes">
                <section class="card" aria-label=t("Details")>
                    <h2>{t("Details")}</h2>
                    <dl class="facts">
                        {facts}
                    </dl>
                    {(hidden > 0).then(|| view! {
                        <button type="button" class="button button--quiet" aria-expanded=move || all_fields.get().to_string() on:click=move |_| all_fields.update(|a| *a = !*a)>
                            {move || if all_fields.get() { t("Show fewer fields").to_owned() } else { tf("Show {n} more fields", &[("n", &hidden.to_string())]) }}
                        </button>
                    })}
                    {(!imported.is_empty()).then(|| view! {
                        <h3>{t("From the import")}</h3>
                        <dl class="facts">
                            {imported.iter().map(|(k, v)| view! {
                                <div class="fact"><dt class="fact__label">{k.clone()}</dt><dd class="fact__value">{domain::records::plain(Some(v))}</dd></div>
                            }).collect_view()}
                        </dl>
                    })}
                </section>
                <div class="stack">
                    {(editable && about.with_value(Option::is_some)).then(|| view! {
                        <section class="card" aria-label=t("Log")><LogComposer about=about.get_value().unwrap_or_default() on_logged=Callback::new(move |()| reload())/></section>
                    })}
                    <Timeline shown=shown/>
                </div>
                <div class="stack">
                    {about.with_value(Option::is_some).then(|| view! { <TasksOf shown=shown editable=editable reload=Callback::new(move |()| reload())/> })}
                    <Related shown=shown/>
                </div>
            </div>
        </section>
    }
}

/// What something logged from this page is about; none for records that nobody talks to.
fn about_of(record: &Record) -> Option<About> {
    let label = |key: &str| record.text(key).parse::<uuid::Uuid>().ok().zip(record.label(key).map(str::to_owned));
    match record.kind {
        EntityKind::Contact => Some(About { contact: Some((record.id, title_of(record))), company: label("companyId").map(|c| c.0), deal: None }),
        EntityKind::Company => Some(About { company: Some(record.id), ..About::default() }),
        EntityKind::Deal => {
            let main = record.fields.get("contactIds").and_then(|v| v.as_array()?.first()?.as_str()?.parse::<uuid::Uuid>().ok());
            let contact = main.and_then(|id| record.labels.get(&id).map(|name| (id, name.clone())));
            Some(About { contact, company: label("companyId").map(|c| c.0), deal: Some(record.id) })
        }
        _ => None,
    }
}

/// Open tasks about the record, and a line to add one.
#[component]
fn TasksOf(shown: RwSignal<RecordView>, editable: bool, reload: Callback<()>) -> impl IntoView {
    let (kind, id) = shown.with_untracked(|v| (v.record.kind, v.record.id));
    let key = match kind {
        EntityKind::Contact => "contactId",
        EntityKind::Company => "companyId",
        _ => "dealId",
    };
    view! {
        <section class="card" aria-label=t("Tasks")>
            <h2>{t("Tasks")}</h2>
            {move || {
                let tasks = shown.with(|v| v.tasks.clone());
                if tasks.is_empty() { view! { <p class="muted">{t("No open tasks.")}</p> }.into_any() } else {
                    view! { <ul class="tasks">{tasks.into_iter().map(|task| view! { <TaskLine task=task again=reload/> }).collect_view()}</ul> }.into_any()
                }
            }}
            {editable.then(|| view! { <AddTask about=vec![(key, id)] on_added=reload/> })}
        </section>
    }
}

/// What happened, newest first, by kind if one likes.
#[component]
fn Timeline(shown: RwSignal<RecordView>) -> impl IntoView {
    let only = RwSignal::new("");
    let chip = move |code: &'static str, words: &'static str| {
        view! { <button type="button" class="chip chip--toggle" aria-pressed=move || (only.get() == code).to_string() on:click=move |_| only.set(code)>{words}</button> }
    };
    view! {
        <section class="card" aria-label=t("Timeline")>
            <h2>{t("Timeline")}</h2>
            <div class="filters">{chip("", t("Everything"))}{chip("interaction", t("Interactions"))}{chip("task", t("Tasks"))}{chip("changes", t("Changes"))}</div>
            {move || {
                let v = shown.get();
                let wanted = only.get();
                let fits = |e: &&Event| match wanted {
                    "" => true,
                    "changes" => !matches!(e.kind, EntityKind::Interaction | EntityKind::Task),
                    noun => e.kind.noun() == noun,
                };
                let events: Vec<Event> = v.events.iter().filter(fits).cloned().collect();
                if events.is_empty() {
                    return view! { <EmptyState text=t("Nothing has happened here yet.")/> }.into_any();
                }
                let body = |e: &Event| v.interactions.iter().find(|i| e.verb == "created" && i.id == e.entity_id).cloned();
                view! { <ol class="events">{events.into_iter().map(|e| { let (about, elsewhere) = (body(&e), e.entity_id != v.record.id); view! { <EventLine event=e now=v.now body=about linked=elsewhere/> } }).collect_view()}</ol> }.into_any()
            }}
        </section>
    }
}

fn title_of(record: &Record) -> String {
    match record.kind {
        EntityKind::Contact => format!("{} {}", record.text("firstName"), record.text("lastName")).trim().to_owned(),
        EntityKind::Deal => record.text("title"),
        EntityKind::Task | EntityKind::Interaction => record.title.clone(),
        _ => record.text("name"),
    }
}

/// The line under the name: who somebody is, or how a deal stands.
fn subtitle(record: &Record) -> String {
    let parts: Vec<String> = match record.kind {
        EntityKind::Contact => vec![record.text("jobTitle"), record.label("companyId").unwrap_or_default().to_owned()],
        EntityKind::Company => vec![record.text("industry"), record.text("location")],
        EntityKind::Deal => {
            let currency = record.text("currency").parse().unwrap_or(domain::Currency::USD);
            let value = domain::Money::parse(&record.text("value"), currency).map(|m| m.display()).unwrap_or_else(|_| t("no value").into());
            let close = record.text("expectedCloseDate").parse().map(|d| tf("closes {day}", &[("day", &format::day(d))])).unwrap_or_default();
            let next = record.text("nextAction");
            let next = if next.is_empty() { t("no next step").to_owned() } else { tf("next: {step}", &[("step", &next)]) };
            vec![value, format!("{} %", record.text("probability")), close, next, record.label("companyId").unwrap_or_default().to_owned()]
        }
        _ => Vec::new(),
    };
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn parent_of(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Contact => paths::PEOPLE,
        EntityKind::Company => paths::COMPANIES,
        EntityKind::Deal => paths::DEALS,
        EntityKind::Task => paths::TASKS,
        EntityKind::Interaction => paths::FEED,
        _ => paths::SETTINGS,
    }
}

/// The ways to reach a person, one tap each.
#[component]
fn ContactActions(record: RwSignal<Record>) -> impl IntoView {
    let first = move |key: &str| record.with(|r| r.fields.get(key).and_then(|v| v.as_array()?.first()?.get("value")?.as_str().map(str::to_owned)));
    let link = move |href: Option<String>, icon: &'static str, words: &'static str| {
        href.map(|href| view! { <a class="button" href=href rel="noreferrer"><Icon name=icon/>{words}</a> })
    };
    view! {
        <div class="row actions">
            {move || link(first("phones").map(|p| format!("tel:{p}")), "phone", t("Call"))}
            {move || link(first("emails").map(|e| format!("mailto:{e}")), "mail", t("E-mail"))}
            {move || link(Some(record.with(|r| r.text("linkedinUrl"))).filter(|u| !u.is_empty()), "link", t("LinkedIn"))}
        </div>
    }
}

/// People and deals that hang on the record, and how a deal came to its stage.
#[component]
fn Related(shown: RwSignal<RecordView>) -> impl IntoView {
    view! {
        {move || {
            let v = shown.get();
            let kind = v.record.kind;
            if !matches!(kind, EntityKind::Company | EntityKind::Contact | EntityKind::Deal) {
                return ().into_any();
            }
            let no_people = v.people.is_empty();
            let people = v.people.into_iter().map(|p| view! { <li><RecordLink kind=EntityKind::Contact id=p.id.0 text=p.full_name/><span class="muted">{p.job_title}</span></li> }).collect_view();
            let (count, now) = (v.deals.len(), v.now);
            let sum: i64 = v.deals.iter().filter(|d| d.closed_at.is_none()).filter_map(|d| d.value_minor).sum();
            let currency = v.deals.first().map_or(domain::Currency::USD, |d| d.currency);
            let deals = v.deals.into_iter().take(if kind == EntityKind::Company { 5 } else { 50 }).map(|d| {
                let value = d.value().map_or_else(|| t("no value").to_owned(), |m| m.display());
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
            let open_sum = (sum > 0).then(|| view! { <p class="muted">{tf("{sum} open", &[("sum", &format::money(sum, currency))])}</p> });
            let company_name = if kind == EntityKind::Company { v.record.title.clone() } else { v.record.label("companyId").unwrap_or_default().to_owned() };
            let with_company = move |form: &str| paths::with_query(&format!("/new/{form}"), &[("companyId", &company_name)]);
            let linked = kind.field("companyId").filter(|f| matches!(f.kind, FieldKind::Ref(_))).and_then(|_| v.record.label("companyId").map(str::to_owned)).zip(v.record.text("companyId").parse().ok());
            let history = v.history.into_iter().map(|h| view! {
                <li>
                    <span>{h.to_stage}</span>
                    <span class="muted">{format!("{}{}", format::day(h.occurred_at.date_naive()), h.moved_by.map(|m| format!(" · {m}")).unwrap_or_default())}</span>
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
