//! What a command leaves open until it is carried out: companies by their name (SPEC C-03), and the present moment. The command
//! itself stays as it was sent, so that the same request is the same command whenever it comes again.

use crate::{
    StoreError, TenantTx, bypass,
    door::change::Change,
    keys::{TenantKey, Use},
    records,
    visibility::width,
};
use chrono::Utc;
use domain::{
    EntityKind, FieldKind, FieldMap, FieldSpec, Invalid, fields,
    open::{NOW, named},
};
use serde_json::json;
use std::borrow::Cow;
use uuid::Uuid;

/// Replaces names by ids, and [`NOW`] by the present moment. Records that do not exist yet are created in this transaction and
/// added to `made`, for the door to record.
pub(crate) async fn settle<'a>(
    tx: &mut TenantTx,
    kind: EntityKind,
    record: Uuid,
    set: &'a FieldMap,
    made: &mut Vec<Change>,
) -> Result<Cow<'a, FieldMap>, StoreError> {
    let mut out = Cow::Borrowed(set);
    for spec in kind.fields() {
        let Some(value) = set.get(spec.key) else { continue };
        match spec.kind {
            FieldKind::Instant if value == NOW => {
                out.to_mut().insert(spec.key.into(), json!(fields::instant(Utc::now())));
            }
            FieldKind::Ref(target) if target.spec().typed_by_name => {
                let Some(name) = named(value) else { continue };
                let found = by_name(tx, kind, (spec, target), (record, set), name, made).await?;
                out.to_mut().insert(spec.key.into(), json!(found));
            }
            _ => {}
        }
    }
    Ok(out)
}

/// The record of this name, created if there is none. Of several, the one that the field has already, else the oldest.
async fn by_name(
    tx: &mut TenantTx,
    kind: EntityKind,
    (spec, target): (&FieldSpec, EntityKind),
    (record, about): (Uuid, &FieldMap),
    name: &str,
    made: &mut Vec<Change>,
) -> Result<Uuid, StoreError> {
    let name = name.trim();
    if name.contains('\0') {
        return Err(Invalid::one(spec.key, "characters", format!("{} contains a character that cannot be stored", spec.label)).into());
    }
    if let Some(found) = find(tx, kind, (spec, target), record, name).await? {
        return Ok(found);
    }
    // Two who name the same new company at once: the second waits here, and finds what the first made.
    lock_names(tx).await?;
    if let Some(found) = find(tx, kind, (spec, target), record, name).await? {
        return Ok(found);
    }
    if !tx.actor.role.allows(target.edit_permission()) {
        return Err(StoreError::Denied(target.edit_permission()));
    }
    let id = Uuid::now_v7();
    let mut set: FieldMap = [("name".to_owned(), json!(name))].into_iter().collect();
    // Named on a record that not everybody sees, it is no more visible than the record.
    if let Some(visibility) = visibility(tx, kind, record, about).await? {
        set.insert("visibility".into(), visibility.into());
    }
    let created = records::create(tx, target, id, &set).await;
    bypass::visibility(tx, false).await?;
    match created {
        Ok(change) => made.push(change),
        // Said beside the field that names it.
        Err(StoreError::Invalid(Invalid(mut errors))) => {
            errors.iter_mut().for_each(|e| e.field = spec.key.into());
            return Err(Invalid(errors).into());
        }
        Err(e) => return Err(e),
    }
    Ok(id)
}

/// Who sees the record, as the command sets it or as it is; none: everybody.
async fn visibility(tx: &mut TenantTx, kind: EntityKind, record: Uuid, set: &FieldMap) -> Result<Option<String>, StoreError> {
    if !kind.is_owned() {
        return Ok(None);
    }
    let said = match set.get("visibility").and_then(|v| v.as_str()) {
        Some(said) => Some(said.to_owned()),
        None => {
            let text = format!("select visibility from {} where workspace_id = $1 and id = $2", kind.plural());
            sqlx::query_scalar(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).bind(record).fetch_optional(tx.conn()).await?
        }
    };
    Ok(said.filter(|v| width(v) < width("workspace")))
}

async fn find(
    tx: &mut TenantTx,
    kind: EntityKind,
    (spec, target): (&FieldSpec, EntityKind),
    record: Uuid,
    name: &str,
) -> Result<Option<Uuid>, StoreError> {
    let text = format!(
        "select c.id from {} c where c.workspace_id = $1 and c.name_key = lower($2) and c.deleted_at is null
         order by c.id = (select t.{} from {} t where t.workspace_id = $1 and t.id = $3) desc nulls last, c.created_at, c.id limit 1",
        target.plural(),
        spec.column,
        kind.plural()
    );
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).bind(name).bind(record).fetch_optional(tx.conn()).await?)
}

/// Held to the end of the transaction by whoever makes records by name in this workspace, imports among them.
pub(crate) async fn lock_names(tx: &mut TenantTx) -> Result<(), StoreError> {
    let key = TenantKey::once(tx.workspace(), Use::Names);
    key.wait(tx.conn()).await
}
