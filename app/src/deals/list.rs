//! Deals as a table: sorted and filtered by the URL, page by page.

use crate::{format, i18n::t, records::Pager};
use domain::{EntityKind, Page, deals::DealCard, paths, pipelines::Pipeline};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::EmptyState;

/// `link` makes the address of this list with one parameter changed.
#[component]
pub fn DealTable(
    page: Page<DealCard>,
    pipelines: Vec<Pipeline>,
    sort: String,
    first: bool,
    /// Nothing narrows the list: when it is empty, there are no deals at all.
    everything: bool,
    link: Callback<(String, String), String>,
) -> impl IntoView {
    if page.items.is_empty() && everything {
        return view! { <super::deals_page::NoDeals/> }.into_any();
    }
    if page.items.is_empty() {
        return view! {
            <EmptyState text=t("No deal matches these filters.")>
                <A href="/deals?as=list" attr:class="button">{t("Clear filters")}</A>
            </EmptyState>
        }
        .into_any();
    }
    let head = |key: &'static str, label: &'static str, class: &'static str| {
        let down = format!("-{key}");
        let now = if sort == key {
            "ascending"
        } else if sort == down {
            "descending"
        } else {
            "none"
        };
        let next = if sort == down { key.to_owned() } else { down };
        let arrow = match now {
            "ascending" => " ↑",
            "descending" => " ↓",
            _ => "",
        };
        view! {
            <th scope="col" class=class aria-sort=now>
                <A href=link.run(("sort".into(), next))>{label}{arrow}</A>
            </th>
        }
    };
    let stage_of = move |card: &DealCard| pipelines.iter().flat_map(|p| &p.stages).find(|s| s.id == card.stage_id).map(|s| s.name.clone());
    let rows = page
        .items
        .into_iter()
        .map(|d| {
            let stage = stage_of(&d);
            let value = d.value().map(|m| m.display());
            let close = d.closed_at.map(|c| c.date_naive()).or(d.expected_close_date).map(format::day);
            view! {
                <tr>
                    <td><A href=paths::record(EntityKind::Deal, d.id.0) attr:class="row-link clamp">{d.title.clone()}</A></td>
                    <td><span class="chip">{stage}</span></td>
                    <td class="number nowrap">{value}</td>
                    <td class="table__wide">{d.company_id.zip(d.company.clone()).map(|(id, name)| view! { <A href=paths::record(EntityKind::Company, id.0)>{name}</A> })}</td>
                    <td class="table__wide muted nowrap">{d.owner.clone()}</td>
                    <td class="table__wide nowrap">{format::day(d.opened_at.date_naive())}</td>
                    <td class="table__wide nowrap">{close}</td>
                </tr>
            }
        })
        .collect_view();
    let next = page.next.map(|c| link.run(("after".into(), c)));
    let first = (!first).then(|| link.run(("after".into(), String::new())));
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead>
                    <tr>
                        {head("title", t("Title"), "")}
                        <th scope="col">{t("Stage")}</th>
                        {head("value", t("Value"), "number")}
                        <th scope="col" class="table__wide">{t("Company")}</th>
                        <th scope="col" class="table__wide">{t("Owner")}</th>
                        {head("opened", t("Opened"), "table__wide")}
                        {head("close", t("Close"), "table__wide")}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager first=first next=next/>
    }
    .into_any()
}
