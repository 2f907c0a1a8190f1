//! Figures of a workspace: one statement per figure group (SPEC §4.5, §6.2).

use crate::{
    StoreError, TenantTx,
    visibility::{EVENT_SEEN, PARTICULAR},
};
use domain::analytics::{ActivityFigures, Analytics, AnalyticsFilter, Bar, ContactFigures, SalesFigures, percent, round2};
use uuid::Uuid;

/// Deals of the asked owner.
const OWN: &str = "deleted_at is null and ($2::uuid is null or owner_id = $2)";
/// … that were closed in the asked period. Uncorrelated subqueries become InitPlans and are evaluated once; a stable expression in a
/// filter is evaluated per row, and each time zone conversion takes a microsecond.
const CLOSED: &str = "($3::date is null or closed_at >= (select $3::timestamp at time zone my_time_zone())) and ($4::date is null or closed_at < (select ($4 + 1)::timestamp at time zone my_time_zone()))";
/// … that were opened in it.
const OPENED: &str = "($3::date is null or opened_at >= (select $3::timestamp at time zone my_time_zone())) and ($4::date is null or opened_at < (select ($4 + 1)::timestamp at time zone my_time_zone()))";

/// Lower UUIDv7 bounds of the event ids of the last 7 and the last 30 days.
const WEEK: &str = "(select uuid_at(now() - interval '7 days'))";
const MONTH: &str = "(select uuid_at(now() - interval '30 days'))";

macro_rules! asked {
    ($tx:expr, $filter:expr, $text:expr) => {
        sqlx::query_as(sqlx::AssertSqlSafe($text)).bind($tx.workspace()).bind($filter.owner).bind($filter.from).bind($filter.to)
    };
}

#[derive(sqlx::FromRow)]
struct SalesRow {
    total: i64,
    open: i64,
    won: i64,
    lost: i64,
    won_minor: i64,
    won_valued: i64,
    won_others: i64,
    cycle: Option<f64>,
    open_minor: i64,
    weighted_minor: i64,
    open_without_value: i64,
    open_others: i64,
}

/// The figures of sales, which analytics, dashboard and the period before share; amounts in major units of the workspace's
/// currency.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn sales(tx: &mut TenantTx, filter: &AnalyticsFilter) -> Result<SalesFigures, StoreError> {
    let currency = tx.actor.currency;
    let unit = 10f64.powi(currency.digits() as i32);
    // One scan of the deals. The sales cycle is the time from opening to closing of won deals; lost deals close at the
    // customer's initiative and say nothing about the sales pace.
    let row: SalesRow = asked!(
        tx,
        filter,
        format!(
            "select count(*) filter (where {OPENED}) as total, count(*) filter (where status = 'open') as open,
                count(*) filter (where won) as won, count(*) filter (where status = 'lost' and {CLOSED}) as lost,
                whole(sum(value_minor) filter (where won and home)) as won_minor,
                count(value_minor) filter (where won and home) as won_valued, count(value_minor) filter (where won and not home) as won_others,
                (avg(extract(epoch from closed_at - opened_at)) filter (where won) / 86400)::float8 as cycle,
                whole(sum(value_minor) filter (where status = 'open' and home)) as open_minor,
                whole(sum(round(value_minor::numeric * probability / 100)) filter (where status = 'open' and home)) as weighted_minor,
                count(*) filter (where status = 'open' and value_minor is null) as open_without_value,
                count(value_minor) filter (where status = 'open' and not home) as open_others
             from (select *, currency = $5 as home, status = 'won' and {CLOSED} as won from deals where workspace_id = $1 and {OWN}) d"
        )
    )
    .bind(currency.code())
    .fetch_one(tx.conn())
    .await?;
    let SalesRow { total, open, won, lost, won_minor, won_valued, won_others, cycle, open_minor, weighted_minor, open_without_value, open_others } =
        row;
    let average = if won_valued == 0 { 0.0 } else { won_minor as f64 / won_valued as f64 / unit };
    Ok(SalesFigures {
        total_deals: total,
        open_deals: open,
        won_deals: won,
        lost_deals: lost,
        won_value: won_minor as f64 / unit,
        win_rate: percent(won, won + lost),
        average_deal_size: round2(average),
        sales_cycle: round2(cycle.unwrap_or(0.0)),
        open_value: open_minor as f64 / unit,
        weighted_open_value: weighted_minor as f64 / unit,
        open_without_value,
        open_in_other_currencies: open_others,
        won_in_other_currencies: won_others,
    })
}

/// Everything the analytics page and `GET /api/v1/analytics` show.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn analytics(tx: &mut TenantTx, filter: &AnalyticsFilter) -> Result<Analytics, StoreError> {
    let currency = tx.actor.currency;
    let figures = sales(tx, filter).await?;
    let previous = match filter.before() {
        Some(before) => Some(sales(tx, &before).await?),
        None => None,
    };
    Ok(Analytics {
        currency: currency.code().into(),
        sales: figures,
        previous,
        contacts: contacts(tx).await?,
        activities: activities(tx).await?,
        funnel: funnel(tx, filter).await?,
        won_by_month: won_by_month(tx, filter, currency.code()).await?,
        won_by_agent: won_by_agent(tx, filter, currency.code()).await?,
    })
}

