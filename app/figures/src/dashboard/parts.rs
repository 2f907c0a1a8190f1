//! The parts of a dashboard, drawn alike for those who are signed in and behind a share link. Only the former get links.

use crate::{
    analytics::{Tile, deals, major, month, trend},
    format,
    i18n::{language, t, tf},
};
use chrono::Months;
use domain::{
    Currency, Money,
    analytics::AnalyticsFilter,
    dashboard::{ForecastMonth, SalesBoard},
    paths,
};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::charts::{BarChart, ColumnChart, Mark};

fn currency(board: &SalesBoard) -> Currency {
    Currency::stored(&board.currency)
}

/// A figure that leads nowhere, for those who may see no more than it.
#[component]
fn PlainTile(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(into)] note: String,
    trend: Option<(String, Option<bool>)>,
) -> impl IntoView {
    view! {
        <div class="tile">
            <span class="tile__label">{label}</span>
            <span class="tile__value">{value}</span>
            {(!note.is_empty()).then(|| view! { <span class="tile__note">{note}</span> })}
            {trend.map(|(words, good)| view! { <span class="tile__note" class:tile__trend--up=good == Some(true) class:tile__trend--down=good == Some(false)>{words}</span> })}
        </div>
    }
}

/// The figures of sales with their trend.
#[component]
pub fn FigureTiles(board: SalesBoard, links: bool) -> impl IntoView {
    let currency = currency(&board);
    let filter = board.filter;
    let (s, p) = (&board.sales, board.previous.as_ref());
    let money = move |x: f64| major(x, currency);
    let percent = |x: f64| format!("{} %", format::decimal(x, 2));
    let days = |x: f64| tf("{n} days", &[("n", &format::decimal(x, 2))]);
    let count = |n: f64| format::count(n as i64);
    let tile = |label: &'static str, value: String, note: String, trend: Option<(String, Option<bool>)>, href: String| match links {
        true => view! { <Tile label=label value=value note=note trend=trend href=href/> }.into_any(),
        false => view! { <PlainTile label=label value=value note=note trend=trend/> }.into_any(),
    };
    view! {
        {tile(t("Open pipeline"), money(s.open_value), tf("{n} open deals, weighted {sum}", &[("n", &format::count(s.open_deals)), ("sum", &money(s.weighted_open_value))]) + &format::other_currencies(s.open_in_other_currencies), None, deals(&filter, "open", "", ""))}
        {tile(t("Won"), money(s.won_value), tf("{n} deals", &[("n", &format::count(s.won_deals))]) + &format::other_currencies(s.won_in_other_currencies), trend(s.won_value, p.map(|p| p.won_value), &money, Some(true)), deals(&filter, "won", "closed", ""))}
        {tile(t("New deals"), format::count(s.total_deals), String::new(), trend(s.total_deals as f64, p.map(|p| p.total_deals as f64), &count, Some(true)), deals(&filter, "", "opened", ""))}
        {tile(t("Win rate"), percent(s.win_rate), t("won ÷ (won + lost)").into(), trend(s.win_rate, p.map(|p| p.win_rate), &percent, Some(true)), deals(&filter, "won", "closed", ""))}
        {tile(t("Average won deal"), money(s.average_deal_size), String::new(), trend(s.average_deal_size, p.map(|p| p.average_deal_size), &money, Some(true)), deals(&filter, "won", "closed", "-value"))}
        {tile(t("Sales cycle"), days(s.sales_cycle), t("opened to won").into(), trend(s.sales_cycle, p.map(|p| p.sales_cycle), &days, Some(false)), deals(&filter, "won", "closed", "-close"))}
    }
}

#[component]
pub fn PipelineChart(board: SalesBoard, links: bool) -> impl IntoView {
    let currency = currency(&board);
    let owner = board.filter.owner.map(|o| o.to_string()).unwrap_or_default();
    let largest = board.stages.iter().max_by_key(|s| s.value_minor).filter(|s| s.value_minor > 0);
    let sentence = match largest {
        Some(s) => tf(
            "Most of it stands in {stage}: {sum} in {n} deals.",
            &[("stage", &s.name), ("sum", &format::money(s.value_minor, currency)), ("n", &format::count(s.count))],
        ),
        None => t("No open deal has a value.").to_owned(),
    };
    let pipeline = board.pipeline_id.to_string();
    let marks = board
        .stages
        .iter()
        .map(|s| {
            let stage = s.id.to_string();
            Mark {
                label: s.name.clone(),
                size: s.value_minor,
                text: format!("{} ({})", format::money_compact(s.value_minor, currency), format::count(s.count)),
                href: links
                    .then(|| paths::with_query(paths::DEALS, &[("as", "list"), ("pipeline", &pipeline), ("stage", &stage), ("owner", &owner)])),
            }
        })
        .collect();
    view! { <BarChart title=tf("Pipeline: {name}", &[("name", &board.pipeline)]) sentence=sentence of=t("Stage") marks=marks/> }
}

