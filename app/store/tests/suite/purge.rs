//! The bin is emptied after 30 days, in every workspace and in no other way.

use crate::kit::TestDb;
use domain::{EntityKind, Envelope, FieldMap, RecordCommand, TodayCommand};
use serde_json::json;
use uuid::Uuid;

fn fields(value: serde_json::Value) -> FieldMap {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn what_lay_in_the_bin_for_30_days_goes_and_the_rest_stays() {
    let t = TestDb::new().await;
    let mut kept = Vec::new();
    let (a, b) = (t.workspace("A").await, t.workspace("B").await);
    for actor in [&a, &b] {
        let send = async |command| t.db.dispatch(actor, &Envelope::new(command, None)).await.unwrap();
        let ids: Vec<Uuid> = (0..4).map(|_| Uuid::now_v7()).collect();
        let (old_company, new_company, person, deal) = (ids[0], ids[1], ids[2], ids[3]);
        send(RecordCommand::Create { kind: EntityKind::Company, id: old_company, set: fields(json!({"name": "Old"})) }).await;
        send(RecordCommand::Create { kind: EntityKind::Company, id: new_company, set: fields(json!({"name": "New"})) }).await;
        // A private record of its owner goes as well.
        let set = fields(json!({"firstName": "Ana", "visibility": "private", "companyId": old_company, "emails": ["ana@x.org"]}));
        send(RecordCommand::Create { kind: EntityKind::Contact, id: person, set }).await;
        send(RecordCommand::Create {
            kind: EntityKind::Deal,
            id: deal,
            set: fields(json!({"title": "Big", "companyId": old_company, "contactIds": [person]})),
        })
        .await;
        // What hangs on them: the call goes with the person, the task stays.
        let set = fields(json!({"type": "call", "contactId": person, "companyId": old_company, "dealId": deal}));
        send(RecordCommand::Create { kind: EntityKind::Interaction, id: Uuid::now_v7(), set }).await;
        let set = fields(json!({"title": "Ask", "contactId": person, "companyId": old_company, "visibility": "workspace"}));
        send(RecordCommand::Create { kind: EntityKind::Task, id: Uuid::now_v7(), set }).await;
        let until = chrono::NaiveDate::from_ymd_opt(2999, 1, 1);
        t.db.dispatch(actor, &Envelope::new(TodayCommand::Snooze { kind: EntityKind::Contact, id: person, until }, None)).await.unwrap();
        for (kind, id) in [(EntityKind::Company, old_company), (EntityKind::Company, new_company), (EntityKind::Contact, person)] {
            send(RecordCommand::Delete { kind, id }).await;
        }
        let mut raw = t.raw().await;
        for (table, id) in [("companies", old_company), ("contacts", person)] {
            let text = format!("update {table} set deleted_at = now() - interval '31 days' where id = $1");
            sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).execute(&mut raw).await.unwrap();
        }
        sqlx::query("update commands set created_at = now() - interval '31 days' where workspace_id = $1")
            .bind(actor.workspace)
            .execute(&mut raw)
            .await
            .unwrap();
        kept.push((new_company, deal, old_company, person));
    }
    let done = t.db.purge().await.unwrap();
    assert_eq!(done.records, 4, "a company and a person of each workspace");
    assert!(done.commands > 10, "{done:?}");
    let mut raw = t.raw().await;
    for (new_company, deal, old_company, person) in kept {
        let left: i64 = sqlx::query_scalar(
            "select (select count(*) from companies where id = $1) + (select count(*) from contacts where id = $2)
                + (select count(*) from contact_emails where contact_id = $2) + (select count(*) from deal_contacts where contact_id = $2)
                + (select count(*) from interactions where contact_id = $2) + (select count(*) from snoozes where record_id = $2)
                + (select count(*) from tasks where contact_id is not null or company_id is not null)
                + (select count(*) from events where entity_id in ($1, $2))",
        )
        .bind(old_company)
        .bind(person)
        .fetch_one(&mut raw)
        .await
        .unwrap();
        assert_eq!(left, 0);
        let stays: (i64, Option<Uuid>) =
            sqlx::query_as("select (select count(*) from companies where id = $1), (select company_id from deals where id = $2)")
                .bind(new_company)
                .bind(deal)
                .fetch_one(&mut raw)
                .await
                .unwrap();
        assert_eq!(stays, (1, None), "the newer one can still be restored, the deal stands without its company");
    }
    assert_eq!(t.db.purge().await.unwrap(), Default::default());
}

