//! Writing a batch of imported rows: matched or made, counted, told as one event, with the progress, in one transaction.

use crate::{Actor, Conflict, Database, Finding, StoreError, TenantTx, imports::save_findings, records::workspace_currency};
use chrono::{DateTime, Utc};
use domain::{
    Currency, EntityKind, EventId, FieldKind, ImportId, Permission,
    fields::{self, Assignment, FieldValue},
    imports::{ImportKind, MappedRow, squash, suggest},
    rank,
};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// One row of a file, understood.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// Line of the record in the file, the first after the header being 1.
    pub number: i64,
    pub cells: Vec<String>,
    pub row: MappedRow,
    /// Hash of all cells: the identity of a row that has no other.
    pub hash: String,
}

/// Rows to write together, and the progress they bring.
#[derive(Clone, Debug)]
pub struct Batch {
    pub import: ImportId,
    pub kind: ImportKind,
    pub file_name: String,
    pub rows: Vec<ImportRow>,
    /// Rows that could not even be read.
    pub findings: Vec<Finding>,
    /// Progress the batch starts from: another worker that already went past it makes this one stop.
    pub rows_before: i64,
    pub rows_after: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchResult {
    pub created: i64,
    pub matched: i64,
    pub failed: i64,
}

/// A row that passed its checks.
struct Ready {
    number: i64,
    row: MappedRow,
    hash: String,
    set: Vec<Assignment>,
    cells: Vec<String>,
}

/// Records made or touched by this batch.
#[derive(Default)]
struct Made {
    created: Vec<(EntityKind, Uuid)>,
    touched: Vec<(EntityKind, Uuid)>,
}

impl Database {
    /// Writes one batch. All or nothing; a batch whose progress was made already changes nothing.
    pub async fn apply_import_batch(&self, actor: &Actor, batch: &Batch) -> Result<BatchResult, StoreError> {
        for attempt in 1.. {
            match self.try_batch(actor, batch).await {
                Err(e) if attempt < 5 && e.is_retryable() => continue,
                other => {
                    self.hub.wake();
                    return other;
                }
            }
        }
        Err(StoreError::NotFound)
    }

