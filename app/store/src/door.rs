//! The one door for writes: permission, idempotency, the change, its event and its outbox row in one transaction.

use crate::{
    Actor, Conflict, ConflictField, Database, StoreError, TenantTx, members, moves,
    notices::{self, Notices},
    notifications, record_reads, records, shares, snoozes, tags,
};
use domain::{Command, CommandId, EntityKind, Envelope, EventId, MemberId, Outcome, Permission, Record, notifications::Wish};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a command did, before it is written down.
pub(crate) struct Change {
    pub kind: EntityKind,
    pub id: Uuid,
    pub title: String,
    /// Version after the change.
    pub version: i64,
    pub verb: &'static str,
    /// Field → `{before, after}` as values, and as words where the value is an id.
    pub changes: Map<String, Value>,
    pub inverse: Option<Command>,
    pub rank: Option<String>,
    /// The owner of a record that only they may see; live messages go to them alone.
    pub visible_to: Option<MemberId>,
    /// Who is told of it besides those who look.
    pub notices: Notices,
    /// `false`: the command found everything as wanted; nothing is told.
    pub changed: bool,
    pub event: EventId,
}

/// Commands that are parts of something else. A handing-over alone would give somebody's private records to whoever asks; a
/// splitting alone could be told of any event.
fn refuse_inner(command: &Command) -> Result<(), StoreError> {
    match command {
        Command::HandOver { .. } | Command::SplitTags { .. } | Command::BringBackStage { .. } => Err(StoreError::Denied(command.permission())),
        _ => Ok(()),
    }
}

/// Attempts at a transaction that lost a race.
const ATTEMPTS: usize = 5;

impl Database {
    /// Carries out a command. The same envelope sent again gets the stored outcome of the first time.
    pub async fn dispatch(&self, actor: &Actor, envelope: &Envelope) -> Result<Outcome, StoreError> {
        refuse_inner(&envelope.command)?;
        Ok(self.carry_out(actor, envelope, None, false).await?.0)
    }

    /// The second half of removing a member, whose membership has ended.
    pub(crate) async fn hand_over(&self, actor: &Actor, from: MemberId, to: MemberId) -> Result<(), StoreError> {
        let command = Command::HandOver { from, to };
        let envelope = Envelope { id: CommandId::new(), base_version: None, command, occurred_at: None };
        self.carry_out(actor, &envelope, None, false).await.map(drop)
    }

    /// The same, with the record as the command left it, read in the same transaction. Not for deletions.
    pub async fn dispatch_reading(&self, actor: &Actor, envelope: &Envelope) -> Result<(Outcome, Record), StoreError> {
        refuse_inner(&envelope.command)?;
        match self.carry_out(actor, envelope, None, true).await? {
            (outcome, Some(record)) => Ok((outcome, record)),
            // Carried out earlier: the record as it is now.
            (outcome, None) => {
                let mut tx = self.begin(actor, Permission::ViewRecords).await?;
                let record = record_reads::get(&mut tx, outcome.kind, outcome.id).await?;
                Ok((outcome, record))
            }
        }
    }

