//! Creating, reading, editing, deleting and restoring records of every kind by their fields.
//!
//! The only file that builds SQL from field names; every name is a `&'static str` out of the domain's field tables.

pub(crate) mod children;
pub(crate) mod commands;
pub(crate) mod derived;
pub(crate) mod field_checks;
pub(crate) mod hook;
pub(crate) mod hooks;
pub(crate) mod in_use;
pub(crate) mod page;
pub(crate) mod purge;
pub(crate) mod reads;
pub(crate) mod references;
pub(crate) mod rows;
pub(crate) mod settle;
pub(crate) mod standing;
pub(crate) mod values;
pub(crate) mod visibility_cascade;
pub(crate) mod widen;

use crate::{
    Conflict, StoreError, TenantTx, bypass,
    door::change::{Audience, Change, Notices},
    door::overlap,
    records::references::{add_words, check_references},
    records::rows::{NewRow, Row, Transition, Written},
    records::values::{column_value, empty_as, json_value, raw, row_currency},
    rights,
    tags::tagging,
    visibility,
};
use domain::{
    Currency, EntityKind, EventId, FieldKind, FieldMap, Invalid, MemberId, Money, RecordCommand,
    fields::{self, Assignment, FieldValue},
};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
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
    hooks::derive(tx, kind, true, &mut assignments).await?;
    let chosen = has(&assignments, "visibility");
    let inherited = visibility_cascade::inherited(tx, kind, &assignments).await?.filter(|_| !chosen);
    let inherits = inherited.is_some();
    if let Some(visibility) = inherited {
        default(&mut assignments, "visibility", FieldValue::Text(visibility));
    }
    field_checks::check(tx, &assignments).await?;
    let names = check_references(tx, &assignments).await?;
    let (visibility, owner) = (visibility_in(&assignments), owner_in(&assignments));
    visibility::refuse_absent_owner(tx, kind, &Map::new(), visibility, owner).await?;
    if visibility.is_some_and(|v| v != "workspace") {
        // Without this, `returning` would hide a row that is created for another owner.
        bypass::visibility(tx, true).await?;
    }
    let freed = tagging::free_name(tx, kind, &assignments).await?;
    let event = EventId::new();
    let mut new = NewRow::new(id, &assignments);
    if inherits {
        new.set("visibility_inherited", true);
    }
    hooks::start(tx, kind, &assignments, &mut new).await?;
    let rank = new.columns.get("rank").and_then(Value::as_str).map(str::to_owned);
    let Written { title, row, .. } = derived::insert_chosen(tx, event, kind, new).await?.ok_or_else(used_id)?;
    tagging::adopt(tx, freed, id).await?;
    let mut changes = Map::new();
    for a in assignments.iter().filter(|a| a.value != FieldValue::Null) {
        changes.insert(a.spec.key.into(), json!({"before": null, "after": json_value(&a.value, currency, a.spec)}));
    }
    let notices = Notices::about(tx, kind, &row, &changes).await?;
    add_words(tx, kind, &mut changes, names).await?;
    Ok(Change::of(kind, id, title, "created")
        .changes(changes)
        .undone_by(RecordCommand::Delete { kind, id })
        .at_rank(rank)
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
    field_checks::check(tx, &assignments).await?;
    hooks::derive(tx, kind, false, &mut assignments).await?;
    // Pointed at a private record, it becomes as private.
    let mut inherits = false;
    if row.get("visibility").and_then(Value::as_str) == Some("workspace")
        && let Some(visibility) = visibility_cascade::inherited(tx, kind, &assignments).await?
        && let Some(spec) = kind.field("visibility")
    {
        inherits = true;
        assignments.retain(|a| a.spec.key != "visibility");
        assignments.push(Assignment { spec, value: FieldValue::Text(visibility) });
    }
    let names = check_references(tx, &assignments).await?;
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
        // An editor may reassign a record to an owner whose records they cannot see. The locking read above proved access, so the
        // policy is bypassed for the update.
        bypass::visibility(tx, true).await?;
    }
    let freed = tagging::free_name(tx, kind, &effective).await?;
    let mut columns = Row::new();
    for a in effective.iter().filter(|a| !a.spec.column.is_empty()) {
        let value = match &a.value {
            FieldValue::Null => empty_as(a.spec, home).unwrap_or(FieldValue::Null),
            value => value.clone(),
        };
        columns.insert(a.spec.column.into(), raw(&value));
    }
    hooks::edit(kind, &effective, &mut columns);
    if visibility.is_some() && row.contains_key("visibility_inherited") {
        columns.insert("visibility_inherited".into(), inherits.into());
    }
    let written = rows::update(tx, kind, &[(id, columns)]).await?.pop();
    let Written { version, title, row: after_row, .. } = written.ok_or(StoreError::NotFound)?;
    tagging::adopt(tx, freed, id).await?;
    for a in &effective {
        children::replace(tx, kind, id, a).await?;
    }
    add_words(tx, kind, &mut changes, names).await?;
    derived::follow(tx, event, kind, &[Transition { before: Some(&row), after: Some(&after_row) }]).await?;
    let notices = Notices::about(tx, kind, &after_row, &changes).await?;
    Ok(Change::of(kind, id, title, hooks::verb(kind, &row, &after_row).unwrap_or("edited"))
        .version(version)
        .changes(changes)
        .undone_by(RecordCommand::Edit { kind, id, set: inverse })
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
    rows::delete(tx, kind, id).await?;
    let event = EventId::new();
    derived::follow(tx, event, kind, &[Transition { before: Some(&row), after: None }]).await?;
    Ok(Change::of(kind, id, domain::records::plain(row.get(kind.title_column())), "deleted")
        .version(version + 1)
        .undone_by(RecordCommand::Restore { kind, id })
        .audience(Audience::of(&row, &row))
        .in_event(event))
}

pub(crate) async fn restore(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<Change, StoreError> {
    let (version, row) = lock_row(tx, kind, id, true).await?;
    let mut columns = hooks::restore(tx, kind, id, &row).await?;
    let rank = columns.get("rank").and_then(Value::as_str).map(str::to_owned);
    columns.insert("deleted_at".into(), Value::Null);
    rows::update(tx, kind, &[(id, columns)]).await?;
    let event = EventId::new();
    derived::follow(tx, event, kind, &[Transition { before: None, after: Some(&row) }]).await?;
    Ok(Change::of(kind, id, domain::records::plain(row.get(kind.title_column())), "restored")
        .version(version + 1)
        .undone_by(RecordCommand::Delete { kind, id })
        .at_rank(rank)
        .audience(Audience::of(&row, &row))
        .in_event(event))
}
