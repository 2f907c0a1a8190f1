//! The page of one record: facts to edit in place, what hangs on it, and what happened.

use super::{
    inline_field::InlineField,
    record_head::{ContactActions, PaneTabs, TABS, TagChips, subtitle, title_of},
    record_lists::{Related, TasksOf, Timeline},
    server_fns::{RecordView, read_record},
};
use crate::{
    AppError,
    deals::StageStepper,
    failed::Failed,
    i18n::{t, tf},
    interactions::{About, LogComposer},
    latest::{latest, suspended},
    notes::NoteComposer,
    page::NotFound,
    page::PageTitle,
    session::{may, use_session},
    sync::{Live, Named, Queue, use_live, when_free},
};
use domain::{EntityKind, FieldSpec, Permission, Record, RecordCommand, paths};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    components::A,
    hooks::{use_location, use_navigate, use_params_map, use_query_map},
};
use ui::{Avatar, EmptyState, Icon, Menu, MenuItem, Skeleton};

pub struct RecordPage;

lazy_page!(RecordPage, record_page, records);

impl RecordPage {
    fn show() -> AnyView {
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
    // On the way to another page the path is that page's already: what was asked for stays.
    let asked = Memo::new(move |before: Option<&Option<(EntityKind, uuid::Uuid)>>| {
        let (path, id) = (path.get(), params.get().get("id").and_then(|id| id.parse::<uuid::Uuid>().ok()));
        match kind_of(&path).zip(id) {
            Some((kind, id)) if path.trim_end_matches('/').ends_with(&id.to_string()) => Some((kind, id)),
            _ => before.copied().flatten(),
        }
    });
    let view = Resource::new_blocking(
        move || asked.get(),
        |asked| async move {
            match asked {
                Some((kind, id)) => read_record(kind, id).await,
                None => Err(AppError::NotFound),
            }
        },
    );
    // The record that went out of sight while its page was open.
    let lost = RwSignal::new(None::<uuid::Uuid>);
    view! {
        <Suspense fallback=|| view! { <section class="page"><Skeleton/></section> }>
            {suspended(move || {
                let lost_now = lost.get();
                async move {
                    match latest(view).await {
                        Ok(view) if lost_now == Some(view.record.id) => view! { <NoLongerSeen kind=view.record.kind/> }.into_any(),
                        Ok(view) => view! { <RecordBody view=view lost=lost/> }.into_any(),
                        Err(AppError::NotFound) => view! { <NotFound/> }.into_any(),
                        Err(e) => view! { <section class="page"><PageTitle text=t("Not available right now")/><Failed error=e/></section> }.into_any(),
                    }
                }
            })}
        </Suspense>
    }
}

/// In place of a record that was deleted, or is for fewer people by now.
#[component]
fn NoLongerSeen(kind: EntityKind) -> impl IntoView {
    view! {
        <section class="page">
            <PageTitle text=t("Not found")/>
            <EmptyState text=t("You can no longer see this record.")><A href=paths::list(kind) attr:class="button">{t("Back to the list")}</A></EmptyState>
        </section>
    }
}

#[component]
fn RecordBody(view: RecordView, lost: RwSignal<Option<uuid::Uuid>>) -> impl IntoView {
    let read = RwSignal::new(view.record.clone());
    let shown = RwSignal::new(view);
    let queue = expect_context::<Queue>();
    // What was changed here and waits is what one said last, also where the page comes out of this browser's store.
    let record = queue.pool.record(read);
    let (kind, id) = record.with_untracked(|r| (r.kind, r.id));
    let editable = may(kind.edit_permission());
    // One's own name and zone are one's own to set.
    let me = use_session().member.0;
    // Only its owner and admins make a record visible to fewer people.
    let narrows = record.with_untracked(|r| r.text("visibility") != "workspace" || r.text("ownerId") == me.to_string()) || may(Permission::Oversee);
    let may_edit =
        move |spec: &FieldSpec| (editable && (spec.key != "visibility" || narrows)) || (id == me && kind.spec().own_fields.contains(&spec.key));
    // Many changes at once are at most two readings.
    let (asking, again) = (StoredValue::new(false), StoredValue::new(false));
    let reload = move || {
        if asking.try_update_value(|a| std::mem::replace(a, true)) != Some(false) {
            again.try_set_value(true);
            return;
        }
        spawn_local(async move {
            loop {
                again.try_set_value(false);
                // What is being typed stays: fields read the record, editors hold their own text.
                match read_record(kind, id).await {
                    Ok(fresh) => {
                        read.try_set(fresh.record.clone());
                        when_free(move || {
                            shown.try_set(fresh);
                        });
                    }
                    // The record is no longer visible to this member.
                    Err(AppError::NotFound) => {
                        lost.try_set(Some(id));
                        return;
                    }
                    Err(_) => {}
                }
                if again.try_get_value() != Some(true) {
                    break;
                }
            }
            asking.try_set_value(false);
        });
    };
    // What was taken back, discarded or refused is not what the page shows any more.
    Effect::new(move |before: Option<u32>| {
        let now = queue.undone.get();
        if before.is_some_and(|b| b != now) {
            reload();
        }
        now
    });
    use_live(move |live| match live {
        Live::Message(m) if m.id == id && m.verb == "deleted" => {
            if !m.command.is_some_and(|c| queue.is_own(c)) {
                queue.toast(t("Somebody deleted this record."), None);
            }
        }
        Live::Message(m) if m.id == id || m.kind.is_activity() => reload(),
        Live::Reset => reload(),
        Live::Message(_) => {}
    });
    let tabbed = kind.has_activities();
    let query = use_query_map();
    let tab = Memo::new(move |_| TABS.into_iter().find(|t| query.get().get("tab").as_deref() == Some(*t)).unwrap_or(TABS[0]));
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
                view! { <InlineField spec=spec record=record editable=may_edit(spec)/> }.into_any()
            } else {
                view! { <Show when=move || all_fields.get()><InlineField spec=spec record=record editable=may_edit(spec)/></Show> }.into_any()
            }
        })
        .collect_view();
    let imported = record.with_untracked(|r| r.imported.clone());
    let navigate = use_navigate();
    let delete = move |()| {
        let navigate = navigate.clone();
        let name = title.get_untracked();
        queue.send_named(RecordCommand::Delete { kind, id }, None, Named::about(&name), move |result| match result {
            Ok(outcome) => {
                queue.toast(tf("Deleted {name}.", &[("name", &name)]), outcome.event);
                // Whoever went elsewhere meanwhile stays there.
                if window().location().pathname().is_ok_and(|p| p == domain::paths::record(kind, id)) {
                    navigate(paths::list(kind), Default::default());
                }
            }
            Err(e) => queue.fail(&e),
        });
    };
    view! {
        <section class="page record">
            <header class="page__head">
                <A href=paths::list(kind) attr:class="icon-button" attr:aria-label=t("Back")><Icon name="back"/></A>
                {(kind == EntityKind::Contact).then(|| view! { <Avatar name=title.get_untracked()/> })}
                <div class="page__title">
                    {move || view! { <PageTitle text=title.get()/> }}
                    <p class="muted">{move || record.with(subtitle)}</p>
                </div>
                <span class="page__spring"></span>
                {editable.then(|| view! {
                    <A href=format!("/edit/{}/{id}", kind.noun()) attr:class="button record__edit"><Icon name="edit"/><span>{t("Edit")}</span></A>
                    <Menu id="record-menu" label=t("More actions")>
                        {may(Permission::DeleteRecords).then(|| view! { <MenuItem danger=true on_choose=delete.clone()><Icon name="trash"/>{t("Delete")}</MenuItem> })}
                    </Menu>
                })}
            </header>
            <TagChips kind=kind shown=shown/>
            {(kind == EntityKind::Deal).then(|| view! { <StageStepper record=record shown=shown editable=editable on_moved=Callback::new(move |()| reload())/> })}
            {(kind == EntityKind::Contact).then(|| view! { <ContactActions record=record/> })}
            {tabbed.then(|| {
                let next = kind.fields().iter().filter(|s| matches!(s.key, "nextAction" | "nextActionDate" | "nextFollowUp"));
                let next = next.map(|spec| view! { <InlineField spec=spec record=record editable=editable/> }).collect_view();
                (!next.is_empty()).then(|| view! { <dl class="facts card coming-up">{next}</dl> })
            })}
            {tabbed.then(|| view! { <PaneTabs kind=kind id=id tab=tab/> })}
            <div class="record__panes" data-tab=move || tabbed.then(|| tab.get())>
                <section class="card pane--details" aria-label=t("Details")>
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
                <div class="stack pane--timeline">
                    {(editable && about.with_value(Option::is_some)).then(|| view! {
                        <section class="card stack" aria-label=t("Log")>
                            <LogComposer about=about.get_value().unwrap_or_default() on_logged=Callback::new(move |()| reload())/>
                            <details class="composer__more">
                                <summary>{t("Write a note")}</summary>
                                <NoteComposer about=about.get_value().unwrap_or_default() on_saved=Callback::new(move |()| reload())/>
                            </details>
                        </section>
                    })}
                    <Timeline shown=shown reload=Callback::new(move |()| reload())/>
                </div>
                <div class="stack pane--related">
                    {about.with_value(Option::is_some).then(|| view! { <TasksOf shown=shown editable=editable reload=Callback::new(move |()| reload())/> })}
                    <Related shown=shown record=record/>
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
