//! Reading deals: the board, its columns, the list, a deal's history of stages.

pub(crate) mod cards;
pub(crate) mod moves;
pub(crate) mod stage_history;

use crate::{
    StoreError, TenantTx,
    deals::cards::{CARD, CardRow, JOINS, push_filter},
    deals::moves::To,
    door::apply::{Apply, Context},
    door::change::Change,
    errors::page_mark,
    groups, pipelines,
    records::page::{self, RecordPage},
};
use chrono::{DateTime, Utc};
use domain::{
    CompanyId, ContactId, Cursor, DealCommand, DealId, DealInternal, EntityKind, Page, StageId,
    deals::{Board, Column, DealCard, DealFilter, OpenSum, RelatedDeals, StageChange},
    pipelines::Pipeline,
};
use sqlx::{Postgres, QueryBuilder};

/// Page size of a column: cards per column of the board in the API, and of each further page.
pub const COLUMN_CARDS: i64 = 50;

/// The board of `filter.pipeline`, or of the first pipeline, as of `now`, with the first `per_column` cards of each column.
///
/// # Errors
/// `NotFound`: the pipeline does not exist, or the workspace has none. `Database`.
pub async fn board(tx: &mut TenantTx, filter: &DealFilter, now: DateTime<Utc>, position: i64, per_column: i64) -> Result<Board, StoreError> {
    let pipelines = pipelines::list(tx).await?;
    let pipeline = match filter.pipeline {
        Some(id) => pipelines.iter().find(|p| p.id == id),
        None => pipelines.first(),
    }
    .cloned()
    .ok_or(StoreError::NotFound)?;

    let home = tx.actor.currency;
    let mut sums = QueryBuilder::<Postgres>::new(
        "select d.stage_id, count(*), count(*) filter (where d.value_minor is null), count(*) filter (where not d.home and d.value_minor is not null),
            whole(sum(d.value_minor) filter (where d.home)),
            whole(sum(case when d.value_minor >= 0 then (d.value_minor * d.probability + 50) / 100
                else -((49 - d.value_minor * d.probability) / 100) end) filter (where d.home))
         from (select d.*, d.currency = ",
    );
    sums.push_bind(home.code().to_owned()).push(" as home from deals d where d.workspace_id = ");
    sums.push_bind(tx.workspace()).push(" and d.deleted_at is null and d.pipeline_id = ").push_bind(pipeline.id);
    push_filter(&mut sums, tx, filter);
    sums.push(") d");
    sums.push(" group by d.stage_id");
    let sums: Vec<(StageId, i64, i64, i64, i64, i64)> = sums.build_query_as().fetch_all(tx.conn()).await?;

    let mut cards = QueryBuilder::<Postgres>::new(CARD);
    cards.push("from unnest(").push_bind(pipeline.stages.iter().map(|s| s.id.0).collect::<Vec<_>>());
    cards.push("::uuid[]) as s (id) cross join lateral (select * from deals d where d.workspace_id = ").push_bind(tx.workspace());
    cards.push(" and d.stage_id = s.id and d.deleted_at is null");
    push_filter(&mut cards, tx, filter);
    cards.push(format!(" order by d.rank limit {}) d ", per_column + 1)).push(JOINS).push(" order by d.rank");
    let cards: Vec<CardRow> = cards.build_query_as().fetch_all(tx.conn()).await?;

    let mut cards: Vec<DealCard> = cards.into_iter().map(Into::into).collect();
    let columns = pipeline
        .stages
        .iter()
        .map(|stage| {
            let own: Vec<DealCard> = cards.extract_if(.., |c| c.stage_id == stage.id).collect();
            let page = Page::cut(own, per_column as usize, card_cursor);
            let sum = sums.iter().find(|s| s.0 == stage.id);
            Column {
                stage_id: stage.id,
                count: sum.map_or(0, |s| s.1),
                without_value: sum.map_or(0, |s| s.2),
                other_currencies: sum.map_or(0, |s| s.3),
                value_minor: sum.map_or(0, |s| s.4),
                weighted_minor: sum.map_or(0, |s| s.5),
                cards: page.items,
                next: page.next,
            }
        })
        .collect();
    Ok(Board { pipelines: pipelines.iter().map(|p| (p.id, p.name.clone())).collect(), pipeline, currency: home, columns, now, position })
}

fn card_cursor(card: &DealCard) -> Cursor {
    Cursor { key: card.rank.clone(), id: card.id.0 }
}

/// The next [`COLUMN_CARDS`] cards of one column, after a cursor.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn column(tx: &mut TenantTx, stage: StageId, filter: &DealFilter, after: &Cursor) -> Result<Page<DealCard>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(CARD);
    query.push(" from deals d ").push(JOINS).push(" where d.workspace_id = ").push_bind(tx.workspace());
    query.push(" and d.stage_id = ").push_bind(stage).push(" and d.deleted_at is null and d.rank > ").push_bind(after.key.clone());
    push_filter(&mut query, tx, filter);
    query.push(format!(" order by d.rank limit {}", COLUMN_CARDS + 1));
    let rows: Vec<CardRow> = query.build_query_as().fetch_all(tx.conn()).await?;
    Ok(Page::cut(rows.into_iter().map(Into::into).collect(), COLUMN_CARDS as usize, card_cursor))
}