#[component]
pub fn ForecastChart(board: SalesBoard, links: bool) -> impl IntoView {
    let currency = currency(&board);
    let (weighted, all) = board.forecast.iter().filter(|m| m.month.is_some()).fold((0, 0), |(w, a), m| (w + m.weighted_minor, a + m.value_minor));
    let sentence = tf(
        "{weighted} expected in six months by probability, {all} if everything is won.",
        &[("weighted", &format::money(weighted, currency)), ("all", &format::money(all, currency))],
    );
    let href = |m: &ForecastMonth| {
        let first = m.month?;
        let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
        links.then(|| deals(&AnalyticsFilter { from: Some(first.max(board.day)), to: Some(last), ..board.filter }, "open", "expected", "close"))
    };
    let marks = board
        .forecast
        .iter()
        .filter(|m| m.month.is_some() || m.count > 0)
        .map(|m| Mark {
            label: m.month.map_or_else(|| t("overdue or no day").to_owned(), |d| month(&d.format("%Y-%m").to_string())),
            size: m.weighted_minor,
            text: tf(
                "{weighted} of {all} ({n})",
                &[
                    ("weighted", &format::money_compact(m.weighted_minor, currency)),
                    ("all", &format::money_compact(m.value_minor, currency)),
                    ("n", &format::count(m.count)),
                ],
            ),
            href: href(m),
        })
        .collect();
    view! { <BarChart title=t("Forecast") sentence=sentence of=t("Expected close") marks=marks/> }
}

#[component]
pub fn WonChart(board: SalesBoard, links: bool) -> impl IntoView {
    let currency = currency(&board);
    let sentence = match board.won_by_month.iter().max_by_key(|b| b.value_minor) {
        Some(best) => {
            tf("The best month was {month} with {sum}.", &[("month", &month(&best.label)), ("sum", &format::money(best.value_minor, currency))])
        }
        None => t("Nothing was won in this period.").to_owned(),
    };
    let marks = board
        .won_by_month
        .iter()
        .map(|b| {
            let first = format!("{}-01", b.label).parse::<chrono::NaiveDate>().ok();
            let last = first.and_then(|f| f.checked_add_months(Months::new(1))?.pred_opt());
            let days =
                AnalyticsFilter { from: first.max(board.filter.from), to: [last, board.filter.to].into_iter().flatten().min(), ..board.filter };
            Mark {
                label: month(&b.label),
                size: b.value_minor,
                text: format!("{} ({})", format::money_compact(b.value_minor, currency), format::count(b.count)),
                href: links.then(|| deals(&days, "won", "closed", "")),
            }
        })
        .collect();
    view! { <ColumnChart title=t("Won by month") sentence=sentence of=t("Month") marks=marks/> }
}

/// DSH-02: the five largest open deals, with their stage and a bar of their probability.
#[component]
pub fn TopDeals(board: SalesBoard, links: bool) -> impl IntoView {
    let currency = currency(&board);
    let empty = board.top_deals.is_empty();
    view! {
        <h2>{t("Largest open deals")}</h2>
        {empty.then(|| view! { <p class="muted">{t("No open deal has a value.")}</p> })}
        <ol class="top-deals">
            {board.top_deals.into_iter().map(|d| {
                // Behind a link the title was promised, and the company was not.
                let company = d.company.filter(|_| links).unwrap_or_default();
                let about = [company, d.stage].into_iter().filter(|x| !x.is_empty()).collect::<Vec<_>>().join(" · ");
                let label = tf("Probability of {title}", &[("title", &d.title)]);
                view! {
                    <li class="top-deal">
                        <div class="top-deal__text">
                            {if links { view! { <A href=paths::page_of(domain::DealId(d.id))>{d.title}</A> }.into_any() } else { view! { <strong>{d.title}</strong> }.into_any() }}
                            <span class="muted">{about}</span>
                        </div>
                        <span class="number">{Money { minor: d.value_minor, currency }.display(language())}</span>
                        <span class="top-deal__odds"><progress max="100" value=d.probability aria-label=label></progress><span>{format!("{} %", d.probability)}</span></span>
                    </li>
                }
            }).collect_view()}
        </ol>
    }
}
