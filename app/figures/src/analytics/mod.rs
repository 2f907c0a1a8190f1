//! `/analytics`: figures and charts, every chart with its sentence and its table.

pub mod places;

use crate::query_form::QueryForm;
use crate::{
    AppError,
    failed::Failed,
    format,
    i18n::{t, tf},
    latest::{latest, suspended},
    page::PageTitle,
};
use chrono::{Months, NaiveDate};
use domain::{
    Currency, MemberId,
    analytics::{Analytics, AnalyticsFilter, Bar, PERIODS},
    paths,
};
use leptos::{prelude::*, server_fn::codec::Json};
use leptos_router::{components::A, hooks::use_query_map, params::ParamsMap};
use serde::{Deserialize, Serialize};
use ui::{
    EmptyState, Skeleton,
    charts::{BarChart, ColumnChart, Mark},
};

#[server(prefix = "/fn", endpoint = "analytics/read", protocol = crate::sync::Cached<Json>)]
pub async fn read_analytics(asked: Asked) -> Result<Report, AppError> {
    use crate::{Answer, context};
    use domain::RecordId;
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewAnalytics).await?;
        let (_, today) = store::day_of(&mut tx, chrono::Utc::now()).await?;
        let preset = domain::analytics::period(&asked.period, today);
        let filter = AnalyticsFilter { from: asked.from.or(preset.map(|p| p.0)), to: asked.to.or(preset.map(|p| p.1)), owner: asked.owner };
        let figures = store::analytics(&mut tx, &filter).await?;
        let members = store::options(&mut tx, MemberId::KIND, "", 200).await?;
        Ok::<_, AppError>(Report { figures, filter, members })
    }
    .await
    .answer()
}

/// What the address of the page asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// A preset, unless the days are given.
    period: String,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    owner: Option<MemberId>,
}

impl Asked {
    fn of(query: &ParamsMap) -> Self {
        let text = |key: &str| query.get(key).unwrap_or_default();
        Self { period: text("period"), from: text("from").parse().ok(), to: text("to").parse().ok(), owner: text("owner").parse().ok() }
    }
}

/// The figures, what they are about, and whose they could be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    figures: Analytics,
    filter: AnalyticsFilter,
    members: Vec<(uuid::Uuid, String)>,
}

pub struct AnalyticsPage;

lazy_page!(AnalyticsPage, analytics_page, figures);

impl AnalyticsPage {
    fn show() -> AnyView {
        let query = use_query_map();
        let report = Resource::new(move || Asked::of(&query.get()), read_analytics);
        view! {
            <section class="page">
                <header class="page__head"><PageTitle text=t("Analytics")/></header>
                <Transition fallback=|| view! { <Skeleton rows=8/> }>
                    {suspended(move || async move {
                        match latest(report).await {
                            Ok(r) if r.figures.sales.total_deals == 0 && r.figures.contacts.total_contacts == 0 && r.filter == AnalyticsFilter::default() => view! {
                                <EmptyState text=t("Figures appear with the first deals.")>
                                    <A href=domain::paths::IMPORT attr:class="button button--primary">{t("Import a history")}</A>
                                </EmptyState>
                            }.into_any(),
                            Ok(r) => view! { <Filters asked=Asked::of(&query.get_untracked()) report=r.clone()/><Figures a=r.figures filter=r.filter/> }.into_any(),
                            Err(e) => view! { <Failed error=e/> }.into_any(),
                        }
                    })}
                </Transition>
            </section>
        }
        .into_any()
    }
}

/// Period and owner: links and a plain form, all of it in the address.
#[component]
fn Filters(asked: Asked, report: Report) -> impl IntoView {
    let owner = asked.owner.map(|o| o.to_string()).unwrap_or_default();
    let own_days = asked.from.is_some() || asked.to.is_some();
    let day = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    view! {
        <div class="filters">
            <nav class="filters filters--scroll" aria-label=t("Period")>
                {PERIODS.iter().map(|(code, words)| {
                    let href = paths::with_query(paths::ANALYTICS, &[("period", code), ("owner", &owner)]);
                    view! { <a href=href class="chip chip--toggle" aria-current=(!own_days && asked.period == *code).then_some("true")>{t(words)}</a> }
                }).collect_view()}
            </nav>
            <details class="filters__more" open=own_days || asked.owner.is_some()>
            <summary class="chip chip--toggle"><ui::Icon name="filter"/>{t("Days and owner")}</summary>
            <QueryForm action=paths::ANALYTICS class="filters">
                {(!own_days).then(|| view! { <input type="hidden" name="period" value=asked.period.clone()/> })}
                <label class="filters__field"><span>{t("From")}</span><input class="input" type="date" name="from" value=day(asked.from)/></label>
                <label class="filters__field"><span>{t("To")}</span><input class="input" type="date" name="to" value=day(asked.to)/></label>
                <label class="filters__field"><span>{t("Owner")}</span>
                    <select class="input" name="owner">
                        <option value="">{t("Everybody")}</option>
                        {report.members.into_iter().map(|(id, name)| view! { <option value=id.to_string() selected=Some(MemberId(id)) == asked.owner>{name}</option> }).collect_view()}
                    </select>
                </label>
                <button type="submit" class="button">{t("Show")}</button>
            </QueryForm>
            </details>
        </div>
    }
}

