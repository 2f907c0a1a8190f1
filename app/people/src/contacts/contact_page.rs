//! The page of a person.

use crate::{
    deals::DealsOf,
    i18n::t,
    interactions::About,
    records::{ComingUp, CompanyOf, Details, OpenRecord, PageData, RecordHead, RecordPanes, TagChips, TimelinePane},
    session::may,
    tasks::TasksOf,
};
use domain::{EntityKind, Permission, Record, deals::RelatedDeals, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use serde::{Deserialize, Serialize};
use ui::Icon;
#[cfg(feature = "ssr")]
use uuid::Uuid;

/// Data of a contact's page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContactData {
    pub deals: RelatedDeals,
}

impl PageData for ContactData {
    const KIND: EntityKind = EntityKind::Contact;

    #[cfg(feature = "ssr")]
    async fn read(tx: &mut store::TenantTx, id: Uuid) -> Result<(store::RecordPage, Self), store::StoreError> {
        let store::ContactPage { page, deals } = store::contact_page(tx, id.into()).await?;
        Ok((page, Self { deals }))
    }

    fn page(open: OpenRecord) -> AnyView {
        page(open)
    }
}

fn page(open: OpenRecord) -> AnyView {
    let own = open.own::<ContactData>();
    let company = open.record.with_untracked(|r| r.reference("companyId")).map(|c| c.0);
    let about = About { contact: Some((open.id, open.record.with_untracked(Record::current_title))), company, deal: None };
    let deals = Signal::derive(move || own.with(|v| v.deals.clone()));
    let employer = |record: &Record| record.label("companyId").unwrap_or_default().to_owned();
    view! {
        <section class="page record">
            <RecordHead open=open avatar=true subtitle=|r: &Record| vec![r.text("jobTitle"), r.label("companyId").unwrap_or_default().to_owned()]/>
            <TagChips open=open list=paths::PEOPLE/>
            <ContactActions record=open.record/>
            <ComingUp open=open keys=&["nextFollowUp"]/>
            <RecordPanes open=open related=t("Deals and tasks")>
                <Details open=open/>
                <TimelinePane open=open about=about/>
                <div class="stack pane--related">
                    <TasksOf open=open key="contactId"/>
                    <section class="card" aria-label=t("Related")>
                        <CompanyOf record=open.record/>
                        <DealsOf open=open related=deals company=employer/>
                    </section>
                </div>
            </RecordPanes>
        </section>
    }
    .into_any()
}

/// The ways to reach a person, one tap each.
#[component]
fn ContactActions(record: Memo<Record>) -> impl IntoView {
    // A list as it is stored, or a text as it was just typed.
    let first = move |key: &str| record.with(|r| r.text(key)).split([',', ';']).next().map(|x| x.trim().to_owned()).filter(|x| !x.is_empty());
    let link = move |href: Option<String>, icon: &'static str, words: &'static str| {
        href.map(|href| view! { <a class="button" href=href rel="noreferrer"><Icon name=icon/>{words}</a> })
    };
    view! {
        <div class="actions">
            {move || link(first("phones").map(|p| format!("tel:{p}")), "phone", t("Call"))}
            {move || link(first("emails").map(|e| paths::mailto(&e)), "mail", t("E-mail"))}
            {may(Permission::EditRecords).then(|| {
                let id = record.with_untracked(|r| r.id);
                view! {
                    <A href=paths::log(id, false) attr:class="button"><Icon name="note"/>{t("Log")}</A>
                    <A href=paths::log(id, true) attr:class="button"><Icon name="calendar"/>{t("Schedule")}</A>
                }
            })}
            {move || link(Some(record.with(|r| r.text("linkedinUrl"))).filter(|u| !u.is_empty()), "link", t("LinkedIn"))}
        </div>
    }
}
