//! The one door for writes: permission, idempotency, the change, its event and its outbox row in one transaction.

pub(crate) mod apply;
pub(crate) mod change;
pub(crate) mod ledger;
pub(crate) mod overlap;

use crate::{
    Actor, Conflict, Database, StoreError, TenantTx,
    door::apply::{Apply, Context},
    door::change::Change,
    notify,
    records::reads,
    rights, visibility,
};
use domain::{
    Command, CommandId, Envelope, EventId, Internal, Inverse, MemberId, MemberInternal, Outcome, Permission, Record, RecordCommand, RecordInternal,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::FromRow;

/// A command of a member or a program, or an internal one of the store.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    Command(&'a Command),
    Internal(&'a Internal),
}

impl Asked<'_> {
    fn json(self) -> Value {
        match self {
            Self::Command(command) => json!(command),
            Self::Internal(internal) => json!(internal),
        }
    }
}

/// A change on its way through the door.
#[derive(Clone, Copy)]
pub(crate) struct Order<'a> {
    id: CommandId,
    base_version: Option<i64>,
    asked: Asked<'a>,
    undoes: Option<EventId>,
}

impl<'a> From<&'a Envelope> for Order<'a> {
    fn from(envelope: &'a Envelope) -> Self {
        Self { id: envelope.id, base_version: envelope.base_version, asked: Asked::Command(&envelope.command), undoes: None }
    }
}

/// Attempts at a transaction that lost a race.
const ATTEMPTS: usize = 5;

impl Database {
    /// Carries out a command. The same envelope sent again gets the stored outcome of the first time.
    ///
    /// # Errors
    /// `Denied`: the role does not allow it. `Ended`. `NotFound`: the actor sees no such record. `Forbidden`: it is another
    /// member's. `Invalid`: a value is refused. `Conflict`: changed since, in use, or the id is taken. `Database`.
    pub async fn dispatch(&self, actor: &Actor, envelope: &Envelope) -> Result<Outcome, StoreError> {
        Ok(self.carry_out(actor, envelope.into(), false).await?.0)
    }

    /// The second half of removing a member, whose membership has ended.
    pub(crate) async fn hand_over(&self, actor: &Actor, from: MemberId, to: MemberId) -> Result<(), StoreError> {
        let internal = Internal::from(MemberInternal::HandOver { from, to });
        let order = Order { id: CommandId::new(), base_version: None, asked: Asked::Internal(&internal), undoes: None };
        self.carry_out(actor, order, false).await.map(drop)
    }

    /// [`Database::dispatch`], and the record as the command left it, read in the same transaction; `None`: the actor gave it
    /// away and sees it no longer. Not for deletions.
    ///
    /// # Errors
    /// Those of [`Database::dispatch`].
    pub async fn dispatch_reading(&self, actor: &Actor, envelope: &Envelope) -> Result<(Outcome, Option<Record>), StoreError> {
        match self.carry_out(actor, envelope.into(), true).await? {
            (outcome, Some(record)) => Ok((outcome, record)),
            // Carried out earlier: the record as it is now, in the bin or not.
            (outcome, None) => {
                let mut tx = self.begin(actor, Permission::ViewRecords).await?;
                let record = reads::get_or_binned(&mut tx, outcome.kind, outcome.id).await?;
                Ok((outcome, record))
            }
        }
    }