    /// Takes back what `event` did, by its inverse command. Itself an event, and itself undoable.
    pub async fn undo(&self, actor: &Actor, id: CommandId, event: EventId) -> Result<Outcome, StoreError> {
        let mut tx = self.begin(actor, Permission::ViewRecords).await?;
        // Only what one sees in the feed, and only as long as it says so.
        let text = format!(
            "select e.inverse, e.version, e.undone_by is not null from events e where e.workspace_id = $1 and e.id = $2
                and e.surface <> 'setup' and e.recorded_at > now() - interval '30 days' {}",
            crate::events::VISIBLE
        );
        let row: Option<(Option<Value>, i64, bool)> =
            sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).bind(event).fetch_optional(tx.conn()).await?;
        drop(tx);
        let (inverse, version, undone) = row.ok_or(StoreError::NotFound)?;
        let inverse = inverse.ok_or(Conflict::NotUndoable)?;
        let command: Command = serde_json::from_value(inverse).map_err(|_| Conflict::NotUndoable)?;
        let envelope = Envelope { id, base_version: Some(version), command, occurred_at: None };
        if undone {
            return match self.stored(actor, &envelope).await? {
                Some(outcome) => Ok(outcome),
                None => Err(Conflict::AlreadyUndone.into()),
            };
        }
        Ok(self.carry_out(actor, &envelope, Some(event), false).await?.0)
    }

    async fn carry_out(
        &self,
        actor: &Actor,
        envelope: &Envelope,
        undoes: Option<EventId>,
        read: bool,
    ) -> Result<(Outcome, Option<Record>), StoreError> {
        if envelope.command.needs_base_version() && envelope.base_version.is_none() {
            return Err(Conflict::VersionNeeded.into());
        }
        for attempt in 1.. {
            let failed = match self.attempt(actor, envelope, undoes, read).await {
                Ok(done) => {
                    self.hub.wake();
                    return Ok(done);
                }
                Err(e) => e,
            };
            if matches!(failed, StoreError::Denied(_)) {
                return Err(failed);
            }
            if failed.constraint() == Some("tags_name") {
                return Err(domain::Invalid::one("name", "taken", "There is a tag of this name already.").into());
            }
            // Whatever went wrong may be because this very command was carried out already (its record exists, its
            // version moved on, its id is taken): only a look in a new transaction tells.
            if let Some(outcome) = self.stored(actor, envelope).await? {
                return Ok((outcome, None));
            }
            if attempt < ATTEMPTS && failed.is_retryable() {
                continue;
            }
            return Err(failed);
        }
        Err(StoreError::NotFound)
    }

    async fn attempt(
        &self,
        actor: &Actor,
        envelope: &Envelope,
        undoes: Option<EventId>,
        read: bool,
    ) -> Result<(Outcome, Option<Record>), StoreError> {
        // What is one's own, such as the zone one lives in, needs no right over others.
        let permission = match &envelope.command {
            Command::Edit { kind: EntityKind::Member, id, set }
                if *id == actor.member.0 && set.keys().all(|k| domain::members::OWN_FIELDS.contains(&k.as_str())) =>
            {
                Permission::ViewRecords
            }
            command => command.permission(),
        };
        let mut tx = self.begin(actor, permission).await?;
        let undoing = undoes.is_some();
        let change = match &envelope.command {
            Command::Create { kind, id, set } => records::create(&mut tx, *kind, *id, set, envelope.occurred_at).await?,
            Command::Edit { kind, id, set } => records::edit(&mut tx, *kind, *id, set, envelope.base_version).await?,
            Command::Delete { kind, id } => records::delete(&mut tx, *kind, *id, envelope.base_version).await?,
            Command::Restore { kind, id } => records::restore(&mut tx, *kind, *id).await?,
            Command::MoveDeal { deal, stage, place, reason } => {
                moves::move_deal(&mut tx, *deal, *stage, place, reason.as_deref(), envelope, undoing).await?
            }
            Command::OrderStages { pipeline, stages } => crate::pipelines::order(&mut tx, *pipeline, stages).await?,
            Command::ReplaceStage { stage, into } => crate::stages::replace(&mut tx, *stage, *into).await?,
            Command::BringBackStage { stage, into, event } => crate::stages::bring_back(&mut tx, *stage, *into, *event).await?,
            Command::Snooze { kind, id, until } => snoozes::snooze(&mut tx, *kind, *id, *until).await?,
            Command::SetWeights { warmth, time } => snoozes::set_weights(&mut tx, *warmth, *time).await?,
            Command::MergeTags { from, into } => tags::merge(&mut tx, *from, *into).await?,
            Command::SplitTags { from, into, event } => tags::split(&mut tx, *from, *into, *event).await?,
            Command::ReadNotifications { ids } => notifications::read(&mut tx, ids).await?,
            Command::SetNotification { kind, in_app, by_mail, by_push } => {
                let wish = Wish { kind: kind.clone(), in_app: *in_app, by_mail: *by_mail, by_push: *by_push };
                notifications::set(&mut tx, &wish).await
            }?,
            Command::CloseFirstSteps { closed } => snoozes::close_first_steps(&mut tx, *closed).await?,
            Command::CreateShare { share, title, shows, expires_at, token_hash } => {
                shares::create(&mut tx, *share, title, shows, *expires_at, token_hash).await?
            }
            Command::RevokeShare { share } => shares::revoke(&mut tx, *share).await?,
            Command::HandOver { from, to } => members::hand_over(&mut tx, *from, *to).await?,
            Command::AddSample { import } => crate::sample::add(&mut tx, *import).await?,
            Command::UndoImport { import } => crate::import_undo::undo(&mut tx, *import, envelope).await?,
        };
        let outcome = Outcome {
            kind: change.kind,
            id: change.id,
            version: change.version,
            event: change.changed.then_some(change.event),
            rank: change.rank.clone(),
        };
        record(&mut tx, envelope, &change, &outcome, undoes).await?;
        notices::tell(&mut tx, &change).await?;
        if read && tx.sees_all {
            // What is answered is what the actor sees, not what it took to give something away.
            crate::derived::see_all(&mut tx, false).await?;
        }
        let seen = match read {
            true => Some(record_reads::get(&mut tx, outcome.kind, outcome.id).await?),
            false => None,
        };
        tx.commit().await?;
        Ok((outcome, seen))
    }

    /// The outcome of an earlier sending of this command, if there was one.
    async fn stored(&self, actor: &Actor, envelope: &Envelope) -> Result<Option<Outcome>, StoreError> {
        let mut tx = self.begin(actor, Permission::ViewRecords).await?;
        let row: Option<(MemberId, Vec<u8>, Value)> =
            sqlx::query_as("select member_id, body_hash, outcome from commands where workspace_id = $1 and id = $2")
                .bind(tx.workspace())
                .bind(envelope.id)
                .fetch_optional(tx.conn())
                .await?;
        let Some((member, hash, outcome)) = row else { return Ok(None) };
        if member != actor.member || (hash != body_hash(envelope) && hash != body_hash_before(envelope)) {
            return Err(Conflict::CommandReused.into());
        }
        Ok(serde_json::from_value(outcome).ok())
    }
}

