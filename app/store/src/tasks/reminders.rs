//! Reminders of tasks: a local time in the zone of whoever has to do it becomes a moment, the moment a job.

use crate::{
    Database, StoreError, TenantTx,
    door::change::Notices,
    job::{Job, enqueue},
    keys::Use,
    notify,
};
use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use domain::{EntityKind, MemberId, WorkspaceId};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The moment at which a clock in `zone` shows `local`. Where clocks go back it is the first of the two; a time that
/// clocks leap over comes as much later as they leap.
pub fn moment(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
        LocalResult::None => {
            // Reckoned with the offset before the leap, as RFC 5545 §3.3.5 does; the longest leap was a whole day.
            let far = Duration::hours(26);
            let before = zone.from_local_datetime(&(local - far)).earliest();
            before.map_or_else(|| Utc.from_utc_datetime(&local), |b| b.with_timezone(&Utc) + far)
        }
    }
}

type Row = Map<String, Value>;

fn text<'a>(row: &'a Row, column: &str) -> Option<&'a str> {
    row.get(column).and_then(Value::as_str)
}

/// Called after every change of a task: a new time, another person to do it, or its return from the bin.
pub(crate) async fn follow(tx: &mut TenantTx, before: Option<&Row>, after: Option<&Row>) -> Result<(), StoreError> {
    let Some(after) = after else { return Ok(()) };
    let same = |column: &str| before.is_some_and(|b| text(b, column) == text(after, column));
    let reopened = before.is_some_and(|b| text(b, "completed_at").is_some()) && text(after, "completed_at").is_none();
    if (same("remind_at") && same("owner_id") && !reopened) || (before.is_none() && text(after, "remind_at").is_none()) {
        return Ok(());
    }
    let Some(id) = text(after, "id").and_then(|i| i.parse::<Uuid>().ok()) else { return Ok(()) };
    let owner = text(after, "owner_id").and_then(|o| o.parse().ok());
    // Somebody set this time just now; a task that comes back or changes hands does not remind of what is past.
    let fresh = match before {
        Some(_) => !same("remind_at") || reopened,
        None => after.get("version").and_then(Value::as_i64) == Some(1),
    };
    schedule(tx, id, text(after, "remind_at"), owner, fresh).await
}

/// Somebody's zone changed: what is still to come moves with it.
pub(crate) async fn zone_changed(tx: &mut TenantTx, member: MemberId) -> Result<(), StoreError> {
    let waiting: Vec<(Uuid, Option<String>)> = sqlx::query_as(
        "select id, remind_at from tasks where workspace_id = $1 and owner_id = $2 and reminds_at is not null and reminded_at is null
            and completed_at is null and deleted_at is null limit 20000",
    )
    .bind(tx.workspace())
    .bind(member)
    .fetch_all(tx.conn())
    .await?;
    for (id, local) in waiting {
        schedule(tx, id, local.as_deref(), Some(member), false).await?;
    }
    Ok(())
}

/// The next task of a repetition reminds as many days later, at the same time of day.
pub(crate) async fn carry_on(tx: &mut TenantTx, done: &Row, next: Uuid, days: i64) -> Result<(), StoreError> {
    let Some(local) = text(done, "remind_at").and_then(|l| NaiveDateTime::parse_from_str(l, "%Y-%m-%dT%H:%M").ok()) else { return Ok(()) };
    let Some(later) = local.checked_add_signed(Duration::days(days)) else { return Ok(()) };
    let later = later.format("%Y-%m-%dT%H:%M").to_string();
    sqlx::query("update tasks set remind_at = $3 where workspace_id = $1 and id = $2")
        .bind(tx.workspace())
        .bind(next)
        .bind(&later)
        .execute(tx.conn())
        .await?;
    schedule(tx, next, Some(&later), text(done, "owner_id").and_then(|o| o.parse().ok()), true).await
}