    async fn try_batch(&self, actor: &Actor, batch: &Batch) -> Result<BatchResult, StoreError> {
        let mut tx = self.begin(actor, Permission::Import).await?;
        let workspace = tx.workspace();
        let fenced = sqlx::query("update imports set rows_done = $3 where workspace_id = $1 and id = $2 and rows_done = $4 and status = 'running'")
            .bind(workspace)
            .bind(batch.import)
            .bind(batch.rows_after)
            .bind(batch.rows_before)
            .execute(tx.conn())
            .await?;
        if fenced.rows_affected() == 0 {
            return Err(Conflict::State("Another worker is at this import.".into()).into());
        }
        let entity = batch.kind.entity();
        let currency = workspace_currency(&mut tx).await?;
        let mut findings = batch.findings.clone();
        let mut ready = check_rows(entity, currency, &batch.rows, &mut findings);
        let mut made = Made::default();
        let names = Names::resolve(&mut tx, &ready, &mut made, &mut findings).await?;
        let matches = find_matches(&mut tx, batch.kind, &ready, &names).await?;
        let mut result = BatchResult::default();

        let mut fresh: Vec<(Uuid, Ready)> = Vec::new();
        let mut known: Vec<(Uuid, Ready)> = Vec::new();
        let mut in_batch: HashMap<String, Uuid> = HashMap::new();
        for row in ready.drain(..) {
            let key = identity(batch.kind, &row, &names);
            match matches.of(&row, &key) {
                Some(id) => known.push((id, row)),
                None if in_batch.contains_key(&key) => result.matched += 1,
                None => {
                    let id = Uuid::now_v7();
                    in_batch.insert(key, id);
                    fresh.push((id, row));
                }
            }
        }
        result.matched += known.len() as i64;
        if entity == EntityKind::Deal {
            create_deals(&mut tx, &mut fresh, &names, currency, &mut findings).await?;
        } else {
            insert_records(&mut tx, entity, &fresh, &names, currency).await?;
            fill_empty(&mut tx, entity, &known, &names, &mut made).await?;
        }
        result.created = fresh.len() as i64;
        made.created.extend(fresh.iter().map(|(id, _)| (entity, *id)));
        remember_sources(&mut tx, entity, &fresh).await?;
        save_findings(&mut tx, batch.import, &findings).await?;
        let failed: BTreeSet<i64> = findings.iter().filter(|f| f.error).map(|f| f.row_number).collect();
        result.failed = failed.len() as i64;
        tell(&mut tx, batch, entity, &made, result).await?;
        tx.commit().await?;
        Ok(result)
    }
}

fn check_rows(entity: EntityKind, currency: Currency, rows: &[ImportRow], findings: &mut Vec<Finding>) -> Vec<Ready> {
    let mut ready = Vec::with_capacity(rows.len());
    for row in rows {
        match fields::check(entity, &row.row.fields, true, currency) {
            Ok(set) => ready.push(Ready { number: row.number, row: row.row.clone(), hash: row.hash.clone(), set, cells: row.cells.clone() }),
            // A deal's stage and a stage's pipeline come from their own columns, so only real field errors are left here.
            Err(errors) => findings.extend(errors.0.into_iter().map(|e| Finding {
                row_number: row.number,
                field: e.field,
                code: "invalid",
                message: e.message,
                error: true,
                cells: row.cells.clone(),
            })),
        }
    }
    ready
}

/// Names of other records in the batch, turned into ids.
#[derive(Default)]
struct Names {
    companies: HashMap<String, Uuid>,
    products: HashMap<String, Uuid>,
    members: HashMap<String, Uuid>,
}

fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

impl Names {
    async fn resolve(tx: &mut TenantTx, rows: &[Ready], made: &mut Made, findings: &mut Vec<Finding>) -> Result<Self, StoreError> {
        let collect = |pick: fn(&MappedRow) -> [&Option<String>; 2]| -> Vec<String> {
            let mut seen = BTreeSet::new();
            rows.iter().flat_map(|r| pick(&r.row).into_iter().flatten().cloned().collect::<Vec<_>>()).filter(|n| seen.insert(key(n))).collect()
        };
        let mut names = Self::default();
        let companies = collect(|r| [&r.company, &r.parent]);
        names.companies = find_or_make(tx, EntityKind::Company, &companies, made).await?;
        let members = collect(|r| [&r.owner, &r.manager]);
        names.members = find_or_make(tx, EntityKind::Member, &members, made).await?;
        let products = collect(|r| [&r.product, &r.product]);
        names.products = find_products(tx, &products, rows, made, findings).await?;
        Ok(names)
    }

    fn company(&self, name: &Option<String>) -> Option<Uuid> {
        name.as_ref().and_then(|n| self.companies.get(&key(n)).copied())
    }

    fn member(&self, name: &Option<String>) -> Option<Uuid> {
        name.as_ref().and_then(|n| self.members.get(&key(n)).copied())
    }

    fn product(&self, name: &Option<String>) -> Option<Uuid> {
        name.as_ref().and_then(|n| self.products.get(&key(n)).copied())
    }
}

async fn find_or_make(tx: &mut TenantTx, entity: EntityKind, names: &[String], made: &mut Made) -> Result<HashMap<String, Uuid>, StoreError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<String> = names.iter().map(|n| key(n)).collect();
    let by = if entity == EntityKind::Company { "name_key" } else { "lower(name)" };
    let text = format!(
        "select distinct on (k) {by} as k, id from {} where workspace_id = $1 and deleted_at is null and {by} = any($2) order by k, created_at, id",
        entity.plural()
    );
    let rows: Vec<(String, Uuid)> = sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(&keys).fetch_all(tx.conn()).await?;
    let mut found: HashMap<String, Uuid> = rows.into_iter().collect();
    let missing: Vec<(Uuid, String)> = names.iter().filter(|n| !found.contains_key(&key(n))).map(|n| (Uuid::now_v7(), n.trim().to_owned())).collect();
    if !missing.is_empty() {
        insert_named(tx, entity, &missing).await?;
        made.created.extend(missing.iter().map(|(id, _)| (entity, *id)));
        found.extend(missing.into_iter().map(|(id, name)| (key(&name), id)));
    }
    Ok(found)
}

