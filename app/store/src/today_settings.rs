//! A member's own settings of Today: snoozes, weights of the suggestions, first steps.

use crate::{
    StoreError, TenantTx,
    door::apply::{Apply, Context},
    door::change::{Audience, Change},
    records::reads,
};
use chrono::NaiveDate;
use domain::{EntityKind, Invalid, TodayCommand, today::Weights};
use serde_json::{Map, json};
use uuid::Uuid;

pub(crate) async fn snooze(tx: &mut TenantTx, kind: EntityKind, id: Uuid, until: Option<NaiveDate>) -> Result<Change, StoreError> {
    let (workspace, member) = (tx.workspace(), tx.actor.member);
    // Only what one can see can be put off; unknown and foreign look the same.
    let record = reads::get(tx, kind, id).await?;
    let before: Option<NaiveDate> =
        sqlx::query_scalar("select until from snoozes where workspace_id = $1 and member_id = $2 and entity = $3 and record_id = $4 for update")
            .bind(workspace)
            .bind(member)
            .bind(kind.noun())
            .bind(id)
            .fetch_optional(tx.conn())
            .await?;
    match until {
        Some(until) => {
            sqlx::query(
                "insert into snoozes (workspace_id, member_id, entity, record_id, until) values ($1, $2, $3, $4, $5)
                 on conflict (workspace_id, member_id, entity, record_id) do update set until = excluded.until",
            )
            .bind(workspace)
            .bind(member)
            .bind(kind.noun())
            .bind(id)
            .bind(until)
            .execute(tx.conn())
            .await?
        }
        None => {
            sqlx::query("delete from snoozes where workspace_id = $1 and member_id = $2 and entity = $3 and record_id = $4")
                .bind(workspace)
                .bind(member)
                .bind(kind.noun())
                .bind(id)
                .execute(tx.conn())
                .await?
        }
    };
    let mut changes = Map::new();
    changes.insert("until".into(), json!({"before": before, "after": until}));
    Ok(Change::of(kind, id, record.title, "snoozed")
        // The record itself did not change.
        .version(record.version)
        .changes(changes)
        .undone_by(TodayCommand::Snooze { kind, id, until: before })
        // Only this member's Today changes.
        .audience(Audience::Member(member))
        .changed(before != until))
}

pub(crate) async fn set_weights(tx: &mut TenantTx, warmth: i32, time: i32) -> Result<Change, StoreError> {
    let mut wrong = Invalid::default();
    for (field, n) in [("warmth", warmth), ("time", time)] {
        if !(0..=100).contains(&n) {
            wrong.add(field, "range", "A weight is from 0 to 100");
        }
    }
    if warmth == 0 && time == 0 {
        wrong.add("warmth", "range", "One of the weights must be more than 0");
    }
    wrong.or(())?;
    let (workspace, member) = (tx.workspace(), tx.actor.member);
    let before = weights(tx).await?;
    let (name, version): (String, i64) = sqlx::query_as(
        "update members set warmth_weight = $3, time_weight = $4, updated_at = now() where workspace_id = $1 and id = $2 returning name, version",
    )
    .bind(workspace)
    .bind(member)
    .bind(warmth)
    .bind(time)
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound)?;
    let words = |w: Weights| format!("{} and {}", f64::from(w.warmth) / 100.0, f64::from(w.time) / 100.0);
    let mut changes = Map::new();
    changes.insert("weights".into(), json!({"before": words(before), "after": words(Weights { warmth, time })}));
    Ok(Change::of_settings(member, name, "weighted")
        .version(version)
        .changes(changes)
        .undone_by(TodayCommand::SetWeights { warmth: before.warmth, time: before.time })
        .changed(before != Weights { warmth, time }))
}

pub(crate) async fn close_first_steps(tx: &mut TenantTx, closed: bool) -> Result<Change, StoreError> {
    let member = tx.actor.member;
    let row: Option<(String, i64)> = sqlx::query_as(
        "update members set first_steps_closed_at = case when $3 then now() end where workspace_id = $1 and id = $2
            and (first_steps_closed_at is not null) <> $3 returning name, version",
    )
    .bind(tx.workspace())
    .bind(member)
    .bind(closed)
    .fetch_optional(tx.conn())
    .await?;
    let changed = row.is_some();
    let (title, version) = row.unwrap_or_default();
    let mut changes = Map::new();
    changes.insert("firstSteps".into(), json!({"before": !closed, "after": closed}));
    Ok(Change::of_settings(member, title, "tidied")
        .version(version)
        .changes(changes)
        .undone_by(TodayCommand::CloseFirstSteps { closed: !closed })
        .changed(changed))
}

/// The actor's own weights.
pub(crate) async fn weights(tx: &mut TenantTx) -> Result<Weights, StoreError> {
    let row: Option<(i32, i32)> = sqlx::query_as("select warmth_weight, time_weight from members where workspace_id = $1 and id = $2")
        .bind(tx.workspace())
        .bind(tx.actor.member)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map_or_else(Weights::default, |(warmth, time)| Weights { warmth, time }))
}

impl Apply for TodayCommand {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        match self {
            Self::Snooze { kind, id, until } => snooze(tx, *kind, *id, *until).await,
            Self::SetWeights { warmth, time } => set_weights(tx, *warmth, *time).await,
            Self::CloseFirstSteps { closed } => close_first_steps(tx, *closed).await,
        }
    }
}
