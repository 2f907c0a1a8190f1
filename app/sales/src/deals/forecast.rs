//! The forecast: deals by the month they are expected in, dragged to another one, with what was won beside it.

use super::columns::{CardColumns, Head, Held, Put};
use crate::{
    AppError, format,
    i18n::{t, tf},
    sync::Queue,
};
use chrono::NaiveDate;
use domain::{
    Currency, DealId, FieldMap,
    deals::{DealCard, DealFilter},
    forecast::{Forecast, LATER, PAST, Period, UNDATED},
};
use leptos::{prelude::*, server_fn::codec::Json};

#[server(prefix = "/fn", endpoint = "deals/forecast", protocol = crate::sync::Cached<Json>)]
pub async fn read_forecast(filter: DealFilter) -> Result<Forecast, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::forecast(&mut tx, &filter, chrono::Utc::now()).await?)
    }
    .await
    .answer()
}

/// The heading of a period.
fn words_of(period: &str) -> String {
    match period {
        PAST => t("Day has passed").into(),
        LATER => t("Later").into(),
        UNDATED => t("No day yet").into(),
        month => NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").map_or_else(|_| month.to_owned(), format::month),
    }
}

#[component]
pub fn ForecastView(forecast: Forecast, reload: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let currency = forecast.currency;
    let periods: Vec<String> = forecast.periods.iter().map(|p| p.period.clone()).collect();
    let shown = RwSignal::new(forecast);
    let put = Callback::new(move |(id, period): (DealId, String)| {
        if period == PAST {
            return queue.toast(t("Nothing can be expected on a day that has passed."), None);
        }
        let before = shown.get_untracked();
        let Some(card) = before.periods.iter().flat_map(|p| &p.cards).find(|c| c.id == id).cloned() else { return };
        let mut after = before.clone();
        let Some(day) = after.put(id, &period) else { return };
        let words = match day {
            Some(day) => tf("{title} is expected on {day} now.", &[("title", &card.title), ("day", &format::day(day))]),
            None => tf("{title} is expected on no day now.", &[("title", &card.title)]),
        };
        let set = FieldMap::from_iter([("expectedCloseDate".to_owned(), day.map_or(serde_json::Value::Null, |d| d.to_string().into()))]);
        Put {
            card,
            set,
            names: Default::default(),
            words,
            before,
            after,
            find: |f, id| f.periods.iter_mut().flat_map(|p| &mut p.cards).find(|c| c.id == id),
        }
        .send(queue, shown, reload);
    });
    // The longest bar is the best month there is.
    let longest = Memo::new(move |_| shown.with(|f| f.periods.iter().map(|p| p.best_minor).max().unwrap_or_default()).max(1));
    let total = move || {
        let (won, weighted, best) =
            shown.with(|f| f.periods.iter().fold((0, 0, 0), |sum, p| (sum.0 + p.won_minor, sum.1 + p.weighted_minor, sum.2 + p.best_minor)));
        let money = |n| format::money(n, currency);
        tf("Won {won} · expected {weighted} · at best {best}", &[("won", &money(won)), ("weighted", &money(weighted)), ("best", &money(best))])
    };
    let heads = periods
        .into_iter()
        .map(|period| {
            // An empty column beside the months says nothing.
            let beside = matches!(period.as_str(), PAST | LATER | UNDATED);
            Head { words: words_of(&period), takes: period != PAST, beside, key: period }
        })
        .collect();
    let of = move |key: &str| shown.with(|f| f.periods.iter().find(|p| p.period == key).cloned()).unwrap_or_default();
    let held = Callback::new(move |key: String| {
        let period = of(&key);
        Held { count: period.open, cards: period.cards }
    });
    let sums = Callback::new(move |key: String| view! { <Sums period=of(&key) currency=currency longest=longest.get()/> }.into_any());
    let chip = Callback::new(move |card: DealCard| (format!("{} %", card.probability), t("probability")));
    view! {
        <p class="forecast__total">{total}</p>
        <CardColumns heads=heads held=held sums=sums chip=chip put=put/>
    }
}

/// Won, expected and at best, as words and as one bar.
#[component]
fn Sums(period: Period, currency: Currency, longest: i64) -> impl IntoView {
    let money = |n: i64| format::money_compact(n, currency);
    let share = |n: i64| format!("{:.1}", (n.max(0) as f64 * 100.0 / longest as f64).min(100.0));
    let Period { won, won_minor, weighted_minor, best_minor, without_value, other_currencies, .. } = period;
    view! {
        <p class="column__sums">
            {(won > 0).then(|| view! { <span>{tf("won {sum}", &[("sum", &money(won_minor))])}</span> })}
            <span>{tf("expected {sum}", &[("sum", &money(weighted_minor))])}</span>
            <span class="muted">{tf("at best {sum}", &[("sum", &money(best_minor))])}</span>
            {(without_value > 0).then(|| view! { <span class="muted">{tf("{n} without value", &[("n", &format::count(without_value))])}</span> })}
            {(other_currencies > 0).then(|| view! { <span class="muted">{tf("+ {n} in other currencies", &[("n", &format::count(other_currencies))])}</span> })}
        </p>
        <svg class="forecast__bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect class="forecast__best" width=share(best_minor) height="4"></rect>
            <rect class="forecast__expected" width=share(weighted_minor) height="4"></rect>
            <rect class="forecast__won" width=share(won_minor) height="4"></rect>
        </svg>
    }
}