async fn insert_named(tx: &mut TenantTx, entity: EntityKind, rows: &[(Uuid, String)]) -> Result<(), StoreError> {
    let text = format!("insert into {} (workspace_id, id, name) select $1, * from unnest($2::uuid[], $3::text[])", entity.plural());
    let (ids, names): (Vec<Uuid>, Vec<String>) = rows.iter().cloned().unzip();
    sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(ids).bind(names).execute(tx.conn()).await?;
    Ok(())
}

/// Products are matched loosely: "GTXPro" is taken as "GTX Pro", visibly; anything further off becomes a product of its own.
async fn find_products(
    tx: &mut TenantTx,
    names: &[String],
    rows: &[Ready],
    made: &mut Made,
    findings: &mut Vec<Finding>,
) -> Result<HashMap<String, Uuid>, StoreError> {
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let known: Vec<(Uuid, String)> =
        sqlx::query_as("select id, name from products where workspace_id = $1 and deleted_at is null order by created_at, id limit 20000")
            .bind(tx.workspace())
            .fetch_all(tx.conn())
            .await?;
    let titles: Vec<String> = known.iter().map(|k| k.1.clone()).collect();
    let mut found = HashMap::new();
    let mut missing = Vec::new();
    for name in names {
        let warn = |message: String| -> Vec<Finding> {
            let row = rows.iter().find(|r| r.row.product.as_ref().is_some_and(|p| key(p) == key(name)));
            row.map(|r| Finding { row_number: r.number, field: "product".into(), code: "suggested", message, error: false, cells: Vec::new() })
                .into_iter()
                .collect()
        };
        match suggest(name, &titles) {
            Some((at, _)) if key(&titles[at]) == key(name) => {
                found.insert(key(name), known[at].0);
            }
            Some((at, likeness)) if likeness >= 1.0 => {
                findings.extend(warn(format!("“{name}” was taken as “{}”", titles[at])));
                found.insert(key(name), known[at].0);
            }
            other => {
                if let Some((at, _)) = other {
                    findings.extend(warn(format!("“{name}” is new; it looks like “{}”", titles[at])));
                }
                missing.push((Uuid::now_v7(), name.trim().to_owned()));
            }
        }
    }
    if !missing.is_empty() {
        insert_named(tx, EntityKind::Product, &missing).await?;
        made.created.extend(missing.iter().map(|(id, _)| (EntityKind::Product, *id)));
        found.extend(missing.into_iter().map(|(id, name)| (key(&name), id)));
    }
    Ok(found)
}

fn text_of<'a>(row: &'a Ready, field: &str) -> Option<&'a str> {
    row.set.iter().find(|a| a.spec.key == field).and_then(|a| match &a.value {
        FieldValue::Text(t) => Some(t.as_str()),
        _ => None,
    })
}

fn primary_email(row: &Ready) -> Option<&str> {
    row.set.iter().find_map(|a| match (&a.spec.kind, &a.value) {
        (FieldKind::Emails, FieldValue::Channels(c)) => c.iter().find(|c| c.primary).map(|c| c.value.as_str()),
        _ => None,
    })
}

/// What makes two rows the same record, when neither has an id of its own (SPEC issue: external id, else name/e-mail, else row hash).
fn identity(kind: ImportKind, row: &Ready, names: &Names) -> String {
    if let Some(id) = &row.row.external_id {
        return format!("id:{id}");
    }
    match kind {
        ImportKind::Contacts => match primary_email(row) {
            Some(email) => format!("email:{email}"),
            None => {
                let first = text_of(row, "firstName").unwrap_or_default();
                let last = text_of(row, "lastName").unwrap_or_default();
                let company = names.company(&row.row.company).map(|c| c.to_string()).unwrap_or_default();
                format!("name:{}|{company}", key(&format!("{first} {last}")))
            }
        },
        ImportKind::Companies | ImportKind::Members => format!("name:{}", key(text_of(row, "name").unwrap_or_default())),
        ImportKind::Products => format!("name:{}", squash(text_of(row, "name").unwrap_or_default())),
        ImportKind::Deals => format!("row:{}", row.hash),
    }
}

/// Records that are there already, by the ways of knowing them.
#[derive(Default)]
struct Matches {
    by_source: HashMap<String, Uuid>,
    by_identity: HashMap<String, Uuid>,
}

impl Matches {
    fn of(&self, row: &Ready, identity: &str) -> Option<Uuid> {
        self.by_source.get(&source_id(row)).or_else(|| self.by_identity.get(identity)).copied()
    }
}