/// Cards by id, in no order, without those that the actor cannot see.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn cards(tx: &mut TenantTx, ids: &[DealId]) -> Result<Vec<DealCard>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(CARD);
    query.push(" from deals d ").push(JOINS).push(" where d.workspace_id = ").push_bind(tx.workspace());
    query.push(" and d.deleted_at is null and d.id = any(").push_bind(ids.iter().map(|i| i.0).collect::<Vec<_>>()).push(")");
    let rows: Vec<CardRow> = query.build_query_as().fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Most deals shown with a company or a person.
const DEALS_OF: usize = 50;

/// Deals of a company, or of a contact, at most 50: open ones first, then newest first.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn deals_of(tx: &mut TenantTx, company: Option<CompanyId>, contact: Option<ContactId>) -> Result<Vec<DealCard>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(CARD);
    query.push(" from deals d ").push(JOINS).push(" where d.workspace_id = ").push_bind(tx.workspace()).push(" and d.deleted_at is null");
    if let Some(company) = company {
        query.push(" and d.company_id = ").push_bind(company);
    }
    if let Some(contact) = contact {
        query.push(" and d.id in (select deal_id from deal_contacts where workspace_id = ").push_bind(tx.workspace());
        query.push(" and contact_id = ").push_bind(contact).push(")");
    }
    query.push(" order by d.status = 'open' desc, d.opened_at desc, d.id limit ").push(DEALS_OF);
    let rows: Vec<CardRow> = query.build_query_as().fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Sum of all open deals of a company or a contact, in minor units of the workspace's currency; amounts in others are counted.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn open_sum(tx: &mut TenantTx, company: Option<CompanyId>, contact: Option<ContactId>) -> Result<OpenSum, StoreError> {
    let (value_minor, other_currencies): (i64, i64) = sqlx::query_as(
        "select whole(sum(value_minor) filter (where currency = $4)), count(value_minor) filter (where currency <> $4)
         from deals where workspace_id = $1 and deleted_at is null and status = 'open' and ($2::uuid is null or company_id = $2)
            and ($3::uuid is null or id in (select deal_id from deal_contacts where workspace_id = $1 and contact_id = $3))",
    )
    .bind(tx.workspace())
    .bind(company)
    .bind(contact)
    .bind(tx.actor.currency.code().to_owned())
    .fetch_one(tx.conn())
    .await?;
    Ok(OpenSum { value_minor, other_currencies })
}

