//! Where deals stand: new ones, moves within and between stages, closing and reopening (SPEC §2.9, PIP-05).

use crate::{
    Conflict, StoreError, TenantTx, bypass,
    deals::stage_history::Step,
    door::change::{Audience, Change},
    door::overlap,
    records::hook::Hooks,
    records::rows::{NewRow, Row},
    searched::Searched,
};
use chrono::{DateTime, Utc};
use domain::{
    Currency, DealId, DealInternal, EntityKind, EventId, Invalid, MemberId, PipelineId, StageId,
    deals::{Place, Was},
    fields::{Assignment, FieldValue},
    rank,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

const SEARCHED: Searched =
    Searched { by: "lower(title)", about: "(select s.name from stages s where s.workspace_id = $1 and s.id = t.stage_id)", also: "" };

pub(crate) struct Deals;

impl Hooks for Deals {
    const SEARCHED: Option<&'static Searched> = Some(&SEARCHED);

    async fn start(tx: &mut TenantTx, set: &[Assignment], row: &mut NewRow) -> Result<(), StoreError> {
        enter_first(tx, set, row).await
    }

    /// A probability set by hand no longer follows the stage.
    fn edit(set: &[Assignment], columns: &mut Row) {
        if set.iter().any(|a| a.spec.key == "probability") {
            columns.insert("probability_is_manual".into(), true.into());
        }
    }

    async fn restore(tx: &mut TenantTx, id: Uuid, row: &Row) -> Result<Row, StoreError> {
        refuse_without_stage(tx, &[id]).await?;
        let rank = free_rank(tx, id, row).await?;
        Ok([("rank".to_owned(), rank.into())].into_iter().collect())
    }
}

/// Puts a new deal at the top of its stage.
async fn enter_first(tx: &mut TenantTx, set: &[Assignment], row: &mut NewRow) -> Result<(), StoreError> {
    let wanted = set.iter().find(|a| a.spec.key == "stageId").and_then(|a| match a.value {
        FieldValue::Id(id) => Some(id),
        _ => None,
    });
    let manual = set.iter().find(|a| a.spec.key == "probability").and_then(|a| match a.value {
        FieldValue::Int(n) => i32::try_from(n).ok(),
        _ => None,
    });
    // Without a stage: the first of the oldest pipeline. The rank of the top card comes along.
    let found: Option<(PipelineId, StageId, i32, String, Option<String>, DateTime<Utc>, String, Vec<String>)> = sqlx::query_as(
        "select s.pipeline_id, s.id, s.probability, s.outcome,
            (select min(d.rank) from deals d where d.workspace_id = $1 and d.stage_id = s.id and d.deleted_at is null), now(),
            s.name, coalesce(s.required_fields, '{}')
         from stages s join pipelines p on p.workspace_id = s.workspace_id and p.id = s.pipeline_id and p.deleted_at is null
         where s.workspace_id = $1 and s.deleted_at is null and ($2::uuid is null or s.id = $2)
         order by p.created_at, s.position limit 1
         -- Nobody takes it away meanwhile; where somebody just did, it is looked at again.
         for share of s",
    )
    .bind(tx.workspace())
    .bind(wanted)
    .fetch_optional(tx.conn())
    .await?;
    let (pipeline, stage, probability, status, top, now, name, needed) =
        found.ok_or_else(|| Invalid::one("stageId", "not_found", "Stage was not found"))?;
    // The owner comes by itself where none is given.
    let given = |key: &str| {
        key == "ownerId" || set.iter().any(|a| a.spec.key == key && !matches!(&a.value, FieldValue::Null) && a.value != FieldValue::Ids(Vec::new()))
    };
    let missing: Vec<String> = needed.into_iter().filter(|key| !given(key)).collect();
    lacking(&missing, &name)?;
    row.set("pipeline_id", json!(pipeline));
    row.set("stage_id", json!(stage));
    row.set("probability", manual.unwrap_or(probability));
    row.set("probability_is_manual", manual.is_some());
    row.set("status", status.as_str());
    row.set("rank", rank::salted(&rank::between(None, top.as_deref()), rand::random()));
    row.set("opened_at", json!(now));
    row.set("stage_since", json!(now));
    row.set("closed_at", json!((status != "open").then_some(now)));
    row.steps.push(Step { stage: stage.0, member: json!(tx.actor.member), reason: None, at: now });
    Ok(())
}

/// The rank of a deal coming back from the bin: its old one if nobody took it, else the top of its stage.
/// Deals come back to a stage that is there: in one that was deleted meanwhile they would be on no board.
pub(crate) async fn refuse_without_stage(tx: &mut TenantTx, deals: &[Uuid]) -> Result<(), StoreError> {
    let gone: Option<String> = sqlx::query_scalar(
        "select case when p.deleted_at is null then s.name else p.name end from deals d
         join stages s on s.workspace_id = d.workspace_id and s.id = d.stage_id
         join pipelines p on p.workspace_id = d.workspace_id and p.id = d.pipeline_id
         where d.workspace_id = $1 and d.id = any($2) and (s.deleted_at is not null or p.deleted_at is not null) limit 1",
    )
    .bind(tx.workspace())
    .bind(deals)
    .fetch_optional(tx.conn())
    .await?;
    match gone {
        None => Ok(()),
        Some(name) => Err(Conflict::State(format!("{name}, where it was, is deleted. Bring that back first, from the feed.")).into()),
    }
}

pub(crate) async fn free_rank(tx: &mut TenantTx, id: Uuid, row: &Map<String, Value>) -> Result<String, StoreError> {
    let old = domain::records::plain(row.get("rank"));
    let stage: Option<Uuid> = row.get("stage_id").and_then(Value::as_str).and_then(|s| s.parse().ok());
    // The index is unique over all deals, private ones of other members included.
    let all = bypass::visibility(tx, true).await?;
    let (taken, top): (bool, Option<String>) = sqlx::query_as(
        "select exists (select from deals where workspace_id = $1 and stage_id = $2 and rank = $3 and deleted_at is null and id <> $4),
            (select min(rank) from deals where workspace_id = $1 and stage_id = $2 and deleted_at is null)",
    )
    .bind(tx.workspace())
    .bind(stage)
    .bind(&old)
    .bind(id)
    .fetch_one(tx.conn())
    .await?;
    bypass::visibility(tx, all).await?;
    Ok(if taken { rank::salted(&rank::between(None, top.as_deref()), rand::random()) } else { old })
}

#[derive(sqlx::FromRow)]
struct DealRow {
    version: i64,
    title: String,
    stage_id: StageId,
    stage_name: String,
    stage_seq: i32,
    rank: String,
    probability: i32,
    probability_is_manual: bool,
    status: String,
    closed_at: Option<DateTime<Utc>>,
    close_reason: Option<String>,
    visibility: String,
    owner_id: Option<MemberId>,
    value_minor: Option<i64>,
    currency: String,
    to_name: Option<String>,
    to_probability: Option<i32>,
    to_outcome: Option<String>,
    now: DateTime<Utc>,
    lacks: Vec<String>,
}

/// What a stage asks for and a deal has not.
fn lacking(keys: &[String], stage: &str) -> Result<(), Invalid> {
    let mut wrong = Invalid::default();
    // All of them in one sentence: nobody fills in one and is sent back for the next.
    let labels: Vec<&str> = keys.iter().map(|key| EntityKind::Deal.field(key).map_or(key.as_str(), |f| f.label)).collect();
    for key in keys {
        wrong.add(key, "needed_in_stage", format!("{stage} asks for {}", labels.join(", ")));
    }
    wrong.or(())
}

/// Where a deal goes: to a place that somebody chose, or back to where and how it was.
#[derive(Clone, Copy)]
pub(crate) enum To<'a> {
    Place(&'a Place),
    Back(&'a Was),
}

pub(crate) async fn move_deal(
    tx: &mut TenantTx,
    deal: DealId,
    stage: StageId,
    to: To<'_>,
    reason: Option<&str>,
    base: Option<i64>,
) -> Result<Change, StoreError> {
    let undoing = matches!(to, To::Back(_));
    let reason = reason.map(str::trim).filter(|r| !r.is_empty());
    if reason.is_some_and(|r| r.chars().count() > 500 || r.contains('\0')) {
        return Err(Invalid::one("reason", "too_long", "The reason takes at most 500 characters").into());
    }
    let row: Option<DealRow> = sqlx::query_as(
        // Locked first and joined afterwards: a join beside the lock would be checked again with the stage the deal was
        // in before the other writer moved it, and find nothing.
        "with d as materialized (
            select * from deals where workspace_id = $1 and id = $2 and deleted_at is null for no key update
         ), stays as materialized (
            select id from stages where workspace_id = $1 and id = $3 and deleted_at is null for share
         )
         select d.version, d.title, d.stage_id, f.name as stage_name, d.stage_seq, d.rank, d.probability, d.probability_is_manual,
            d.status, d.closed_at, d.close_reason, d.visibility, d.owner_id, d.value_minor, d.currency,
            t.name as to_name, t.probability as to_probability, t.outcome as to_outcome, now(),
            -- What the other stage asks for and the deal has not.
            array(select f from unnest(t.required_fields) f where t.id <> d.stage_id and case f
                when 'value' then d.value_minor is null when 'companyId' then d.company_id is null when 'ownerId' then d.owner_id is null
                when 'expectedCloseDate' then d.expected_close_date is null when 'nextAction' then d.next_action is null
                when 'source' then d.source is null
                when 'contactIds' then not exists (select from deal_contacts c where c.workspace_id = $1 and c.deal_id = d.id) end) as lacks
         from d
         join stages f on f.workspace_id = $1 and f.id = d.stage_id
         left join stages t on t.workspace_id = $1 and t.id in (select id from stays) and t.pipeline_id = d.pipeline_id and t.deleted_at is null",
    )
    .bind(tx.workspace())
    .bind(deal)
    .bind(stage)
    .fetch_optional(tx.conn())
    .await?;
    let now_is = row.ok_or(StoreError::NotFound)?;
    let (Some(to_name), Some(to_probability), Some(to_status)) = (&now_is.to_name, now_is.to_probability, &now_is.to_outcome) else {
        return Err(Invalid::one("stage", "not_found", "Stage was not found").into());
    };
    if let Some(base) = base {
        overlap::refuse_overlap(tx, EntityKind::Deal, deal.0, base, now_is.version, &["stage"]).await?;
    }
    // Taking a move back restores what was.
    if !undoing {
        lacking(&now_is.lacks, to_name)?;
    }
    let new_rank = find_rank(tx, deal, stage, to).await?;
    let leaves = now_is.stage_id != stage;
    let unchanged = !leaves && new_rank == now_is.rank;
    let at = now_is.now;
    let (probability, manual, closed_at, close_reason) = match to {
        To::Back(Was::Restore { probability, probability_is_manual, closed_at, close_reason, .. }) => {
            (*probability, *probability_is_manual, *closed_at, close_reason.clone())
        }
        _ if !leaves => (now_is.probability, now_is.probability_is_manual, now_is.closed_at, now_is.close_reason.clone()),
        _ if to_status == "open" => (to_probability, false, None, None),
        _ => (to_probability, false, Some(at), reason.map(str::to_owned)),
    };
    // A restored snapshot must not contradict the stage it goes to.
    let closed_at = if to_status == "open" { None } else { closed_at.or(Some(at)) };
    let event = EventId::new();
    let version = now_is.version + i64::from(!unchanged);
    if !unchanged {
        let (workspace, member) = (tx.workspace(), tx.actor.member);
        // One statement; the history row carries the gap-free sequence.
        sqlx::query(
            "with h as (
                insert into deal_stage_history (workspace_id, deal_id, seq, previous_seq, from_stage_id, to_stage_id, member_id, reason, event_id, undoes, occurred_at)
                select $1, $2, $3 + 1, $3, $4, $5, $6, $7, $8, $9, $10 where $4 <> $5
            )
            update deals set stage_id = $5, rank = $11, stage_seq = case when $4 <> $5 then $3 + 1 else $3 end,
                stage_since = case when $4 <> $5 then $10 else stage_since end,
                probability = $12, probability_is_manual = $13, status = $14, closed_at = $15,
                closed_by = case when $14 = 'open' then null when $4 <> $5 then $6 else closed_by end,
                close_reason = $16, version = version + 1, updated_at = now()
            where workspace_id = $1 and id = $2",
        )
        .bind(workspace)
        .bind(deal)
        .bind(now_is.stage_seq)
        .bind(now_is.stage_id)
        .bind(stage)
        .bind(member)
        .bind(reason)
        .bind(event)
        .bind(undoing)
        .bind(at)
        .bind(&new_rank)
        .bind(probability)
        .bind(manual)
        .bind(to_status)
        .bind(closed_at)
        .bind(&close_reason)
        .execute(tx.conn())
        .await?;
    }
    let mut changes = Map::new();
    changes.insert("stage".into(), json!({"before": now_is.stage_id, "after": stage, "beforeWords": now_is.stage_name, "afterWords": to_name}));
    if close_reason != now_is.close_reason {
        changes.insert("closeReason".into(), json!({"before": now_is.close_reason, "after": close_reason}));
    }
    if leaves && to_status == "won" {
        let currency = Currency::stored(&now_is.currency);
        let value = now_is.value_minor.map(|minor| domain::Money { minor, currency }.to_decimal());
        changes.insert("value".into(), json!({"before": value, "after": value}));
    }
    let verb = match (leaves, to_status.as_str(), now_is.status.as_str()) {
        (true, "won", _) => "won",
        (true, "lost", _) => "lost",
        (true, _, "won" | "lost") => "reopened",
        _ => "moved",
    };
    // Its owner hears of it when somebody else moves it on, not when it changes its place in a column.
    let to = now_is.owner_id.filter(|_| leaves).map(|owner| (owner, "deal_moved")).into_iter().collect();
    let notices = crate::door::change::Notices { to, owner: now_is.owner_id, visibility: now_is.visibility.clone() };
    let back = Was::Restore {
        rank: now_is.rank,
        probability: now_is.probability,
        probability_is_manual: now_is.probability_is_manual,
        closed_at: now_is.closed_at,
        close_reason: now_is.close_reason,
    };
    Ok(Change::of(EntityKind::Deal, deal.0, now_is.title, verb)
        .version(version)
        .changes(changes)
        .undone_by(DealInternal::MoveBack { deal, stage: now_is.stage_id, place: back, reason: () })
        .at_rank(Some(new_rank))
        .audience(Audience::at(&now_is.visibility, now_is.owner_id))
        .notifying(notices)
        .changed(!unchanged)
        .in_event(event))
}