fn source_id(row: &Ready) -> String {
    match &row.row.external_id {
        Some(id) => format!("id:{id}"),
        None => format!("row:{}", row.hash),
    }
}

async fn find_matches(tx: &mut TenantTx, kind: ImportKind, rows: &[Ready], names: &Names) -> Result<Matches, StoreError> {
    let entity = kind.entity();
    let workspace = tx.workspace();
    let mut matches = Matches::default();
    let sources: Vec<String> = rows.iter().map(source_id).collect();
    let text = format!(
        "select x.external_id, x.record_id from external_ids x join {} t on t.workspace_id = x.workspace_id and t.id = x.record_id and t.deleted_at is null
         where x.workspace_id = $1 and x.entity = $2 and x.source = 'csv' and x.external_id = any($3)",
        entity.plural()
    );
    let found: Vec<(String, Uuid)> =
        sqlx::query_as(AssertSqlSafe(text)).bind(workspace).bind(entity.noun()).bind(&sources).fetch_all(tx.conn()).await?;
    matches.by_source = found.into_iter().collect();

    let wanted: Vec<String> = rows.iter().map(|r| identity(kind, r, names)).collect();
    let stripped = |prefix: &str| -> Vec<String> { wanted.iter().filter_map(|w| w.strip_prefix(prefix).map(str::to_owned)).collect() };
    match kind {
        ImportKind::Contacts => {
            let found: Vec<(String, Uuid)> = sqlx::query_as(
                "select e.value, e.contact_id from contact_emails e
                 join contacts c on c.workspace_id = e.workspace_id and c.id = e.contact_id and c.deleted_at is null
                 where e.workspace_id = $1 and e.value = any($2)",
            )
            .bind(workspace)
            .bind(stripped("email:"))
            .fetch_all(tx.conn())
            .await?;
            matches.by_identity.extend(found.into_iter().map(|(v, id)| (format!("email:{v}"), id)));
            let keys: Vec<String> = stripped("name:").iter().filter_map(|n| n.split_once('|').map(|p| p.0.to_owned())).collect();
            if !keys.is_empty() {
                let found: Vec<(String, Option<Uuid>, Uuid)> = sqlx::query_as(
                    "select name_key, company_id, id from contacts where workspace_id = $1 and deleted_at is null and name_key = any($2)",
                )
                .bind(workspace)
                .bind(&keys)
                .fetch_all(tx.conn())
                .await?;
                matches
                    .by_identity
                    .extend(found.into_iter().map(|(n, c, id)| (format!("name:{n}|{}", c.map(|c| c.to_string()).unwrap_or_default()), id)));
            }
        }
        ImportKind::Companies | ImportKind::Members => {
            let by = if entity == EntityKind::Company { "name_key" } else { "lower(name)" };
            let text = format!("select {by}, id from {} where workspace_id = $1 and deleted_at is null and {by} = any($2)", entity.plural());
            let found: Vec<(String, Uuid)> = sqlx::query_as(AssertSqlSafe(text)).bind(workspace).bind(stripped("name:")).fetch_all(tx.conn()).await?;
            matches.by_identity.extend(found.into_iter().map(|(n, id)| (format!("name:{n}"), id)));
        }
        ImportKind::Products => {
            let found: Vec<(String, Uuid)> =
                sqlx::query_as("select name, id from products where workspace_id = $1 and deleted_at is null limit 20000")
                    .bind(workspace)
                    .fetch_all(tx.conn())
                    .await?;
            matches.by_identity.extend(found.into_iter().map(|(n, id)| (format!("name:{}", squash(&n)), id)));
        }
        ImportKind::Deals => {}
    }
    Ok(matches)
}

fn column_type(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Int { .. } | FieldKind::Money => "bigint",
        FieldKind::Date => "date",
        FieldKind::Bool => "boolean",
        FieldKind::Ref(_) => "uuid",
        FieldKind::List => "text[]",
        _ => "text",
    }
}

fn raw(value: &FieldValue) -> Value {
    match value {
        FieldValue::Null | FieldValue::Ids(_) | FieldValue::Channels(_) => Value::Null,
        FieldValue::Text(t) => json!(t),
        FieldValue::Int(n) => json!(n),
        FieldValue::Date(d) => json!(d.to_string()),
        FieldValue::Bool(b) => json!(b),
        FieldValue::Id(id) => json!(id),
        FieldValue::List(l) => json!(l),
    }
}

