//! What dashboards show: pipeline, forecast, the largest open deals, and figures against the period before.

use crate::{StoreError, TenantTx, activities, contacts, events, pipelines, reports::analytics, today};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    EntityKind,
    analytics::AnalyticsFilter,
    dashboard::{Dashboard, ForecastMonth, SalesBoard, StageSum, TopDeal},
};
use uuid::Uuid;

/// Months that a forecast looks ahead, the present one included.
const MONTHS: i32 = 6;
const EVENTS: i64 = 10;
const TASKS: i64 = 8;

/// The figures about deals, on the dashboard and in share links. `today`: the day in the actor's time zone.
///
/// # Errors
/// `NotFound`: the workspace has no pipeline. `Database`.
pub async fn sales_board(tx: &mut TenantTx, filter: &AnalyticsFilter, today: NaiveDate) -> Result<SalesBoard, StoreError> {
    let currency = tx.actor.currency;
    let pipeline = pipelines::list(tx).await?.into_iter().next().ok_or(StoreError::NotFound)?;
    let previous = match filter.before() {
        Some(before) => Some(analytics::sales(tx, &before).await?),
        None => None,
    };
    let stages: Vec<(Uuid, String, i64, i64, i64)> = sqlx::query_as(
        "select s.id, s.name, count(d.id), whole(sum(d.value_minor) filter (where d.currency = $3)),
            whole(sum(round(d.value_minor::numeric * d.probability / 100)) filter (where d.currency = $3))
         from stages s left join deals d on d.workspace_id = s.workspace_id and d.stage_id = s.id and d.deleted_at is null and ($4::uuid is null or d.owner_id = $4)
         where s.workspace_id = $1 and s.pipeline_id = $2 and s.deleted_at is null and s.outcome = 'open' group by s.id, s.name, s.position order by s.position",
    )
    .bind(tx.workspace())
    .bind(pipeline.id)
    .bind(currency.code())
    .bind(filter.owner)
    .fetch_all(tx.conn())
    .await?;
    let top: Vec<(Uuid, String, Option<String>, String, i64, i32)> = sqlx::query_as(
        "select d.id, d.title, c.name, s.name, d.value_minor, d.probability
         from (select * from deals where workspace_id = $1 and deleted_at is null and status = 'open' and value_minor is not null and currency = $2
            and ($3::uuid is null or owner_id = $3) order by value_minor desc, id limit 5) d
         join stages s on s.workspace_id = d.workspace_id and s.id = d.stage_id
         left join companies c on c.workspace_id = d.workspace_id and c.id = d.company_id and c.deleted_at is null
         order by d.value_minor desc, d.id",
    )
    .bind(tx.workspace())
    .bind(currency.code())
    .bind(filter.owner)
    .fetch_all(tx.conn())
    .await?;
    Ok(SalesBoard {
        currency: currency.code().into(),
        day: today,
        filter: *filter,
        sales: analytics::sales(tx, filter).await?,
        previous,
        pipeline: pipeline.name,
        pipeline_id: pipeline.id.0,
        stages: stages
            .into_iter()
            .map(|(id, name, count, value_minor, weighted_minor)| StageSum { id, name, count, value_minor, weighted_minor })
            .collect(),
        forecast: forecast(tx, filter, today).await?,
        won_by_month: analytics::won_by_month(tx, filter, currency.code()).await?,
        top_deals: top
            .into_iter()
            .map(|(id, title, company, stage, value_minor, probability)| TopDeal { id, title, company, stage, value_minor, probability })
            .collect(),
    })
}

/// Open deals by the month they are expected to close in; what is overdue or has no day stands first, under no month.
async fn forecast(tx: &mut TenantTx, filter: &AnalyticsFilter, today: NaiveDate) -> Result<Vec<ForecastMonth>, StoreError> {
    let currency = tx.actor.currency;
    let rows: Vec<(Option<NaiveDate>, i64, i64, i64)> = sqlx::query_as(
        "with months as (
            select null::date as month union all
            select (date_trunc('month', $2::date) + n * interval '1 month')::date from generate_series(0, $3 - 1) n
        ), sums as (
            select case when expected_close_date >= $2 then date_trunc('month', expected_close_date)::date end as month, count(*) as n,
                whole(sum(value_minor) filter (where currency = $4)) as value,
                whole(sum(round(value_minor::numeric * probability / 100)) filter (where currency = $4)) as weighted
            from deals where workspace_id = $1 and deleted_at is null and status = 'open' and ($5::uuid is null or owner_id = $5) group by 1
        )
        select m.month, coalesce(s.n, 0), coalesce(s.value, 0), coalesce(s.weighted, 0)
        from months m left join sums s on s.month is not distinct from m.month order by m.month nulls first",
    )
    .bind(tx.workspace())
    .bind(today)
    .bind(MONTHS)
    .bind(currency.code())
    .bind(filter.owner)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(month, count, value_minor, weighted_minor)| ForecastMonth { month, count, value_minor, weighted_minor }).collect())
}

/// Everything on the actor's dashboard, as of `now`.
///
/// # Errors
/// `NotFound`: the workspace has no pipeline. `Database`.
pub async fn dashboard(tx: &mut TenantTx, filter: &AnalyticsFilter, now: DateTime<Utc>) -> Result<Dashboard, StoreError> {
    let (_, day) = today::day_of(tx, now).await?;
    let board = sales_board(tx, filter, day).await?;
    let mine = activities::Linked { owner: Some(tx.actor.member), done: Some(false), ..Default::default() };
    // Most pressing first: what is due later comes after, and is cut off.
    let tasks = activities::list(tx, EntityKind::Task, &mine, None, TASKS).await?.items;
    let due = |due: String| due.parse::<NaiveDate>().is_ok_and(|d| d <= day);
    Ok(Dashboard {
        board,
        contacts: analytics::contacts(tx).await?,
        activities: analytics::activities(tx).await?,
        people_to_follow_up: contacts::follow_ups_due(tx).await?,
        tasks: tasks.into_iter().filter(|t| due(t.text("dueDate"))).collect(),
        recent: events::feed(tx, &Default::default(), None, EVENTS).await?.items,
        now,
    })
}
