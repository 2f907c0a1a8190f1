//! The command door: idempotency, versions, undo, history.

use crate::kit::{TestDb, contact, map};
use domain::{
    Command, CommandId, DealCommand, DealId, EntityKind, Envelope, Permission, PipelineCommand, RecordCommand, Role, ShareCommand, deals::Place,
};
use serde_json::json;
use store::{Conflict, StoreError};
use uuid::Uuid;

#[tokio::test]
async fn con_03_a_contact_is_created_edited_deleted_and_restored() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let company = t.create(&ana, EntityKind::Company, json!({"name": "Globex", "employeeCount": 120})).await;
    let id = t
        .create(
            &ana,
            EntityKind::Contact,
            json!({"firstName": "Bea", "lastName": "Lee", "emails": ["BEA@globex.com", "b@home.org"], "phones": "+49 30 123", "companyId": company}),
        )
        .await;
    let record = t.record(&ana, EntityKind::Contact, id).await.unwrap();
    assert_eq!(record.title, "Bea Lee");
    assert_eq!(record.text("emails"), "bea@globex.com, b@home.org");
    assert_eq!(record.label("companyId"), Some("Globex"));
    assert_eq!(t.record(&ana, EntityKind::Company, company).await.unwrap().text("size"), "51-200");

    let outcome = t.edit(&ana, EntityKind::Contact, id, 1, json!({"jobTitle": "CTO", "emails": []})).await.unwrap();
    assert_eq!(outcome.version, 2);
    let undone = t.db.undo(&ana, CommandId::new(), outcome.event.unwrap()).await.unwrap();
    assert_eq!(undone.version, 3);
    let record = t.record(&ana, EntityKind::Contact, id).await.unwrap();
    assert_eq!((record.text("jobTitle"), record.text("emails")), (String::new(), "bea@globex.com, b@home.org".into()));
    let again = t.db.undo(&ana, CommandId::new(), outcome.event.unwrap()).await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict(Conflict::AlreadyUndone)));

    let gone = t.db.dispatch(&ana, &Envelope::new(RecordCommand::Delete { kind: EntityKind::Contact, id }, None)).await.unwrap();
    assert!(matches!(t.record(&ana, EntityKind::Contact, id).await, Err(StoreError::NotFound)));
    t.db.undo(&ana, CommandId::new(), gone.event.unwrap()).await.unwrap();
    assert_eq!(t.record(&ana, EntityKind::Contact, id).await.unwrap().text("emails"), "bea@globex.com, b@home.org");
}

#[tokio::test]
async fn the_same_command_sent_twice_or_at_once_happens_once() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let command = RecordCommand::Create { kind: EntityKind::Contact, id: Uuid::now_v7(), set: map(contact("Bea")) };
    let envelope = Envelope::new(command, None);
    let first = t.db.dispatch(&ana, &envelope).await.unwrap();
    assert_eq!(t.db.dispatch(&ana, &envelope).await.unwrap(), first);

    let id = first.id;
    let edit = Envelope::new(RecordCommand::Edit { kind: EntityKind::Contact, id, set: map(json!({"jobTitle": "CTO"})) }, Some(1));
    let sends: Vec<_> = (0..16)
        .map(|_| {
            let (db, ana, edit) = (t.db.clone(), ana.clone(), edit.clone());
            tokio::spawn(async move { db.dispatch(&ana, &edit).await.unwrap() })
        })
        .collect();
    let mut outcomes = Vec::new();
    for send in sends {
        outcomes.push(send.await.unwrap());
    }
    assert!(outcomes.iter().all(|o| *o == outcomes[0]), "{outcomes:?}");
    assert_eq!(t.record(&ana, EntityKind::Contact, id).await.unwrap().version, 2);

    let mut other = envelope.clone();
    other.command = RecordCommand::Create { kind: EntityKind::Contact, id: Uuid::now_v7(), set: map(contact("Eve")) }.into();
    assert!(matches!(t.db.dispatch(&ana, &other).await, Err(StoreError::Conflict(Conflict::CommandReused))));
}