/// A row as `column → value`, references resolved.
fn columns_of(entity: EntityKind, row: &Ready, names: &Names) -> Map<String, Value> {
    let mut out = Map::new();
    for a in row.set.iter().filter(|a| !a.spec.column.is_empty() && a.value != FieldValue::Null) {
        out.insert(a.spec.column.into(), raw(&a.value));
    }
    if entity == EntityKind::Company
        && let Some(employees) = out.get("employee_count").and_then(Value::as_i64)
    {
        out.entry("size").or_insert_with(|| json!(domain::companies::size_of(employees)));
    }
    let mut link = |column: &str, id: Option<Uuid>| {
        if let Some(id) = id {
            out.insert(column.into(), json!(id));
        }
    };
    match entity {
        EntityKind::Contact => {
            link("company_id", names.company(&row.row.company));
            link("owner_id", names.member(&row.row.owner));
        }
        EntityKind::Company => {
            link("parent_id", names.company(&row.row.parent));
            link("owner_id", names.member(&row.row.owner));
        }
        EntityKind::Member => link("manager_id", names.member(&row.row.manager)),
        EntityKind::Deal => {
            link("company_id", names.company(&row.row.company));
            link("product_id", names.product(&row.row.product));
            link("owner_id", names.member(&row.row.owner));
        }
        _ => {}
    }
    out
}

/// Columns and their types for a recordset of these rows.
fn shape(entity: EntityKind, rows: &[Map<String, Value>]) -> Vec<(&'static str, &'static str)> {
    entity
        .fields()
        .iter()
        .filter(|s| !s.column.is_empty() && rows.iter().any(|r| r.contains_key(s.column)))
        .map(|s| (s.column, column_type(s.kind)))
        .collect()
}

async fn insert_records(tx: &mut TenantTx, entity: EntityKind, rows: &[(Uuid, Ready)], names: &Names, currency: Currency) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut records: Vec<Map<String, Value>> = rows.iter().map(|(_, r)| columns_of(entity, r, names)).collect();
    let has_currency = entity.field("currency").is_some();
    let shape: Vec<(&str, &str)> = shape(entity, &records).into_iter().filter(|(c, _)| *c != "currency").collect();
    for (record, (id, row)) in records.iter_mut().zip(rows) {
        record.insert("id".into(), json!(id));
        record.insert("imported".into(), Value::Object(row.row.kept.clone()));
        if has_currency {
            record.entry("currency").or_insert_with(|| json!(currency.code()));
        }
        for (column, default) in [
            ("last_name", json!("")),
            ("status", json!("active")),
            ("visibility", json!("workspace")),
            ("warmness_score", json!(0)),
            ("is_primary_contact", json!(false)),
        ] {
            if shape.iter().any(|(c, _)| *c == column) {
                record.entry(column).or_insert(default);
            }
        }
    }
    let columns: String = shape.iter().map(|(c, _)| format!(", {c}")).collect();
    let selected: String = shape.iter().map(|(c, _)| format!(", x.{c}")).collect();
    let types: String = shape.iter().map(|(c, t)| format!(", {c} {t}")).collect();
    let money = if has_currency { (", currency", ", x.currency", ", currency text") } else { ("", "", "") };
    let text = format!(
        "insert into {} (workspace_id, id, imported{}{columns}) select $1, x.id, x.imported{}{selected}
         from jsonb_to_recordset($2) as x (id uuid, imported jsonb{}{types})",
        entity.plural(),
        money.0,
        money.1,
        money.2
    );
    sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(json!(records)).execute(tx.conn()).await?;
    if entity == EntityKind::Contact {
        insert_channels(tx, rows, FieldKind::Emails, "contact_emails").await?;
        insert_channels(tx, rows, FieldKind::Phones, "contact_phones").await?;
    }
    Ok(())
}

