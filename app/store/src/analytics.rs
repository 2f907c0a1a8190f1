//! Figures of a workspace: one statement per figure group (SPEC §4.5, §6.2).

use crate::{StoreError, TenantTx};
use domain::analytics::{ActivityFigures, Analytics, Bar, ContactFigures, SalesFigures, percent, round2};

/// Everything the analytics page and `GET /api/v1/analytics` show.
pub async fn analytics(tx: &mut TenantTx) -> Result<Analytics, StoreError> {
    let workspace = tx.workspace();
    let currency = tx.actor.currency;
    let unit = 10f64.powi(currency.digits() as i32);
    let (total, open, won, lost): (i64, i64, i64, i64) = sqlx::query_as(
        "select count(*), count(*) filter (where status = 'open'), count(*) filter (where status = 'won'), count(*) filter (where status = 'lost')
         from deals where workspace_id = $1 and deleted_at is null",
    )
    .bind(workspace)
    .fetch_one(tx.conn())
    .await?;
    let (won_minor, won_valued): (i64, i64) = sqlx::query_as(
        "select coalesce(sum(value_minor), 0)::bigint, count(value_minor)
         from deals where workspace_id = $1 and deleted_at is null and status = 'won' and currency = $2",
    )
    .bind(workspace)
    .bind(currency.code())
    .fetch_one(tx.conn())
    .await?;
    // Cycle: opened to closed of deals closed as won; lost ones end at the customer's whim, not at the sale's pace.
    let cycle: Option<f64> = sqlx::query_scalar(
        "select (avg(extract(epoch from closed_at - opened_at)) / 86400)::float8
         from deals where workspace_id = $1 and deleted_at is null and status = 'won'",
    )
    .bind(workspace)
    .fetch_one(tx.conn())
    .await?;
    let (open_minor, weighted_minor, open_without_value): (i64, i64, i64) = sqlx::query_as(
        "select coalesce(sum(value_minor), 0)::bigint, coalesce(sum(round(value_minor::numeric * probability / 100)), 0)::bigint,
            count(*) filter (where value_minor is null)
         from deals where workspace_id = $1 and deleted_at is null and status = 'open' and currency = $2",
    )
    .bind(workspace)
    .bind(currency.code())
    .fetch_one(tx.conn())
    .await?;
    let contacts: (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from contacts where workspace_id = $1 and deleted_at is null),
            (select count(*) from companies where workspace_id = $1 and deleted_at is null),
            (select count(*) from contacts where workspace_id = $1 and deleted_at is null and created_at > now() - interval '30 days')",
    )
    .bind(workspace)
    .fetch_one(tx.conn())
    .await?;
    let activities: (i64, i64, i64) = sqlx::query_as(
        "select (select count(*) from events where workspace_id = $1 and recorded_at > now() - interval '7 days'),
            (select count(*) from events where workspace_id = $1 and recorded_at > now() - interval '30 days'),
            (select count(*) from deal_stage_history h where workspace_id = $1 and occurred_at > now() - interval '30 days' and seq > 1 and not undoes
                and not exists (select from events e where e.workspace_id = h.workspace_id and e.id = h.event_id and e.undone_by is not null))",
    )
    .bind(workspace)
    .fetch_one(tx.conn())
    .await?;
    let average = if won_valued == 0 { 0.0 } else { won_minor as f64 / won_valued as f64 / unit };
    Ok(Analytics {
        currency: currency.code().into(),
        sales: SalesFigures {
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
        },
        contacts: ContactFigures { total_contacts: contacts.0, total_companies: contacts.1, new_contacts_30_days: contacts.2 },
        activities: ActivityFigures { events_7_days: activities.0, events_30_days: activities.1, stage_moves_30_days: activities.2 },
        funnel: funnel(tx).await?,
        won_by_month: won_by_month(tx, currency.code()).await?,
        won_by_agent: won_by_agent(tx, currency.code()).await?,
    })
}

fn bars(rows: Vec<(String, i64, i64)>) -> Vec<Bar> {
    rows.into_iter().map(|(label, count, value_minor)| Bar { label, count, value_minor }).collect()
}

/// Deals that stand in a stage of the first pipeline or went through it to a later open or won one.
async fn funnel(tx: &mut TenantTx) -> Result<Vec<Bar>, StoreError> {
    let rows = sqlx::query_as(
        "with first as (select id from pipelines where workspace_id = $1 and deleted_at is null order by created_at, id limit 1),
         reached as (
            select h.deal_id, max(s.position) as furthest
            from deal_stage_history h
            join deals d on d.workspace_id = h.workspace_id and d.id = h.deal_id and d.deleted_at is null
            join stages s on s.workspace_id = h.workspace_id and s.id = h.to_stage_id and s.outcome <> 'lost'
            where h.workspace_id = $1 and s.pipeline_id = (select id from first) group by h.deal_id
         )
         select s.name, (select count(*) from reached r where r.furthest >= s.position), 0::bigint
         from stages s where s.workspace_id = $1 and s.pipeline_id = (select id from first) and s.outcome <> 'lost' and s.deleted_at is null
         order by s.position",
    )
    .bind(tx.workspace())
    .fetch_all(tx.conn())
    .await?;
    Ok(bars(rows))
}

async fn won_by_month(tx: &mut TenantTx, currency: &str) -> Result<Vec<Bar>, StoreError> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "select to_char(closed_at at time zone 'UTC', 'YYYY-MM') as month, count(*), coalesce(sum(value_minor) filter (where currency = $2), 0)::bigint
         from deals where workspace_id = $1 and deleted_at is null and status = 'won' group by month order by month desc limit 24",
    )
    .bind(tx.workspace())
    .bind(currency)
    .fetch_all(tx.conn())
    .await?;
    Ok(bars(rows.into_iter().rev().collect()))
}

async fn won_by_agent(tx: &mut TenantTx, currency: &str) -> Result<Vec<Bar>, StoreError> {
    let rows = sqlx::query_as(
        "select coalesce(m.name, 'Nobody'), count(*), coalesce(sum(d.value_minor) filter (where d.currency = $2), 0)::bigint as won
         from deals d left join members m on m.workspace_id = d.workspace_id and m.id = d.owner_id
         where d.workspace_id = $1 and d.deleted_at is null and d.status = 'won' group by m.name order by won desc, 1 limit 40",
    )
    .bind(tx.workspace())
    .bind(currency)
    .fetch_all(tx.conn())
    .await?;
    Ok(bars(rows))
}
