//! The single writer of rows in the tables of records: one row or a batch. Commands, imports, sample data and repetition use it.

use crate::{
    StoreError, TenantTx,
    deals::stage_history::{self, Step},
    records::children,
    records::values::{column_type, empty_as, raw},
};
use domain::{
    Currency, EntityKind, EventId,
    fields::{Assignment, DefaultValue, FieldValue},
};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// A row by column, as `to_jsonb` writes it.
pub(crate) type Row = Map<String, Value>;

/// A row before and after a change; `None`: it was created or deleted.
#[derive(Clone, Copy)]
pub(crate) struct Transition<'a> {
    pub before: Option<&'a Row>,
    pub after: Option<&'a Row>,
}

/// Columns without a field, which slices set themselves, with their types.
const FIELDLESS: &[(&str, &str)] = &[
    ("imported", "jsonb"),
    ("visibility_inherited", "boolean"),
    ("pipeline_id", "uuid"),
    ("stage_seq", "integer"),
    ("stage_since", "timestamptz"),
    ("rank", "text"),
    ("status", "text"),
    ("probability_is_manual", "boolean"),
    ("opened_at", "timestamptz"),
    ("closed_at", "timestamptz"),
    ("closed_by", "uuid"),
    ("follows_id", "uuid"),
    ("deleted_at", "timestamptz"),
];

/// A record to insert.
#[derive(Default)]
pub(crate) struct NewRow {
    pub id: Uuid,
    pub columns: Row,
    /// Values stored in tables of their own: addresses, numbers, people, tags.
    pub beside: Vec<Assignment>,
    /// Stages that a deal has passed through, oldest first.
    pub steps: Vec<Step>,
}

impl NewRow {
    pub fn new(id: Uuid, set: &[Assignment]) -> Self {
        let stored = set.iter().filter(|a| !a.spec.column.is_empty() && a.value != FieldValue::Null);
        let columns = stored.map(|a| (a.spec.column.to_owned(), raw(&a.value))).collect();
        let beside = set.iter().filter(|a| a.spec.column.is_empty()).cloned().collect();
        Self { id, columns, beside, steps: Vec::new() }
    }

    pub fn set(&mut self, column: &str, value: impl Into<Value>) {
        self.columns.insert(column.to_owned(), value.into());
    }
}

/// A row after it was written.
pub(crate) struct Written {
    pub id: Uuid,
    pub version: i64,
    pub title: String,
    pub row: Row,
}

/// Columns that any of these rows sets, with their types.
fn shape<'a>(kind: EntityKind, rows: impl Iterator<Item = &'a Row> + Clone) -> Vec<(&'static str, &'static str)> {
    let fields = kind.fields().iter().filter(|s| !s.column.is_empty()).map(|s| (s.column, column_type(s.kind)));
    let fields: Vec<_> = fields.collect();
    let others: Vec<_> = FIELDLESS.iter().copied().filter(|(c, _)| fields.iter().all(|f| f.0 != *c)).collect();
    let out: Vec<_> = fields.into_iter().chain(others).filter(|(c, _)| rows.clone().any(|r| r.contains_key(*c))).collect();
    debug_assert!(rows.clone().flat_map(Row::keys).all(|k| k == "id" || out.iter().any(|(c, _)| c == k)), "a column without a type");
    out
}

/// Defaults of the columns that other rows of the batch set: a null would replace the default of the database.
fn with_defaults(kind: EntityKind, row: &NewRow, shape: &[(&'static str, &'static str)], home: Currency) -> Value {
    let mut columns = row.columns.clone();
    for spec in kind.fields().iter().filter(|s| shape.iter().any(|(c, _)| *c == s.column)) {
        if let Some(default) = empty_as(spec, home)
            && !columns.contains_key(spec.column)
        {
            columns.insert(spec.column.into(), raw(&default));
        }
    }
    columns.insert("id".into(), json!(row.id));
    Value::Object(columns)
}

fn insertion(kind: EntityKind, shape: &[(&'static str, &'static str)]) -> String {
    let columns: String = shape.iter().map(|(c, _)| format!(", {c}")).collect();
    let selected: String = shape.iter().map(|(c, _)| format!(", x.{c}")).collect();
    let types: String = shape.iter().map(|(c, t)| format!(", {c} {t}")).collect();
    format!(
        "insert into {} as t (workspace_id, id{columns}) select $1, x.id{selected} from jsonb_to_recordset($2) as x (id uuid{types})",
        kind.plural()
    )
}