#[tokio::test]
async fn edits_of_other_fields_merge_and_of_the_same_field_conflict() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let id = t.create(&ana, EntityKind::Contact, contact("Bea")).await;
    t.edit(&ana, EntityKind::Contact, id, 1, json!({"jobTitle": "CTO"})).await.unwrap();
    t.edit(&ana, EntityKind::Contact, id, 1, json!({"location": "Berlin"})).await.unwrap();
    match t.edit(&ana, EntityKind::Contact, id, 1, json!({"jobTitle": "CEO"})).await {
        Err(StoreError::Conflict(Conflict::Changed { version: 3, fields })) => {
            assert_eq!((fields[0].field.as_str(), fields[0].theirs.as_str(), fields[0].by.as_deref()), ("jobTitle", "CTO", Some("Acme")));
        }
        other => panic!("{other:?}"),
    }
    let without = Envelope::new(RecordCommand::Edit { kind: EntityKind::Contact, id, set: map(json!({"jobTitle": "CEO"})) }, None);
    assert!(matches!(t.db.dispatch(&ana, &without).await, Err(StoreError::Conflict(Conflict::VersionNeeded))));
}

#[tokio::test]
async fn dst_01_moves_write_history_close_deals_and_undo_exactly() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (proposal, won) = (t.stage(&ana, "Proposal").await, t.stage(&ana, "Closed Won").await);
    let id = t.create(&ana, EntityKind::Deal, json!({"title": "Renewal", "value": "1,200.50"})).await;
    let deal = DealId(id);
    let before = t.record(&ana, EntityKind::Deal, id).await.unwrap();
    let go = |stage, reason: Option<&str>| {
        Envelope::new(DealCommand::MoveDeal { deal, stage, place: Place::Top, reason: reason.map(str::to_owned) }, None)
    };
    let first = t.db.dispatch(&ana, &go(proposal, None)).await.unwrap();
    assert_eq!(t.record(&ana, EntityKind::Deal, id).await.unwrap().text("probability"), "50");
    let closing = t.db.dispatch(&ana, &go(won, Some("Best price"))).await.unwrap();
    let closed = t.record(&ana, EntityKind::Deal, id).await.unwrap();
    assert_eq!((closed.text("status"), closed.text("closeReason"), closed.text("probability")), ("won".into(), "Best price".into(), "100".into()));
    // The first move cannot be undone under the second.
    assert!(matches!(t.db.undo(&ana, CommandId::new(), first.event.unwrap()).await, Err(StoreError::Conflict(Conflict::Changed { .. }))));
    t.db.undo(&ana, CommandId::new(), closing.event.unwrap()).await.unwrap();
    // With the second taken back, the first can be.
    t.db.undo(&ana, CommandId::new(), first.event.unwrap()).await.unwrap();
    let mut tx = t.db.begin(&ana, Permission::ViewRecords).await.unwrap();
    let history = store::stage_history(&mut tx, deal).await.unwrap();
    let path: Vec<_> = history.iter().map(|h| (h.seq, h.to_stage.as_str())).collect();
    assert_eq!(path, [(1, "Prospecting"), (2, "Proposal"), (3, "Closed Won"), (4, "Proposal"), (5, "Prospecting")]);
    let after = t.record(&ana, EntityKind::Deal, id).await.unwrap();
    assert_eq!((after.text("status"), after.text("closeReason")), (before.text("status"), before.text("closeReason")));
}

#[tokio::test]
async fn pst_01_stages_are_put_in_order_and_back() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let list = async || {
        let mut tx = t.db.begin(&ana, Permission::ViewRecords).await.unwrap();
        store::list_pipelines(&mut tx).await.unwrap().remove(0)
    };
    let pipeline = list().await;
    let names = async || list().await.stages.into_iter().map(|s| s.name).collect::<Vec<_>>();
    let old = names().await;
    let mut ids: Vec<domain::StageId> = pipeline.stages.iter().map(|s| s.id).collect();
    ids.swap(0, 2);
    let order = async |stages: Vec<domain::StageId>| {
        t.db.dispatch(&ana, &Envelope::new(PipelineCommand::OrderStages { pipeline: pipeline.id, stages }, None)).await
    };
    let done = order(ids.clone()).await.unwrap();
    assert_eq!(names().await[..3], ["Proposal", "Qualification", "Prospecting"]);
    assert!(order(ids.clone()).await.unwrap().event.is_none(), "nothing changed, nothing is told");
    // One too few, one twice, one of nobody.
    for wrong in [ids[1..].to_vec(), [&ids[1..], &ids[1..2]].concat(), [&ids[1..], &[domain::StageId::new()]].concat()] {
        assert!(matches!(order(wrong).await, Err(StoreError::Conflict(Conflict::State(_)))));
    }
    t.db.undo(&ana, CommandId::new(), done.event.unwrap()).await.unwrap();
    assert_eq!(names().await, old);
}