/// Deals on the page of a company or a contact.
pub(crate) async fn related(tx: &mut TenantTx, company: Option<CompanyId>, contact: Option<ContactId>) -> Result<RelatedDeals, StoreError> {
    let stages = pipelines::list(tx).await?.into_iter().flat_map(|p| p.stages).map(|s| (s.id, s.name)).collect();
    let deals = deals_of(tx, company, contact).await?;
    let open_sum = if deals.len() >= DEALS_OF { Some(open_sum(tx, company, contact).await?) } else { None };
    Ok(RelatedDeals { deals, open_sum, stages })
}

/// Data of a deal's page.
#[derive(Debug)]
pub struct DealPage {
    pub page: RecordPage,
    /// How it came to its stage, oldest first.
    pub history: Vec<StageChange>,
    /// The pipeline it is in, unless that was deleted.
    pub pipeline: Option<Pipeline>,
}

/// Reads a deal's page: the shared data, the stage history and the pipeline.
///
/// # Errors
/// `NotFound`: the record does not exist or the actor cannot see it. `Database`.
pub async fn page(tx: &mut TenantTx, id: DealId) -> Result<DealPage, StoreError> {
    let page = page::read(tx, EntityKind::Deal, id.0).await?;
    let history = stage_history(tx, id).await?;
    let wanted = page.record.text("pipelineId");
    let pipeline = pipelines::list(tx).await?.into_iter().find(|p| p.id.to_string() == wanted);
    Ok(DealPage { page, history, pipeline })
}

/// Sort orders of the deal list: name in the URL, expression, type to read the cursor back, direction.
const SORTS: &[(&str, &str, &str, &str)] = &[
    // Stage by stage, in the order of the board; a rank is unique in its stage.
    (
        "stage",
        "(to_char((select s.position from stages s where s.workspace_id = d.workspace_id and s.id = d.stage_id), 'FM000000') || d.rank) collate \"C\"",
        "text collate \"C\"",
        "asc",
    ),
    ("-opened", "d.opened_at", "timestamptz", "desc"),
    ("opened", "d.opened_at", "timestamptz", "asc"),
    // CASE, not COALESCE: Postgres treats COALESCE as leaky, and row-level security keeps leaky conditions out of an index scan.
    ("-value", "case when d.value_minor is null then -1 else d.value_minor end", "bigint", "desc"),
    ("value", "case when d.value_minor is null then -1 else d.value_minor end", "bigint", "asc"),
    ("title", "d.title_key", "text", "asc"),
    ("-title", "d.title_key", "text", "desc"),
    ("close", "case when d.closes_on is null then 'infinity'::date else d.closes_on end", "date", "asc"),
    ("-close", "case when d.closes_on is null then '-infinity'::date else d.closes_on end", "date", "desc"),
];

/// Writes `stages s cross join lateral (select d.* from`. Each stage contributes at most one page from the index `deals_rank`,
/// starting at the cursor. Ordering all deals by position and rank would sort every deal.
fn push_stages(query: &mut QueryBuilder<Postgres>, tx: &TenantTx, after: Option<&Cursor>) {
    let (position, rank) = after.and_then(|a| a.key.split_at_checked(6)).unwrap_or(("0", ""));
    let position: i32 = position.parse().unwrap_or_default();
    query.push("(select id, case when position = ").push_bind(position).push(" then ").push_bind(rank.to_owned());
    query.push(" else '' end collate \"C\" as after from stages where workspace_id = ").push_bind(tx.workspace());
    query.push(" and position >= ").push_bind(position).push(") s cross join lateral (select d.* from ");
}