/// Inserts records with their rows in child tables and the stage history of deals. The server chooses the ids. The rows
/// are returned only with `returning`: an import has no use for them.
pub(crate) async fn insert(
    tx: &mut TenantTx,
    event: Option<EventId>,
    kind: EntityKind,
    rows: &[NewRow],
    returning: bool,
) -> Result<Vec<Written>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let home = tx.actor.currency;
    let mut shape = shape(kind, rows.iter().map(|r| &r.columns));
    // The database does not know the workspace's currency.
    for spec in kind.fields().iter().filter(|s| s.default == DefaultValue::HomeCurrency) {
        if shape.iter().all(|(c, _)| *c != spec.column) {
            shape.push((spec.column, column_type(spec.kind)));
        }
    }
    let records: Vec<Value> = rows.iter().map(|row| with_defaults(kind, row, &shape, home)).collect();
    let text = insertion(kind, &shape);
    let mut written = Vec::new();
    if returning {
        written = returned(tx, kind, format!("{text} returning"), records).await?;
    } else {
        sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(json!(records)).execute(tx.conn()).await?;
    }
    insert_beside(tx, event, kind, rows).await?;
    Ok(written)
}

/// Inserts one record under an id that a client chose; `None`: a record of some kind has this id. Ids are unique across all kinds of
/// a workspace, so that history and notifications are unambiguous.
pub(crate) async fn insert_chosen(tx: &mut TenantTx, event: EventId, kind: EntityKind, row: NewRow) -> Result<Option<Written>, StoreError> {
    let shape = shape(kind, std::iter::once(&row.columns));
    let record = with_defaults(kind, &row, &shape, tx.actor.currency);
    let text = format!("{} where not id_in_use(x.id) returning", insertion(kind, &shape));
    let Some(written) = returned(tx, kind, text, vec![record]).await?.pop() else { return Ok(None) };
    insert_beside(tx, Some(event), kind, &[row]).await?;
    Ok(Some(written))
}

async fn insert_beside(tx: &mut TenantTx, event: Option<EventId>, kind: EntityKind, rows: &[NewRow]) -> Result<(), StoreError> {
    children::insert_all(tx, kind, rows.iter().flat_map(|r| r.beside.iter().map(|a| (r.id, a))).collect()).await?;
    stage_history::insert(tx, event, rows.iter().map(|r| (r.id, r.steps.as_slice()))).await
}

/// Sets columns of records whose rows the caller has locked. Every row must name the same columns.
pub(crate) async fn update(tx: &mut TenantTx, kind: EntityKind, rows: &[(Uuid, Row)]) -> Result<Vec<Written>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let shape = shape(kind, rows.iter().map(|(_, columns)| columns));
    let records: Vec<Value> = rows
        .iter()
        .map(|(id, columns)| {
            let mut columns = columns.clone();
            columns.insert("id".into(), json!(id));
            Value::Object(columns)
        })
        .collect();
    let sets: String = shape.iter().map(|(c, _)| format!(", {c} = x.{c}")).collect();
    let types: String = shape.iter().map(|(c, t)| format!(", {c} {t}")).collect();
    let text = format!(
        "update {} t set version = version + 1, updated_at = now(){sets} from jsonb_to_recordset($2) as x (id uuid{types})
         where t.workspace_id = $1 and t.id = x.id returning",
        kind.plural()
    );
    returned(tx, kind, text, records).await
}

/// Moves a record to the bin.
pub(crate) async fn delete(tx: &mut TenantTx, kind: EntityKind, id: Uuid) -> Result<(), StoreError> {
    let text =
        format!("update {} set deleted_at = now(), version = version + 1, updated_at = now() where workspace_id = $1 and id = $2", kind.plural());
    sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(id).execute(tx.conn()).await?;
    Ok(())
}

async fn returned(tx: &mut TenantTx, kind: EntityKind, text: String, records: Vec<Value>) -> Result<Vec<Written>, StoreError> {
    let text = format!("{text} t.id, t.version, t.{}, to_jsonb(t)", kind.title_column());
    let rows: Vec<(Uuid, i64, String, Value)> =
        sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(Value::Array(records)).fetch_all(tx.conn()).await?;
    let written =
        |(id, version, title, row): (Uuid, i64, String, Value)| Written { id, version, title, row: row.as_object().cloned().unwrap_or_default() };
    Ok(rows.into_iter().map(written).collect())
}