async fn insert_channels(tx: &mut TenantTx, rows: &[(Uuid, Ready)], kind: FieldKind, table: &str) -> Result<(), StoreError> {
    let (mut ids, mut positions, mut values, mut kinds, mut primaries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, row) in rows {
        for a in row.set.iter().filter(|a| a.spec.kind == kind) {
            let FieldValue::Channels(channels) = &a.value else { continue };
            for (i, c) in channels.iter().enumerate() {
                ids.push(*id);
                positions.push(i as i32);
                values.push(c.value.clone());
                kinds.push(c.kind.clone());
                primaries.push(c.primary);
            }
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let text = format!(
        "insert into {table} (workspace_id, contact_id, position, value, kind, is_primary)
         select $1, * from unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::bool[])"
    );
    sqlx::query(AssertSqlSafe(text))
        .bind(tx.workspace())
        .bind(ids)
        .bind(positions)
        .bind(values)
        .bind(kinds)
        .bind(primaries)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A known record gets what it lacks. Fields that somebody edited, even to nothing, are theirs.
async fn fill_empty(tx: &mut TenantTx, entity: EntityKind, rows: &[(Uuid, Ready)], names: &Names, made: &mut Made) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|r| r.0).collect();
    let edited: Vec<(Uuid, String)> = sqlx::query_as(
        "select distinct entity_id, jsonb_object_keys(changes) from events where workspace_id = $1 and entity_id = any($2) and verb = 'edited'",
    )
    .bind(tx.workspace())
    .bind(&ids)
    .fetch_all(tx.conn())
    .await?;
    let theirs = |id: Uuid, column: &str| edited.iter().any(|(e, k)| *e == id && entity.field(k).is_some_and(|s| s.column == column));
    let mut records = Vec::new();
    for (id, row) in rows {
        let mut columns = columns_of(entity, row, names);
        columns.retain(|column, _| !theirs(*id, column));
        columns.insert("id".into(), json!(id));
        records.push(columns);
    }
    let shape: Vec<(&str, &str)> = shape(entity, &records)
        .into_iter()
        .filter(|(c, _)| {
            !matches!(*c, "name" | "first_name" | "last_name" | "status" | "visibility" | "warmness_score" | "is_primary_contact" | "currency")
        })
        .collect();
    if shape.is_empty() {
        return Ok(());
    }
    let sets: String = shape.iter().map(|(c, _)| format!(", {c} = coalesce(t.{c}, x.{c})")).collect();
    let types: String = shape.iter().map(|(c, t)| format!(", {c} {t}")).collect();
    let lacks: Vec<String> = shape.iter().map(|(c, _)| format!("(t.{c} is null and x.{c} is not null)")).collect();
    let text = format!(
        "update {} t set version = version + 1, updated_at = now(){sets}
         from jsonb_to_recordset($2) as x (id uuid{types})
         where t.workspace_id = $1 and t.id = x.id and ({}) returning t.id",
        entity.plural(),
        lacks.join(" or ")
    );
    let touched: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(text)).bind(tx.workspace()).bind(json!(records)).fetch_all(tx.conn()).await?;
    made.touched.extend(touched.into_iter().map(|id| (entity, id)));
    Ok(())
}

struct StageRow {
    id: Uuid,
    pipeline: Uuid,
    key: String,
    probability: i32,
    outcome: String,
    last: Option<String>,
}

