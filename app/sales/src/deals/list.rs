//! Deals as a table: sorted and filtered by the URL, page by page.

use super::address::BY_STAGE;
use crate::{
    format,
    i18n::{language, t, tf},
    records::{SelectBox, SelectGap, Selection, group_words, list_table},
};
use domain::{
    Currency, EntityKind, FieldSpec, Money, Page,
    deals::{Board, DealCard},
    groups::{Groups, field},
    lists::{RowGroup, shows},
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
    /// The groups it stands in, with their sums; else it may stand stage by stage.
    groups: Option<Groups>,
    /// Columns that are left out.
    hide: String,
    sort: String,
    first: bool,
    /// Nothing narrows the list: when it is empty, there are no deals at all.
    everything: bool,
    link: Callback<(String, String), String>,
    selection: Selection,
) -> impl IntoView {
    selection.shows(page.items.iter().map(|d| (d.id.0, d.version)).collect());
    // A page whose rows were all deleted here is no empty list while there are more of them.
    let none = page.items.is_empty() && page.next.is_none();
    if none && everything {
        return view! { <super::empty::NoDeals/> }.into_any();
    }
    if none {
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
    let on = move |column: &str| shows(&hide, column);
    let by_group = groups.as_ref().and_then(|g| field(EntityKind::Deal, &g.by));
    let by_stage = by_group.is_none() && sort == BY_STAGE;
    let with_stage = !by_stage && on("stage");
    // Cells to the right of the value, for the lines above groups.
    let right = ["company", "owner", "opened", "close"].into_iter().filter(|c| on(c)).count();
    let mut above = None;
    let rows = page
        .items
        .into_iter()
        .map(|d| {
            let stage = board.pipeline.stages.iter().find(|s| s.id == d.stage_id).map(|s| s.name.clone());
            let value = d.value().map(|m| m.display(language()));
            let close = d.closed_at.map(format::day_of).or(d.expected_close_date).map(format::day);
            let group = d.group.clone().filter(|_| by_group.is_some());
            let here = if by_stage { Some(d.stage_id.to_string()) } else { group.as_ref().map(|g| g.key.clone()) };
            let head = (here.is_some() && above != here).then(|| {
                let (words, sums) = match (by_group, &groups, &group) {
                    (Some(spec), Some(groups), Some(group)) => words_of_group(spec, groups, group),
                    _ => stage_words(&board, &d),
                };
                let value = on("value");
                view! { <GroupHead words=words sums=sums currency=board.currency stage=with_stage value=value right=right selection=selection/> }
            });
            above = here;
            let step = d.next_action.clone().or_else(|| d.next_action_date.map(format::day));
            view! {
                {head}
                <tr>
                    <SelectBox selection=selection id=d.id.0 name=d.title.clone()/>
                    <td>
                        <A href=paths::page_of(d.id) attr:class="row-link clamp">{d.title.clone()}</A>
                        <span class="muted table__narrow">{d.company.clone()}</span>
                        {(d.closed_at.is_none()).then(|| match step {
                            Some(step) => view! { <span class="muted table__narrow clamp">{tf("Next: {step}", &[("step", &step)])}</span> }.into_any(),
                            None => view! { <span class="muted table__narrow">{t("No next step")}</span> }.into_any(),
                        })}
                    </td>
                    {with_stage.then(|| view! { <td><span class="chip">{stage}</span></td> })}
                    {on("value").then(|| view! { <td class="number nowrap">{value}</td> })}
                    {on("company").then(|| view! { <td class="table__wide">{d.company_id.zip(d.company.clone()).map(|(id, name)| view! { <A href=paths::page_of(id)>{name}</A> })}</td> })}
                    {on("owner").then(|| view! { <td class="table__wide muted nowrap">{d.owner.clone()}</td> })}
                    {on("opened").then(|| view! { <td class="table__wide nowrap">{format::day(format::day_of(d.opened_at))}</td> })}
                    {on("close").then(|| view! { <td class="table__wide nowrap">{close}</td> })}
                </tr>
            }
        })
        .collect_view();
    let next = page.next.map(|c| link.run(("after".into(), c)));
    let first = (!first).then(|| link.run(("after".into(), String::new())));
    let heads = view! {
        {head("title", t("Title"), "")}
        {with_stage.then(|| view! { <th scope="col"><A href=link.run(("sort".into(), "stage".into()))>{t("Stage")}</A></th> })}
        {on("value").then(|| head("value", t("Value"), "number"))}
        {on("company").then(|| view! { <th scope="col" class="table__wide">{t("Company")}</th> })}
        {on("owner").then(|| view! { <th scope="col" class="table__wide">{t("Owner")}</th> })}
        {on("opened").then(|| head("opened", t("Opened"), "table__wide"))}
        {on("close").then(|| head("close", t("Close date"), "table__wide"))}
    };
    list_table(heads.into_any(), rows.into_any(), selection, first, next)
}

/// How many there are in all, what they are worth, weighted, and how many are in other currencies; none where it is not known.
type GroupSums = Option<(i64, i64, i64, i64)>;

fn stage_words(board: &Board, first: &DealCard) -> (String, GroupSums) {
    let stage = board.pipeline.stages.iter().find(|s| s.id == first.stage_id).map(|s| s.name.clone()).unwrap_or_default();
    let column = board.columns.iter().find(|c| c.stage_id == first.stage_id);
    (stage, column.map(|c| (c.count, c.value_minor, c.weighted_minor, c.other_currencies)))
}

fn words_of_group(spec: &FieldSpec, groups: &Groups, group: &RowGroup) -> (String, GroupSums) {
    let sums = groups.groups.iter().find(|g| g.key == group.key).map(|g| (g.count, g.value_minor, g.weighted_minor, g.other_currencies));
    (group_words(spec, &group.key, &group.name), sums)
}

/// The line above the deals of a stage or group.
#[component]
fn GroupHead(words: String, sums: GroupSums, currency: Currency, stage: bool, value: bool, right: usize, selection: Selection) -> impl IntoView {
    let money = |minor: i64| Money { minor, currency }.display(language());
    let count = sums.map(|s| format::count(s.0));
    let sum = sums.map(|s| tf("Σ {sum}", &[("sum", &money(s.1))]) + &format::other_currencies(s.3));
    let weighted = sums.filter(|s| s.1 != s.2).map(|s| tf("weighted {sum}", &[("sum", &money(s.2))]));
    view! {
        <tr class="table__group">
            <SelectGap selection=selection/>
            <th scope="rowgroup" colspan=1 + u8::from(stage)>{words}" "<span class="muted">{count}</span></th>
            {value.then(|| view! { <td class="number nowrap">{sum}</td> })}
            {(right > 0).then(|| view! { <td class="table__wide muted nowrap" colspan=right>{weighted}</td> })}
        </tr>
    }
}
