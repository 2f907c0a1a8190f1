//! Who is told of a change: written with its event, in its transaction, so that nobody is told twice or of nothing.

use crate::{
    StoreError, TenantTx,
    door::change::{Change, Notice, Notices},
};
use domain::{EntityKind, MemberId, notes::mentioned, notifications};
use serde_json::{Map, Value};
use uuid::Uuid;

impl Notices {
    /// Notifications that follow from a created or edited row.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn about(tx: &mut TenantTx, kind: EntityKind, row: &Map<String, Value>, changes: &Map<String, Value>) -> Result<Self, StoreError> {
        let to = of_record(tx, kind, row, changes).await?;
        let visibility = row.get("visibility").and_then(Value::as_str).unwrap_or("workspace").to_owned();
        Ok(Self { to, owner: member(row.get("owner_id")), visibility })
    }
}

fn member(value: Option<&Value>) -> Option<MemberId> {
    value?.as_str()?.parse().ok()
}

/// Recipients for a created or edited record: new and previous owner, the owner of a record whose visibility changed, and
/// members newly mentioned in a note.
async fn of_record(tx: &mut TenantTx, kind: EntityKind, row: &Map<String, Value>, changes: &Map<String, Value>) -> Result<Vec<Notice>, StoreError> {
    let mut out: Vec<Notice> = Vec::new();
    let value = |key: &str, side: &str| changes.get(key).and_then(|c| c.get(side));
    if kind.spec().assigned {
        out.extend(member(value("ownerId", "after")).map(|owner| (owner, "assigned")));
        out.extend(member(value("ownerId", "before")).map(|owner| (owner, "reassigned")));
    }
    if value("visibility", "before").is_some_and(Value::is_string)
        && let Some(owner) = member(row.get("owner_id"))
        && !out.iter().any(|n| n.0 == owner)
    {
        out.push((owner, "visibility"));
    }
    let side = |name: &str| changes.get("body").and_then(|c| c.get(name)).and_then(Value::as_str).unwrap_or_default().to_owned();
    if kind == EntityKind::Note && side("after").contains('@') {
        let names: Vec<(MemberId, String)> =
            sqlx::query_as("select id, name from members where workspace_id = $1 and user_id is not null and deleted_at is null")
                .bind(tx.workspace())
                .fetch_all(tx.conn())
                .await?;
        let (before, after) = (side("before"), side("after"));
        let old = mentioned(&before, &names);
        out.extend(mentioned(&after, &names).into_iter().filter(|m| !old.contains(m)).map(|m| (m, "mention")));
    }
    Ok(out)
}

/// Members with an account whose name contains `q`, by name, at most `limit`.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn mentionable(tx: &mut TenantTx, q: &str, limit: i64) -> Result<Vec<(Uuid, String)>, StoreError> {
    Ok(sqlx::query_as(
        "select id, name from members where workspace_id = $1 and user_id is not null and deleted_at is null
            and ($2 = '' or strpos(lower(name), lower($2)) > 0) order by name, id limit $3",
    )
    .bind(tx.workspace())
    .bind(q)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?)
}

/// Writes notifications, the mails that were wished for, and a word to the browsers of those who are told. Nobody is
/// told what they did themselves, nor of what they cannot see.
pub(crate) async fn notify(tx: &mut TenantTx, change: &Change) -> Result<(), StoreError> {
    let me = tx.actor.member;
    if !change.changed || change.notices.to.iter().all(|n| n.0 == me) {
        return Ok(());
    }
    let by = name_of(tx, me).await?;
    deliver(tx, change.kind, change.id, &change.title, Some((me, by)), &change.notices).await
}

async fn name_of(tx: &mut TenantTx, member: MemberId) -> Result<String, StoreError> {
    let name: Option<String> = sqlx::query_scalar("select name from members where workspace_id = $1 and id = $2")
        .bind(tx.workspace())
        .bind(member)
        .fetch_optional(tx.conn())
        .await?;
    Ok(name.unwrap_or_default())
}

/// One statement for all that is told of one record.
pub(crate) async fn deliver(
    tx: &mut TenantTx,
    kind: EntityKind,
    id: Uuid,
    title: &str,
    by: Option<(MemberId, String)>,
    notices: &Notices,
) -> Result<(), StoreError> {
    let wanted: Vec<&Notice> = notices.to.iter().filter(|n| by.as_ref().is_none_or(|b| b.0 != n.0)).collect();
    let name = by.as_ref().map(|b| b.1.as_str());
    let subjects: Vec<String> = wanted.iter().map(|n| notifications::sentence(n.1, name, title)).collect();
    // What is delivered together leads to one place.
    let link = notifications::link(wanted.first().map_or("", |n| n.1), kind, id);
    let fresh = |n: usize| (0..n).map(|_| Uuid::now_v7()).collect::<Vec<_>>();
    sqlx::query(
        "with n as (
            select w.*, coalesce(s.in_app, true) as in_app, coalesce(s.by_mail, false) as by_mail, coalesce(s.by_push, true) as by_push
            from unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $15::uuid[]) as w (member, kind, subject, notice, mail, live, push)
            join members m on m.workspace_id = $1 and m.id = w.member and m.user_id is not null and m.deleted_at is null
            left join notification_settings s on s.workspace_id = $1 and s.member_id = w.member and s.kind = w.kind
            where $12 = 'workspace' or m.id = $13
                or ($12 = 'team' and m.team_id = (select o.team_id from members o where o.workspace_id = $1 and o.id = $13))
        ), told as (
            insert into notifications (workspace_id, id, member_id, kind, entity, entity_id, title, by_member)
            select $1, notice, member, kind, $8, $9, $10, $11 from n where in_app
        ), posted as (
            insert into mails (id, workspace_id, member_id, subject, body) select mail, $1, member, subject, subject || E'\\n\\n{base}' || $14 from n where by_mail
        ), pushed as (
            insert into pushes (id, workspace_id, member_id, title, link) select push, $1, member, subject, $14 from n where by_push
        )
        insert into outbox (id, workspace_id, entity, entity_id, version, verb, visible_to)
        select live, $1, 'member', member, 0, 'notified', member from n where in_app",
    )
    .bind(tx.workspace())
    .bind(wanted.iter().map(|n| n.0.0).collect::<Vec<_>>())
    .bind(wanted.iter().map(|n| n.1.to_owned()).collect::<Vec<_>>())
    .bind(&subjects)
    .bind(fresh(wanted.len()))
    .bind(fresh(wanted.len()))
    .bind(fresh(wanted.len()))
    .bind(kind.noun())
    .bind(id)
    .bind(title)
    .bind(by.map(|b| b.0))
    .bind(&notices.visibility)
    .bind(notices.owner)
    .bind(link)
    .bind(fresh(wanted.len()))
    .execute(tx.conn())
    .await?;
    Ok(())
}