/// Deals stand where the file says, with the history that must have led there.
async fn create_deals(
    tx: &mut TenantTx,
    rows: &mut Vec<(Uuid, Ready)>,
    names: &Names,
    currency: Currency,
    findings: &mut Vec<Finding>,
) -> Result<(), StoreError> {
    let stages: Vec<(Uuid, Uuid, String, String, i32, String, Option<String>, DateTime<Utc>)> = sqlx::query_as(
        "select s.id, s.pipeline_id, s.key, s.name, s.probability, s.outcome,
            (select max(d.rank) from deals d where d.workspace_id = $1 and d.stage_id = s.id and d.deleted_at is null), now()
         from stages s where s.workspace_id = $1 and s.deleted_at is null
            and s.pipeline_id = (select id from pipelines where workspace_id = $1 and deleted_at is null order by created_at, id limit 1)
         order by s.position",
    )
    .bind(tx.workspace())
    .fetch_all(tx.conn())
    .await?;
    let now = stages.first().map(|s| s.7).unwrap_or_default();
    let mut stages: Vec<StageRow> = stages
        .into_iter()
        .map(|(id, pipeline, key, name, probability, outcome, last, _)| StageRow {
            id,
            pipeline,
            key: if key.is_empty() { squash(&name) } else { key },
            probability,
            outcome,
            last,
        })
        .collect();
    let position = |stages: &[StageRow], wanted: &str| stages.iter().position(|s| s.key == wanted || squash(&s.key) == squash(wanted));
    let first = 0;
    // A deal that was closed had been engaged with: it came through Qualification.
    let engaged = position(&stages, "qualification").unwrap_or(first);
    let mut deals = Vec::new();
    let mut history = Vec::new();
    let mut kept = Vec::new();
    for (id, row) in rows.drain(..) {
        let wanted = row.row.stage.clone().unwrap_or_else(|| if row.row.closed_at.is_some() { "closed_won".into() } else { String::new() });
        let at = match (wanted.as_str(), position(&stages, &wanted)) {
            ("", _) => Some(first),
            (_, found) => found,
        };
        let Some(at) = at else {
            findings.push(Finding {
                row_number: row.number,
                field: "stage".into(),
                code: "unknown_stage",
                message: format!("“{}” is not a stage of the pipeline", wanted.chars().take(60).collect::<String>()),
                error: true,
                cells: row.cells.clone(),
            });
            continue;
        };
        let stage = &mut stages[at];
        let new_rank = rank::between(stage.last.as_deref(), None);
        stage.last = Some(new_rank.clone());
        let closes = stage.outcome != "open";
        let opened = row.row.opened_at.or(row.row.closed_at).unwrap_or(now);
        let closed = closes.then(|| row.row.closed_at.unwrap_or(now).max(opened));
        let (stage_id, outcome, probability, pipeline) = (stage.id, stage.outcome.clone(), stage.probability, stage.pipeline);
        let mut deal = columns_of(EntityKind::Deal, &row, names);
        let manual = deal.contains_key("probability");
        let owner = deal.get("owner_id").cloned().unwrap_or(Value::Null);
        for (column, value) in [
            ("id", json!(id)),
            ("imported", Value::Object(row.row.kept.clone())),
            ("pipeline_id", json!(pipeline)),
            ("stage_id", json!(stage_id)),
            ("stage_seq", json!(if closes { 2 } else { 1 })),
            ("stage_since", json!(closed.unwrap_or(opened))),
            ("rank", json!(new_rank)),
            ("status", json!(outcome)),
            ("probability_is_manual", json!(manual)),
            ("opened_at", json!(opened)),
            ("closed_at", json!(closed)),
            ("closed_by", if closes { owner.clone() } else { Value::Null }),
        ] {
            deal.insert(column.into(), value);
        }
        deal.entry("probability").or_insert_with(|| json!(probability));
        deal.entry("currency").or_insert_with(|| json!(currency.code()));
        deal.entry("visibility").or_insert_with(|| json!("workspace"));
        deals.push(deal);
        let start = if closes { stages[engaged].id } else { stage_id };
        history.push(json!({"deal_id": id, "seq": 1, "to_stage_id": start, "member_id": owner, "occurred_at": opened}));
        if let Some(closed) = closed {
            history.push(json!({"deal_id": id, "seq": 2, "previous_seq": 1, "from_stage_id": start, "to_stage_id": stage_id, "member_id": owner, "occurred_at": closed}));
        }
        kept.push((id, row));
    }
    *rows = kept;
    if deals.is_empty() {
        return Ok(());
    }
    let own = shape(EntityKind::Deal, &deals);
    let own: Vec<&(&str, &str)> = own.iter().filter(|(c, _)| *c != "stage_id").collect();
    let columns: String = own.iter().map(|(c, _)| format!(", {c}")).collect();
    let types: String = own.iter().map(|(c, t)| format!(", {c} {t}")).collect();
    let standing =
        "id, imported, pipeline_id, stage_id, stage_seq, stage_since, rank, status, probability_is_manual, opened_at, closed_at, closed_by";
    let text = format!(
        "insert into deals (workspace_id, {standing}{columns}) select $1, {standing}{columns}
         from jsonb_to_recordset($2) as x (id uuid, imported jsonb, pipeline_id uuid, stage_id uuid, stage_seq int, stage_since timestamptz, rank text,
            status text, probability_is_manual boolean, opened_at timestamptz, closed_at timestamptz, closed_by uuid{types})"
    );
    sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(json!(deals)).execute(tx.conn()).await?;
    sqlx::query(
        "insert into deal_stage_history (workspace_id, deal_id, seq, previous_seq, from_stage_id, to_stage_id, member_id, occurred_at)
         select $1, x.deal_id, x.seq, x.previous_seq, x.from_stage_id, x.to_stage_id, x.member_id, x.occurred_at
         from jsonb_to_recordset($2) as x (deal_id uuid, seq int, previous_seq int, from_stage_id uuid, to_stage_id uuid, member_id uuid, occurred_at timestamptz)
         order by x.deal_id, x.seq",
    )
    .bind(tx.workspace())
    .bind(json!(history))
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn remember_sources(tx: &mut TenantTx, entity: EntityKind, rows: &[(Uuid, Ready)]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut seen = BTreeSet::new();
    let (sources, ids): (Vec<String>, Vec<Uuid>) = rows.iter().map(|(id, row)| (source_id(row), *id)).filter(|(s, _)| seen.insert(s.clone())).unzip();
    sqlx::query(
        "insert into external_ids (workspace_id, entity, source, external_id, record_id)
         select $1, $2, 'csv', * from unnest($3::text[], $4::uuid[])
         on conflict (workspace_id, entity, source, external_id) do update set record_id = excluded.record_id",
    )
    .bind(tx.workspace())
    .bind(entity.noun())
    .bind(sources)
    .bind(ids)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts, the batch's command and event with its rows, and one live message.
async fn tell(tx: &mut TenantTx, batch: &Batch, entity: EntityKind, made: &Made, result: BatchResult) -> Result<(), StoreError> {
    let workspace = tx.workspace();
    let member = tx.actor.member;
    sqlx::query(
        "update imports set created_count = created_count + $3, matched_count = matched_count + $4, failed_count = failed_count + $5
         where workspace_id = $1 and id = $2",
    )
    .bind(workspace)
    .bind(batch.import)
    .bind(result.created)
    .bind(result.matched)
    .bind(result.failed)
    .execute(tx.conn())
    .await?;
    let event = EventId::new();
    // The same batch of the same import is the same command, whoever retries it.
    let command = Uuid::new_v5(&batch.import.0, batch.rows_before.to_string().as_bytes());
    let outcome = json!({"kind": entity.noun(), "id": batch.import, "version": 1, "event": event});
    sqlx::query("insert into commands (workspace_id, id, member_id, body_hash, outcome) values ($1, $2, $3, '', $4)")
        .bind(workspace)
        .bind(command)
        .bind(member)
        .bind(outcome)
        .execute(tx.conn())
        .await?;
    if made.created.is_empty() && made.touched.is_empty() {
        return Ok(());
    }
    let title = format!("{} {} from {}", result.created, entity.plural(), batch.file_name);
    sqlx::query(
        "insert into events (workspace_id, id, command_id, member_id, surface, verb, entity, entity_id, title, version, occurred_at)
         values ($1, $2, $3, $4, 'import', 'imported', $5, $6, $7, 1, now())",
    )
    .bind(workspace)
    .bind(event)
    .bind(command)
    .bind(member)
    .bind(entity.noun())
    .bind(batch.import)
    .bind(title)
    .execute(tx.conn())
    .await?;
    for (rows, version, import) in [(&made.created, 1i64, Some(batch.import)), (&made.touched, 2, None)] {
        let (kinds, ids): (Vec<&str>, Vec<Uuid>) = rows.iter().map(|(k, id)| (k.noun(), *id)).unzip();
        sqlx::query(
            "with r as (select * from unnest($3::text[], $4::uuid[]) as r (entity, id)),
             m as (insert into import_records (workspace_id, import_id, entity, record_id)
                   select $1, $6, entity, id from r where $6::uuid is not null on conflict do nothing)
             insert into event_rows (workspace_id, event_id, entity, entity_id, version) select $1, $2, entity, id, $5 from r on conflict do nothing",
        )
        .bind(workspace)
        .bind(event)
        .bind(kinds)
        .bind(ids)
        .bind(version)
        .bind(import)
        .execute(tx.conn())
        .await?;
    }
    sqlx::query("insert into outbox (id, workspace_id, entity, entity_id, version, verb, command_id) values ($1, $2, $3, $4, 1, 'imported', $5)")
        .bind(event)
        .bind(workspace)
        .bind(entity.noun())
        .bind(batch.import)
        .bind(command)
        .execute(tx.conn())
        .await?;
    Ok(())
}