/// Major units for people: the figures are exact to the cent, the tiles need no cents.
pub fn major(amount: f64, currency: Currency) -> String {
    let unit = 10f64.powi(currency.digits() as i32);
    format::money((amount * unit).round() as i64, currency)
}

/// A figure that leads to the records behind it.
#[component]
pub fn Tile(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(into, default = String::new())] note: String,
    /// How it stands against the period before: in words, and whether that is good.
    #[prop(default = None)]
    trend: Option<(String, Option<bool>)>,
    #[prop(into)] href: String,
) -> impl IntoView {
    view! {
        <A href=href attr:class="tile">
            <span class="tile__label">{label}</span>
            <span class="tile__value">{value}</span>
            {(!note.is_empty()).then(|| view! { <span class="tile__note">{note}</span> })}
            {trend.map(|(words, good)| view! {
                <span class="tile__note" class:tile__trend--up=good == Some(true) class:tile__trend--down=good == Some(false)>{words}</span>
            })}
        </A>
    }
}

/// "▲ 12 % on 12 before": how a figure stands against the period before. `more_is_good` is none where it is neither.
pub fn trend(now: f64, before: Option<f64>, words: &dyn Fn(f64) -> String, more_is_good: Option<bool>) -> Option<(String, Option<bool>)> {
    let before = before?;
    let old = words(before);
    if before == now {
        return Some((tf("= as before ({old})", &[("old", &old)]), None));
    }
    let up = now > before;
    let arrow = if up { "▲" } else { "▼" };
    let text = match before == 0.0 {
        true => tf("{arrow} from {old}", &[("arrow", arrow), ("old", &old)]),
        false => {
            let change = format!("{:.0}", ((now - before) / before * 100.0).abs());
            tf("{arrow} {change} % from {old}", &[("arrow", arrow), ("change", &change), ("old", &old)])
        }
    };
    Some((text, more_is_good.map(|good| good == up)))
}

/// The deal list behind a figure: the same owner, and the days the figure counts.
pub fn deals(filter: &AnalyticsFilter, status: &str, days: &str, sort: &str) -> String {
    let owner = filter.owner.map(|o| o.to_string()).unwrap_or_default();
    let (from, to) = (filter.from.map(|d| d.to_string()).unwrap_or_default(), filter.to.map(|d| d.to_string()).unwrap_or_default());
    let (from_key, to_key) = (format!("{days}From"), format!("{days}To"));
    let mut parameters = vec![("as", "list"), ("status", status), ("owner", owner.as_str()), ("sort", sort)];
    if !days.is_empty() {
        parameters.extend([(from_key.as_str(), from.as_str()), (to_key.as_str(), to.as_str())]);
    }
    paths::with_query(paths::DEALS, &parameters)
}

