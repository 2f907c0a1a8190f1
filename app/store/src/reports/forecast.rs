//! The forecast by month. One statement for the sums, one for the cards; both see what the filters of the board see.

use crate::{
    StoreError, TenantTx,
    deals::cards::{CARD, CardRow, JOINS, push_filter},
    pipelines, today,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    deals::{DealCard, DealFilter},
    forecast::{self, Forecast, LATER, MONTHS, PAST, Period, UNDATED},
};
use sqlx::{Postgres, QueryBuilder};

/// The greatest finite date of Postgres; `infinity` sorts after it.
const LAST_DATE: &str = "5874897-12-31";
/// Cards of a period that come along.
const CARDS: i64 = 30;

type Sums = (String, i64, i64, i64, i64, i64, i64, i64);

/// Writes `from (…) d`: the deals that count, each with its period and whether its money counts.
fn push_deals(query: &mut QueryBuilder<Postgres>, tx: &TenantTx, filter: &DealFilter, pipeline: domain::PipelineId, day: NaiveDate, zone: &str) {
    let (first, end) = (forecast::month(day, 0), forecast::month(day, MONTHS));
    query.push("from (select d.*, d.currency = ").push_bind(tx.actor.currency.code().to_owned()).push(" as home, case ");
    // Months are the person's, who may be a day ahead of another.
    query.push("when d.status = 'won' then to_char(d.closed_at at time zone ").push_bind(zone.to_owned()).push(", 'YYYY-MM') ");
    query.push(format!("when d.expected_close_date is null then '{UNDATED}' when d.expected_close_date < ")).push_bind(first);
    query.push(format!(" then '{PAST}' when d.expected_close_date >= ")).push_bind(end);
    query.push(format!(" then '{LATER}' else to_char(d.expected_close_date, 'YYYY-MM') end as period from deals d where d.workspace_id = "));
    query.push_bind(tx.workspace()).push(" and d.deleted_at is null and d.pipeline_id = ").push_bind(pipeline);
    query
        .push(" and (d.status = 'open' or (d.status = 'won' and d.closed_at >= (select ")
        .push_bind(first)
        .push("::date::timestamp at time zone ")
        .push_bind(zone.to_owned())
        .push(")))");
    push_filter(query, tx, filter);
    query.push(") d");
}

/// The forecast of `filter.pipeline`, or of the first pipeline, as of `now`.
///
/// # Errors
/// `NotFound`: the pipeline does not exist, or the workspace has none. `Database`.
pub async fn read(tx: &mut TenantTx, filter: &DealFilter, now: DateTime<Utc>) -> Result<Forecast, StoreError> {
    let pipelines = pipelines::list(tx).await?;
    let pipeline = match filter.pipeline {
        Some(id) => pipelines.iter().find(|p| p.id == id),
        None => pipelines.first(),
    }
    .map(|p| p.id)
    .ok_or(StoreError::NotFound)?;
    let (zone, day) = today::day_of(tx, now).await?;

    let mut sums = QueryBuilder::<Postgres>::new(
        "select d.period, count(*) filter (where d.status = 'open'), count(*) filter (where d.status = 'won'),
            whole(sum(d.value_minor) filter (where d.home and d.status = 'won')),
            whole(sum(case when d.status = 'won' then d.value_minor
                when d.value_minor >= 0 then (d.value_minor * d.probability + 50) / 100
                else -((49 - d.value_minor * d.probability) / 100) end) filter (where d.home)),
            whole(sum(d.value_minor) filter (where d.home)),
            count(*) filter (where d.value_minor is null), count(*) filter (where not d.home and d.value_minor is not null) ",
    );
    push_deals(&mut sums, tx, filter, pipeline, day, &zone);
    sums.push(" group by d.period");
    let sums: Vec<Sums> = sums.build_query_as().fetch_all(tx.conn()).await?;

    // A lateral join with a limit per period reads the index `deals_expected`, which sorts deals without a date last. CASE, not
    // COALESCE: Postgres treats COALESCE as leaky, and row-level security keeps leaky conditions out of an index scan.
    const EXPECTED: &str = "case when d.expected_close_date is null then 'infinity'::date else d.expected_close_date end";
    let bounds = |n: u32| (forecast::month(day, n), forecast::month(day, n + 1).pred_opt().unwrap_or_default());
    let mut periods: Vec<(String, String)> = (0..MONTHS).map(bounds).map(|(first, last)| (first.to_string(), last.to_string())).collect();
    periods.push(("-infinity".into(), forecast::month(day, 0).pred_opt().unwrap_or_default().to_string()));
    periods.push((forecast::month(day, MONTHS).to_string(), LAST_DATE.into()));
    periods.push(("infinity".into(), "infinity".into()));
    let (firsts, lasts): (Vec<String>, Vec<String>) = periods.into_iter().unzip();
    let mut cards = QueryBuilder::<Postgres>::new(CARD);
    cards.push("from (select f::date as first, l::date as last from unnest(").push_bind(firsts).push("::text[], ").push_bind(lasts);
    cards.push("::text[]) p (f, l)) p cross join lateral (select d.* from deals d where d.workspace_id = ").push_bind(tx.workspace());
    cards.push(" and d.deleted_at is null and d.status = 'open' and d.pipeline_id = ").push_bind(pipeline);
    cards.push(format!(" and {EXPECTED} between p.first and p.last"));
    push_filter(&mut cards, tx, filter);
    cards.push(format!(" order by {EXPECTED}, d.rank, d.id limit {CARDS}) d {JOINS} order by {EXPECTED}, d.rank, d.id"));
    let cards: Vec<CardRow> = cards.build_query_as().fetch_all(tx.conn()).await?;
    let mut cards: Vec<DealCard> = cards.into_iter().map(Into::into).collect();

    let periods = forecast::periods(day)
        .into_iter()
        .map(|period| {
            let own = cards.extract_if(.., |c| forecast::period_of(c.expected_close_date, day) == period).collect();
            let sum = sums.iter().find(|s| s.0 == period);
            let (_, open, won, won_minor, weighted_minor, best_minor, without_value, other_currencies) = sum.cloned().unwrap_or_default();
            Period { period, open, won, won_minor, weighted_minor, best_minor, without_value, other_currencies, cards: own }
        })
        .collect();
    Ok(Forecast { pipeline, pipelines: pipelines.iter().map(|p| (p.id, p.name.clone())).collect(), currency: tx.actor.currency, day, periods })
}
