//! What members leave behind when they go.

use crate::{
    Conflict, StoreError, TenantTx,
    door::apply::{Apply, Context},
    door::change::Change,
    records::hook::Hooks,
    records::reads,
    records::rows::Transition,
    tasks::reminders,
};
use domain::{EntityKind, EventId, Invalid, MemberId, MemberInternal};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

pub(crate) struct Members;

impl Hooks for Members {
    const NEEDED: Option<(&'static str, &'static str)> =
        Some(("t.user_id is not null or has_open_invitation(t.id)", "records, sign-ins or invitations"));

    /// Reminders keep their local time when the member's zone changes.
    async fn follow(tx: &mut TenantTx, _event: EventId, rows: &[Transition<'_>]) -> Result<(), StoreError> {
        for row in rows {
            let (Some(before), Some(after)) = (row.before, row.after) else { continue };
            let id = after.get("id").and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
            if let Some(id) = id.filter(|_| before.get("time_zone") != after.get("time_zone")) {
                reminders::zone_changed(tx, id.into()).await?;
            }
        }
        Ok(())
    }
}

/// Ids and names of all members, at most 500, former ones too: for texts that mention them.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn member_names(tx: &mut TenantTx) -> Result<Vec<(Uuid, String)>, StoreError> {
    reads::names_where(tx, EntityKind::Member, "", "", 500).await
}

/// Gives everything that `from` owns to `to`, row by row in one event, and frees the member: they stay in the history,
/// and somebody may join as them later.
pub(crate) async fn hand_over(tx: &mut TenantTx, from: MemberId, to: MemberId) -> Result<Change, StoreError> {
    let workspace = tx.workspace();
    let event = EventId::new();
    // An heir who left meanwhile inherits nothing: an owner of the workspace does.
    let to: Option<MemberId> = sqlx::query_scalar("select hold_heir($1)").bind(to).fetch_one(tx.conn()).await?;
    let to = to.ok_or_else(|| Invalid::one("heir", "not_found", "Member was not found"))?;
    // What only they could see goes with the rest: nobody else would ever find it again.
    sqlx::query("select set_config('app.sees_all', 'yes', true)").execute(tx.conn()).await?;
    let names: Vec<(MemberId, String)> =
        sqlx::query_as("select id, name from members where workspace_id = $1 and id = any($2) and deleted_at is null")
            .bind(workspace)
            .bind(vec![from.0, to.0])
            .fetch_all(tx.conn())
            .await?;
    let name = |id: MemberId| names.iter().find(|n| n.0 == id).map(|n| n.1.clone());
    let title = name(from).ok_or(StoreError::NotFound)?;
    let heir = name(to).ok_or_else(|| Invalid::one("heir", "not_found", "Member was not found"))?;
    let active: bool = sqlx::query_scalar("select user_id is not null from members where workspace_id = $1 and id = $2")
        .bind(workspace)
        .bind(from)
        .fetch_one(tx.conn())
        .await?;
    if !active {
        return Err(Conflict::State("Nobody has joined as this member.".into()).into());
    }
    let mut moved = 0i64;
    let told = json!({"ownerId": {"before": from, "after": to, "beforeWords": title, "afterWords": heir}});
    for kind in EntityKind::ALL.into_iter().filter(|k| k.is_owned()) {
        let text = format!(
            "with changed as (update {} set owner_id = $3, version = version + 1, updated_at = now() where workspace_id = $1 and owner_id = $2 returning id, version),
             told as (insert into event_rows (workspace_id, event_id, entity, entity_id, version, changes) select $1, $4, $5, id, version, $6 from changed)
             select count(*) from changed",
            kind.plural()
        );
        moved += sqlx::query_scalar::<_, i64>(AssertSqlSafe(text))
            .bind(workspace)
            .bind(from)
            .bind(to)
            .bind(event)
            .bind(kind.noun())
            .bind(&told)
            .fetch_one(tx.conn())
            .await?;
    }
    // What they were told is theirs; whoever joins as this member later is somebody else.
    for text in [
        "delete from notifications where workspace_id = $1 and member_id = $2",
        "delete from notification_settings where workspace_id = $1 and member_id = $2",
        "delete from snoozes where workspace_id = $1 and member_id = $2",
    ] {
        sqlx::query(text).bind(workspace).bind(from).execute(tx.conn()).await?;
    }
    crate::tasks::reminders::zone_changed(tx, to).await?;
    let version: i64 = sqlx::query_scalar(
        "update members set user_id = null, left_at = now(), version = version + 1, updated_at = now() where workspace_id = $1 and id = $2 returning version",
    )
    .bind(workspace)
    .bind(from)
    .fetch_one(tx.conn())
    .await?;
    let mut changes = Map::new();
    changes.insert("to".into(), json!({"before": null, "after": to, "afterWords": heir}));
    changes.insert("records".into(), json!({"before": null, "after": moved}));
    Ok(Change::of(EntityKind::Member, from.0, title, "handed_over").version(version).changes(changes).in_event(event))
}

impl Apply for MemberInternal {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        let Self::HandOver { from, to } = self;
        hand_over(tx, *from, *to).await
    }
}
