//! Creating, reading, editing, deleting and restoring records of every kind by their fields.
//!
//! The only file that builds SQL from field names; every name is a `&'static str` out of the domain's field tables.

use crate::{
    Conflict, StoreError, TenantTx, bypass,
    change::{Audience, Change, Notices},
    children, derived, in_use, moves, overlap,
    references::{add_words, check_references},
    rights, tags,
    values::{column_value, empty_as, json_value, push_value, row_currency},
    visibility,
};
use domain::{
    Command, Currency, EntityKind, EventId, FieldKind, FieldMap, Invalid, MemberId, Money,
    fields::{self, Assignment, FieldValue},
};
use serde_json::{Map, Value, json};
use sqlx::{AssertSqlSafe, QueryBuilder};
use uuid::Uuid;

/// The row and its version, in the bin or not.
pub(crate) async fn lock_row_anywhere(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<(i64, Map<String, Value>), StoreError> {
    match lock_row(tx, kind, id, false).await {
        Err(StoreError::NotFound) => lock_row(tx, kind, id, true).await,
        found => found,
    }
}

pub(crate) async fn create(tx: &mut TenantTx, kind: EntityKind, id: Uuid, set: &FieldMap) -> Result<Change, StoreError> {
    let home = tx.actor.currency;
    let mut assignments = fields::check(kind, set, true, home)?;
    let currency = set.get("currency").and_then(Value::as_str).and_then(|c| c.parse().ok()).unwrap_or(home);
    let has = |a: &[Assignment], key: &str| a.iter().any(|a| a.spec.key == key && a.value != FieldValue::Null);
    let default = |a: &mut Vec<Assignment>, key: &str, value: FieldValue| {
        if !has(a, key)
            && let Some(spec) = kind.field(key)
        {
            a.retain(|x| x.spec.key != key);
            a.push(Assignment { spec, value });
        }
    };
    default(&mut assignments, "currency", FieldValue::Text(home.code().into()));
    if kind.is_owned() {
        let me = tx.actor.member;
        default(&mut assignments, "ownerId", FieldValue::Id(me.0));
    }
    if let Some(size) = derived_size(kind, &assignments) {
        default(&mut assignments, "size", size);
    }
    let chosen = has(&assignments, "visibility");
    let inherited = derived::inherited_visibility(tx, kind, &assignments).await?.filter(|_| !chosen);
    let inherits = inherited.is_some();
    if let Some(visibility) = inherited {
        default(&mut assignments, "visibility", FieldValue::Text(visibility));
    }
    derived::check_zone(tx, &assignments).await?;
    if let (EntityKind::Stage, Some(position)) = (kind, next_position(tx, &assignments).await?) {
        default(&mut assignments, "position", FieldValue::Int(position));
    }
    let names = check_references(tx, &assignments).await?;
    let (visibility, owner) = (visibility_in(&assignments), owner_in(&assignments));
    visibility::refuse_absent_owner(tx, kind, &Map::new(), visibility, owner).await?;
    if visibility.is_some_and(|v| v != "workspace") {
        // It may be made for somebody else to see: the policy must let the maker hand it over.
        bypass::see_all(tx, true).await?;
    }
    let freed = tags::free_name(tx, kind, &assignments).await?;
    let event = EventId::new();
    let deal = match kind {
        EntityKind::Deal => Some(moves::prepare_new(tx, &assignments).await?),
        _ => None,
    };

    let mut q = QueryBuilder::new(format!("insert into {} (workspace_id, id", kind.plural()));
    let stored: Vec<&Assignment> = assignments
        .iter()
        .filter(|a| !a.spec.column.is_empty() && a.value != FieldValue::Null)
        .filter(|a| deal.is_none() || !matches!(a.spec.key, "stageId" | "probability"))
        .collect();
    for a in &stored {
        q.push(", ").push(a.spec.column);
    }
    if deal.is_some() {
        q.push(moves::NEW_DEAL_COLUMNS);
    }
    if inherits {
        q.push(", visibility_inherited");
    }
    q.push(") select ").push_bind(tx.workspace()).push(", ").push_bind(id);
    for a in &stored {
        q.push(", ");
        push_value(&mut q, &a.value);
    }
    if let Some(deal) = &deal {
        deal.push_values(&mut q);
    }
    if inherits {
        q.push(", true");
    }
    // Clients choose ids. An id is unique across all kinds of the workspace, so that history and notifications are unambiguous.
    q.push(" where not id_in_use(").push_bind(id);
    q.push(format!(") returning {}, to_jsonb({})", kind.title_column(), kind.plural()));
    let (title, row): (String, Value) = q.build_query_as().fetch_optional(tx.conn()).await?.ok_or_else(used_id)?;
    let row = row.as_object().cloned().unwrap_or_default();
    tags::adopt(tx, freed, id).await?;

    for a in &assignments {
        children::insert(tx, kind, id, a).await?;
    }
    if let Some(deal) = &deal {
        deal.start_history(tx, id, event).await?;
    }
    derived::follow(tx, event, kind, None, Some(&row)).await?;
    let mut changes = Map::new();
    for a in assignments.iter().filter(|a| a.value != FieldValue::Null) {
        changes.insert(a.spec.key.into(), json!({"before": null, "after": json_value(&a.value, currency, a.spec)}));
    }
    let notices = Notices::about(tx, kind, &row, &changes).await?;
    add_words(tx, kind, &mut changes, names).await?;
    Ok(Change::of(kind, id, title, "created")
        .changes(changes)
        .undone_by(Command::Delete { kind, id })
        .at_rank(deal.map(|d| d.rank))
        .audience(Audience::of(&row, &row))
        .notifying(notices)
        .in_event(event))
}

fn visibility_in(set: &[Assignment]) -> Option<&str> {
    set.iter().find(|a| a.spec.key == "visibility").and_then(|a| match &a.value {
        FieldValue::Text(code) => Some(code.as_str()),
        _ => None,
    })
}

fn owner_in(set: &[Assignment]) -> Option<Option<MemberId>> {
    set.iter().find(|a| a.spec.key == "ownerId").map(|a| match a.value {
        FieldValue::Id(id) => Some(MemberId(id)),
        _ => None,
    })
}

fn used_id() -> StoreError {
    Conflict::State("This id is in use already.".into()).into()
}

/// Refuses an id that a record of any kind has.
pub(crate) async fn refuse_used_id(tx: &mut TenantTx, id: Uuid) -> Result<(), StoreError> {
    let used: bool = sqlx::query_scalar("select id_in_use($1)").bind(id).fetch_one(tx.conn()).await?;
    if used { Err(used_id()) } else { Ok(()) }
}

/// Where a stage goes that says nothing of its place: behind the last open one, before those that close deals.
async fn next_position(tx: &mut TenantTx, set: &[Assignment]) -> Result<Option<i64>, StoreError> {
    let pipeline = set.iter().find(|a| a.spec.key == "pipelineId").map(|a| &a.value);
    let Some(FieldValue::Id(pipeline)) = pipeline else { return Ok(None) };
    Ok(sqlx::query_scalar(
        "select max(position)::bigint from stages where workspace_id = $1 and pipeline_id = $2 and deleted_at is null and outcome = 'open'",
    )
    .bind(tx.workspace())
    .bind(pipeline)
    .fetch_one(tx.conn())
    .await?)
}

fn derived_size(kind: EntityKind, set: &[Assignment]) -> Option<FieldValue> {
    let employees = set.iter().find(|a| kind == EntityKind::Company && a.spec.key == "employeeCount")?;
    match employees.value {
        FieldValue::Int(n) => Some(FieldValue::Text(domain::companies::size_of(n).into())),
        _ => None,
    }
}

/// The row as JSON, locked against other writers.
async fn lock_row(tx: &mut TenantTx, kind: EntityKind, id: Uuid, deleted: bool) -> Result<(i64, Map<String, Value>), StoreError> {
    let text = format!(
        "select version, to_jsonb(t) from {} t where workspace_id = $1 and id = $2 and deleted_at is {} null for no key update",
        kind.plural(),
        if deleted { "not" } else { "" }
    );
    let row: Option<(i64, Value)> = sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(id).fetch_optional(tx.conn()).await?;
    let (version, row) = row.ok_or(StoreError::NotFound)?;
    Ok((version, row.as_object().cloned().unwrap_or_default()))
}

/// Amounts that an edit leaves alone while it changes their currency to one with other minor units: the same in major units.
fn same_amounts(kind: EntityKind, row: &Map<String, Value>, set: &FieldMap, before: Currency, after: Currency) -> Result<Vec<Assignment>, Invalid> {
    let mut same = Vec::new();
    for spec in kind.fields().iter().filter(|s| s.kind == FieldKind::Money && !set.contains_key(s.key)) {
        if let Some(amount) = column_value(spec, row, before).as_str() {
            let money = Money::parse(amount, after).map_err(|why| Invalid::one("currency", "money", format!("{} {why}", spec.label)))?;
            same.push(Assignment { spec, value: FieldValue::Int(money.minor) });
        }
    }
    Ok(same)
}

pub(crate) async fn edit(tx: &mut TenantTx, kind: EntityKind, id: Uuid, set: &FieldMap, base: Option<i64>) -> Result<Change, StoreError> {
    let (version, row) = lock_row(tx, kind, id, false).await?;
    let home = tx.actor.currency;
    let before_currency = row_currency(&row);
    let emptied = set.get("currency").is_some_and(|v| v.as_str().unwrap_or_default().trim().is_empty());
    let mut assignments = fields::check(kind, set, false, if emptied { home } else { before_currency })?;
    // Emptied, a field holds its default: that is what the history says, so that undoing it finds what it expects.
    for a in assignments.iter_mut().filter(|a| a.value == FieldValue::Null) {
        if let Some(default) = empty_as(a.spec, home).filter(|d| *d != FieldValue::Text(String::new())) {
            a.value = default;
        }
    }
    derived::check_zone(tx, &assignments).await?;
    if let Some(field) = assignments.iter().find(|a| kind == EntityKind::Interaction && a.spec.key == "date" && a.value == FieldValue::Null) {
        return Err(Invalid::one(field.spec.key, "required", format!("{} is needed", field.spec.label)).into());
    }
    // Pointed at a private record, it becomes as private.
    let mut inherits = false;
    if row.get("visibility").and_then(Value::as_str) == Some("workspace")
        && let Some(visibility) = derived::inherited_visibility(tx, kind, &assignments).await?
        && let Some(spec) = kind.field("visibility")
    {
        inherits = true;
        assignments.retain(|a| a.spec.key != "visibility");
        assignments.push(Assignment { spec, value: FieldValue::Text(visibility) });
    }
    let names = check_references(tx, &assignments).await?;
    if let Some(size) = derived_size(kind, &assignments)
        && !set.contains_key("size")
        && let Some(spec) = kind.field("size")
    {
        assignments.push(Assignment { spec, value: size });
    }
    let after_currency = match assignments.iter().find(|a| a.spec.key == "currency").map(|a| &a.value) {
        Some(FieldValue::Text(code)) => Currency::stored(code),
        _ => before_currency,
    };
    if after_currency.digits() != before_currency.digits() {
        assignments.extend(same_amounts(kind, &row, set, before_currency, after_currency)?);
    }
    let mut changes = Map::new();
    let mut inverse = FieldMap::new();
    let mut effective = Vec::new();
    for a in assignments {
        let before = match a.spec.column {
            "" => children::read(tx, kind, id, a.spec).await?,
            _ => column_value(a.spec, &row, before_currency),
        };
        let after = json_value(&a.value, after_currency, a.spec);
        // No value and an empty list say the same.
        let empty = |value: &Value| value.is_null() || *value == json!([]);
        if before != after && !(empty(&before) && empty(&after)) {
            changes.insert(a.spec.key.into(), json!({"before": before, "after": after}));
            inverse.insert(a.spec.key.into(), before);
            effective.push(a);
        }
    }
    let event = EventId::new();
    let unchanged = |version| {
        Change::of(kind, id, domain::records::plain(row.get(kind.title_column())), "edited").version(version).changed(false).in_event(event)
    };
    if effective.is_empty() {
        return Ok(unchanged(version));
    }
    let keys: Vec<&str> = effective.iter().map(|a| a.spec.key).collect();
    overlap::refuse_overlap(tx, kind, id, base.unwrap_or(version), version, &keys).await?;

    let (visibility, owner) = (visibility_in(&effective), owner_in(&effective));
    visibility::refuse_narrowing(tx, kind, id, &row, visibility, owner).await?;
    visibility::refuse_absent_owner(tx, kind, &row, visibility, owner).await?;

    if keys.iter().any(|k| matches!(*k, "visibility" | "ownerId")) {
        // One may give away what one sees, also out of one's own sight; the row was found under one's own eyes.
        bypass::see_all(tx, true).await?;
    }
    let freed = tags::free_name(tx, kind, &effective).await?;
    let mut q = QueryBuilder::new(format!("update {} set version = version + 1, updated_at = now()", kind.plural()));
    for a in effective.iter().filter(|a| !a.spec.column.is_empty()) {
        q.push(format!(", {} = ", a.spec.column));
        match (&a.value, empty_as(a.spec, home)) {
            (FieldValue::Null, Some(empty)) => push_value(&mut q, &empty),
            (value, _) => push_value(&mut q, value),
        }
        if kind == EntityKind::Deal && a.spec.key == "probability" {
            q.push(", probability_is_manual = true");
        }
    }
    if visibility.is_some() && row.contains_key("visibility_inherited") {
        q.push(", visibility_inherited = ").push_bind(inherits);
    }
    q.push(" where workspace_id = ").push_bind(tx.workspace()).push(" and id = ").push_bind(id);
    q.push(format!(" returning version, {}, to_jsonb({})", kind.title_column(), kind.plural()));
    let (version, title, after_row): (i64, String, Value) = q.build_query_as().fetch_one(tx.conn()).await?;
    tags::adopt(tx, freed, id).await?;
    for a in &effective {
        children::replace(tx, kind, id, a).await?;
    }
    add_words(tx, kind, &mut changes, names).await?;
    let after_row = after_row.as_object().cloned().unwrap_or_default();
    derived::follow(tx, event, kind, Some(&row), Some(&after_row)).await?;
    let notices = Notices::about(tx, kind, &after_row, &changes).await?;
    let completed = kind == EntityKind::Task && row.get("completed_at").is_none_or(Value::is_null) && !after_row["completed_at"].is_null();
    Ok(Change::of(kind, id, title, if completed { "completed" } else { "edited" })
        .version(version)
        .changes(changes)
        .undone_by(Command::Edit { kind, id, set: inverse })
        .audience(Audience::of(&row, &after_row))
        .notifying(notices)
        .in_event(event))
}

pub(crate) async fn delete(tx: &mut TenantTx, kind: EntityKind, id: Uuid, base: Option<i64>) -> Result<Change, StoreError> {
    let (version, row) = lock_row(tx, kind, id, false).await?;
    if let Some(base) = base {
        overlap::refuse_deletion(tx, kind, id, base, version).await?;
    }
    in_use::refuse(tx, kind, id).await?;
    rights::refuse_sweep(tx, kind, &row).await?;
    let text =
        format!("update {} set deleted_at = now(), version = version + 1, updated_at = now() where workspace_id = $1 and id = $2", kind.plural());
    sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(id).execute(tx.conn()).await?;
    let event = EventId::new();
    derived::follow(tx, event, kind, Some(&row), None).await?;
    Ok(Change::of(kind, id, domain::records::plain(row.get(kind.title_column())), "deleted")
        .version(version + 1)
        .undone_by(Command::Restore { kind, id })
        .audience(Audience::of(&row, &row))
        .in_event(event))
}

pub(crate) async fn restore(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<Change, StoreError> {
    let (version, row) = lock_row(tx, kind, id, true).await?;
    if kind == EntityKind::Deal {
        moves::refuse_without_stage(tx, &[id]).await?;
    }
    let rank = match kind {
        EntityKind::Deal => Some(moves::free_rank(tx, id, &row).await?),
        _ => None,
    };
    if kind == EntityKind::Tag {
        tags::free(tx, &domain::records::plain(row.get(kind.title_column())), id).await?;
    }
    let text = format!(
        "update {} set deleted_at = null, version = version + 1, updated_at = now(){} where workspace_id = $1 and id = $2 and ($3::text is null or true)",
        kind.plural(),
        if rank.is_some() { ", rank = $3" } else { "" }
    );
    sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(id).bind(&rank).execute(tx.conn()).await?;
    let event = EventId::new();
    derived::follow(tx, event, kind, None, Some(&row)).await?;
    Ok(Change::of(kind, id, domain::records::plain(row.get(kind.title_column())), "restored")
        .version(version + 1)
        .undone_by(Command::Delete { kind, id })
        .at_rank(rank)
        .audience(Audience::of(&row, &row))
        .in_event(event))
}
