//! Deals stand where the file says, with the history of stages that must have led there.

use super::{
    names::Names,
    records::{columns_of, own, shape},
    rows::Ready,
};
use crate::{Finding, StoreError, TenantTx};
use chrono::{DateTime, Utc};
use domain::{Currency, EntityKind, imports::squash, rank};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
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

/// Deals stand where the file says, with the history that must have led there.
pub(super) async fn create_deals(
    tx: &mut TenantTx,
    rows: &mut Vec<(Uuid, Ready)>,
    names: &Names,
    currency: Currency,
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
    // A file says days; they begin where whoever brings the file is.
    let member = tx.actor.member;
    let zone = crate::zones::name_of(tx, Some(member)).await?.parse().unwrap_or(chrono_tz::Tz::UTC);
    let there = |day: DateTime<Utc>| crate::reminders::moment(day.naive_utc(), zone);
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
        // By the name that people see first: in another language it has nothing to do with the key.
        let plain = squash(wanted);
        let named = stages.iter().position(|s| !plain.is_empty() && s.name == plain);
        named.or_else(|| stages.iter().position(|s| s.key == wanted || squash(&s.key) == plain))
    };
    let first = 0;
    // A deal that was closed had been engaged with: it came through Qualification.
    let engaged = position(&stages, "qualification").unwrap_or(first);
    let mut deals = Vec::new();
    let mut history = Vec::new();
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
        let mut deal = columns_of(EntityKind::Deal, &row, names);
        own(tx, &mut deal);
        let manual = deal.contains_key("probability");
        let owner = deal.get("owner_id").cloned().unwrap_or(Value::Null);
        for (column, value) in [
            ("id", json!(id)),
            ("imported", Value::Object(row.row.kept.clone())),
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
            deal.insert(column.into(), value);
        }
        deal.entry("probability").or_insert_with(|| json!(probability));
        deal.entry("currency").or_insert_with(|| json!(currency.code()));
        deal.entry("visibility").or_insert_with(|| json!("workspace"));
        deals.push(deal);
        let start = if closes { stages[engaged].id } else { stage_id };
        history.push(json!({"deal_id": id, "seq": 1, "to_stage_id": start, "member_id": owner, "occurred_at": opened}));
        if let Some(closed) = closed {
            history.push(json!({"deal_id": id, "seq": 2, "previous_seq": 1, "from_stage_id": start, "to_stage_id": stage_id, "member_id": owner, "occurred_at": closed}));
        }
        kept.push((id, row));
    }
    *rows = kept;
    if deals.is_empty() {
        return Ok(());
    }
    let own = shape(EntityKind::Deal, &deals);
    let own: Vec<&(&str, &str)> = own.iter().filter(|(c, _)| *c != "stage_id").collect();
    let columns: String = own.iter().map(|(c, _)| format!(", {c}")).collect();
    let types: String = own.iter().map(|(c, t)| format!(", {c} {t}")).collect();
    let standing =
        "id, imported, pipeline_id, stage_id, stage_seq, stage_since, rank, status, probability_is_manual, opened_at, closed_at, closed_by";
    let text = format!(
        "insert into deals (workspace_id, {standing}{columns}) select $1, {standing}{columns}
         from jsonb_to_recordset($2) as x (id uuid, imported jsonb, pipeline_id uuid, stage_id uuid, stage_seq int, stage_since timestamptz, rank text,
            status text, probability_is_manual boolean, opened_at timestamptz, closed_at timestamptz, closed_by uuid{types})"
    );
    sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(json!(deals)).execute(tx.conn()).await?;
    sqlx::query(
        "insert into deal_stage_history (workspace_id, deal_id, seq, previous_seq, from_stage_id, to_stage_id, member_id, occurred_at)
         select $1, x.deal_id, x.seq, x.previous_seq, x.from_stage_id, x.to_stage_id, x.member_id, x.occurred_at
         from jsonb_to_recordset($2) as x (deal_id uuid, seq int, previous_seq int, from_stage_id uuid, to_stage_id uuid, member_id uuid, occurred_at timestamptz)
         order by x.deal_id, x.seq",
    )
    .bind(tx.workspace())
    .bind(json!(history))
    .execute(tx.conn())
    .await?;
    Ok(())
}
