//! Pipelines with their stages, and the making of them from a template.

pub(crate) mod stages;

use crate::{Actor, Conflict, Database, StoreError, TenantTx, door::change::Change, records::hook::Hooks};
use domain::{
    EntityKind, Envelope, FieldMap, PipelineCommand, PipelineId, RecordCommand, StageId,
    pipelines::{Pipeline, Stage, StageOutcome, Template},
};
use serde_json::{Map, json};
use std::collections::BTreeSet;

pub(crate) struct Pipelines;

impl Hooks for Pipelines {
    /// Deals store their pipeline beside the stage.
    const NEEDED: Option<(&'static str, &'static str)> =
        Some(("exists (select from deals d where d.workspace_id = t.workspace_id and d.pipeline_id = t.id and d.deleted_at is null)", "deals"));
}

/// All pipelines in the order they were made, each with its stages.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Pipeline>, StoreError> {
    let rows: Vec<(PipelineId, String, String, Option<StageId>, Option<String>, Option<i32>, Option<i32>, Option<String>, Option<i32>)> =
        sqlx::query_as(
            "select p.id, p.name, p.kind, s.id, s.name, s.probability, s.expected_days, s.outcome, s.wip_limit
         from pipelines p
         left join stages s on s.workspace_id = p.workspace_id and s.pipeline_id = p.id and s.deleted_at is null
         where p.workspace_id = $1 and p.deleted_at is null
         order by p.created_at, p.id, s.position, s.id",
        )
        .bind(tx.workspace())
        .fetch_all(tx.conn())
        .await?;
    let mut out: Vec<Pipeline> = Vec::new();
    for (id, name, kind, stage, stage_name, probability, expected_days, outcome, wip_limit) in rows {
        if out.last().is_none_or(|p| p.id != id) {
            out.push(Pipeline { id, name, kind, stages: Vec::new() });
        }
        if let (Some(pipeline), Some(id), Some(name), Some(probability), Some(outcome)) = (out.last_mut(), stage, stage_name, probability, outcome) {
            pipeline.stages.push(Stage { id, name, probability, expected_days, outcome: StageOutcome::from_code(&outcome), wip_limit });
        }
    }
    Ok(out)
}

/// Puts the stages into the order given. A list made before a stage came or went is refused rather than guessed at.
pub(crate) async fn order(tx: &mut TenantTx, pipeline: PipelineId, wanted: &[StageId]) -> Result<Change, StoreError> {
    let workspace = tx.workspace();
    let (title, version): (String, i64) =
        sqlx::query_as("select name, version from pipelines where workspace_id = $1 and id = $2 and deleted_at is null for no key update")
            .bind(workspace)
            .bind(pipeline)
            .fetch_optional(tx.conn())
            .await?
            .ok_or(StoreError::NotFound)?;
    let before: Vec<(StageId, String)> =
        sqlx::query_as("select id, name from stages where workspace_id = $1 and pipeline_id = $2 and deleted_at is null order by position, id")
            .bind(workspace)
            .bind(pipeline)
            .fetch_all(tx.conn())
            .await?;
    let old: Vec<StageId> = before.iter().map(|s| s.0).collect();
    if wanted.len() != old.len() || wanted.iter().collect::<BTreeSet<_>>() != old.iter().collect::<BTreeSet<_>>() {
        return Err(Conflict::State("The stages of this pipeline have changed meanwhile. Look at them again.".into()).into());
    }
    let changed = wanted != old;
    let version = version + i64::from(changed);
    if changed {
        sqlx::query(
            "with n as (select * from unnest($3::uuid[]) with ordinality as n (id, at)),
             p as (update pipelines set version = $4, updated_at = now() where workspace_id = $1 and id = $2)
             update stages s set position = n.at, version = s.version + 1, updated_at = now()
             from n where s.workspace_id = $1 and s.id = n.id and s.position is distinct from n.at",
        )
        .bind(workspace)
        .bind(pipeline)
        .bind(wanted)
        .bind(version)
        .execute(tx.conn())
        .await?;
    }
    let words = |ids: &[StageId]| -> String {
        let names: Vec<&str> = ids.iter().filter_map(|id| before.iter().find(|b| b.0 == *id)).map(|b| b.1.as_str()).collect();
        names.join(", ")
    };
    let mut changes = Map::new();
    changes.insert("order".into(), json!({"before": words(&old), "after": words(wanted)}));
    Ok(Change::of(EntityKind::Pipeline, pipeline.0, title, "ordered")
        .version(version)
        .changes(changes)
        .undone_by(PipelineCommand::OrderStages { pipeline, stages: old })
        .changed(changed))
}

/// Gives an English text in the language of whoever a workspace is made for.
pub type Words<'a> = &'a (dyn Fn(&'static str) -> &'static str + Sync);

/// Makes a template's pipeline through the command door.
pub(crate) async fn seed(db: &Database, actor: &Actor, template: &Template, words: Words<'_>) -> Result<(), StoreError> {
    let pipeline = PipelineId::new();
    let mut set = FieldMap::new();
    set.insert("name".into(), words(template.name).into());
    set.insert("kind".into(), template.kind.into());
    db.dispatch(actor, &Envelope::new(RecordCommand::Create { kind: EntityKind::Pipeline, id: pipeline.0, set }, None)).await?;
    for (i, stage) in template.stages.iter().enumerate() {
        let mut set = FieldMap::new();
        set.insert("name".into(), words(stage.name).into());
        set.insert("key".into(), stage.key.into());
        set.insert("pipelineId".into(), pipeline.to_string().into());
        set.insert("position".into(), i.into());
        set.insert("probability".into(), stage.probability.into());
        set.insert("expectedDays".into(), stage.expected_days.into());
        set.insert("outcome".into(), stage.outcome.code().into());
        db.dispatch(actor, &Envelope::new(RecordCommand::Create { kind: EntityKind::Stage, id: StageId::new().0, set }, None)).await?;
    }
    Ok(())
}
