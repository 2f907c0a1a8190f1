//! What somebody was told: reading it, marking it as read, and how they want to be told.

use crate::{
    StoreError, TenantTx,
    door::apply::{Apply, Context},
    door::change::Change,
    visibility::seen,
};
use chrono::{DateTime, Utc};
use domain::{
    Cursor, EntityKind, Invalid, Inverse, NotificationCommand, Page, Permission,
    notifications::{KINDS, Notification, NotificationPreference, OF_MANAGERS},
};
use serde_json::json;
use uuid::Uuid;

type Row = (Uuid, String, String, Uuid, String, Option<String>, DateTime<Utc>, bool);

/// The actor's notifications about records that they see, newest first, at most `limit`.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn list(tx: &mut TenantTx, unread_only: bool, after: Option<&Cursor>, limit: i64) -> Result<Page<Notification>, StoreError> {
    // Made private or given away since, a record is not for them any more, and neither is what was told of it.
    let text = format!(
        "select n.id, n.kind, n.entity, n.entity_id, n.title, m.name, n.created_at, n.read_at is not null
         from notifications n left join members m on m.workspace_id = n.workspace_id and m.id = n.by_member
         where n.workspace_id = $1 and n.member_id = $2 and (not $3 or n.read_at is null) and n.id < $4 and {}
         order by n.id desc limit $5",
        seen("n")
    );
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(tx.workspace())
        .bind(tx.actor.member)
        .bind(unread_only)
        .bind(after.map_or(Uuid::max(), |a| a.id))
        .bind(limit + 1)
        .fetch_all(tx.conn())
        .await?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: String::new(), id: r.0 });
    let items = page.items.into_iter().filter_map(|(id, kind, entity, entity_id, title, by, created_at, read)| {
        Some(Notification { id, kind, entity: EntityKind::from_noun(&entity)?, entity_id, title, by, created_at, read })
    });
    Ok(Page { items: items.collect(), next: page.next })
}

/// Number of the actor's unread notifications, at most 100.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn unread(tx: &mut TenantTx) -> Result<i64, StoreError> {
    let text = format!(
        "select count(*) from (select from notifications n where workspace_id = $1 and member_id = $2 and read_at is null and {} limit 100) n",
        seen("n")
    );
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).bind(tx.actor.member).fetch_one(tx.conn()).await?)
}

/// Channels of each kind of notification, as the actor chose them or by default.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn preferences(tx: &mut TenantTx) -> Result<Vec<NotificationPreference>, StoreError> {
    let rows: Vec<(String, bool, bool, bool)> =
        sqlx::query_as("select kind, in_app, by_mail, by_push from notification_settings where workspace_id = $1 and member_id = $2")
            .bind(tx.workspace())
            .bind(tx.actor.member)
            .fetch_all(tx.conn())
            .await?;
    let preference = |kind: &str| {
        let set = rows.iter().find(|r| r.0 == kind);
        NotificationPreference {
            kind: kind.to_owned(),
            in_app: set.is_none_or(|r| r.1),
            by_mail: set.is_some_and(|r| r.2),
            by_push: set.is_none_or(|r| r.3),
        }
    };
    let runs_it = tx.actor.role.allows(Permission::ManageMembers);
    Ok(KINDS.iter().filter(|k| runs_it || !OF_MANAGERS.contains(&k.0)).map(|k| preference(k.0)).collect())
}

/// A change of what is only the actor's own; it goes into nobody's feed.
fn own(tx: &TenantTx, verb: &'static str, changed: bool, inverse: Option<Inverse>) -> Change {
    let me = tx.actor.member;
    Change::of_settings(me, "", verb).version(0).with_inverse(inverse).changed(changed)
}

pub(crate) async fn read(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Change, StoreError> {
    sqlx::query(
        "update notifications set read_at = now() where workspace_id = $1 and member_id = $2 and read_at is null and (cardinality($3::uuid[]) = 0 or id = any($3))",
    )
    .bind(tx.workspace())
    .bind(tx.actor.member)
    .bind(ids)
    .execute(tx.conn())
    .await?;
    Ok(own(tx, "read", false, None))
}

pub(crate) async fn set(tx: &mut TenantTx, preference: &NotificationPreference) -> Result<Change, StoreError> {
    let kind = preference.kind.as_str();
    if !KINDS.iter().any(|k| k.0 == kind) {
        let known: Vec<&str> = KINDS.iter().map(|k| k.0).collect();
        return Err(Invalid::one("kind", "choice", format!("kind must be one of {}", known.join(", "))).into());
    }
    let before = preferences(tx).await?.into_iter().find(|w| w.kind == kind);
    sqlx::query(
        "insert into notification_settings (workspace_id, member_id, kind, in_app, by_mail, by_push) values ($1, $2, $3, $4, $5, $6)
         on conflict (workspace_id, member_id, kind) do update set in_app = excluded.in_app, by_mail = excluded.by_mail, by_push = excluded.by_push",
    )
    .bind(tx.workspace())
    .bind(tx.actor.member)
    .bind(kind)
    .bind(preference.in_app)
    .bind(preference.by_mail)
    .bind(preference.by_push)
    .execute(tx.conn())
    .await?;
    let inverse = before
        .as_ref()
        .map(|w| NotificationCommand::SetNotification { kind: kind.into(), in_app: w.in_app, by_mail: w.by_mail, by_push: w.by_push }.into());
    let mut change = own(tx, "wished", before.as_ref() != Some(preference), inverse);
    change.title = kind.into();
    for (key, now, of) in [
        ("inApp", preference.in_app, (|w| w.in_app) as fn(&NotificationPreference) -> bool),
        ("byMail", preference.by_mail, |w| w.by_mail),
        ("byPush", preference.by_push, |w| w.by_push),
    ] {
        change.changes.insert(key.into(), json!({"before": before.as_ref().map(of), "after": now}));
    }
    Ok(change)
}

impl Apply for NotificationCommand {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        match self {
            Self::ReadNotifications { ids } => read(tx, ids).await,
            Self::SetNotification { kind, in_app, by_mail, by_push } => {
                set(tx, &NotificationPreference { kind: kind.clone(), in_app: *in_app, by_mail: *by_mail, by_push: *by_push }).await
            }
        }
    }
}
