//! Taking a stage away that deals stand in (SPEC C-40): they go into another stage with it, and come back with it.

use crate::{
    Conflict, StoreError, TenantTx, bypass,
    door::apply::{Apply, Context},
    door::change::Change,
    pipelines,
    records::hook::Hooks,
};
use domain::{
    EntityKind, EventId, Invalid, Inverse, PipelineCommand, PipelineId, PipelineInternal, StageId,
    fields::{Assignment, FieldValue},
    rank,
};
use serde_json::{Map, Value, json};

pub(crate) struct Stages;

impl Hooks for Stages {
    /// A new stage without a position goes behind the last open one, before those that close deals.
    async fn derive(tx: &mut TenantTx, new: bool, set: &mut Vec<Assignment>) -> Result<(), StoreError> {
        let value = |key: &str| set.iter().find(|a| a.spec.key == key).map(|a| &a.value).filter(|v| **v != FieldValue::Null);
        let (Some(FieldValue::Id(pipeline)), None, true) = (value("pipelineId"), value("position"), new) else { return Ok(()) };
        let last: Option<i64> = sqlx::query_scalar(
            "select max(position)::bigint from stages where workspace_id = $1 and pipeline_id = $2 and deleted_at is null and outcome = 'open'",
        )
        .bind(tx.workspace())
        .bind(pipeline)
        .fetch_one(tx.conn())
        .await?;
        if let (Some(position), Some(spec)) = (last, EntityKind::Stage.field("position")) {
            set.retain(|a| a.spec.key != "position");
            set.push(Assignment { spec, value: FieldValue::Int(position) });
        }
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: StageId,
    pipeline_id: PipelineId,
    name: String,
    probability: i32,
    outcome: String,
    version: i64,
    gone: bool,
}

/// Both stages, locked in the order of their ids: two replacings the other way round must not wait for each other.
async fn locked(tx: &mut TenantTx, stage: StageId, into: StageId) -> Result<(Row, Row), StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select id, pipeline_id, name, probability, outcome, version, deleted_at is not null as gone
         from stages where workspace_id = $1 and id = any($2) order by id for no key update",
    )
    .bind(tx.workspace())
    .bind(vec![stage.0, into.0])
    .fetch_all(tx.conn())
    .await?;
    let (mut first, mut second) = (None, None);
    for row in rows {
        if row.id == stage {
            first = Some(row);
        } else {
            second = Some(row);
        }
    }
    let second = second.filter(|s| !s.gone).ok_or_else(|| Invalid::one("into", "not_found", "Stage was not found"))?;
    Ok((first.ok_or(StoreError::NotFound)?, second))
}

/// Number of deals in each stage, as far as the actor sees them; stages without any are left out.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn counts(tx: &mut TenantTx) -> Result<Vec<(StageId, i64)>, StoreError> {
    let text = "select stage_id, count(*) from deals where workspace_id = $1 and deleted_at is null group by stage_id";
    Ok(sqlx::query_as(text).bind(tx.workspace()).fetch_all(tx.conn()).await?)
}

fn change(stage: Row, into: &Row, deals: i64, verb: &'static str, event: EventId, inverse: Inverse) -> Change {
    let mut changes = Map::new();
    changes.insert("into".into(), json!({"before": null, "after": into.id, "afterWords": into.name}));
    changes.insert("deals".into(), json!({"before": null, "after": deals}));
    Change::of(EntityKind::Stage, stage.id.0, stage.name, verb).version(stage.version + 1).changes(changes).undone_by(inverse).in_event(event)
}

/// What happens to each of the deals, as the event of a single move tells it.
fn moved(from: &Row, to: &Row) -> Value {
    json!({"stage": {"before": from.id, "after": to.id, "beforeWords": from.name, "afterWords": to.name}})
}