/// People and companies (SPEC §6.2): how many, how many new, and how many were contacted in the last 30 days. One index-only scan
/// (`contacts_counts`).
pub(crate) async fn contacts(tx: &mut TenantTx) -> Result<ContactFigures, StoreError> {
    let (total, companies, recent, month, engaged): (i64, i64, i64, i64, i64) = sqlx::query_as(
        "select count(*), (select count(*) from companies where workspace_id = $1 and deleted_at is null),
            count(*) filter (where created_at > (select now() - interval '30 days')),
            count(*) filter (where created_at >= (select date_trunc('month', now() at time zone my_time_zone()) at time zone my_time_zone())),
            count(*) filter (where last_contacted > (select now() - interval '30 days'))
         from contacts where workspace_id = $1 and deleted_at is null",
    )
    .bind(tx.workspace())
    .fetch_one(tx.conn())
    .await?;
    Ok(ContactFigures {
        total_contacts: total,
        total_companies: companies,
        new_contacts_30_days: recent,
        new_this_month: month,
        engagement_rate: percent(engaged, total),
    })
}

/// What was done and is to be done (SPEC §6.2).
pub(crate) async fn activities(tx: &mut TenantTx) -> Result<ActivityFigures, StoreError> {
    // `events_about_seen` counts by an index-only scan. Particular events that the member may not see are subtracted.
    let text = format!(
        "select e.in_week - p.week, e.in_month - p.month,
            (select count(*) from deal_stage_history h join deals d on d.workspace_id = h.workspace_id and d.id = h.deal_id where h.workspace_id = $1
                and h.occurred_at > now() - interval '30 days' and h.seq > 1 and not h.undoes
                and not exists (select from events e where e.workspace_id = h.workspace_id and e.id = h.event_id and e.undone_by is not null)),
            (select count(*) from interactions where workspace_id = $1 and deleted_at is null and status = 'done' and occurred_at > now() - interval '7 days' and occurred_at <= now()),
            (select count(*) from tasks where workspace_id = $1 and deleted_at is null and completed_at > now() - interval '7 days'),
            (select count(*) from contacts where workspace_id = $1 and deleted_at is null and next_follow_up <= (select (now() at time zone my_time_zone())::date))
              + (select count(*) from interactions where workspace_id = $1 and deleted_at is null and follow_up_required and follow_up_date <= (select (now() at time zone my_time_zone())::date))
         from events_about_seen({WEEK}, {MONTH}) e,
            (select count(*) filter (where e.id >= {WEEK}) as week, count(*) as month from events e
                where e.workspace_id = $1 and e.id >= {MONTH} and {PARTICULAR} and not {EVENT_SEEN}) p",
        EVENT_SEEN = *EVENT_SEEN
    );
    let a: (i64, i64, i64, i64, i64, i64) = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).fetch_one(tx.conn()).await?;
    Ok(ActivityFigures {
        events_7_days: a.0,
        events_30_days: a.1,
        stage_moves_30_days: a.2,
        interactions_this_week: a.3,
        tasks_completed: a.4,
        follow_ups_due: a.5,
    })
}

fn bars(rows: Vec<(String, i64, i64, Option<Uuid>)>) -> Vec<Bar> {
    rows.into_iter().map(|(label, count, value_minor, id)| Bar { label, count, value_minor, id }).collect()
}

/// Deals that stand in a stage of the first pipeline or went through it to a later open or won one.
async fn funnel(tx: &mut TenantTx, filter: &AnalyticsFilter) -> Result<Vec<Bar>, StoreError> {
    let rows = asked!(
        tx,
        filter,
        format!(
            "with first as (select id from pipelines where workspace_id = $1 and deleted_at is null order by created_at, id limit 1),
         own as (select id from deals where workspace_id = $1 and {OWN} and {OPENED}),
         -- Materialized: a subquery of a single reference is inlined, and would run once per stage.
         reached as materialized (
            select max(s.position) as furthest
            from own d join deal_stage_history h on h.workspace_id = $1 and h.deal_id = d.id
            join stages s on s.workspace_id = h.workspace_id and s.id = h.to_stage_id and s.outcome <> 'lost'
            where s.pipeline_id = (select id from first) group by d.id
         )
         select s.name, (select count(*) from reached r where r.furthest >= s.position), 0::bigint, s.id
         from stages s where s.workspace_id = $1 and s.pipeline_id = (select id from first) and s.outcome <> 'lost' and s.deleted_at is null
         order by s.position"
        )
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(bars(rows))
}

pub(crate) async fn won_by_month(tx: &mut TenantTx, filter: &AnalyticsFilter, currency: &str) -> Result<Vec<Bar>, StoreError> {
    let rows: Vec<(String, i64, i64, Option<Uuid>)> = asked!(
        tx,
        filter,
        format!(
            "select to_char(month, 'YYYY-MM'), n, won, null::uuid from (
                select date_trunc('month', closed_at at time zone (select my_time_zone())) as month, count(*) as n,
                    whole(sum(value_minor) filter (where currency = $5)) as won
                from deals where workspace_id = $1 and {OWN} and {CLOSED} and status = 'won' group by 1
             ) m order by month desc limit 24"
        )
    )
    .bind(currency)
    .fetch_all(tx.conn())
    .await?;
    Ok(bars(rows.into_iter().rev().collect()))
}

async fn won_by_agent(tx: &mut TenantTx, filter: &AnalyticsFilter, currency: &str) -> Result<Vec<Bar>, StoreError> {
    let rows = asked!(
        tx,
        filter,
        format!(
            "select coalesce(m.name, 'Nobody'), d.n, d.won, m.id
             from (select owner_id, count(*) as n, whole(sum(value_minor) filter (where currency = $5)) as won
                from deals where workspace_id = $1 and {OWN} and {CLOSED} and status = 'won' group by owner_id) d
             left join members m on m.workspace_id = $1 and m.id = d.owner_id
             order by d.won desc, 1 limit 40"
        )
    )
    .bind(currency)
    .fetch_all(tx.conn())
    .await?;
    Ok(bars(rows))
}
