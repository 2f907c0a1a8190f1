//! Every foreign key between records is explained: what happens to a row that points at a record which is purged, taken back
//! with its import, or deleted. A new key is a new line here, and each line is carried out.

use crate::kit::TestDb;
use domain::{EntityKind as K, Envelope, ImportCommand, ImportId, RecordCommand};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use store::{Actor, Conflict, StoreError};
use uuid::Uuid;

/// What becomes of the pointing row when the record is purged.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Purge {
    /// The row stays, its column is emptied.
    Clears,
    /// The row goes as well.
    Goes,
    /// Such a record is never purged: the history of deals names it.
    Never,
}

/// What the pointing row does to taking back the import that made the record, and to its deletion.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Holds {
    /// The record stays, deletion is refused.
    Both,
    /// The record stays when its import is taken back; it may be deleted, and be brought back for 30 days.
    Undo,
    /// Deletion is refused; no import makes such a record.
    Delete,
    /// Nothing: the row is part of the record, or belongs to a member who signs in.
    Nothing,
}

/// Constraint, then its fates.
const EXPLAINED: &[(&str, Purge, Holds)] = &[
    ("companies_owner", Purge::Never, Holds::Both),
    ("companies_parent", Purge::Clears, Holds::Undo),
    ("contact_emails_contact", Purge::Goes, Holds::Nothing),
    ("contact_phones_contact", Purge::Goes, Holds::Nothing),
    ("contacts_company", Purge::Clears, Holds::Undo),
    ("contacts_owner", Purge::Never, Holds::Both),
    ("deal_contacts_contact", Purge::Goes, Holds::Undo),
    ("deal_contacts_deal", Purge::Goes, Holds::Nothing),
    ("deal_stage_history_deal", Purge::Goes, Holds::Nothing),
    ("deal_stage_history_to", Purge::Never, Holds::Nothing),
    ("deals_company", Purge::Clears, Holds::Undo),
    ("deals_owner", Purge::Never, Holds::Both),
    ("deals_pipeline", Purge::Never, Holds::Delete),
    ("deals_product", Purge::Clears, Holds::Undo),
    ("deals_stage", Purge::Never, Holds::Delete),
    ("interactions_company", Purge::Clears, Holds::Undo),
    // C-40: what was said to a person goes with them.
    ("interactions_contact", Purge::Goes, Holds::Undo),
    ("interactions_deal", Purge::Clears, Holds::Undo),
    ("interactions_owner", Purge::Never, Holds::Undo),
    ("leads_owner", Purge::Never, Holds::Both),
    ("members_manager", Purge::Never, Holds::Undo),
    ("members_team", Purge::Never, Holds::Nothing),
    ("notes_company", Purge::Clears, Holds::Undo),
    ("notes_contact", Purge::Goes, Holds::Undo),
    ("notes_deal", Purge::Clears, Holds::Undo),
    ("notes_owner", Purge::Never, Holds::Undo),
    ("notes_task", Purge::Clears, Holds::Undo),
    ("notification_settings_member", Purge::Never, Holds::Nothing),
    ("notifications_member", Purge::Never, Holds::Nothing),
    ("snoozes_member", Purge::Never, Holds::Nothing),
    ("stages_pipeline", Purge::Never, Holds::Nothing),
    ("tagged_items_tag", Purge::Goes, Holds::Nothing),
    ("tasks_company", Purge::Clears, Holds::Undo),
    ("tasks_contact", Purge::Clears, Holds::Undo),
    ("tasks_deal", Purge::Clears, Holds::Undo),
    // The next of a repeated task does not keep the one before it.
    ("tasks_follows", Purge::Clears, Holds::Nothing),
    ("tasks_owner", Purge::Never, Holds::Both),
    ("teams_manager", Purge::Never, Holds::Undo),
    ("views_owner", Purge::Never, Holds::Undo),
];

/// A foreign key between records, as the catalogue has it.
struct Key {
    name: String,
    table: String,
    column: String,
    target: K,
}