/// Moves the deals of `stage` below those of `into`, and deletes it. Deals that only somebody else may see go along: they
/// would be in no stage at all.
pub(crate) async fn replace(tx: &mut TenantTx, stage: StageId, into: StageId) -> Result<Change, StoreError> {
    let event = EventId::new();
    if stage == into {
        return Err(Invalid::one("into", "same", "Choose another stage for its deals").into());
    }
    let (old, new) = locked(tx, stage, into).await?;
    if old.gone {
        return Err(StoreError::NotFound);
    }
    if old.pipeline_id != new.pipeline_id || old.outcome != new.outcome {
        let words = "Its deals can go into a stage of the same pipeline and outcome only";
        return Err(Invalid::one("into", "another_kind", words).into());
    }
    let (workspace, member) = (tx.workspace(), tx.actor.member);
    let before = bypass::visibility(tx, true).await?;
    let last: Option<String> = sqlx::query_scalar("select max(rank) from deals where workspace_id = $1 and stage_id = $2")
        .bind(workspace)
        .bind(into)
        .fetch_one(tx.conn())
        .await?;
    // Their own ranks behind a digit group above all others: below what stands there, in their order.
    let head = format!("{:0<10}", rank::between(last.as_deref(), None));
    let deals: i64 = sqlx::query_scalar(
        "with moved as (
            update deals set stage_id = $3, rank = $4 || rank, stage_seq = stage_seq + 1, stage_since = now(),
                probability = case when probability_is_manual then probability else $5 end, version = version + 1, updated_at = now()
            where workspace_id = $1 and stage_id = $2 returning id, stage_seq, version, deleted_at
        ), h as (
            insert into deal_stage_history (workspace_id, deal_id, seq, previous_seq, from_stage_id, to_stage_id, member_id, event_id, undoes, occurred_at)
            select $1, id, stage_seq, stage_seq - 1, $2, $3, $6, $7, false, now() from moved
        ), r as (
            insert into event_rows (workspace_id, event_id, entity, entity_id, version, changes) select $1, $7, 'deal', id, version, $8 from moved
        ), s as (
            update stages set deleted_at = now(), version = version + 1, updated_at = now() where workspace_id = $1 and id = $2
        )
        select count(*) filter (where deleted_at is null) from moved",
    )
    .bind(workspace)
    .bind(stage)
    .bind(into)
    .bind(head)
    .bind(new.probability)
    .bind(member)
    .bind(event)
    .bind(moved(&old, &new))
    .fetch_one(tx.conn())
    .await?;
    bypass::visibility(tx, before).await?;
    Ok(change(old, &new, deals, "replaced", event, PipelineInternal::BringBackStage { stage, into, event }.into()))
}

/// Takes a replacing back: the stage is there again with what it had, except deals that went on meanwhile.
pub(crate) async fn bring_back(tx: &mut TenantTx, stage: StageId, into: StageId, replaced: EventId) -> Result<Change, StoreError> {
    let event = EventId::new();
    let (old, new) = locked(tx, stage, into).await?;
    if !old.gone {
        return Err(Conflict::State(format!("“{}” is there already.", old.name)).into());
    }
    let (workspace, member) = (tx.workspace(), tx.actor.member);
    let before = bypass::visibility(tx, true).await?;
    let deals: i64 = sqlx::query_scalar(
        "with s as (
            update stages set deleted_at = null, version = version + 1, updated_at = now() where workspace_id = $1 and id = $2
        ), moved as (
            update deals d set stage_id = $2, stage_seq = stage_seq + 1, stage_since = now(),
                probability = case when probability_is_manual then probability else $5 end, version = d.version + 1, updated_at = now()
            from event_rows e
            where d.workspace_id = $1 and d.stage_id = $3 and e.workspace_id = $1 and e.event_id = $4 and e.entity = 'deal' and e.entity_id = d.id
            returning d.id, d.stage_seq, d.version, d.deleted_at
        ), h as (
            insert into deal_stage_history (workspace_id, deal_id, seq, previous_seq, from_stage_id, to_stage_id, member_id, event_id, undoes, occurred_at)
            select $1, id, stage_seq, stage_seq - 1, $3, $2, $6, $7, true, now() from moved
        ), r as (
            insert into event_rows (workspace_id, event_id, entity, entity_id, version, changes) select $1, $7, 'deal', id, version, $8 from moved
        )
        select count(*) filter (where deleted_at is null) from moved",
    )
    .bind(workspace)
    .bind(stage)
    .bind(into)
    .bind(replaced)
    .bind(old.probability)
    .bind(member)
    .bind(event)
    .bind(moved(&new, &old))
    .fetch_one(tx.conn())
    .await?;
    bypass::visibility(tx, before).await?;
    Ok(change(old, &new, deals, "brought_back", event, PipelineCommand::ReplaceStage { stage, into }.into()))
}

impl Apply for PipelineCommand {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        match self {
            Self::OrderStages { pipeline, stages } => pipelines::order(tx, *pipeline, stages).await,
            Self::ReplaceStage { stage, into } => replace(tx, *stage, *into).await,
        }
    }
}

impl Apply for PipelineInternal {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        let Self::BringBackStage { stage, into, event } = self;
        bring_back(tx, *stage, *into, *event).await
    }
}