    /// Undoes `event` by its inverse command, which is an event itself and can be undone. An admin may also undo a narrowing that
    /// hid the record from them: its visibility is restored, and nothing else of the event.
    ///
    /// # Errors
    /// `NotFound`: the event is older than 30 days or the actor cannot see it. `Conflict`: it cannot be undone, was undone, or
    /// nothing is left to undo. Else as [`Database::dispatch`].
    pub async fn undo(&self, actor: &Actor, id: CommandId, event: EventId) -> Result<Outcome, StoreError> {
        let mut tx = self.begin(actor, Permission::ViewRecords).await?;
        // Only what one sees in the feed, and only as long as it says so.
        let seen = visibility::EVENT_SEEN.as_str();
        let text = format!(
            "select {}, e.version, e.undone_by is not null, {seen} from events e
                left join imports i on i.workspace_id = e.workspace_id and i.id = e.entity_id and e.verb = 'imported'
                where e.workspace_id = $1 and e.id = $2 and e.surface <> 'setup' and e.recorded_at > now() - interval '30 days' and ({seen} or $3 and {})",
            crate::events::inverse_of("i"),
            visibility::EVENT_NARROWS
        );
        let row: Option<(Option<Value>, i64, bool, bool)> = sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(tx.workspace())
            .bind(event)
            .bind(actor.role.allows(Permission::Oversee))
            .fetch_optional(tx.conn())
            .await?;
        drop(tx);
        let (inverse, version, undone, seen) = row.ok_or(StoreError::NotFound)?;
        let inverse = inverse.ok_or(Conflict::NotUndoable)?;
        let mut inverse: Inverse = serde_json::from_value(inverse).map_err(|_| Conflict::NotUndoable)?;
        if !seen {
            // Nothing but the narrowing: what else the event changed is the owner's.
            let Inverse::Command(Command::Records(RecordCommand::Edit { kind, id, set })) = inverse else { return Err(StoreError::NotFound) };
            let visibility = set.get("visibility").and_then(Value::as_str).ok_or(Conflict::NotUndoable)?.to_owned();
            inverse = RecordInternal::Widen { kind, id, visibility }.into();
        }
        let asked = match &inverse {
            Inverse::Command(command) => Asked::Command(command),
            Inverse::Internal(internal) => Asked::Internal(internal),
        };
        let order = Order { id, base_version: Some(version), asked, undoes: Some(event) };
        if undone {
            return match self.stored(actor, order).await? {
                Some(outcome) => Ok(outcome),
                None => Err(Conflict::AlreadyUndone.into()),
            };
        }
        Ok(self.carry_out(actor, order, false).await?.0)
    }

    async fn carry_out(&self, actor: &Actor, order: Order<'_>, read: bool) -> Result<(Outcome, Option<Option<Record>>), StoreError> {
        if matches!(order.asked, Asked::Command(c) if c.needs_base_version()) && order.base_version.is_none() {
            return Err(Conflict::VersionNeeded.into());
        }
        for attempt in 1.. {
            let failed = match self.attempt(actor, order, read).await {
                Ok(done) => {
                    self.hub.wake();
                    return Ok(done);
                }
                Err(e) => e,
            };
            // Nothing was sent in either case.
            if matches!(failed, StoreError::Denied(_) | StoreError::Ended | StoreError::Database(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed))
            {
                return Err(failed);
            }
            // Whatever went wrong may be because this very command was carried out already (its record exists, its
            // version moved on, its id is taken): only a look in a new transaction tells.
            if let Some(outcome) = self.stored(actor, order).await? {
                return Ok((outcome, None));
            }
            if failed.constraint() == Some("tags_name") {
                return Err(domain::Invalid::one("name", "taken", "There is a tag of this name already.").into());
            }
            if attempt < ATTEMPTS && failed.is_retryable() {
                continue;
            }
            return Err(failed);
        }
        Err(StoreError::NotFound)
    }

    async fn attempt(&self, actor: &Actor, order: Order<'_>, read: bool) -> Result<(Outcome, Option<Option<Record>>), StoreError> {
        let permission = match order.asked {
            Asked::Command(command) => rights::needs(actor, command),
            Asked::Internal(internal) => internal.permission(),
        };
        let mut tx = self.begin_write(actor, permission).await?;
        let (outcome, mut seen) = carry_reading(&mut tx, order, read).await?;
        if read && tx.bypasses_visibility {
            // Restore the visibility policy before reading back: the answer must not contain rows that the actor cannot see.
            crate::bypass::visibility(&mut tx, false).await?;
            seen = None;
        }
        if read && seen.is_none() {
            seen = Some(reads::get_many(&mut tx, outcome.kind, &[outcome.id]).await?.pop());
        }
        tx.commit().await?;
        Ok((outcome, seen))
    }

    /// The outcome of an earlier sending of this command, if there was one.
    async fn stored(&self, actor: &Actor, order: Order<'_>) -> Result<Option<Outcome>, StoreError> {
        let mut tx = self.begin(actor, Permission::ViewRecords).await?;
        let row: Option<(MemberId, Vec<u8>, Value)> =
            sqlx::query_as("select member_id, body_hash, outcome from commands where workspace_id = $1 and id = $2")
                .bind(tx.workspace())
                .bind(order.id)
                .fetch_optional(tx.conn())
                .await?;
        let Some((member, hash, outcome)) = row else { return Ok(None) };
        if member != actor.member || (hash != body_hash(order) && hash != body_hash_before(order)) {
            return Err(Conflict::CommandReused.into());
        }
        Ok(serde_json::from_value(outcome).ok())
    }
}