#[tokio::test]
async fn a_purged_person_is_nowhere_in_the_database() {
    let t = TestDb::new().await;
    let a = t.workspace("A").await;
    let send = async |command| t.db.dispatch(&a, &Envelope::new(command, None)).await.unwrap();
    let (person, deal) = (Uuid::now_v7(), Uuid::now_v7());
    let name = "Xanthippe";
    send(RecordCommand::Create { kind: EntityKind::Contact, id: person, set: fields(json!({"firstName": name, "emails": ["xanthippe@x.org"]})) })
        .await;
    let mut version = send(RecordCommand::Create { kind: EntityKind::Deal, id: deal, set: fields(json!({"title": "Big"})) }).await.version;
    // In and out again: two events of the deal hold the name.
    for contacts in [json!([person]), json!([])] {
        let edit = RecordCommand::Edit { kind: EntityKind::Deal, id: deal, set: fields(json!({"contactIds": contacts})) };
        version = t.db.dispatch(&a, &Envelope::new(edit, Some(version))).await.unwrap().version;
    }
    // Told to a colleague, tagged and put off.
    let note = Uuid::now_v7();
    let body = json!({"body": format!("Call {name} back"), "contactId": person});
    send(RecordCommand::Create { kind: EntityKind::Note, id: note, set: fields(body) }).await;
    sqlx::query(
        "insert into notifications (workspace_id, id, member_id, kind, entity, entity_id, title) values ($1, $2, $3, 'mentioned', 'note', $4, $5)",
    )
    .bind(a.workspace)
    .bind(Uuid::now_v7())
    .bind(a.member)
    .bind(note)
    .bind(format!("Call {name} back"))
    .execute(&mut t.raw().await)
    .await
    .unwrap();
    let import = t.db.create_import(&a, "people.csv").await.unwrap();
    t.db.add_import_part(&a, import, 0, format!("First name,Email\n{name},xanthippe@x.org\n").as_bytes()).await.unwrap();
    let mut raw = t.raw().await;
    sqlx::query("update imports set status = 'failed', finished_at = now() - interval '31 days', mapping = $2 where id = $1")
        .bind(import)
        .bind(json!([{"header": "First name", "target": "firstName", "confidence": 100, "samples": [name]}]))
        .execute(&mut raw)
        .await
        .unwrap();
    sqlx::query("insert into import_findings (workspace_id, import_id, row_number, field, code, message, severity, cells) values ($1, $2, 1, 'email', 'x', 'x', 'error', $3)")
        .bind(a.workspace)
        .bind(import)
        .bind(json!([name]))
        .execute(&mut raw)
        .await
        .unwrap();
    assert!(mentions(&t, name).await.len() >= 5, "{:?}", mentions(&t, name).await);
    send(RecordCommand::Delete { kind: EntityKind::Contact, id: person }).await;
    sqlx::query("update contacts set deleted_at = now() - interval '31 days' where id = $1").bind(person).execute(&mut raw).await.unwrap();
    t.db.purge().await.unwrap();
    assert_eq!(mentions(&t, name).await, Vec::<String>::new());
    assert_eq!(mentions(&t, "xanthippe@x.org").await, Vec::<String>::new());
    // The deal's history still says that something was there.
    let words: Vec<String> = sqlx::query_scalar(
        "select e.changes #>> '{contactIds,afterWords}' from events e where entity_id = $1 and changes #>> '{contactIds,afterWords}' <> ''",
    )
    .bind(deal)
    .fetch_all(&mut raw)
    .await
    .unwrap();
    assert!(words.contains(&"(deleted)".to_owned()), "{words:?}");
}

#[tokio::test]
async fn drafts_that_were_never_started_go_after_a_week() {
    let t = TestDb::new().await;
    let a = t.workspace("A").await;
    let (old, new) = (t.db.create_import(&a, "old.csv").await.unwrap(), t.db.create_import(&a, "new.csv").await.unwrap());
    for import in [old, new] {
        t.db.add_import_part(&a, import, 0, b"x").await.unwrap();
    }
    let mut raw = t.raw().await;
    sqlx::query("update imports set created_at = now() - interval '8 days' where id = $1").bind(old).execute(&mut raw).await.unwrap();
    t.db.purge().await.unwrap();
    let left: Vec<Uuid> = sqlx::query_scalar("select import_id from import_parts").fetch_all(&mut raw).await.unwrap();
    assert_eq!(left, vec![new.0]);
}

/// Tables and columns in which `text` still is, whatever their type.
async fn mentions(t: &TestDb, text: &str) -> Vec<String> {
    let mut raw = t.raw().await;
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select c.table_name::text, c.column_name::text from information_schema.columns c
         join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
         where c.table_schema = 'public' and c.data_type in ('text', 'jsonb', 'json', 'bytea', 'ARRAY', 'character varying')",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    let mut found = Vec::new();
    for (table, column) in columns {
        let query = format!(
            "select count(*) from \"{table}\" where position(lower($1) in lower(case when pg_typeof(\"{column}\") = 'bytea'::regtype
                then encode(\"{column}\"::text::bytea, 'escape') else \"{column}\"::text end)) > 0
             or position(encode(convert_to($1, 'UTF8'), 'hex') in \"{column}\"::text) > 0"
        );
        let n: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(query)).bind(text).fetch_one(&mut raw).await.unwrap();
        found.extend((n > 0).then(|| format!("{table}.{column}: {n}")));
    }
    found
}