/// What was asked for. Not the version it was made from: a browser that was cut off may have learnt a newer one of its own
/// making by the time it sends the same again.
fn body_hash(envelope: &Envelope) -> Vec<u8> {
    Sha256::digest(json!([envelope.command]).to_string()).to_vec()
}

/// As versions up to November 2026 reckoned it: what they carried out may be sent once more.
fn body_hash_before(envelope: &Envelope) -> Vec<u8> {
    Sha256::digest(json!([envelope.command, envelope.base_version]).to_string()).to_vec()
}

/// Command, event, the mark on an undone event, and the live message: one statement.
async fn record(tx: &mut TenantTx, envelope: &Envelope, change: &Change, outcome: &Outcome, undoes: Option<EventId>) -> Result<(), StoreError> {
    let workspace = tx.workspace();
    let member = tx.actor.member;
    let surface = tx.actor.surface.code();
    let inverse = change.inverse.as_ref().and_then(|c| serde_json::to_value(c).ok());
    let outcome = serde_json::to_value(outcome).unwrap_or_default();
    if !change.changed {
        sqlx::query("insert into commands (workspace_id, id, member_id, body_hash, outcome) values ($1, $2, $3, $4, $5)")
            .bind(workspace)
            .bind(envelope.id)
            .bind(member)
            .bind(body_hash(envelope))
            .bind(outcome)
            .execute(tx.conn())
            .await?;
        return Ok(());
    }
    sqlx::query(
        "with e as (
            insert into events (workspace_id, id, command_id, member_id, surface, verb, entity, entity_id, title, version, changes, inverse, undoes, occurred_at)
            values ($1, $6, $2, $3, $7, $8, $9, $10, $11, $12, $13, $14, $15, coalesce($16, now()))
        ), u as (
            update events set undone_by = $6 where workspace_id = $1 and id = $15
        ), o as (
            insert into outbox (id, workspace_id, entity, entity_id, version, verb, command_id, visible_to)
            values ($6, $1, $9, $10, $12, $8, $2, $17)
        )
        insert into commands (workspace_id, id, member_id, body_hash, outcome) values ($1, $2, $3, $4, $5)",
    )
        .bind(workspace)
        .bind(envelope.id)
        .bind(member)
        .bind(body_hash(envelope))
        .bind(outcome)
        .bind(change.event)
        .bind(surface)
        .bind(change.verb)
        .bind(change.kind.noun())
        .bind(change.id)
        .bind(&change.title)
        .bind(change.version)
        .bind(Value::Object(change.changes.clone()))
        .bind(inverse)
        .bind(undoes)
        .bind(envelope.occurred_at)
        .bind(change.visible_to)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What happened to a record since `base` and still holds, field by field (newest first): a change and the undoing of