/// Carries an order out inside the caller's transaction.
pub(crate) async fn carry(tx: &mut TenantTx, order: impl Into<Order<'_>>) -> Result<Outcome, StoreError> {
    Ok(carry_reading(tx, order.into(), false).await?.0)
}

/// [`carry`]; with `read`, also returns the record, read by the statement that inserts the event. None: nothing changed, so
/// nothing was read.
async fn carry_reading(tx: &mut TenantTx, order: Order<'_>, read: bool) -> Result<(Outcome, Option<Option<Record>>), StoreError> {
    let mut context = Context { base: order.base_version, ..Context::default() };
    let change = match order.asked {
        Asked::Command(command) => command.apply(tx, &mut context).await?,
        Asked::Internal(internal) => internal.apply(tx, &mut context).await?,
    };
    if order.undoes.is_some() && !change.changed {
        return Err(Conflict::NothingToUndo.into());
    }
    let outcome = Outcome {
        kind: change.kind,
        id: change.id,
        version: change.version,
        event: change.changed.then_some(change.event),
        rank: change.rank.clone(),
    };
    for beside in &context.also {
        ledger::record_beside(tx, order.id, beside).await?;
        notify::notify(tx, beside).await?;
    }
    let seen = record(tx, order, &change, &outcome, read).await?;
    notify::notify(tx, &change).await?;
    Ok((outcome, seen))
}

/// What was asked for. Not the version it was made from: a browser that was cut off may have learnt a newer one of its own
/// making by the time it sends the same again.
fn body_hash(order: Order<'_>) -> Vec<u8> {
    Sha256::digest(json!([order.asked.json()]).to_string()).to_vec()
}

/// As versions up to November 2026 reckoned it: what they carried out may be sent once more.
fn body_hash_before(order: Order<'_>) -> Vec<u8> {
    Sha256::digest(json!([order.asked.json(), order.base_version]).to_string()).to_vec()
}

/// Inserts command, event and outbox row, and marks the undone event, in one statement. With `read`, the same statement returns
/// the record in its new state.
async fn record(tx: &mut TenantTx, order: Order<'_>, change: &Change, outcome: &Outcome, read: bool) -> Result<Option<Option<Record>>, StoreError> {
    let workspace = tx.workspace();
    let member = tx.actor.member;
    let surface = tx.actor.surface.code();
    let inverse = change.inverse.as_ref().and_then(|c| serde_json::to_value(c).ok());
    let outcome = serde_json::to_value(outcome).unwrap_or_default();
    if !change.changed {
        sqlx::query("insert into commands (workspace_id, id, member_id, body_hash, outcome) values ($1, $2, $3, $4, $5)")
            .bind(workspace)
            .bind(order.id)
            .bind(member)
            .bind(body_hash(order))
            .bind(outcome)
            .execute(tx.conn())
            .await?;
        return Ok(None);
    }
    let text = match read {
        true => format!("{RECORDED}, c as ({COMMAND}) {}", reads::whole(change.kind, false, "$18")),
        false => format!("{RECORDED} {COMMAND}"),
    };
    let query = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(workspace)
        .bind(order.id)
        .bind(member)
        .bind(body_hash(order))
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
        .bind(order.undoes)
        .bind(change.audience.member())
        .bind(change.audience.with_team());
    if !read {
        query.execute(tx.conn()).await?;
        return Ok(None);
    }
    let row = query.bind(vec![change.id]).fetch_optional(tx.conn()).await?;
    Ok(Some(row.map(|row| reads::WholeRow::from_row(&row)).transpose()?.map(|row| reads::record(change.kind, row))))
}

const RECORDED: &str = "with e as (
        insert into events (workspace_id, id, command_id, member_id, surface, verb, entity, entity_id, title, version, changes, inverse, undoes, occurred_at)
        values ($1, $6, $2, $3, $7, $8, $9, $10, $11, $12, $13, $14, $15, now())
    ), u as (
        update events set undone_by = $6 where workspace_id = $1 and id = $15
    ), o as (
        insert into outbox (id, workspace_id, entity, entity_id, version, verb, command_id, visible_to, visible_team)
        values ($6, $1, $9, $10, $12, $8, $2, $16, case when $17 then (select team_id from members where workspace_id = $1 and id = $16) end)
    )";
const COMMAND: &str = "insert into commands (workspace_id, id, member_id, body_hash, outcome) values ($1, $2, $3, $4, $5)";
