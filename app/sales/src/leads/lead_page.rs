//! The page of a lead.

use super::convert::Convert;
use crate::{
    format,
    i18n::{t, tf},
    page::RecordLink,
    records::{ComingUp, Details, OpenRecord, PageData, RecordHead, RecordPanes, TagChips, TimelinePane},
};
use domain::{
    EntityKind, Record,
    leads::{Converted, LEADS},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
#[cfg(feature = "ssr")]
use uuid::Uuid;

/// Data of a lead's page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LeadData {
    pub converted: Converted,
    /// A [`domain::leads::Convertible`] as JSON: only the form reads it, and its code is loaded with the form.
    pub convertible: Value,
}

impl PageData for LeadData {
    const KIND: EntityKind = EntityKind::Lead;

    #[cfg(feature = "ssr")]
    async fn read(tx: &mut store::TenantTx, id: Uuid) -> Result<(store::RecordPage, Self), store::StoreError> {
        let store::LeadPage { page, converted, convertible } = store::lead_page(tx, domain::leads::LeadId(id)).await?;
        Ok((page, Self { converted, convertible: serde_json::to_value(convertible).unwrap_or_default() }))
    }

    fn page(open: OpenRecord) -> AnyView {
        page(open)
    }
}

/// The fields that a lead is worked by.
const WORK: &[&str] = &["status", "quality", "followUpDate"];

fn page(open: OpenRecord) -> AnyView {
    let own = open.own::<LeadData>();
    let convertible = Memo::new(move |_| open.editable && own.with(|v| v.converted.at.is_none()));
    let options = Memo::new(move |_| own.with(|v| v.convertible.clone()));
    view! {
        <section class="page record">
            <RecordHead open=open subtitle=|r: &Record| vec![r.text("jobTitle"), r.text("companyName")]/>
            <TagChips open=open list=LEADS/>
            <ComingUp open=open keys=WORK/>
            <Show when=move || convertible.get()><Convert open=open options=options/></Show>
            <RecordPanes open=open related=t("Converted to")>
                <Details open=open/>
                <TimelinePane open=open/>
                <div class="stack pane--related">
                    <section class="card" aria-label=t("Converted to")>
                        <h2>{t("Converted to")}</h2>
                        {move || converted(own.with(|v| v.converted.clone()))}
                    </section>
                </div>
            </RecordPanes>
        </section>
    }
    .into_any()
}

/// What the lead was converted to; records that are gone or hidden are left out.
fn converted(to: Converted) -> AnyView {
    let Some(at) = to.at else {
        return view! { <p class="muted">{t("Not converted yet. Converting makes a contact, a company and a deal of it.")}</p> }.into_any();
    };
    let day = format::day(format::day_of(at));
    let words = match &to.by {
        Some(by) => tf("Converted on {day} by {name}", &[("day", &day), ("name", by)]),
        None => tf("Converted on {day}", &[("day", &day)]),
    };
    view! {
        <p class="muted">{words}</p>
        <ul class="links">
            {to.contact.map(|(id, name)| view! { <li><RecordLink id=id text=name/><span class="muted">{t("Contact")}</span></li> })}
            {to.company.map(|(id, name)| view! { <li><RecordLink id=id text=name/><span class="muted">{t("Company")}</span></li> })}
            {to.deal.map(|(id, name)| view! { <li><RecordLink id=id text=name/><span class="muted">{t("Deal")}</span></li> })}
        </ul>
    }
    .into_any()
}
