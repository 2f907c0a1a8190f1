//! The page of a company.

use crate::{
    deals::DealsOf,
    i18n::t,
    interactions::About,
    page::RecordLink,
    records::{Details, OpenRecord, PageData, RecordHead, RecordPanes, TagChips, TimelinePane},
    sync::Queue,
    tasks::TasksOf,
};
use domain::{EntityKind, Record, contacts::ContactRow, deals::RelatedDeals, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use serde::{Deserialize, Serialize};
use ui::Icon;
#[cfg(feature = "ssr")]
use uuid::Uuid;

/// Data of a company's page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CompanyData {
    pub people: Vec<ContactRow>,
    pub deals: RelatedDeals,
}

impl PageData for CompanyData {
    const KIND: EntityKind = EntityKind::Company;

    #[cfg(feature = "ssr")]
    async fn read(tx: &mut store::TenantTx, id: Uuid) -> Result<(store::RecordPage, Self), store::StoreError> {
        let store::CompanyPage { page, deals, people } = store::company_page(tx, id.into()).await?;
        Ok((page, Self { people, deals }))
    }

    fn page(open: OpenRecord) -> AnyView {
        page(open)
    }
}

fn page(open: OpenRecord) -> AnyView {
    let own = open.own::<CompanyData>();
    let about = About { company: Some(open.id), ..About::default() };
    let deals = Signal::derive(move || own.with(|v| v.deals.clone()));
    let all = paths::with_query(paths::DEALS, &[("as", "list"), ("company", &open.id.to_string())]);
    view! {
        <section class="page record">
            <RecordHead open=open subtitle=|r: &Record| vec![r.text("industry"), r.text("location")]/>
            <TagChips open=open list=paths::COMPANIES/>
            <RecordPanes open=open related=t("People and deals")>
                <Details open=open/>
                <TimelinePane open=open about=about/>
                <div class="stack pane--related">
                    <TasksOf open=open key="companyId"/>
                    <section class="card" aria-label=t("Related")>
                        <PeopleOf record=open.record own=own/>
                        <DealsOf open=open related=deals company=|r: &Record| r.title.clone() all=all/>
                    </section>
                </div>
            </RecordPanes>
        </section>
    }
    .into_any()
}

/// The people of the company, and the way to add one.
#[component]
fn PeopleOf(record: Memo<Record>, own: Memo<CompanyData>) -> impl IntoView {
    let changes = expect_context::<Queue>().changes;
    let add = move || paths::with_query("/new/contact", &[("companyId", &record.with(|r| r.title.clone()))]);
    view! {
        <div class="card__head"><h2>{t("People")}</h2><A href=add attr:class="icon-button" attr:aria-label=t("Add a person")><Icon name="plus"/></A></div>
        {move || {
            changes.track();
            let people = changes.patched_now(own.with(|v| v.people.clone()));
            let none = people.is_empty();
            view! {
                <ul class="links">{people.into_iter().map(|p| view! { <li><RecordLink id=p.id text=p.full_name/><span class="muted">{p.job_title}</span></li> }).collect_view()}</ul>
                {none.then(|| view! { <p class="muted">{t("No people yet.")}</p> })}
            }
        }}
    }
}