/// Deals across stages, at most `limit`. `sort`: a sort order of the list, or `by:` and the key of a field for groups of that
/// field, by title in each. An unknown `sort` is the default: newest first.
///
/// # Errors
/// `Invalid`: `after` does not fit the sort order. `Database`.
pub async fn list(tx: &mut TenantTx, filter: &DealFilter, sort: &str, after: Option<&Cursor>, limit: i64) -> Result<Page<DealCard>, StoreError> {
    let grouped = sort.strip_prefix("by:").and_then(|key| domain::groups::field(EntityKind::Deal, key));
    let (code, by, kind, direction) = SORTS.iter().find(|s| s.0 == sort).unwrap_or(&SORTS[1]);
    let own = grouped.map(|spec| groups::order(spec, "d", "title"));
    let (by, kind, direction) = own.as_deref().map_or((*by, *kind, *direction), |own| (own, "text collate \"C\"", "asc"));
    let group = groups::columns(grouped, "d");
    let mut query = QueryBuilder::<Postgres>::new(CARD);
    query.push(format!(", {group}, ({by})::text as sort_key from (select d.* from "));
    let staged = own.is_none() && *code == SORTS[0].0;
    if staged {
        push_stages(&mut query, tx, after);
    }
    query.push("deals d where d.workspace_id = ").push_bind(tx.workspace()).push(" and d.deleted_at is null");
    if let Some(pipeline) = filter.pipeline {
        query.push(" and d.pipeline_id = ").push_bind(pipeline);
    }
    push_filter(&mut query, tx, filter);
    if let Some(after) = after {
        let compare = if direction == "desc" { "<" } else { ">" };
        query.push(format!(" and ({by}, d.id) {compare} (")).push_bind(after.key.clone());
        query.push(format!("::text::{kind}, ")).push_bind(after.id).push(")");
    }
    if staged {
        query.push(format!(" and d.stage_id = s.id and d.rank >= s.after order by d.rank limit {}) d", limit + 1));
    }
    query.push(format!(" order by {by} {direction}, d.id {direction} limit {}) d ", limit + 1)).push(JOINS);
    query.push(format!(" order by {by} {direction}, d.id {direction}"));
    #[derive(sqlx::FromRow)]
    struct Sorted {
        #[sqlx(flatten)]
        card: CardRow,
        sort_key: String,
        group_key: Option<String>,
        group_name: Option<String>,
    }
    let rows: Vec<Sorted> = query.build_query_as().fetch_all(tx.conn()).await.map_err(page_mark)?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: r.sort_key.clone(), id: r.card.id.0 });
    Ok(Page {
        items: page.items.into_iter().map(|r| DealCard { group: groups::of_row(r.group_key, r.group_name), ..r.card.into() }).collect(),
        next: page.next,
    })
}

/// The stages that a deal passed through, oldest first, at most 500 (DST-01).
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn stage_history(tx: &mut TenantTx, deal: DealId) -> Result<Vec<StageChange>, StoreError> {
    let rows: Vec<(i32, Option<String>, String, Option<String>, Option<String>, DateTime<Utc>)> = sqlx::query_as(
        "select h.seq, f.name, t.name, m.name, h.reason, h.occurred_at
         from deal_stage_history h
         join deals d on d.workspace_id = h.workspace_id and d.id = h.deal_id
         left join stages f on f.workspace_id = h.workspace_id and f.id = h.from_stage_id
         join stages t on t.workspace_id = h.workspace_id and t.id = h.to_stage_id
         left join members m on m.workspace_id = h.workspace_id and m.id = h.member_id
         where h.workspace_id = $1 and h.deal_id = $2 order by h.seq limit 500",
    )
    .bind(tx.workspace())
    .bind(deal)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|(seq, from_stage, to_stage, moved_by, reason, occurred_at)| StageChange { seq, from_stage, to_stage, moved_by, reason, occurred_at })
        .collect())
}

impl Apply for DealCommand {
    async fn apply(&self, tx: &mut TenantTx, context: &mut Context) -> Result<Change, StoreError> {
        let Self::MoveDeal { deal, stage, place, reason } = self;
        moves::move_deal(tx, *deal, *stage, To::Place(place), reason.as_deref(), context.base).await
    }
}

impl Apply for DealInternal {
    async fn apply(&self, tx: &mut TenantTx, context: &mut Context) -> Result<Change, StoreError> {
        let Self::MoveBack { deal, stage, place, .. } = self;
        moves::move_deal(tx, *deal, *stage, To::Back(place), None, context.base).await
    }
}