/// `fresh`: the time was set just now, and counts even if it is past. A reminder that was told stays told unless it moves
/// ahead of now.
async fn schedule(tx: &mut TenantTx, id: Uuid, local: Option<&str>, owner: Option<MemberId>, fresh: bool) -> Result<(), StoreError> {
    let at = match local.and_then(|l| NaiveDateTime::parse_from_str(l, "%Y-%m-%dT%H:%M").ok()) {
        None => None,
        Some(local) => Some(moment(local, zone_of(tx, owner).await?)),
    };
    let waits: Option<bool> = sqlx::query_scalar(
        "update tasks set reminds_at = $3, reminded_at = case when $3 > now() or ($4 and reminds_at is distinct from $3) then null else reminded_at end
         where workspace_id = $1 and id = $2 returning reminded_at is null and ($4 or $3 > now())",
    )
    .bind(tx.workspace())
    .bind(id)
    .bind(at)
    .bind(fresh)
    .fetch_optional(tx.conn())
    .await?
    .flatten();
    if let Some(at) = at.filter(|_| waits == Some(true)) {
        sqlx::query("insert into outbox (id, workspace_id, entity, entity_id, version, verb, run_at) values ($1, $2, 'task', $3, 0, $4, $5)")
            .bind(Uuid::now_v7())
            .bind(tx.workspace())
            .bind(id)
            .bind(FireReminder::IDENTIFIER)
            .bind(at)
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}

async fn zone_of(tx: &mut TenantTx, member: Option<MemberId>) -> Result<Tz, StoreError> {
    Ok(crate::zones::name_of(tx, member).await?.parse().unwrap_or(Tz::UTC))
}

impl Database {
    /// What the job does: tells, or waits on where our clock is behind the one that started the job.
    pub(crate) async fn work_reminder(&self, workspace: WorkspaceId, task: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
        if self.fire_reminder(workspace, task, now).await? {
            return Ok(());
        }
        let mut tx = self.begin_system(workspace).await?;
        let waits: Option<DateTime<Utc>> = sqlx::query_scalar(
            "select reminds_at from tasks where workspace_id = $1 and id = $2 and reminds_at > $3 and reminded_at is null and completed_at is null and deleted_at is null",
        )
        .bind(workspace)
        .bind(task)
        .bind(now)
        .fetch_optional(tx.conn())
        .await?;
        drop(tx);
        if let Some(at) = waits {
            let mut conn = self.pool.acquire().await?;
            enqueue::<FireReminder>(&mut conn, workspace, task, Some(at + Duration::seconds(1))).await?;
        }
        Ok(())
    }

    /// Notifies the owner of an open task whose reminder is due, once; returns whether it did so now.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn fire_reminder(&self, workspace: WorkspaceId, task: Uuid, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.begin_system(workspace).await?;
        let due: Option<(String, Option<MemberId>, String)> = sqlx::query_as(
            "update tasks set reminded_at = $3 where workspace_id = $1 and id = $2 and reminds_at <= $3 and reminded_at is null
                and completed_at is null and deleted_at is null returning title, owner_id, visibility",
        )
        .bind(workspace)
        .bind(task)
        .bind(now)
        .fetch_optional(tx.conn())
        .await?;
        let Some((title, Some(owner), visibility)) = due else {
            tx.commit().await?;
            return Ok(false);
        };
        let about = Notices { to: vec![(owner, "reminder")], owner: Some(owner), visibility };
        notify::deliver(&mut tx, EntityKind::Task, task, &title, None, &about).await?;
        tx.commit().await?;
        self.hub.wake();
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tsk_01_reminders_cross_both_edges_of_summer_time() {
        let at = |local: &str, zone: Tz| moment(NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M").unwrap(), zone).to_rfc3339();
        let berlin = chrono_tz::Europe::Berlin;
        // Spring: 02:30 does not exist on 29 March 2026; half an hour after the leap is 03:30 summer time.
        for (local, utc) in [
            ("2026-03-29T01:59", "2026-03-29T00:59:00+00:00"),
            ("2026-03-29T02:30", "2026-03-29T01:30:00+00:00"),
            ("2026-03-29T03:00", "2026-03-29T01:00:00+00:00"),
            // Autumn: 02:30 comes twice on 25 October 2026; the first of the two.
            ("2026-10-25T01:59", "2026-10-24T23:59:00+00:00"),
            ("2026-10-25T02:30", "2026-10-25T00:30:00+00:00"),
            ("2026-10-25T03:00", "2026-10-25T02:00:00+00:00"),
        ] {
            assert_eq!(at(local, berlin), utc, "{local}");
        }
        // Half an hour only, and a date that a country skipped.
        assert_eq!(at("2026-10-04T02:15", chrono_tz::Australia::Lord_Howe), "2026-10-03T15:45:00+00:00");
        assert_eq!(at("2011-12-30T12:00", chrono_tz::Pacific::Apia), "2011-12-30T22:00:00+00:00");
    }
}

/// Sends the reminder of a task.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct FireReminder {
    pub workspace: WorkspaceId,
    pub task: Uuid,
}

impl TaskHandler for FireReminder {
    const IDENTIFIER: &'static str = "fire_reminder";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        match ctx.get_ext::<Database>() {
            Some(db) => db.work_reminder(self.workspace, self.task, Utc::now()).await.map_err(|e| e.to_string()),
            None => Err("no database".to_owned()),
        }
    }
}

impl Job for FireReminder {
    const USE: Use = Use::Reminder;
    const ATTEMPTS: i32 = 25;
    const SILENT: bool = true;

    fn of(workspace: WorkspaceId, task: Uuid) -> Self {
        Self { workspace, task }
    }
}
