//! The deals of another record, on its page.

use crate::{
    format,
    i18n::{language, t, tf},
    page::RecordLink,
    records::OpenRecord,
    session::use_session,
    sync::Queue,
};
use domain::{
    Record,
    deals::{OpenSum, RelatedDeals},
    paths,
};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::Icon;

/// Deals listed before the link to all of them.
const FIRST: usize = 5;
/// Most deals that are read for the page.
const MOST: usize = 50;

#[component]
pub fn DealsOf(
    open: OpenRecord,
    #[prop(into)] related: Signal<RelatedDeals>,
    /// Name of the company that a new deal is for.
    company: fn(&Record) -> String,
    /// The list of all of them, behind the first five; otherwise all that were read are shown.
    #[prop(optional)]
    all: Option<String>,
) -> impl IntoView {
    let changes = expect_context::<Queue>().changes;
    let home = use_session().currency;
    let add = move || paths::with_query("/new/deal", &[("companyId", &open.record.with(company))]);
    view! {
        <div class="card__head"><h2>{t("Deals")}</h2><A href=add attr:class="icon-button" attr:aria-label=t("Add a deal")><Icon name="plus"/></A></div>
        {move || {
            changes.track();
            let now = open.view.with_untracked(|v| v.now);
            let RelatedDeals { deals, open_sum, stages } = related.get();
            let deals = changes.patched_now(deals);
            let count = deals.len();
            let sum = open_sum.unwrap_or_else(|| OpenSum::of(&deals, home));
            let others = format::other_currencies(sum.other_currencies);
            let open_sum = (sum.value_minor > 0 || !others.is_empty())
                .then(|| view! { <p class="muted">{tf("{sum} open", &[("sum", &format::money(sum.value_minor, home))]) + &others}</p> });
            let rows = deals.into_iter().take(if all.is_some() { FIRST } else { MOST }).map(|d| {
                let value = d.value().map_or_else(|| t("no value").to_owned(), |m| m.display(language()));
                let stage = stages.get(&d.stage_id).cloned().unwrap_or_default();
                view! {
                    <li>
                        <RecordLink id=d.id text=d.title/>
                        <span class="row row--tight"><span class="chip">{stage}</span><span class="muted">{value}" · "{format::age(d.opened_at, now)}</span></span>
                    </li>
                }
            }).collect_view();
            let all = all.clone().filter(|_| count > FIRST).map(|href| {
                let words = if count >= MOST { t("All deals").to_owned() } else { tf("All {n} deals", &[("n", &count.to_string())]) };
                view! { <A href=href attr:class="button button--quiet">{words}</A> }
            });
            view! {
                {open_sum}
                <ul class="links">{rows}</ul>
                {all}
                {(count == 0).then(|| view! { <p class="muted">{t("No deals yet.")}</p> })}
            }
        }}
    }
}
