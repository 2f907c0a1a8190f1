//! What one event does to many records: stale edits conflict with it like with an event of the record itself.

use crate::kit::{TestDb, contact};
use domain::{Command, CommandId, DealCommand, DealId, EntityKind, Envelope, PipelineCommand, TagCommand, deals::Place};
use serde_json::json;
use store::{Actor, Conflict, StoreError};
use uuid::Uuid;

async fn send(t: &TestDb, who: &Actor, command: impl Into<Command>) -> domain::Outcome {
    t.db.dispatch(who, &Envelope::new(command, None)).await.unwrap()
}

async fn version(t: &TestDb, who: &Actor, kind: EntityKind, id: Uuid) -> i64 {
    t.record(who, kind, id).await.unwrap().version
}

/// The one field that conflicts, and what it holds now.
fn conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) -> (String, String) {
    match result {
        Err(StoreError::Conflict(Conflict::Changed { fields, .. })) if fields.len() == 1 => (fields[0].field.clone(), fields[0].theirs.clone()),
        other => panic!("a conflict, not {other:?}"),
    }
}

#[tokio::test]
async fn tags_merged_meanwhile_are_not_brought_back_by_an_older_edit() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let bea = t.create(&ana, EntityKind::Contact, json!({"firstName": "Bea", "tags": ["hot"]})).await;
    let both = t.create(&ana, EntityKind::Task, json!({"title": "Call", "tags": ["hot", "vip"]})).await;
    let other = t.create(&ana, EntityKind::Company, json!({"name": "Globex", "tags": ["vip"]})).await;
    let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
    let all = store::list_tags(&mut tx).await.unwrap();
    drop(tx);
    let of = |name: &str| all.iter().find(|x| x.name == name).unwrap().id;
    let merged = send(&t, &ana, TagCommand::MergeTags { from: of("hot"), into: of("vip") }).await;
    let stale = t.edit(&ana, EntityKind::Contact, bea, 1, json!({"tags": ["hot", "new"]})).await;
    assert_eq!(conflict(stale), ("tags".into(), "vip".into()));
    assert_eq!(conflict(t.edit(&ana, EntityKind::Task, both, 1, json!({"tags": ["hot"]})).await), ("tags".into(), "vip".into()));
    // Another field merges; a record that did not carry the tag has no other version.
    t.edit(&ana, EntityKind::Contact, bea, 1, json!({"jobTitle": "Boss"})).await.unwrap();
    assert_eq!(version(&t, &ana, EntityKind::Company, other).await, 1);
    // Taken back, what was read before is true again, and each has the tags it had.
    t.db.undo(&ana, CommandId::new(), merged.event.unwrap()).await.unwrap();
    assert_eq!(t.record(&ana, EntityKind::Task, both).await.unwrap().text("tags"), "hot, vip");
    assert_eq!(t.record(&ana, EntityKind::Contact, bea).await.unwrap().text("tags"), "hot");
    t.edit(&ana, EntityKind::Contact, bea, 1, json!({"tags": ["hot", "new"]})).await.unwrap();
}

#[tokio::test]
async fn deals_put_into_another_stage_with_theirs_conflict_with_an_older_move() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (from, into) = (t.stage(&ana, "Proposal").await, t.stage(&ana, "Negotiation").await);
    let won = t.stage(&ana, "Closed Won").await;
    let deal = DealId(t.create(&ana, EntityKind::Deal, json!({"title": "A", "stageId": from.to_string()})).await);
    let stale = |stage| Envelope::new(DealCommand::MoveDeal { deal, stage, place: Place::Top, reason: None }, Some(1));
    let gone = send(&t, &ana, PipelineCommand::ReplaceStage { stage: from, into }).await;
    assert_eq!(conflict(t.db.dispatch(&ana, &stale(won)).await), ("stage".into(), "Negotiation".into()));
    t.db.undo(&ana, CommandId::new(), gone.event.unwrap()).await.unwrap();
    t.db.dispatch(&ana, &stale(won)).await.unwrap();
}

#[tokio::test]
async fn records_given_to_an_heir_conflict_with_an_older_giving() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (bea, cleo) = (t.member("Acme", "bea@acme.test").await, t.member("Acme", "cleo@acme.test").await);
    let id = t.create(&bea, EntityKind::Contact, contact("Dora")).await;
    t.db.remove_member(&ana, bea.member, Some(cleo.member)).await.unwrap();
    let stale = t.edit(&ana, EntityKind::Contact, id, 1, json!({"ownerId": ana.member.to_string()})).await;
    let heir = t.record(&ana, EntityKind::Member, cleo.member.0).await.unwrap().title;
    assert_eq!(conflict(stale), ("ownerId".into(), heir));
    t.edit(&ana, EntityKind::Contact, id, 1, json!({"jobTitle": "Boss"})).await.unwrap();
}

