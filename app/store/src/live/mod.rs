//! The relay: gives committed outbox rows their position, starts the jobs they ask for, and tells this process's browsers.

pub(crate) mod hub;
pub(crate) mod listeners;
pub(crate) mod listening;

use crate::{Actor, Addressed, Database, StoreError, jobs, keys::InstallationLock, live::listening::RECHECK};
use chrono::{DateTime, Utc};
use domain::{EntityKind, MemberId, Permission, WorkspaceId, events::LiveMessage};
use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Rows handled in one go.
const BATCH: i64 = 1000;
/// How long another process's change may wait before this one looks.
const POLL: Duration = Duration::from_millis(300);
/// Changes arriving within this time go out together.
const COALESCE: Duration = Duration::from_millis(10);

/// Team of the actor; it receives the messages of team-visible records.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn team_of(db: &Database, actor: &Actor) -> Result<Option<Uuid>, StoreError> {
    let mut tx = db.begin(actor, Permission::ViewRecords).await?;
    let team: Option<Option<Uuid>> = sqlx::query_scalar(
        "select m.team_id from members m join teams t on t.workspace_id = m.workspace_id and t.id = m.team_id and t.deleted_at is null
         where m.workspace_id = $1 and m.id = $2",
    )
    .bind(tx.workspace())
    .bind(actor.member)
    .fetch_optional(tx.conn())
    .await?;
    Ok(team.flatten())
}

/// The position to read before reading data: everything after it is news.
pub fn position(db: &Database) -> i64 {
    db.hub.position.load(Ordering::Acquire)
}

type OutboxRow = (Uuid, WorkspaceId, i64, String, Uuid, i64, String, Option<Uuid>, Option<MemberId>, Option<Uuid>);

fn addressed(row: OutboxRow) -> Option<Addressed> {
    let (_, workspace, position, entity, id, version, verb, command, visible_to, visible_team) = row;
    let kind = EntityKind::from_noun(&entity)?;
    if jobs::is_silent(&verb) {
        return None;
    }
    Some(Addressed { workspace, visible_to, visible_team, message: LiveMessage { position, kind, id, version, verb, command } })
}

impl Database {
    /// Runs until the returned future is dropped. Start one in each process that serves browsers or works jobs. Started
    /// again, it goes on where it was: browsers that listen have heard everything up to there.
    pub async fn relay(self) {
        let mut seen = position(&self);
        while seen == 0 {
            match sqlx::query_scalar("select coalesce(max(position), 0) from outbox").fetch_one(&self.pool).await {
                Ok(newest) => {
                    seen = newest;
                    break;
                }
                Err(e) => {
                    tracing::warn!(error = %e, "the live relay could not read the outbox; it goes on trying");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        self.hub.position.store(seen, Ordering::Release);
        let mut asked = Instant::now();
        loop {
            let _ = tokio::time::timeout(POLL, self.hub.wake.notified()).await;
            tokio::time::sleep(COALESCE).await;
            match self.relay_turn(seen, &mut asked).await {
                Ok(position) => seen = position,
                Err(e) => {
                    tracing::warn!(error = %e, "the live relay could not read the outbox; it goes on trying");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Streams that may not listen any more end before anything is sent. Without an answer nothing is sent.
    async fn relay_turn(&self, seen: i64, asked: &mut Instant) -> Result<i64, StoreError> {
        if asked.elapsed() >= RECHECK {
            self.end_listeners().await?;
            *asked = Instant::now();
        }
        self.relay_once(seen).await
    }

    async fn relay_once(&self, mut seen: i64) -> Result<i64, StoreError> {
        while self.place().await? == BATCH as u64 {}
        loop {
            let rows = self.placed_after(seen, None).await?;
            let count = rows.len() as i64;
            for row in rows {
                seen = row.2;
                if let Some(message) = addressed(row) {
                    let _ = self.hub.sender.send(Arc::new(message));
                }
            }
            self.hub.position.store(seen, Ordering::Release);
            if count < BATCH {
                return Ok(seen);
            }
        }
    }

    /// Gives waiting rows their positions and starts the jobs they stand for, in one short transaction.
    async fn place(&self) -> Result<u64, StoreError> {
        let waiting: bool = sqlx::query_scalar("select exists (select from outbox where position is null)").fetch_one(&self.pool).await?;
        if !waiting {
            return Ok(0);
        }
        let mut tx = self.pool.begin().await?;
        // Under one lock, positions follow the order of commits.
        if !InstallationLock::RELAY.take(&mut tx).await? {
            return Ok(0);
        }
        let mut rows: Vec<(Uuid, WorkspaceId, Uuid, String, Option<DateTime<Utc>>)> = sqlx::query_as(
            "update outbox o set position = n.position
             from (select id, nextval('outbox_position') as position
                   from (select id from outbox where position is null order by id limit $1 for update skip locked) u) n
             where o.id = n.id returning o.id, o.workspace_id, o.entity_id, o.verb, o.run_at",
        )
        .bind(BATCH)
        .fetch_all(&mut *tx)
        .await?;
        // In the order they were written: of two times for one reminder the later word counts.
        rows.sort_by_key(|r| r.0);
        for (_, workspace, id, verb, run_at) in &rows {
            jobs::enqueue_requested(&mut tx, verb, *workspace, *id, *run_at).await?;
        }
        tx.commit().await?;
        Ok(rows.len() as u64)
    }

    async fn placed_after(&self, position: i64, workspace: Option<WorkspaceId>) -> Result<Vec<OutboxRow>, StoreError> {
        const COLUMNS: &str = "select id, workspace_id, position, entity, entity_id, version, verb, command_id, visible_to, visible_team from outbox";
        let rows = match workspace {
            None => {
                sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLUMNS} where position > $1 order by position limit $2"))).bind(position).bind(BATCH)
            }
            Some(w) => sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLUMNS} where position > $1 and workspace_id = $3 order by position limit $2")))
                .bind(position)
                .bind(BATCH)
                .bind(w),
        };
        Ok(rows.fetch_all(&self.pool).await?)
    }

    /// Messages after `position` for an actor of `team`; `None`: too many or too old, the browser reads everything anew.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn missed(&self, actor: &Actor, team: Option<Uuid>, position: i64) -> Result<Option<Vec<LiveMessage>>, StoreError> {
        let (oldest, newest): (Option<i64>, Option<i64>) =
            sqlx::query_as("select min(position), max(position) from outbox").fetch_one(&self.pool).await?;
        let gone = oldest.is_some_and(|o| position.saturating_add(1) < o) || position > newest.unwrap_or(0);
        let rows = self.placed_after(position, Some(actor.workspace)).await?;
        if rows.len() as i64 == BATCH || (gone && position != 0 && newest.is_some()) {
            return Ok(None);
        }
        Ok(Some(rows.into_iter().filter_map(addressed).filter(|a| a.is_for(actor, team)).map(|a| a.message).collect()))
    }
}