#[component]
fn Figures(a: Analytics, filter: AnalyticsFilter) -> impl IntoView {
    let currency = Currency::stored(&a.currency);
    let (s, p) = (&a.sales, a.previous.as_ref());
    let open_note =
        tf("{value} open, weighted {weighted}", &[("value", &major(s.open_value, currency)), ("weighted", &major(s.weighted_open_value, currency))])
            + &format::other_currencies(s.open_in_other_currencies);
    let without = if s.open_without_value > 0 { tf("{n} without value", &[("n", &format::count(s.open_without_value))]) } else { String::new() };
    let count = |n: f64| format::count(n as i64);
    let money = move |x: f64| major(x, currency);
    let percent = |x: f64| format!("{} %", format::decimal(x, 2));
    let days = |x: f64| tf("{n} days", &[("n", &format::decimal(x, 2))]);
    let link = |status: &str, days: &str, sort: &str| deals(&filter, status, days, sort);
    let funnel = a.funnel.iter().map(|b| Mark {
        label: b.label.clone(),
        size: b.count,
        text: format::count(b.count),
        href: b.id.map(|id| format!("{}&reached={id}", deals(&filter, "", "opened", ""))),
    });
    let months = valued(&a.won_by_month, currency, |b| {
        let first = format!("{}-01", b.label).parse::<NaiveDate>().ok()?;
        let last = first.checked_add_months(Months::new(1))?.pred_opt()?;
        let from = filter.from.map_or(first, |f| f.max(first));
        let to = filter.to.map_or(last, |f| f.min(last));
        Some(deals(&AnalyticsFilter { from: Some(from), to: Some(to), ..filter }, "won", "closed", ""))
    });
    let agents =
        valued(&a.won_by_agent, currency, |b| b.id.map(|id| deals(&AnalyticsFilter { owner: Some(MemberId(id)), ..filter }, "won", "closed", "")));
    view! {
        <div class="tiles">
            <Tile label=if p.is_some() { t("New deals") } else { t("Deals") } value=format::count(s.total_deals) trend=trend(s.total_deals as f64, p.map(|p| p.total_deals as f64), &count, Some(true)) href=link("", "opened", "")/>
            <Tile label=t("Open") value=format::count(s.open_deals) note=format!("{open_note}{}{without}", if without.is_empty() { "" } else { " · " }) href=link("open", "", "")/>
            <Tile label=t("Won") value=format::count(s.won_deals) note=major(s.won_value, currency) trend=trend(s.won_value, p.map(|p| p.won_value), &money, Some(true)) href=link("won", "closed", "")/>
            <Tile label=t("Lost") value=format::count(s.lost_deals) trend=trend(s.lost_deals as f64, p.map(|p| p.lost_deals as f64), &count, Some(false)) href=link("lost", "closed", "")/>
            <Tile label=t("Win rate") value=percent(s.win_rate) note=t("won ÷ (won + lost)") trend=trend(s.win_rate, p.map(|p| p.win_rate), &percent, Some(true)) href=link("won", "closed", "")/>
            <Tile label=t("Average won deal") value=major(s.average_deal_size, currency) trend=trend(s.average_deal_size, p.map(|p| p.average_deal_size), &money, Some(true)) href=link("won", "closed", "-value")/>
            <Tile label=t("Sales cycle") value=days(s.sales_cycle) note=t("opened to won") trend=trend(s.sales_cycle, p.map(|p| p.sales_cycle), &days, Some(false)) href=link("won", "closed", "-close")/>
            <Tile label=t("People") value=format::count(a.contacts.total_contacts) note=tf("{n} companies", &[("n", &format::count(a.contacts.total_companies))]) href="/people"/>
        </div>
        <div class="charts">
            <div class="card"><BarChart title=t("Funnel") sentence=funnel_sentence(&a.funnel) of=t("Stage") marks=funnel.collect()/></div>
            <div class="card"><ColumnChart title=t("Won by month") sentence=month_sentence(&a.won_by_month, currency) of=t("Month") marks=months/></div>
            <div class="card"><BarChart title=t("Won by agent") sentence=agent_sentence(&a.won_by_agent, currency) of=t("Agent") marks=agents/></div>
        </div>
    }
}

/// `2017-03` as `Mar 2017`; other labels stay.
pub fn month(label: &str) -> String {
    format!("{label}-01").parse::<chrono::NaiveDate>().map_or_else(
        |_| label.to_owned(),
        |d| {
            let language = crate::i18n::language();
            format!("{} {}", language.short_months()[chrono::Datelike::month0(&d) as usize % 12], chrono::Datelike::year(&d))
        },
    )
}

fn valued(bars: &[Bar], currency: Currency, href: impl Fn(&Bar) -> Option<String>) -> Vec<Mark> {
    bars.iter()
        .map(|b| Mark {
            label: month(&b.label),
            size: b.value_minor,
            text: format!("{} ({})", format::money_compact(b.value_minor, currency), format::count(b.count)),
            href: href(b),
        })
        .collect()
}

fn funnel_sentence(bars: &[Bar]) -> String {
    match (bars.first(), bars.last()) {
        (Some(first), Some(last)) if first.count > 0 => tf(
            "Of {all} deals, {won} reached {stage}.",
            &[("all", &format::count(first.count)), ("won", &format::count(last.count)), ("stage", &last.label)],
        ),
        _ => t("No deal has moved yet.").into(),
    }
}

fn month_sentence(bars: &[Bar], currency: Currency) -> String {
    match bars.iter().max_by_key(|b| b.value_minor) {
        Some(best) => {
            tf("The best month was {month} with {sum}.", &[("month", &month(&best.label)), ("sum", &format::money(best.value_minor, currency))])
        }
        None => t("Nothing was won yet.").into(),
    }
}

fn agent_sentence(bars: &[Bar], currency: Currency) -> String {
    match bars.first() {
        Some(best) => tf(
            "{name} won most: {sum} in {n} deals.",
            &[("name", &best.label), ("sum", &format::money(best.value_minor, currency)), ("n", &format::count(best.count))],
        ),
        None => t("Nothing was won yet.").into(),
    }
}
