//! Pipelines with their stages, and the making of them from a template.

use crate::{Actor, Database, StoreError, TenantTx};
use domain::{
    Command, EntityKind, Envelope, FieldMap, PipelineId, StageId,
    pipelines::{Pipeline, Stage, StageOutcome, Template},
};

/// All pipelines in the order they were made, each with its stages.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Pipeline>, StoreError> {
    let rows: Vec<(PipelineId, String, String, Option<StageId>, Option<String>, Option<i32>, Option<i32>, Option<String>)> = sqlx::query_as(
        "select p.id, p.name, p.kind, s.id, s.name, s.probability, s.expected_days, s.outcome
         from pipelines p
         left join stages s on s.workspace_id = p.workspace_id and s.pipeline_id = p.id and s.deleted_at is null
         where p.workspace_id = $1 and p.deleted_at is null
         order by p.created_at, p.id, s.position, s.id",
    )
    .bind(tx.workspace())
    .fetch_all(tx.conn())
    .await?;
    let mut out: Vec<Pipeline> = Vec::new();
    for (id, name, kind, stage, stage_name, probability, expected_days, outcome) in rows {
        if out.last().is_none_or(|p| p.id != id) {
            out.push(Pipeline { id, name, kind, stages: Vec::new() });
        }
        if let (Some(pipeline), Some(id), Some(name), Some(probability), Some(outcome)) = (out.last_mut(), stage, stage_name, probability, outcome) {
            pipeline.stages.push(Stage { id, name, probability, expected_days, outcome: StageOutcome::from_code(&outcome) });
        }
    }
    Ok(out)
}

/// Makes a template's pipeline through the command door.
pub(crate) async fn seed(db: &Database, actor: &Actor, template: &Template) -> Result<(), StoreError> {
    let pipeline = PipelineId::new();
    let mut set = FieldMap::new();
    set.insert("name".into(), template.name.into());
    set.insert("kind".into(), template.kind.into());
    db.dispatch(actor, &Envelope::new(Command::Create { kind: EntityKind::Pipeline, id: pipeline.0, set }, None)).await?;
    for (i, stage) in template.stages.iter().enumerate() {
        let mut set = FieldMap::new();
        set.insert("name".into(), stage.name.into());
        set.insert("key".into(), stage.key.into());
        set.insert("pipelineId".into(), pipeline.to_string().into());
        set.insert("position".into(), i.into());
        set.insert("probability".into(), stage.probability.into());
        set.insert("expectedDays".into(), stage.expected_days.into());
        set.insert("outcome".into(), stage.outcome.code().into());
        db.dispatch(actor, &Envelope::new(Command::Create { kind: EntityKind::Stage, id: StageId::new().0, set }, None)).await?;
    }
    Ok(())
}
