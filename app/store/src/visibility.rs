//! Who sees what: the condition under which something told of a record is for the reader, and who may narrow the circle of
//! those who see one.

use crate::{
    StoreError, TenantTx,
    door::change::text,
    records::standing::{self, Standing},
};
use domain::{
    EntityKind, MemberId, Permission,
    members::TO_TEAM,
    subject::{IMPORT_VERBS, OWN_VERBS},
};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use std::sync::LazyLock;
use uuid::Uuid;

/// Kinds whose policy asks who reads: records with an owner, and tags, which are as private as what carries them.
pub(crate) fn guarded() -> impl Iterator<Item = EntityKind> {
    EntityKind::ALL.into_iter().filter(|k| k.is_owned() || *k == EntityKind::Tag)
}

/// Whether a row that tells of a record (`entity`, `entity_id`) is about one that the reader sees: the record's own policy
/// decides. A scalar subquery is evaluated per row by primary key; the planner turns EXISTS into a hashed subplan over the whole
/// table, which costs too much for one page.
pub(crate) fn seen(alias: &str) -> String {
    let nouns: Vec<String> = guarded().map(|k| format!("'{}'", k.noun())).collect();
    let each: String = guarded()
        .map(|k| {
            let rows = format!("from {} r where r.workspace_id = {alias}.workspace_id and r.id = {alias}.entity_id", k.plural());
            format!(" or ({alias}.entity = '{}' and (select true {rows}) is true)", k.noun())
        })
        .collect();
    format!("({alias}.entity not in ({}){each})", nouns.join(", "))
}

/// Events `e` that the reader may know of in full. An import's own events name the import, not a record; what somebody
/// settles for themselves is theirs.
pub(crate) static EVENT_SEEN: LazyLock<String> = LazyLock::new(|| {
    let list = |verbs: &[&str]| verbs.iter().map(|v| format!("'{v}'")).collect::<Vec<_>>().join(", ");
    format!(
        "((e.verb in ({}) or {})
          and (e.verb not in ({}) or e.member_id = (select current_member_id())))",
        list(&IMPORT_VERBS),
        seen("e"),
        list(&OWN_VERBS)
    )
});

/// Condition for events `e` whose visibility does not follow from the visibility of an owned record; the predicate of the partial
/// index `events_particular`. The SQL function `events_about_seen` leaves the others out.
pub(crate) const PARTICULAR: &str = "(e.entity = 'tag' or e.verb in ('snoozed', 'weighted', 'wished', 'tidied'))";

/// Events `e` by which fewer people see a record than before: admins hear of them without what the record says.
pub(crate) const EVENT_NARROWS: &str = "((e.changes -> 'visibility' ->> 'before', e.changes -> 'visibility' ->> 'after')
    in (('workspace', 'team'), ('workspace', 'private'), ('team', 'private')))";

/// Ids on both sides of a change, if its field refers to records that may be private.
fn private_ids(kind: EntityKind, key: &str, change: &Value) -> Vec<Uuid> {
    let target = kind.field(key).and_then(|f| f.kind.target());
    if !target.is_some_and(EntityKind::is_owned) {
        return Vec::new();
    }
    let values = ["before", "after"].into_iter().filter_map(|side| change.get(side));
    values.flat_map(|v| v.as_array().cloned().unwrap_or_else(|| vec![v.clone()])).filter_map(|v| v.as_str()?.parse().ok()).collect()
}

/// A change of a shared record may name a private one: its name and id are for those who see it.
pub(crate) async fn hide_names(tx: &mut TenantTx, mut rows: Vec<(EntityKind, &mut Map<String, Value>)>) -> Result<(), StoreError> {
    let ids = |kind: EntityKind, changes: &Map<String, Value>| -> Vec<(String, Vec<Uuid>)> {
        changes.iter().map(|(key, change)| (key.clone(), private_ids(kind, key, change))).filter(|(_, ids)| !ids.is_empty()).collect()
    };
    let wanted: Vec<Uuid> = rows.iter().flat_map(|(kind, changes)| ids(*kind, changes)).flat_map(|(_, ids)| ids).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let each: Vec<String> = EntityKind::ALL
        .into_iter()
        .filter(|k| k.is_owned())
        .map(|k| format!("select id from {} where workspace_id = $1 and id = any($2)", k.plural()))
        .collect();
    let seen: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(each.join(" union all "))).bind(tx.workspace()).bind(&wanted).fetch_all(tx.conn()).await?;
    for (kind, changes) in &mut rows {
        for (key, ids) in ids(*kind, changes) {
            if ids.iter().any(|id| !seen.contains(id)) {
                changes.insert(key, json!({"beforeWords": "…", "afterWords": "…"}));
            }
        }
    }
    Ok(())
}

/// How many see a record of this visibility, in order.
pub(crate) fn width(visibility: &str) -> u8 {
    match visibility {
        "private" => 0,
        TO_TEAM => 1,
        _ => 2,
    }
}