#[tokio::test]
async fn what_became_private_with_its_record_conflicts_with_an_older_widening() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let bea = t.create(&ana, EntityKind::Contact, contact("Bea")).await;
    let task = t.create(&ana, EntityKind::Task, json!({"title": "Call", "contactId": bea.to_string()})).await;
    let narrowed = t.edit(&ana, EntityKind::Contact, bea, 1, json!({"visibility": "private"})).await.unwrap();
    assert_eq!(conflict(t.edit(&ana, EntityKind::Task, task, 1, json!({"visibility": "team"})).await), ("visibility".into(), "private".into()));
    t.edit(&ana, EntityKind::Task, task, 1, json!({"title": "Call her"})).await.unwrap();
    t.db.undo(&ana, CommandId::new(), narrowed.event.unwrap()).await.unwrap();
    t.edit(&ana, EntityKind::Task, task, 1, json!({"visibility": "team"})).await.unwrap();
}

/// Inverses as every version so far wrote them down, put into the events of today.
#[tokio::test]
async fn what_earlier_versions_wrote_down_is_taken_back_as_well() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (from, into, won) = (t.stage(&ana, "Proposal").await, t.stage(&ana, "Negotiation").await, t.stage(&ana, "Closed Won").await);
    let set_inverse = async |outcome: &domain::Outcome, inverse: serde_json::Value| {
        let event = outcome.event.unwrap();
        let done = sqlx::query("update events set inverse = $2::jsonb where id = $1 and inverse ->> 'do' = $2::jsonb ->> 'do'")
            .bind(event)
            .bind(inverse)
            .execute(&mut t.raw().await)
            .await
            .unwrap();
        assert_eq!(done.rows_affected(), 1, "the inverse of today says the same");
        t.db.undo(&ana, CommandId::new(), event).await.unwrap();
    };
    // A move, with the facts it had.
    let deal = DealId(t.create(&ana, EntityKind::Deal, json!({"title": "A", "stageId": from.to_string(), "probability": 7})).await);
    let moved = send(&t, &ana, DealCommand::MoveDeal { deal, stage: won, place: Place::Top, reason: Some("Price".into()) }).await;
    let place = json!({"at": "restore", "rank": "a0", "probability": 7, "probability_is_manual": true, "closed_at": null, "close_reason": null});
    set_inverse(&moved, json!({"do": "move_deal", "deal": deal, "stage": from, "place": place, "reason": null})).await;
    let back = t.record(&ana, EntityKind::Deal, deal.0).await.unwrap();
    assert_eq!(
        (back.label("stageId"), back.text("probability"), back.text("closedAt"), back.text("closeReason")),
        (Some("Proposal"), "7".into(), String::new(), String::new())
    );
    // Its undoing is undone by the inverse of today.
    let again = send(&t, &ana, DealCommand::MoveDeal { deal, stage: into, place: Place::Bottom, reason: None }).await;
    let undone = t.db.undo(&ana, CommandId::new(), again.event.unwrap()).await.unwrap();
    t.db.undo(&ana, CommandId::new(), undone.event.unwrap()).await.unwrap();
    assert_eq!(t.record(&ana, EntityKind::Deal, deal.0).await.unwrap().label("stageId"), Some("Negotiation"));
    // A stage with its deals.
    let gone = send(&t, &ana, PipelineCommand::ReplaceStage { stage: into, into: from }).await;
    set_inverse(&gone, json!({"do": "bring_back_stage", "stage": into, "into": from, "event": gone.event})).await;
    assert_eq!(t.record(&ana, EntityKind::Deal, deal.0).await.unwrap().label("stageId"), Some("Negotiation"));
    // Tags, whose rows were written without changes.
    let bea = t.create(&ana, EntityKind::Contact, json!({"firstName": "Bea", "tags": ["hot"]})).await;
    t.create(&ana, EntityKind::Contact, json!({"firstName": "Cleo", "tags": ["vip"]})).await;
    let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
    let tags = store::list_tags(&mut tx).await.unwrap();
    drop(tx);
    let of = |name: &str| tags.iter().find(|x| x.name == name).unwrap().id;
    let merged = send(&t, &ana, TagCommand::MergeTags { from: of("hot"), into: of("vip") }).await;
    sqlx::query("update event_rows set changes = '{}', version = 0 where event_id = $1")
        .bind(merged.event)
        .execute(&mut t.raw().await)
        .await
        .unwrap();
    set_inverse(&merged, json!({"do": "split_tags", "from": of("hot"), "into": of("vip"), "event": merged.event})).await;
    assert_eq!(t.record(&ana, EntityKind::Contact, bea).await.unwrap().text("tags"), "hot");
    // A plain one.
    let edited =
        t.edit(&ana, EntityKind::Contact, bea, version(&t, &ana, EntityKind::Contact, bea).await, json!({"jobTitle": "Boss"})).await.unwrap();
    set_inverse(&edited, json!({"do": "edit", "kind": "contact", "id": bea, "set": {"jobTitle": null}})).await;
    assert_eq!(t.record(&ana, EntityKind::Contact, bea).await.unwrap().text("jobTitle"), "");
}
