//! `/analytics`: figures and charts, every chart with its sentence and its table.

use crate::{
    AppError, format,
    i18n::{t, tf},
    routes::PageTitle,
};
use domain::{
    Currency,
    analytics::{Analytics, Bar},
};
use leptos::prelude::*;
use leptos_router::{LazyRoute, components::A, lazy_route};
use ui::{
    EmptyState, ErrorBox, Skeleton,
    charts::{BarChart, ColumnChart, Mark},
};

#[server(prefix = "/fn", endpoint = "analytics/read")]
pub async fn read_analytics() -> Result<Analytics, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewAnalytics).await?;
        Ok::<_, AppError>(store::analytics(&mut tx).await?)
    }
    .await
    .answer()
}

pub struct AnalyticsPage {
    figures: Resource<Result<Analytics, AppError>>,
}

#[lazy_route]
impl LazyRoute for AnalyticsPage {
    fn data() -> Self {
        Self { figures: Resource::new(|| (), |()| read_analytics()) }
    }

    fn view(this: Self) -> AnyView {
        let figures = this.figures;
        view! {
            <section class="page">
                <header class="page__head"><PageTitle text=t("Analytics")/></header>
                <Suspense fallback=|| view! { <Skeleton rows=8/> }>
                    {move || Suspend::new(async move {
                        match figures.await {
                            Ok(a) if a.sales.total_deals == 0 && a.contacts.total_contacts == 0 => view! {
                                <EmptyState text=t("Figures appear with the first deals.")>
                                    <A href=domain::paths::IMPORT attr:class="button button--primary">{t("Import a history")}</A>
                                </EmptyState>
                            }.into_any(),
                            Ok(a) => view! { <Figures a=a/> }.into_any(),
                            Err(e) => view! { <ErrorBox text=e.to_string()/> }.into_any(),
                        }
                    })}
                </Suspense>
            </section>
        }
        .into_any()
    }
}

/// Major units for people: the figures are exact to the cent, the tiles need no cents.
fn major(amount: f64, currency: Currency) -> String {
    let unit = 10f64.powi(currency.digits() as i32);
    format::money((amount * unit).round() as i64, currency)
}

#[component]
fn Tile(
    #[prop(into)] label: String,
    #[prop(into)] value: String,
    #[prop(into, default = String::new())] note: String,
    #[prop(into)] href: String,
) -> impl IntoView {
    view! {
        <A href=href attr:class="tile">
            <span class="tile__label">{label}</span>
            <span class="tile__value">{value}</span>
            <span class="tile__note">{note}</span>
        </A>
    }
}

#[component]
fn Figures(a: Analytics) -> impl IntoView {
    let currency: Currency = a.currency.parse().unwrap_or(Currency::USD);
    let s = &a.sales;
    let open_note =
        tf("{value} open, weighted {weighted}", &[("value", &major(s.open_value, currency)), ("weighted", &major(s.weighted_open_value, currency))]);
    let without = if s.open_without_value > 0 { tf("{n} without value", &[("n", &format::count(s.open_without_value))]) } else { String::new() };
    view! {
        <div class="tiles">
            <Tile label=t("Deals") value=format::count(s.total_deals) href="/deals?as=list"/>
            <Tile label=t("Open") value=format::count(s.open_deals) note=format!("{open_note}{}{without}", if without.is_empty() { "" } else { " · " }) href="/deals?as=list&status=open"/>
            <Tile label=t("Won") value=format::count(s.won_deals) note=major(s.won_value, currency) href="/deals?as=list&status=won"/>
            <Tile label=t("Lost") value=format::count(s.lost_deals) href="/deals?as=list&status=lost"/>
            <Tile label=t("Win rate") value=format!("{:.2} %", s.win_rate) note=t("won ÷ (won + lost)") href="/deals?as=list&status=won"/>
            <Tile label=t("Average won deal") value=major(s.average_deal_size, currency) href="/deals?as=list&status=won&sort=-value"/>
            <Tile label=t("Sales cycle") value=tf("{n} days", &[("n", &format!("{:.2}", s.sales_cycle))]) note=t("opened to won") href="/deals?as=list&status=won&sort=-close"/>
            <Tile label=t("People") value=format::count(a.contacts.total_contacts) note=tf("{n} companies", &[("n", &format::count(a.contacts.total_companies))]) href="/people"/>
        </div>
        <div class="charts">
            <div class="card"><BarChart title=t("Funnel") sentence=funnel_sentence(&a.funnel) of=t("Stage") marks=a.funnel.iter().map(|b| Mark { label: b.label.clone(), size: b.count, text: format::count(b.count) }).collect()/></div>
            <div class="card"><ColumnChart title=t("Won by month") sentence=month_sentence(&a.won_by_month, currency) of=t("Month") marks=valued(&a.won_by_month, currency)/></div>
            <div class="card"><BarChart title=t("Won by agent") sentence=agent_sentence(&a.won_by_agent, currency) of=t("Agent") marks=valued(&a.won_by_agent, currency)/></div>
        </div>
    }
}

/// `2017-03` as `Mar 2017`; other labels stay.
fn month(label: &str) -> String {
    format!("{label}-01").parse::<chrono::NaiveDate>().map_or_else(|_| label.to_owned(), |d| d.format("%b %Y").to_string())
}

fn valued(bars: &[Bar], currency: Currency) -> Vec<Mark> {
    bars.iter()
        .map(|b| Mark {
            label: month(&b.label),
            size: b.value_minor,
            text: format!("{} ({})", format::money_compact(b.value_minor, currency), format::count(b.count)),
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