/// Refuses a change of visibility or owner after which fewer people see a record, unless it is its owner's or an admin's.
/// An owner who took the record over by their own hand is not its owner in this: two steps are no way around one.
pub(crate) async fn refuse_narrowing(
    tx: &mut TenantTx,
    kind: EntityKind,
    id: Uuid,
    row: &Map<String, Value>,
    visibility: Option<&str>,
    owner: Option<Option<MemberId>>,
) -> Result<(), StoreError> {
    let Some(old) = text(row, "visibility") else { return Ok(()) };
    let new = visibility.unwrap_or(old);
    let owner_before: Option<MemberId> = text(row, "owner_id").and_then(|o| o.parse().ok());
    let another_team = match owner {
        Some(next) if old == TO_TEAM && new == TO_TEAM && next != owner_before => other_team(tx, owner_before, next).await?,
        _ => false,
    };
    let narrows = width(new) < width(old) || another_team;
    if !narrows || tx.actor.role.allows(Permission::Oversee) {
        return Ok(());
    }
    let me = tx.actor.member;
    if owner_before != Some(me) {
        return Err(StoreError::Forbidden("Only its owner or an admin can make this visible to fewer people.".into()));
    }
    if rightful_owner(tx, kind, id, me).await? != Some(me) {
        let text = "You took this over yourself, so only the owner before you or an admin can make it visible to fewer people.";
        return Err(StoreError::Forbidden(text.into()));
    }
    Ok(())
}

/// Refuses former members as owners, and owners without an account on restricted records, which the policy would hide from
/// every member. `visibility` and `owner` are the new values, `row` is the stored record (empty on creation).
pub(crate) async fn refuse_absent_owner(
    tx: &mut TenantTx,
    kind: EntityKind,
    row: &Map<String, Value>,
    visibility: Option<&str>,
    owner: Option<Option<MemberId>>,
) -> Result<(), StoreError> {
    let Some(field) = kind.field("ownerId").filter(|_| visibility.is_some() || owner.is_some()) else { return Ok(()) };
    let refused = |code: &'static str, words: String| Err(domain::Invalid::one("ownerId", code, words).into());
    let seen_by_all = visibility.or_else(|| text(row, "visibility")).is_none_or(|v| v == "workspace");
    let present = || text(row, "owner_id").and_then(|id| id.parse().ok()).map(MemberId);
    let Some(after) = owner.unwrap_or_else(present) else {
        return if seen_by_all { Ok(()) } else { refused("required", format!("{} is needed as long as not everyone sees this", field.label)) };
    };
    if after == tx.actor.member || seen_by_all && owner.is_none() {
        return Ok(());
    }
    match standing::standing(tx, after).await? {
        Standing::Left => refused("left", "This member has left the workspace. Choose another owner.".into()),
        Standing::Placeholder if !seen_by_all && !has_company(tx, after, visibility.or_else(|| text(row, "visibility"))).await? => {
            refused("not_joined", "Nobody has joined as this member yet, so nobody would see this. Choose another owner.".into())
        }
        Standing::Placeholder | Standing::Active => Ok(()),
    }
}

/// Whether a team-visible record of a placeholder is visible to an active member of its team.
async fn has_company(tx: &mut TenantTx, owner: MemberId, visibility: Option<&str>) -> Result<bool, StoreError> {
    let text = "select $3 and exists (select from members o join members t on t.workspace_id = o.workspace_id and t.team_id = o.team_id
        where o.workspace_id = $1 and o.id = $2 and t.user_id is not null)";
    Ok(sqlx::query_scalar(text).bind(tx.workspace()).bind(owner).bind(visibility == Some("team")).fetch_one(tx.conn()).await?)
}

async fn other_team(tx: &mut TenantTx, one: Option<MemberId>, other: Option<MemberId>) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "select (select team_id from members where workspace_id = $1 and id = $2) is distinct from (select team_id from members where workspace_id = $1 and id = $3)",
    )
    .bind(tx.workspace())
    .bind(one)
    .bind(other)
    .fetch_one(tx.conn())
    .await?)
}

/// Who came to own a record by right: from its first owner on, by gift of its owner, or by the hand of a manager who is not
/// the one who gets it. `now` is its present owner.
pub(crate) async fn rightful_owner(tx: &mut TenantTx, kind: EntityKind, id: Uuid, now: MemberId) -> Result<Option<MemberId>, StoreError> {
    // A handing-over when somebody leaves is an admin's doing; its rows stand beside its event.
    let steps: Vec<(Option<MemberId>, Option<MemberId>, Option<MemberId>, bool)> = sqlx::query_as(
        "select c.giver, c.before, c.after, c.official from (
            select e.id, e.member_id as giver, (e.changes -> 'ownerId' ->> 'before')::uuid as before, (e.changes -> 'ownerId' ->> 'after')::uuid as after,
                coalesce(manages(e.member_id), false) as official
            from events e where e.workspace_id = $1 and e.entity = $3 and e.entity_id = $2 and e.verb <> 'created' and e.changes -> 'ownerId' ? 'after'
            union all
            select b.id, b.member_id, b.entity_id, (b.changes -> 'to' ->> 'after')::uuid, true
            from event_rows r join events b on b.workspace_id = r.workspace_id and b.id = r.event_id
            where r.workspace_id = $1 and r.entity = $3 and r.entity_id = $2 and b.verb = 'handed_over'
         ) c order by c.id",
    )
    .bind(tx.workspace())
    .bind(id)
    .bind(kind.noun())
    .fetch_all(tx.conn())
    .await?;
    let mut rightful = steps.first().map_or(Some(now), |s| s.1);
    for (giver, _, after, official) in steps {
        let given = giver.is_some() && giver == rightful;
        if given || official && giver != after {
            rightful = after;
        }
    }
    Ok(rightful)
}
