//! Deals as a table: sorted and filtered by the URL, page by page.

use crate::{
    format,
    i18n::{language, t, tf},
    records::{Pager, SelectAll, SelectBox, SelectGap, Selection},
};
use domain::{
    EntityKind, Money, Page,
    deals::{Board, DealCard},
    paths,
};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::EmptyState;

/// `link` makes the address of this list with one parameter changed.
#[component]
pub fn DealTable(
    page: Page<DealCard>,
    /// The sums of the same filters, stage by stage.
    board: Board,
    sort: String,
    first: bool,
    /// Nothing narrows the list: when it is empty, there are no deals at all.
    everything: bool,
    link: Callback<(String, String), String>,
    selection: Selection,
) -> impl IntoView {
    selection.shows(page.items.iter().map(|d| (d.id.0, d.version)).collect());
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
    let by_stage = sort == "stage";
    let mut above = None;
    let rows = page
        .items
        .into_iter()
        .map(|d| {
            let stage = board.pipeline.stages.iter().find(|s| s.id == d.stage_id).map(|s| s.name.clone());
            let value = d.value().map(|m| m.display(language()));
            let close = d.closed_at.map(|c| c.date_naive()).or(d.expected_close_date).map(format::day);
            let head = (by_stage && above != Some(d.stage_id)).then(|| stage_head(&board, &d, selection));
            above = Some(d.stage_id);
            let step = d.next_action.clone().or_else(|| d.next_action_date.map(format::day));
            view! {
                {head}
                <tr>
                    <SelectBox selection=selection id=d.id.0 name=d.title.clone()/>
                    <td>
                        <A href=paths::record(EntityKind::Deal, d.id.0) attr:class="row-link clamp">{d.title.clone()}</A>
                        <span class="muted table__narrow">{d.company.clone()}</span>
                        {(d.closed_at.is_none()).then(|| match step {
                            Some(step) => view! { <span class="muted table__narrow clamp">{tf("Next: {step}", &[("step", &step)])}</span> }.into_any(),
                            None => view! { <span class="muted table__narrow">{t("No next step")}</span> }.into_any(),
                        })}
                    </td>
                    {(!by_stage).then(|| view! { <td><span class="chip">{stage}</span></td> })}
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
                        <SelectAll selection=selection/>
                        {head("title", t("Title"), "")}
                        {(!by_stage).then(|| view! { <th scope="col"><A href=link.run(("sort".into(), "stage".into()))>{t("Stage")}</A></th> })}
                        {head("value", t("Value"), "number")}
                        <th scope="col" class="table__wide">{t("Company")}</th>
                        <th scope="col" class="table__wide">{t("Owner")}</th>
                        {head("opened", t("Opened"), "table__wide")}
                        {head("close", t("Close date"), "table__wide")}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager first=first next=next/>
    }
    .into_any()
}

/// The line above the deals of a stage: how many there are in all, and what they are worth.
fn stage_head(board: &Board, first: &DealCard, selection: Selection) -> impl IntoView + use<> {
    let stage = board.pipeline.stages.iter().find(|s| s.id == first.stage_id).map(|s| s.name.clone()).unwrap_or_default();
    let column = board.columns.iter().find(|c| c.stage_id == first.stage_id);
    let count = format::count(column.map_or(0, |c| c.count));
    let money = |minor: i64| Money { minor, currency: board.currency }.display(language());
    let sum = column.map(|c| tf("Σ {sum}", &[("sum", &money(c.value_minor))]));
    let weighted = column.filter(|c| c.weighted_minor != c.value_minor).map(|c| tf("weighted {sum}", &[("sum", &money(c.weighted_minor))]));
    view! {
        <tr class="table__group">
            <SelectGap selection=selection/>
            <th scope="rowgroup">{stage}" "<span class="muted">{count}</span></th>
            <td class="number nowrap">{sum}</td>
            <td class="table__wide muted nowrap" colspan="4">{weighted}</td>
        </tr>
    }
}
