//! History of the stages that deals passed through.

use crate::{StoreError, TenantTx};
use chrono::{DateTime, Utc};
use domain::EventId;
use serde_json::{Value, json};
use uuid::Uuid;

/// A deal's entry into a stage.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub stage: Uuid,
    /// The member who moved the deal.
    pub member: Value,
    pub reason: Option<&'static str>,
    pub at: DateTime<Utc>,
}

/// Inserts the steps of new deals, numbered from 1; each step leads from the stage before it.
pub(crate) async fn insert<'a>(tx: &mut TenantTx, event: Option<EventId>, deals: impl Iterator<Item = (Uuid, &'a [Step])>) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (deal, steps) in deals {
        for (n, step) in steps.iter().enumerate() {
            let from = n.checked_sub(1).map(|before| steps[before].stage);
            rows.push(json!({"deal_id": deal, "seq": n + 1, "previous_seq": from.map(|_| n), "from_stage_id": from, "to_stage_id": step.stage,
                "member_id": step.member, "reason": step.reason, "occurred_at": step.at}));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into deal_stage_history (workspace_id, deal_id, seq, previous_seq, from_stage_id, to_stage_id, member_id, reason, event_id, occurred_at)
         select $1, x.deal_id, x.seq, x.previous_seq, x.from_stage_id, x.to_stage_id, x.member_id, x.reason, $3, x.occurred_at
         from jsonb_to_recordset($2) as x (deal_id uuid, seq int, previous_seq int, from_stage_id uuid, to_stage_id uuid, member_id uuid,
            reason text, occurred_at timestamptz)
         order by x.deal_id, x.seq",
    )
    .bind(tx.workspace())
    .bind(Value::Array(rows))
    .bind(event)
    .execute(tx.conn())
    .await?;
    Ok(())
}
