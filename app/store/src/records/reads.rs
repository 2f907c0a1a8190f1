//! Reading records of every kind: one with the names behind its references, and short lists for pickers.

use crate::{
    StoreError, TenantTx,
    records::children,
    records::standing,
    records::values::{column_value, row_currency},
};
use chrono::{DateTime, Utc};
use domain::{EntityKind, FieldKind, FieldMap, Record};
use serde_json::Value;
use sqlx::{AssertSqlSafe, types::Json};
use std::{collections::BTreeMap, sync::LazyLock};
use uuid::Uuid;

/// Columns that only dedicated commands write; part of every read.
const READ_ONLY_COLUMNS: [(&str, &str); 5] =
    [("status", "status"), ("openedAt", "opened_at"), ("closedAt", "closed_at"), ("pipelineId", "pipeline_id"), ("lastContacted", "last_contacted")];

/// The select list of a whole record of the table `t`: columns, child rows and the names behind references; [`WholeRow`].
pub(crate) fn columns(kind: EntityKind) -> &'static str {
    static LISTS: LazyLock<Vec<String>> = LazyLock::new(|| EntityKind::ALL.into_iter().map(select_list).collect());
    EntityKind::ALL.iter().position(|k| *k == kind).map_or("", |at| &LISTS[at])
}

fn select_list(kind: EntityKind) -> String {
    let mut children = Vec::new();
    let mut names = Vec::new();
    for spec in kind.fields() {
        match spec.kind {
            FieldKind::Emails | FieldKind::Phones => children.push(format!(
                "'{}', (select coalesce(jsonb_agg(jsonb_build_object('value', c.value, 'kind', c.kind, 'primary', c.is_primary) order by c.position), '[]')
                    from {} c where c.workspace_id = t.workspace_id and c.contact_id = t.id)",
                spec.key,
                children::table(spec)
            )),
            FieldKind::Tags => children.push(format!(
                "'{}', (select coalesce(jsonb_agg(g.name order by i.position, g.name), '[]') from tagged_items i
                    join tags g on g.workspace_id = i.workspace_id and g.id = i.tag_id and g.deleted_at is null
                    where i.workspace_id = t.workspace_id and i.entity = '{}' and i.record_id = t.id)",
                spec.key,
                kind.noun()
            )),
            FieldKind::Contacts => {
                children.push(format!(
                    "'{}', (select coalesce(jsonb_agg(c.contact_id order by c.position), '[]') from deal_contacts c
                        join contacts r on r.workspace_id = c.workspace_id and r.id = c.contact_id
                        where c.workspace_id = t.workspace_id and c.deal_id = t.id)",
                    spec.key
                ));
                names.push(
                    "select r.id, r.full_name as name from deal_contacts c join contacts r on r.workspace_id = c.workspace_id and r.id = c.contact_id
                     where c.workspace_id = t.workspace_id and c.deal_id = t.id and r.deleted_at is null"
                        .to_owned(),
                );
            }
            FieldKind::Ref(target) => names.push(format!(
                "select r.id, r.{} as name from {} r where r.workspace_id = t.workspace_id and r.id = t.{} and r.deleted_at is null",
                target.title_column(),
                target.plural(),
                spec.column
            )),
            _ => {}
        }
    }
    let names = match names.is_empty() {
        true => "'{}'::jsonb".to_owned(),
        false => format!("(select coalesce(jsonb_object_agg(n.id, n.name), '{{}}') from ({}) n)", names.join(" union all ")),
    };
    format!(
        "t.id, t.version, t.{}, t.imported, t.created_at, t.updated_at, to_jsonb(t), jsonb_build_object({}), {names}",
        kind.title_column(),
        children.join(", ")
    )
}

/// The statement that reads whole records of a kind. `ids` is the placeholder of the parameter with their ids; `$1` is the
/// workspace.
pub(crate) fn whole(kind: EntityKind, binned: bool, ids: &str) -> String {
    format!(
        "select {} from {} t where t.workspace_id = $1 and t.id = any({ids}){}",
        columns(kind),
        kind.plural(),
        if binned { "" } else { " and t.deleted_at is null" }
    )
}

/// A row of [`whole`].
pub(crate) type WholeRow = (Uuid, i64, String, Value, DateTime<Utc>, DateTime<Utc>, Value, Value, Json<BTreeMap<Uuid, String>>);

