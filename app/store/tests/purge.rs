//! The bin is emptied after 30 days, in every workspace and in no other way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod kit;

use domain::{Command, EntityKind, Envelope, FieldMap};
use kit::TestDb;
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
        send(Command::Create { kind: EntityKind::Company, id: old_company, set: fields(json!({"name": "Old"})) }).await;
        send(Command::Create { kind: EntityKind::Company, id: new_company, set: fields(json!({"name": "New"})) }).await;
        // A private record of its owner goes as well.
        let set = fields(json!({"firstName": "Ana", "visibility": "private", "companyId": old_company, "emails": ["ana@x.org"]}));
        send(Command::Create { kind: EntityKind::Contact, id: person, set }).await;
        send(Command::Create {
            kind: EntityKind::Deal,
            id: deal,
            set: fields(json!({"title": "Big", "companyId": old_company, "contactIds": [person]})),
        })
        .await;
        // What hangs on them: the call goes with the person, the task stays.
        let set = fields(json!({"type": "call", "contactId": person, "companyId": old_company, "dealId": deal}));
        send(Command::Create { kind: EntityKind::Interaction, id: Uuid::now_v7(), set }).await;
        let set = fields(json!({"title": "Ask", "contactId": person, "companyId": old_company, "visibility": "workspace"}));
        send(Command::Create { kind: EntityKind::Task, id: Uuid::now_v7(), set }).await;
        let until = chrono::NaiveDate::from_ymd_opt(2999, 1, 1);
        send(Command::Snooze { kind: EntityKind::Contact, id: person, until }).await;
        for (kind, id) in [(EntityKind::Company, old_company), (EntityKind::Company, new_company), (EntityKind::Contact, person)] {
            send(Command::Delete { kind, id }).await;
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