async fn keys(t: &TestDb) -> Vec<Key> {
    let rows: Vec<(String, String, String, String)> = sqlx::query_as(
        "select c.conname::text, c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text
         from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[array_length(c.conkey, 1)]
         where c.contype = 'f' and c.connamespace = 'public'::regnamespace order by 1",
    )
    .fetch_all(&mut t.raw().await)
    .await
    .unwrap();
    rows.into_iter().filter_map(|(name, table, column, target)| Some(Key { name, table, column, target: K::from_plural(&target)? })).collect()
}

/// The least that a record needs.
fn least(kind: K, more: &BTreeMap<&str, Uuid>) -> Value {
    match kind {
        K::Contact => json!({"firstName": "Ana", "emails": ["ana@x.test"], "phones": ["+49 30 1"]}),
        K::Company | K::Product | K::Team | K::Member => json!({"name": "One"}),
        K::Deal => json!({"title": "One"}),
        K::Pipeline => json!({"name": "One", "kind": "custom"}),
        K::Stage => json!({"name": "One", "pipelineId": more["pipeline"]}),
        K::Interaction => json!({"type": "call"}),
        K::Task => json!({"title": "One"}),
        K::Note => json!({"body": "One"}),
        K::Tag => json!({"name": format!("t{}", Uuid::now_v7().simple()), "color": "red"}),
        K::View => json!({"name": "One", "page": "/people", "query": "sort=-warmth"}),
        other => crate::kit::least(other),
    }
}

/// A record of the target's kind, and a row of the key's table that points at it and at nothing else of the kind.
struct Case {
    target: Uuid,
    /// The pointing record, where the table is that of a kind.
    row: Option<Uuid>,
}

async fn point(t: &TestDb, who: &Actor, key: &Key) -> Case {
    let mut more = BTreeMap::new();
    more.insert("pipeline", t.create(who, K::Pipeline, json!({"name": format!("For {}", key.name), "kind": "custom"})).await);
    let target = t.create(who, key.target, least(key.target, &more)).await;
    let mut raw = t.raw().await;
    let Some(kind) = K::from_plural(&key.table) else {
        match key.table.as_str() {
            "deal_contacts" if key.target == K::Contact => {
                t.create(who, K::Deal, json!({"title": "Theirs", "contactIds": [target]})).await;
            }
            "deal_contacts" => {
                let ana = t.create(who, K::Contact, json!({"firstName": "On it"})).await;
                t.edit(who, K::Deal, target, 1, json!({"contactIds": [ana]})).await.unwrap();
            }
            "tagged_items" => {
                let name = t.record(who, K::Tag, target).await.unwrap().fields["name"].clone();
                t.create(who, K::Company, json!({"name": "Tagged", "tags": [name]})).await;
            }
            // Made with the record.
            "contact_emails" | "contact_phones" | "deal_stage_history" => {}
            // Of members who sign in.
            "snoozes" | "notifications" | "notification_settings" => {}
            other => panic!("{other} points at {:?}, and this test does not know how a row of it is made", key.target),
        }
        return Case { target, row: None };
    };
    let row = t.create(who, kind, least(kind, &more)).await;
    let also = if key.name == "deals_stage" { ", pipeline_id = (select pipeline_id from stages s where s.id = $1)" } else { "" };
    let text = format!("update {} set {} = $1{also} where id = $2", key.table, key.column);
    sqlx::query(AssertSqlSafe(text)).bind(target).bind(row).execute(&mut raw).await.unwrap();
    Case { target, row: Some(row) }
}

async fn is_there(t: &TestDb, table: &str, id: Uuid) -> bool {
    let text = format!("select exists (select from {table} where id = $1)");
    sqlx::query_scalar(AssertSqlSafe(text)).bind(id).fetch_one(&mut t.raw().await).await.unwrap()
}

/// Whether the record lies in the bin.
async fn is_binned(t: &TestDb, kind: K, id: Uuid) -> bool {
    let text = format!("select deleted_at is not null from {} where id = $1", kind.plural());
    sqlx::query_scalar(AssertSqlSafe(text)).bind(id).fetch_one(&mut t.raw().await).await.unwrap()
}

