//! Imported deals: created in the stages of the file, with the history that leads there.

use super::{checked::CheckedRow, names::Names, records::new_row};
use crate::{Finding, StoreError, TenantTx, deals::stage_history::Step, records::derived};
use chrono::{DateTime, Utc};
use domain::{EntityKind, EventId, imports::squash, rank};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) struct StageRow {
    id: Uuid,
    pipeline: Uuid,
    key: String,
    name: String,
    probability: i32,
    outcome: String,
    last: Option<String>,
}

/// Creates deals in the stages of the file, with a plausible history.
pub(super) async fn create_deals(
    tx: &mut TenantTx,
    event: EventId,
    rows: &mut Vec<(Uuid, CheckedRow)>,
    names: &Names,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let stages: Vec<(Uuid, Uuid, String, String, i32, String, Option<String>, DateTime<Utc>)> = sqlx::query_as(
        "select s.id, s.pipeline_id, s.key, s.name, s.probability, s.outcome,
            (select max(d.rank) from deals d where d.workspace_id = $1 and d.stage_id = s.id and d.deleted_at is null), now()
         from stages s where s.workspace_id = $1 and s.deleted_at is null
            and s.pipeline_id = (select id from pipelines where workspace_id = $1 and deleted_at is null order by created_at, id limit 1)
         order by s.position",
    )
    .bind(tx.workspace())
    .fetch_all(tx.conn())
    .await?;
    let now = stages.first().map(|s| s.7).unwrap_or_default();
    // Dates of a file start at midnight in the importing member's zone.
    let member = tx.actor.member;
    let zone = crate::zones::name_of(tx, Some(member)).await?.parse().unwrap_or(chrono_tz::Tz::UTC);
    let there = |day: DateTime<Utc>| crate::tasks::reminders::moment(day.naive_utc(), zone);
    let mut stages: Vec<StageRow> = stages
        .into_iter()
        .map(|(id, pipeline, key, name, probability, outcome, last, _)| StageRow {
            id,
            pipeline,
            key: if key.is_empty() { squash(&name) } else { key },
            name: squash(&name),
            probability,
            outcome,
            last,
        })
        .collect();
    let position = |stages: &[StageRow], wanted: &str| {
        // The visible name first: in another language it is unrelated to the key.
        let plain = squash(wanted);
        let named = stages.iter().position(|s| !plain.is_empty() && s.name == plain);
        named.or_else(|| stages.iter().position(|s| s.key == wanted || squash(&s.key) == plain))
    };
    let first = 0;
    // A deal that was closed had been engaged with: it came through Qualification.
    let engaged = position(&stages, "qualification").unwrap_or(first);
    let mut deals = Vec::new();
    let mut kept = Vec::new();
    for (id, row) in rows.drain(..) {
        let wanted = row.row.stage.clone().unwrap_or_else(|| if row.row.closed_at.is_some() { "closed_won".into() } else { String::new() });
        let at = match (wanted.as_str(), position(&stages, &wanted)) {
            ("", _) => Some(first),
            (_, found) => found,
        };
        let Some(at) = at else {
            findings.push(Finding {
                row_number: row.number,
                field: "stage".into(),
                code: "unknown_stage",
                message: format!("“{}” is not a stage of the pipeline", wanted.chars().take(60).collect::<String>()),
                error: true,
                cells: row.cells.clone(),
            });
            continue;
        };
        let stage = &mut stages[at];
        let new_rank = rank::between(stage.last.as_deref(), None);
        stage.last = Some(new_rank.clone());
        let closes = stage.outcome != "open";
        let opened = row.row.opened_at.or(row.row.closed_at).map_or(now, there);
        let closed = closes.then(|| row.row.closed_at.map_or(now, there).max(opened));
        let (stage_id, outcome, probability, pipeline) = (stage.id, stage.outcome.clone(), stage.probability, stage.pipeline);
        let mut deal = new_row(tx, EntityKind::Deal, id, &row, names);
        let manual = deal.columns.contains_key("probability");
        let owner = deal.columns.get("owner_id").cloned().unwrap_or_default();
        for (column, value) in [
            ("pipeline_id", json!(pipeline)),
            ("stage_id", json!(stage_id)),
            ("stage_seq", json!(if closes { 2 } else { 1 })),
            ("stage_since", json!(closed.unwrap_or(opened))),
            ("rank", json!(new_rank)),
            ("status", json!(outcome)),
            ("probability_is_manual", json!(manual)),
            ("opened_at", json!(opened)),
            ("closed_at", json!(closed)),
            ("closed_by", if closes { owner.clone() } else { Value::Null }),
        ] {
            deal.set(column, value);
        }
        deal.columns.entry("probability").or_insert_with(|| json!(probability));
        let start = if closes { stages[engaged].id } else { stage_id };
        let step = |stage: Uuid, at: DateTime<Utc>| Step { stage, member: owner.clone(), reason: None, at };
        deal.steps = [step(start, opened)].into_iter().chain(closed.map(|at| step(stage_id, at))).collect();
        deals.push(deal);
        kept.push((id, row));
    }
    *rows = kept;
    derived::insert(tx, event, EntityKind::Deal, &deals).await
}
