//! Which rows are records that are there already.

use super::{checked::CheckedRow, named::key, names::Names};
use crate::{Finding, StoreError, TenantTx};
use domain::{
    EntityKind, FieldKind,
    fields::FieldValue,
    imports::{Identity, ImportKind, squash},
};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;
use uuid::Uuid;

pub(super) fn text_of<'a>(row: &'a CheckedRow, field: &str) -> Option<&'a str> {
    row.set.iter().find(|a| a.spec.key == field).and_then(|a| match &a.value {
        FieldValue::Text(t) => Some(t.as_str()),
        _ => None,
    })
}

pub(super) fn primary_email(row: &CheckedRow) -> Option<&str> {
    row.set.iter().find_map(|a| match (&a.spec.kind, &a.value) {
        (FieldKind::Emails, FieldValue::Channels(c)) => c.iter().find(|c| c.primary).map(|c| c.value.as_str()),
        _ => None,
    })
}

/// What makes two rows the same record, when neither has an id of its own (SPEC issue: external id, else name/e-mail, else row hash).
pub(super) fn identity(kind: ImportKind, row: &CheckedRow, names: &Names) -> String {
    if let Some(id) = &row.row.external_id {
        return format!("id:{id}");
    }
    match kind.spec().identity {
        Identity::EmailOrName => match primary_email(row) {
            Some(email) => format!("email:{email}"),
            None => {
                let first = text_of(row, "firstName").unwrap_or_default();
                let last = text_of(row, "lastName").unwrap_or_default();
                let company = row.row.company.as_ref().and_then(|name| names.of(EntityKind::Company, name));
                let company = company.map(|c| c.to_string()).unwrap_or_default();
                format!("name:{}|{company}", key(&format!("{first} {last}")))
            }
        },
        Identity::Email => match text_of(row, "email") {
            Some(email) => format!("email:{email}"),
            None => format!("row:{}", row.hash),
        },
        Identity::Name => format!("name:{}", key(text_of(row, "name").unwrap_or_default())),
        Identity::LooseName => format!("name:{}", squash(text_of(row, "name").unwrap_or_default())),
        Identity::Row => format!("row:{}", row.hash),
    }
}

/// Records that are there already, by the ways of knowing them.
#[derive(Default)]
pub(super) struct Matches {
    by_source: HashMap<String, Uuid>,
    by_identity: HashMap<String, Uuid>,
}

impl Matches {
    pub(super) fn of(&self, row: &CheckedRow, identity: &str) -> Option<Uuid> {
        self.by_source.get(&source_id(row)).or_else(|| self.by_identity.get(identity)).copied()
    }
}

pub(super) fn source_id(row: &CheckedRow) -> String {
    match &row.row.external_id {
        Some(id) => format!("id:{id}"),
        None => format!("row:{}", row.hash),
    }
}

pub(super) async fn find_matches(tx: &mut TenantTx, kind: ImportKind, rows: &[CheckedRow], names: &Names) -> Result<Matches, StoreError> {
    let entity = kind.entity();
    let workspace = tx.workspace();
    let mut matches = Matches::default();
    let sources: Vec<String> = rows.iter().map(source_id).collect();
    let text = format!(
        // Materialized: `external_ids` grows during the import, its statistics are stale, and the planner would start the join
        // from the records.
        "with x as materialized (
            select external_id, record_id from external_ids where workspace_id = $1 and entity = $2 and source = 'csv' and external_id = any($3))
         select x.external_id, x.record_id from x join {} t on t.workspace_id = $1 and t.id = x.record_id and t.deleted_at is null",
        entity.plural()
    );
    let found: Vec<(String, Uuid)> =
        sqlx::query_as(AssertSqlSafe(text)).bind(workspace).bind(entity.noun()).bind(&sources).fetch_all(tx.conn()).await?;
    matches.by_source = found.into_iter().collect();

    let wanted: Vec<String> = rows.iter().map(|r| identity(kind, r, names)).collect();
    let stripped = |prefix: &str| -> Vec<String> { wanted.iter().filter_map(|w| w.strip_prefix(prefix).map(str::to_owned)).collect() };
    match kind.spec().identity {
        Identity::EmailOrName => {
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
        Identity::Email => {
            let text = format!("select email, id from {} where workspace_id = $1 and deleted_at is null and email = any($2)", entity.plural());
            let found: Vec<(String, Uuid)> =
                sqlx::query_as(AssertSqlSafe(text)).bind(workspace).bind(stripped("email:")).fetch_all(tx.conn()).await?;
            matches.by_identity.extend(found.into_iter().map(|(email, id)| (format!("email:{email}"), id)));
        }
        Identity::Name => {
            let by = if entity.spec().typed_by_name { "name_key" } else { "lower(name)" };
            let text = format!("select {by}, id from {} where workspace_id = $1 and deleted_at is null and {by} = any($2)", entity.plural());
            let found: Vec<(String, Uuid)> = sqlx::query_as(AssertSqlSafe(text)).bind(workspace).bind(stripped("name:")).fetch_all(tx.conn()).await?;
            matches.by_identity.extend(found.into_iter().map(|(n, id)| (format!("name:{n}"), id)));
        }
        Identity::LooseName => {
            let text = format!("select name, id from {} where workspace_id = $1 and deleted_at is null limit 20000", entity.plural());
            let found: Vec<(String, Uuid)> = sqlx::query_as(AssertSqlSafe(text)).bind(workspace).fetch_all(tx.conn()).await?;
            matches.by_identity.extend(found.into_iter().map(|(n, id)| (format!("name:{}", squash(&n)), id)));
        }
        Identity::Row => {}
    }
    Ok(matches)
}

/// Known records that more people see than the row of the file is for: what the row says must not be written into them.
pub(super) struct Wider(HashMap<Uuid, String>);

impl Wider {
    pub(super) async fn read(tx: &mut TenantTx, entity: EntityKind, rows: &[CheckedRow], matches: &Matches) -> Result<Self, StoreError> {
        let narrow = |row: &CheckedRow| text_of(row, "visibility").is_some_and(|v| v != "workspace");
        if !entity.is_owned() || !rows.iter().any(narrow) {
            return Ok(Self(HashMap::new()));
        }
        let ids: Vec<Uuid> = matches.by_source.values().chain(matches.by_identity.values()).copied().collect();
        let text = format!("select id, visibility from {} where workspace_id = $1 and id = any($2)", entity.plural());
        Ok(Self(sqlx::query_as(AssertSqlSafe(text)).bind(tx.workspace()).bind(ids).fetch_all(tx.conn()).await?.into_iter().collect()))
    }

    /// Whether the row must become a record of its own, with a finding that says why.
    pub(super) fn keeps_apart(&self, id: Uuid, row: &CheckedRow, findings: &mut Vec<Finding>) -> bool {
        let (Some(own), Some(known)) = (text_of(row, "visibility"), self.0.get(&id)) else { return false };
        let apart = crate::visibility::width(own) < crate::visibility::width(known);
        if apart {
            findings.push(Finding {
                row_number: row.number,
                field: "visibility".into(),
                code: "visibility",
                message: "This row is for fewer people than the record that is here already, so it became a record of its own.".into(),
                error: false,
                cells: Vec::new(),
            });
        }
        apart
    }
}
