//! The page of a deal.

use super::stepper::StageStepper;
use crate::{
    format,
    i18n::{language, t, tf},
    interactions::About,
    records::{ComingUp, CompanyOf, Details, OpenRecord, PageData, RecordHead, RecordPanes, TagChips, TimelinePane},
    tasks::TasksOf,
};
use domain::{EntityKind, Record, deals::StageChange, pipelines::Pipeline};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Data of a deal's page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DealData {
    /// Stages that the deal passed through, oldest first.
    pub history: Vec<StageChange>,
    pub pipeline: Option<Pipeline>,
}

impl PageData for DealData {
    const KIND: EntityKind = EntityKind::Deal;

    #[cfg(feature = "ssr")]
    async fn read(tx: &mut store::TenantTx, id: Uuid) -> Result<(store::RecordPage, Self), store::StoreError> {
        let store::DealPage { page, history, pipeline } = store::deal_page(tx, id.into()).await?;
        Ok((page, Self { history, pipeline }))
    }

    fn page(open: OpenRecord) -> AnyView {
        page(open)
    }
}

/// The fields of the next step: above the panes, and among the first details.
const NEXT: &[&str] = &["nextAction", "nextActionDate"];

fn page(open: OpenRecord) -> AnyView {
    let own = open.own::<DealData>();
    let about = open.record.with_untracked(about);
    let pipeline = own.with_untracked(|v| v.pipeline.clone());
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
                        <ol class="links">{move || own.with(|v| v.history.clone()).into_iter().map(stage_change).collect_view()}</ol>
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