/// The key for a place in a stage, as if the deal itself were not there.
async fn find_rank(tx: &mut TenantTx, deal: DealId, stage: StageId, to: To<'_>) -> Result<String, StoreError> {
    // Undo wants one exact key, and the index is unique over all deals, private ones of other members included. Other places
    // get a salted key, so only visible neighbours count.
    let all = match to {
        To::Back(_) => Some(bypass::visibility(tx, true).await?),
        To::Place(_) => None,
    };
    let rank = rank_for(tx, deal, stage, to).await?;
    if let Some(before) = all {
        bypass::visibility(tx, before).await?;
    }
    Ok(rank)
}

async fn rank_for(tx: &mut TenantTx, deal: DealId, stage: StageId, to: To<'_>) -> Result<String, StoreError> {
    let edge = |order: &str| {
        format!(
            "select {order}(rank) from deals where workspace_id = $1 and stage_id = $2 and id <> $3 and deleted_at is null and ($4::text is null or true)"
        )
    };
    let neighbour = |sql: String, bound: Option<String>| (sql, bound);
    let (sql, bound) = match to {
        To::Place(Place::Top) => neighbour(edge("min"), None),
        To::Place(Place::Bottom) => neighbour(edge("max"), None),
        To::Back(Was::Restore { rank, .. }) => neighbour(
            "select rank from deals where workspace_id = $1 and stage_id = $2 and id <> $3 and rank = $4 and deleted_at is null".into(),
            Some(rank.clone()),
        ),
        To::Place(Place::Before { deal: below }) => {
            let at: Option<String> =
                sqlx::query_scalar("select rank from deals where workspace_id = $1 and stage_id = $2 and id = $3 and deleted_at is null")
                    .bind(tx.workspace())
                    .bind(stage)
                    .bind(below)
                    .fetch_optional(tx.conn())
                    .await?;
            let Some(at) = at else {
                // The card it was dropped on has gone elsewhere meanwhile: the top is where a hand would look.
                return Box::pin(rank_for(tx, deal, stage, To::Place(&Place::Top))).await;
            };
            neighbour(
                "select max(rank) from deals where workspace_id = $1 and stage_id = $2 and id <> $3 and rank < $4 and deleted_at is null".into(),
                Some(at),
            )
        }
    };
    let found: Option<Option<String>> =
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(tx.workspace()).bind(stage).bind(deal).bind(&bound).fetch_optional(tx.conn()).await?;
    let found = found.flatten();
    // Two hands that drop on one place at the same moment would make the same key.
    let fresh = |low: Option<&str>, high: Option<&str>| rank::salted(&rank::between(low, high), rand::random());
    Ok(match to {
        To::Place(Place::Top) => fresh(None, found.as_deref()),
        To::Place(Place::Bottom) => fresh(found.as_deref(), None),
        To::Place(Place::Before { .. }) => fresh(found.as_deref(), bound.as_deref()),
        To::Back(Was::Restore { rank: old, .. }) => match found {
            None => old.clone(),
            // Somebody took the exact key: stand directly above them.
            Some(taken) => {
                let above: Option<String> = sqlx::query_scalar(
                    "select max(rank) from deals where workspace_id = $1 and stage_id = $2 and id <> $3 and rank < $4 and deleted_at is null",
                )
                .bind(tx.workspace())
                .bind(stage)
                .bind(deal)
                .bind(&taken)
                .fetch_one(tx.conn())
                .await?;
                fresh(above.as_deref(), Some(&taken))
            }
        },
    })
}