/// C-40: a stage with deals is not deleted under them, whoever they belong to; its deals go into another stage with it.
#[tokio::test]
async fn a_stage_goes_with_its_deals_put_elsewhere_and_comes_back_with_them() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let bea = t.member("Acme", "bea@x.test").await;
    let pipeline = async || {
        let mut tx = t.db.begin(&ana, Permission::ViewRecords).await.unwrap();
        store::list_pipelines(&mut tx).await.unwrap().remove(0)
    };
    let stages = pipeline().await.stages;
    let of = |name: &str| stages.iter().find(|s| s.name == name).unwrap().id;
    let (from, into, won) = (of("Proposal"), of("Negotiation"), of("Closed Won"));
    let deal =
        async |title: &str, stage: domain::StageId| t.create(&ana, EntityKind::Deal, json!({"title": title, "stageId": stage.to_string()})).await;
    let (a, b, c, stays) = (deal("A", from).await, deal("B", from).await, deal("C", from).await, deal("Stays", into).await);
    let hidden = t.create(&bea, EntityKind::Deal, json!({"title": "Hidden", "stageId": from.to_string(), "visibility": "private"})).await;
    let replace = async |stage, into| t.db.dispatch(&ana, &Envelope::new(PipelineCommand::ReplaceStage { stage, into }, None)).await;
    for wrong in [from, won, domain::StageId::new()] {
        assert!(replace(from, wrong).await.is_err(), "{wrong}");
    }
    // Of nobody's deal that they cannot see, they still hear that it stands there.
    for id in [a, b, c] {
        t.db.dispatch(&ana, &Envelope::new(RecordCommand::Delete { kind: EntityKind::Deal, id }, None)).await.unwrap();
    }
    let alone = t.db.dispatch(&ana, &Envelope::new(RecordCommand::Delete { kind: EntityKind::Stage, id: from.0 }, None)).await;
    assert!(matches!(alone, Err(StoreError::Conflict(Conflict::InUse(_)))), "{alone:?}");
    for id in [a, b, c] {
        t.db.dispatch(&ana, &Envelope::new(RecordCommand::Restore { kind: EntityKind::Deal, id }, None)).await.unwrap();
    }
    let board = async |stage: domain::StageId| {
        let sql = "select title from deals where workspace_id = $1 and stage_id = $2 and deleted_at is null order by rank";
        sqlx::query_scalar::<_, String>(sql).bind(ana.workspace).bind(stage).fetch_all(&mut t.raw().await).await.unwrap()
    };
    let before = board(from).await;
    let done = replace(from, into).await.unwrap();
    assert!(!pipeline().await.stages.iter().any(|s| s.id == from));
    assert_eq!(board(into).await, [vec!["Stays".to_owned()], before.clone()].concat(), "below what stood there, in their order");
    let record = t.record(&ana, EntityKind::Deal, a).await.unwrap();
    assert_eq!(record.label("stageId"), Some("Negotiation"));
    let mut tx = t.db.begin(&ana, Permission::ViewRecords).await.unwrap();
    let path: Vec<_> = store::stage_history(&mut tx, DealId(a)).await.unwrap().into_iter().map(|h| (h.seq, h.to_stage)).collect();
    assert_eq!(path, [(1, "Proposal".to_owned()), (2, "Negotiation".to_owned())]);
    drop(tx);
    // One that went on meanwhile stays where it is; the others come back.
    t.db.dispatch(&ana, &Envelope::new(DealCommand::MoveDeal { deal: DealId(c), stage: won, place: Place::Bottom, reason: None }, None))
        .await
        .unwrap();
    t.db.undo(&ana, CommandId::new(), done.event.unwrap()).await.unwrap();
    let left: Vec<String> = before.iter().filter(|t| *t != "C").cloned().collect();
    assert_eq!((board(from).await, board(into).await), (left, vec!["Stays".to_owned()]));
    assert_eq!(t.record(&bea, EntityKind::Deal, hidden).await.unwrap().label("stageId"), Some("Proposal"));
    assert_eq!(t.record(&ana, EntityKind::Deal, stays).await.unwrap().version, 1);
}

