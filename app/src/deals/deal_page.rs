//! The page of a deal.

use super::{server_fns::DealView, stepper::StageStepper};
use crate::{
    companies::CompanyOf,
    format,
    i18n::{language, t, tf},
    interactions::About,
    records::{ComingUp, Details, OpenRecord, RecordHead, RecordPage, RecordPanes, TagChips, TimelinePane, record_page},
    tasks::TasksOf,
};
use domain::{Record, deals::StageChange};
use leptos::prelude::*;
use uuid::Uuid;

impl RecordPage for DealView {
    fn draw() -> AnyView {
        record_page(page)
    }
}

/// The fields of the next step: above the panes, and among the first details.
const NEXT: &[&str] = &["nextAction", "nextActionDate"];

fn page(open: OpenRecord, shown: RwSignal<DealView>) -> AnyView {
    let about = open.record.with_untracked(about);
    let pipeline = shown.with_untracked(|v| v.pipeline.clone());
    view! {
        <section class="page record">
            <RecordHead open=open subtitle=subtitle/>
            <TagChips open=open list="/deals?as=list"/>
            {pipeline.map(|pipeline| view! { <StageStepper record=open.record pipeline=pipeline editable=open.editable on_moved=open.reload/> })}
            <ComingUp open=open keys=NEXT/>
            <RecordPanes open=open related=t("Tasks and history")>
                <Details open=open upfront=&["nextAction", "nextActionDate", "contactIds"]/>
                <TimelinePane open=open about=about/>
                <div class="stack pane--related">
                    <TasksOf open=open key="dealId"/>
                    <section class="card" aria-label=t("Related")>
                        <CompanyOf record=open.record/>
                        <h2>{t("Stages")}</h2>
                        <ol class="links">{move || shown.with(|v| v.history.clone()).into_iter().map(stage_change).collect_view()}</ol>
                    </section>
                </div>
            </RecordPanes>
        </section>
    }
    .into_any()
}

/// Value, probability, close date, next step, company.
fn subtitle(record: &Record) -> Vec<String> {
    let currency = domain::Currency::stored(&record.text("currency"));
    let value = domain::Money::parse(&record.text("value"), currency).map(|m| m.display(language())).unwrap_or_else(|_| t("no value").into());
    let close = record.text("expectedCloseDate").parse().map(|d| tf("closes {day}", &[("day", &format::day(d))])).unwrap_or_default();
    let next = record.text("nextAction");
    let next = if next.is_empty() { t("no next step").to_owned() } else { tf("next: {step}", &[("step", &next)]) };
    vec![value, format!("{} %", record.text("probability")), close, next, record.label("companyId").unwrap_or_default().to_owned()]
}

/// Subjects of activities that are logged on the page: the deal, its company and its main contact.
fn about(record: &Record) -> About {
    let main = record.fields.get("contactIds").and_then(|v| v.as_array()?.first()?.as_str()?.parse::<Uuid>().ok());
    let contact = main.and_then(|id| record.labels.get(&id).map(|name| (id, name.clone())));
    About { contact, company: record.reference("companyId").map(|c| c.0), deal: Some(record.id) }
}

fn stage_change(change: StageChange) -> impl IntoView {
    view! {
        <li>
            <span>{change.to_stage}</span>
            <span class="muted">{format!("{}{}", format::day(format::day_of(change.occurred_at)), change.moved_by.map(|m| format!(" · {m}")).unwrap_or_default())}</span>
            {change.reason.map(|r| view! { <span class="muted">{r}</span> })}
        </li>
    }
}