/// it cancel each other, so that a history can be undone step by step.
async fn changed_since(tx: &mut TenantTx, id: Uuid, base: i64) -> Result<Vec<(Map<String, Value>, Option<String>)>, StoreError> {
    // Bulk events tell of their records in rows of their own.
    let rows: Vec<(EventId, Option<EventId>, Value, Option<String>)> = sqlx::query_as(
        "select e.id, e.undoes, e.changes, m.name from (
            select id, undoes, changes, member_id, version from events where workspace_id = $1 and entity_id = $2 and version > $3
            union all
            select b.id, b.undoes, r.changes, b.member_id, r.version from event_rows r
            join events b on b.workspace_id = r.workspace_id and b.id = r.event_id
            where r.workspace_id = $1 and r.entity_id = $2 and r.version > $3
         ) e left join members m on m.workspace_id = $1 and m.id = e.member_id order by e.version desc limit 500",
    )
    .bind(tx.workspace())
    .bind(id)
    .bind(base)
    .fetch_all(tx.conn())
    .await?;
    let known: Vec<EventId> = rows.iter().map(|r| r.0).collect();
    let mut cancelled = Vec::new();
    let mut out = Vec::new();
    for (event, undoes, changes, by) in rows {
        if cancelled.contains(&event) {
            continue;
        }
        match undoes.filter(|u| known.contains(u)) {
            Some(undone) => cancelled.push(undone),
            None => out.push((changes.as_object().cloned().unwrap_or_default(), by)),
        }
    }
    Ok(out)
}

/// Fails if any of `keys` was changed by somebody since `base`: never last-write-wins in silence.
pub(crate) async fn refuse_overlap(tx: &mut TenantTx, kind: EntityKind, id: Uuid, base: i64, version: i64, keys: &[&str]) -> Result<(), StoreError> {
    if base >= version {
        return Ok(());
    }
    let mut fields: Vec<ConflictField> = Vec::new();
    for (changes, by) in changed_since(tx, id, base).await? {
        for key in keys {
            if let Some(change) = changes.get(*key)
                && !fields.iter().any(|f| f.field == *key)
            {
                fields.push(ConflictField {
                    field: (*key).into(),
                    label: kind.field(key).map_or(*key, |f| f.label).into(),
                    theirs: in_words(change, "after"),
                    by: by.clone(),
                });
            }
        }
    }
    if fields.is_empty() { Ok(()) } else { Err(Conflict::Changed { version, fields }.into()) }
}

/// One side of a stored change, as people read it.
pub(crate) fn in_words(change: &Value, side: &str) -> String {
    let words = format!("{side}Words");
    match change.get(&words).and_then(Value::as_str) {
        Some(text) => text.into(),
        None => domain::records::plain(change.get(side)),
    }
}