/// Whoever makes or moves a deal into a stage while somebody else takes it away: the deal stands in a stage that is there.
#[tokio::test(flavor = "multi_thread")]
async fn no_deal_lands_in_a_stage_that_is_being_taken_away() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (from, into) = (t.stage(&ana, "Proposal").await, t.stage(&ana, "Negotiation").await);
    let waiting = t.create(&ana, EntityKind::Deal, json!({"title": "Waiting"})).await;
    for round in 0..6 {
        let making: Vec<_> = (0..8)
            .map(|n| {
                let (db, ana) = (t.db.clone(), ana.clone());
                tokio::spawn(async move {
                    tokio::time::sleep(std::time::Duration::from_millis(n * 2)).await;
                    let command: Command = if n % 2 == 0 {
                        RecordCommand::Create {
                            kind: EntityKind::Deal,
                            id: Uuid::now_v7(),
                            set: map(json!({"title": "New", "stageId": from.to_string()})),
                        }
                        .into()
                    } else {
                        DealCommand::MoveDeal { deal: DealId(waiting), stage: from, place: Place::Top, reason: None }.into()
                    };
                    // Refused or done: either is fine.
                    let _ = db.dispatch(&ana, &Envelope::new(command, None)).await;
                })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let gone = if round % 2 == 0 {
            t.db.dispatch(&ana, &Envelope::new(PipelineCommand::ReplaceStage { stage: from, into }, None)).await
        } else {
            t.db.dispatch(&ana, &Envelope::new(RecordCommand::Delete { kind: EntityKind::Stage, id: from.0 }, None)).await
        };
        for hand in making {
            hand.await.unwrap();
        }
        let lost = "select count(*) from deals d join stages s on s.workspace_id = d.workspace_id and s.id = d.stage_id
            where d.workspace_id = $1 and d.deleted_at is null and s.deleted_at is not null";
        let lost: i64 = sqlx::query_scalar(lost).bind(ana.workspace).fetch_one(&mut t.raw().await).await.unwrap();
        assert_eq!(lost, 0, "round {round}: {gone:?}");
        if let Ok(done) = gone {
            t.db.undo(&ana, CommandId::new(), done.event.unwrap()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_viewer_is_refused_before_anything_is_written() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let viewer = store::Actor { role: Role::Viewer, ..ana.clone() };
    let before = t.fingerprint(ana.workspace).await;
    for kind in EntityKind::ALL {
        assert!(matches!(t.try_create(&viewer, kind, json!({"name": "x"})).await, Err(StoreError::Denied(_))), "{kind:?}");
    }
    assert_eq!(t.fingerprint(ana.workspace).await, before);
}

/// A browser that goes away in the middle of a request drops our future wherever it stands. No connection may go back to
/// the pool inside somebody's transaction.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_dropped_while_it_opens_leaves_no_transaction_behind() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    for i in 0..600u64 {
        let _ = tokio::time::timeout(std::time::Duration::from_micros(i % 300 * 4), t.db.begin(&ana, Permission::ViewRecords)).await;
        // Reads a table that the restricted role may not, on whatever connection comes.
        t.db.membership(ana.user, ana.workspace, ana.surface).await.unwrap_or_else(|e| panic!("after {i}: {e}"));
    }
}

#[tokio::test]
async fn an_undo_that_would_change_nothing_says_so() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let id = t.contact(&ana).create().await;
    let promoted = t.edit(&ana, EntityKind::Contact, id, 1, json!({"jobTitle": "Boss"})).await.unwrap();
    t.edit(&ana, EntityKind::Contact, id, 2, json!({"jobTitle": null})).await.unwrap();
    let undone = t.db.undo(&ana, CommandId::new(), promoted.event.unwrap()).await;
    assert!(matches!(undone, Err(StoreError::Conflict(Conflict::NothingToUndo | Conflict::Changed { .. }))), "{undone:?}");

    let share = Uuid::now_v7();
    let make =
        ShareCommand::CreateShare { share, title: "Board".into(), shows: vec!["figures".into()], expires_at: None, token_hash: "00".repeat(32) };
    let made = t.db.dispatch(&ana, &Envelope::new(make, None)).await.unwrap();
    t.db.dispatch(&ana, &Envelope::new(ShareCommand::RevokeShare { share }, None)).await.unwrap();
    let undone = t.db.undo(&ana, CommandId::new(), made.event.unwrap()).await;
    assert!(matches!(undone, Err(StoreError::Conflict(Conflict::NothingToUndo))), "{undone:?}");
}

#[tokio::test]
async fn an_empty_list_that_stays_empty_is_no_change() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let id = t.contact(&ana).create().await;
    for empty in [json!(null), json!([]), json!("")] {
        let same = t.edit(&ana, EntityKind::Contact, id, 1, json!({"tags": empty, "emails": empty})).await.unwrap();
        assert_eq!((same.version, same.event), (1, None), "{empty}");
    }
}