/// A whole record with the names behind its references.
///
/// # Errors
/// `NotFound`: the record does not exist or the actor cannot see it. `Database`.
pub async fn get(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<Record, StoreError> {
    get_many(tx, kind, &[id]).await?.pop().ok_or(StoreError::NotFound)
}

/// The same for a record that may be in the bin by now.
pub(crate) async fn get_or_binned(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<Option<Record>, StoreError> {
    let row: Option<WholeRow> =
        sqlx::query_as(AssertSqlSafe(whole(kind, true, "$2"))).bind(tx.workspace()).bind(vec![id]).fetch_optional(tx.conn()).await?;
    Ok(row.map(|row| record(kind, row)))
}

/// Whole records in the order of `ids`; those that cannot be seen are left out.
pub(crate) async fn get_many(tx: &mut TenantTx, kind: EntityKind, ids: &[Uuid]) -> Result<Vec<Record>, StoreError> {
    let rows: Vec<WholeRow> = sqlx::query_as(AssertSqlSafe(whole(kind, false, "$2"))).bind(tx.workspace()).bind(ids).fetch_all(tx.conn()).await?;
    let mut records: Vec<Record> = rows.into_iter().map(|row| record(kind, row)).collect();
    records.sort_by_key(|r| ids.iter().position(|id| *id == r.id));
    Ok(records)
}

pub(crate) fn record(kind: EntityKind, row: WholeRow) -> Record {
    let (id, version, title, imported, created_at, updated_at, row, children, labels) = row;
    let row = row.as_object().cloned().unwrap_or_default();
    let currency = row_currency(&row);
    let mut fields = FieldMap::new();
    for spec in kind.fields() {
        let value = match spec.column {
            "" => children.get(spec.key).cloned().unwrap_or_default(),
            _ => column_value(spec, &row, currency),
        };
        fields.insert(spec.key.into(), value);
    }
    for (key, column) in READ_ONLY_COLUMNS.iter().chain(kind.spec().read_only) {
        if let Some(value) = row.get(*column) {
            fields.entry(*key).or_insert_with(|| value.clone());
        }
    }
    let imported = imported.as_object().cloned().unwrap_or_default();
    Record { kind, id, version, title, fields, labels: labels.0, imported, created_at, updated_at }
}

/// Ids and names for a picker: those whose name contains `q`, by name, at most `limit`. Former members are left out.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn options(tx: &mut TenantTx, kind: EntityKind, q: &str, limit: i64) -> Result<Vec<(Uuid, String)>, StoreError> {
    names_where(tx, kind, standing::chosen(kind), q, limit).await
}

pub(crate) async fn names_where(tx: &mut TenantTx, kind: EntityKind, more: &str, q: &str, limit: i64) -> Result<Vec<(Uuid, String)>, StoreError> {
    let title = kind.title_column();
    let text = format!(
        "select id, {title} from {} where workspace_id = $1 and deleted_at is null and ($2 = '' or strpos(lower({title}), lower($2)) > 0){more}
         order by {title}, id limit {limit}",
        kind.plural()
    );
    Ok(sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(q).fetch_all(tx.conn()).await?)
}

/// Choices of a reference for a form: at most 200, by name. A kind within another (stages in pipelines): all of them, by position
/// in each, with the name of the other in front where there are several.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn choices(tx: &mut TenantTx, kind: EntityKind) -> Result<Vec<(Uuid, String)>, StoreError> {
    let container = kind.spec().within.and_then(|key| kind.field(key)).and_then(|f| Some((f.column, f.kind.target()?)));
    let Some((column, container)) = container else { return options(tx, kind, "", 200).await };
    let (title, table, containers) = (kind.title_column(), kind.plural(), container.plural());
    let text = format!(
        "select t.id, t.{title}, case when (select count(*) > 1 from {containers} where workspace_id = $1 and deleted_at is null) then c.{} end
         from {containers} c join {table} t on t.workspace_id = c.workspace_id and t.{column} = c.id and t.deleted_at is null
         where c.workspace_id = $1 and c.deleted_at is null order by c.created_at, c.id, t.position, t.id",
        container.title_column()
    );
    let rows: Vec<(Uuid, String, Option<String>)> = sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|(id, name, of)| (id, of.map_or_else(|| name.clone(), |of| format!("{of}: {name}")))).collect())
}

/// Records of a small setup kind, by name, at most 200.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn simple_list(tx: &mut TenantTx, kind: EntityKind) -> Result<Vec<Record>, StoreError> {
    let ids: Vec<Uuid> = names_where(tx, kind, "", "", 200).await?.into_iter().map(|(id, _)| id).collect();
    get_many(tx, kind, &ids).await
}