#[tokio::test]
async fn every_foreign_key_between_records_is_explained() {
    let t = TestDb::new().await;
    let (known, found): (Vec<&str>, Vec<String>) = (EXPLAINED.iter().map(|e| e.0).collect(), keys(&t).await.into_iter().map(|k| k.name).collect());
    let unexplained: Vec<&String> = found.iter().filter(|name| !known.contains(&name.as_str()) && *name != "deal_stage_history_from").collect();
    assert!(unexplained.is_empty(), "what happens to rows of these when what they point at goes? {unexplained:?}");
    assert_eq!(known, found.iter().map(String::as_str).filter(|n| known.contains(n)).collect::<Vec<_>>(), "in order, and each still there");
}

#[tokio::test]
async fn a_purge_leaves_no_row_that_points_at_nothing() {
    let t = TestDb::new().await;
    let who = t.workspace("Pointed").await;
    for key in keys(&t).await {
        let Some((_, fate, _)) = EXPLAINED.iter().find(|e| e.0 == key.name) else { continue };
        let case = point(&t, &who, &key).await;
        let old = format!("update {} set deleted_at = now() - interval '31 days' where id = $1", key.target.plural());
        sqlx::query(AssertSqlSafe(old)).bind(case.target).execute(&mut t.raw().await).await.unwrap();
        t.db.purge().await.unwrap();
        assert_eq!(is_there(&t, key.target.plural(), case.target).await, *fate == Purge::Never, "{}", key.name);
        if let Some(row) = case.row {
            assert_eq!(is_there(&t, &key.table, row).await, *fate != Purge::Goes, "{}: the pointing row", key.name);
        }
    }
}

#[tokio::test]
async fn an_import_leaves_behind_what_records_of_others_point_at() {
    let t = TestDb::new().await;
    let who = t.workspace("Pointed").await;
    for key in keys(&t).await {
        let Some((_, _, holds)) = EXPLAINED.iter().find(|e| e.0 == key.name) else { continue };
        if matches!(key.target, K::Pipeline | K::Stage | K::Team | K::Tag | K::View | K::Note) {
            continue;
        }
        let case = point(&t, &who, &key).await;
        let version: i64 =
            sqlx::query_scalar(AssertSqlSafe(format!("update {} set version = 1 where id = $1 returning version", key.target.plural())))
                .bind(case.target)
                .fetch_one(&mut t.raw().await)
                .await
                .unwrap();
        assert_eq!(version, 1);
        let import = ImportId(Uuid::now_v7());
        let made =
            "with i as (insert into imports (workspace_id, id, file_name, kind, status, created_by) values ($1, $2, 'x.csv', 'contacts', 'done', $3)),
            e as (insert into events (workspace_id, id, command_id, member_id, surface, verb, entity, entity_id, title, version, occurred_at)
                values ($1, $2, $2, $3, 'import', 'imported', $4, $2, '', 1, now()))
            insert into event_rows (workspace_id, event_id, entity, entity_id, version) values ($1, $2, $4, $5, 1)";
        let mut raw = t.raw().await;
        sqlx::query(made)
            .bind(who.workspace)
            .bind(import)
            .bind(who.member)
            .bind(key.target.noun())
            .bind(case.target)
            .execute(&mut raw)
            .await
            .unwrap();
        t.db.dispatch(&who, &Envelope::new(ImportCommand::UndoImport { import }, None)).await.unwrap();
        let kept = matches!(holds, Holds::Both | Holds::Undo);
        assert_eq!(!is_binned(&t, key.target, case.target).await, kept, "{}", key.name);
    }
}

#[tokio::test]
async fn what_is_in_use_is_not_deleted() {
    let t = TestDb::new().await;
    let who = t.workspace("Pointed").await;
    for key in keys(&t).await {
        let Some((_, _, holds)) = EXPLAINED.iter().find(|e| e.0 == key.name) else { continue };
        let case = point(&t, &who, &key).await;
        let deleted = t.db.dispatch(&who, &Envelope::new(RecordCommand::Delete { kind: key.target, id: case.target }, None)).await;
        let refused = matches!(deleted, Err(StoreError::Conflict(Conflict::InUse(_))));
        assert_eq!(refused, matches!(holds, Holds::Both | Holds::Delete), "{}: {deleted:?}", key.name);
        assert!(refused || deleted.is_ok(), "{}: {deleted:?}", key.name);
    }
}
