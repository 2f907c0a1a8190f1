//! Rights that end between a request and its write; members who leave, and who is given what they had.

use crate::kit::{TestDb, contact, map};
use chrono::Utc;
use domain::{CommandId, EntityKind, Envelope, MemberId, RecordCommand, Role};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{Actor, Conflict, Credential, NewToken, StoreError};
use uuid::Uuid;

async fn writes(t: &TestDb, who: &Actor) -> Result<(), StoreError> {
    t.try_create(who, EntityKind::Contact, contact("Late")).await.map(drop)
}

#[tokio::test]
async fn a_write_needs_the_rights_of_the_moment() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (bea, cleo) = (t.member("Acme", "bea@acme.test").await, t.member("Acme", "cleo@acme.test").await);
    t.db.set_role(&ana, bea.member, Role::Admin).await.unwrap();
    let admin = t.db.actor(bea.user, bea.workspace, bea.surface).await.unwrap().unwrap();

    // Demoted: what the request was asked with as an admin is done as a viewer, or not.
    t.db.set_role(&ana, bea.member, Role::Viewer).await.unwrap();
    assert!(matches!(writes(&t, &admin).await, Err(StoreError::Denied(_))));
    assert!(matches!(t.db.invite(&admin, Role::Admin, None).await, Err(StoreError::Denied(_))));
    assert!(matches!(t.db.set_role(&admin, cleo.member, Role::Admin).await, Err(StoreError::Denied(_))));
    assert!(matches!(t.db.remove_member(&admin, cleo.member, Some(ana.member)).await, Err(StoreError::Denied(_))));
    assert!(matches!(t.db.set_workspace(&admin, "Mine", "UTC", 1).await, Err(StoreError::Denied(_))));
    assert!(matches!(t.db.create_import(&admin, "x.csv").await, Err(StoreError::Denied(_))));

    // Removed: nothing at all.
    t.db.set_role(&ana, bea.member, Role::Admin).await.unwrap();
    t.db.remove_member(&ana, bea.member, Some(ana.member)).await.unwrap();
    let new = NewToken { name: "late".into(), read_only: false, expires_at: None };
    assert!(matches!(writes(&t, &admin).await, Err(StoreError::Ended)));
    assert!(matches!(t.db.invite(&admin, Role::Member, None).await, Err(StoreError::Ended)));
    assert!(matches!(t.db.make_token(&admin, &new, Utc::now()).await, Err(StoreError::Ended)));
    assert!(matches!(t.db.set_role(&admin, cleo.member, Role::Admin).await, Err(StoreError::Ended)));
    assert!(matches!(t.db.create_import(&admin, "x.csv").await, Err(StoreError::Ended)));
}

#[tokio::test]
async fn a_write_needs_the_session_or_token_it_was_asked_with() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let new = NewToken { name: "script".into(), read_only: false, expires_at: None };
    let (id, token) = t.db.make_token(&ana, &new, Utc::now()).await.unwrap();
    let program = ana.clone().held_by(Some(Credential::Token(Sha256::digest(&token.0).to_vec())));
    writes(&t, &program).await.unwrap();
    t.db.revoke_token(&ana, id).await.unwrap();
    assert!(matches!(writes(&t, &program).await, Err(StoreError::Ended)));

    let hash = vec![7u8; 32];
    sqlx::query("insert into sessions (id_hash, user_id, workspace_id, data, expires_at) values ($1, $2, $3, '{}', now() + interval '1 day')")
        .bind(&hash)
        .bind(ana.user)
        .bind(ana.workspace)
        .execute(&mut t.raw().await)
        .await
        .unwrap();
    let browser = ana.clone().held_by(Some(Credential::Session(hash)));
    writes(&t, &browser).await.unwrap();
    t.db.revoke_sessions(ana.user).await.unwrap();
    assert!(matches!(writes(&t, &browser).await, Err(StoreError::Ended)));
    assert!(matches!(t.db.make_token(&browser, &new, Utc::now()).await, Err(StoreError::Ended)));
}

/// Live records that belong to a member who has left.
async fn lost(t: &TestDb) -> i64 {
    sqlx::query_scalar(
        "select count(*) from contacts c join members m on m.workspace_id = c.workspace_id and m.id = c.owner_id where m.user_id is null",
    )
    .fetch_one(&mut t.raw().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn members_who_leave_together_leave_nothing_behind() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    for round in 0..6 {
        let bea = t.member("Acme", &format!("bea{round}@acme.test")).await;
        let cleo = t.member("Acme", &format!("cleo{round}@acme.test")).await;
        let own = [(&bea, "Bea's"), (&cleo, "Cleo's")];
        for (who, name) in own {
            t.create(who, EntityKind::Contact, json!({"firstName": name, "visibility": "private"})).await;
        }
        let writing = {
            let (db, bea) = (t.db.clone(), bea.clone());
            tokio::spawn(async move {
                for n in 0..50 {
                    let set = map(json!({"firstName": format!("Late {n}"), "visibility": "private"}));
                    let create = RecordCommand::Create { kind: EntityKind::Contact, id: Uuid::now_v7(), set };
                    if db.dispatch(&bea, &Envelope::new(create, None)).await.is_err() {
                        return;
                    }
                }
            })
        };
        // Each the other's heir.
        let (first, second) =
            tokio::join!(t.db.remove_member(&bea, bea.member, Some(cleo.member)), t.db.remove_member(&cleo, cleo.member, Some(bea.member)));
        writing.await.unwrap();
        assert!(first.is_ok() || second.is_ok(), "{first:?} {second:?}");
        for (who, left) in [(&bea, first), (&cleo, second)] {
            if left.is_err() {
                t.db.remove_member(&ana, who.member, Some(ana.member)).await.unwrap();
            }
        }
        assert_eq!(lost(&t).await, 0, "round {round}");
    }
}

#[tokio::test]
async fn an_heir_who_is_removed_meanwhile_inherits_nothing() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    for round in 0..6 {
        let bea = t.member("Acme", &format!("bea{round}@acme.test")).await;
        let cleo = t.member("Acme", &format!("cleo{round}@acme.test")).await;
        t.create(&bea, EntityKind::Contact, json!({"firstName": "Bea's", "visibility": "private"})).await;
        let (leaves, removed) =
            tokio::join!(t.db.remove_member(&bea, bea.member, Some(cleo.member)), t.db.remove_member(&ana, cleo.member, Some(ana.member)));
        removed.unwrap();
        if leaves.is_err() {
            t.db.remove_member(&bea, bea.member, Some(ana.member)).await.unwrap();
        }
        assert_eq!(lost(&t).await, 0, "round {round}");
    }
}

#[tokio::test]
async fn nothing_is_given_to_those_who_left_or_hidden_with_those_who_never_joined() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (bea, cleo) = (t.member("Acme", "bea@acme.test").await, t.member("Acme", "cleo@acme.test").await);
    let own = t.create(&cleo, EntityKind::Contact, json!({"firstName": "Dora", "visibility": "private"})).await;
    let given = t.edit(&cleo, EntityKind::Contact, own, 1, json!({"ownerId": bea.member.to_string()})).await.unwrap();
    let back = t.edit(&bea, EntityKind::Contact, own, given.version, json!({"ownerId": cleo.member.to_string()})).await.unwrap();
    t.db.remove_member(&ana, bea.member, Some(ana.member)).await.unwrap();
    let refused = |done: Result<_, StoreError>, code: &str| match done {
        Err(StoreError::Invalid(wrong)) => assert_eq!((wrong.0[0].field.as_str(), wrong.0[0].code.as_str()), ("ownerId", code)),
        other => panic!("{other:?}"),
    };
    let to_bea = json!({"ownerId": bea.member.to_string()});
    refused(t.edit(&cleo, EntityKind::Contact, own, back.version, to_bea.clone()).await, "left");
    refused(t.db.undo(&cleo, CommandId::new(), back.event.unwrap()).await, "left");
    refused(
        t.try_create(&cleo, EntityKind::Task, json!({"title": "Call", "visibility": "private", "ownerId": bea.member.to_string()})).await,
        "left",
    );
    refused(t.try_create(&cleo, EntityKind::Task, json!({"title": "Call", "ownerId": bea.member.to_string()})).await, "left");

    let nobody = t.create(&ana, EntityKind::Member, json!({"name": "Placeholder"})).await;
    let to_nobody = json!({"title": "Call", "ownerId": nobody.to_string()});
    let task = t.create(&cleo, EntityKind::Task, to_nobody).await;
    refused(t.edit(&ana, EntityKind::Task, task, 1, json!({"visibility": "private"})).await, "not_joined");
    refused(t.edit(&ana, EntityKind::Task, task, 1, json!({"visibility": "team"})).await, "not_joined");
    let team = t.create(&ana, EntityKind::Team, json!({"name": "East"})).await;
    for member in [MemberId(nobody), cleo.member] {
        let version = t.record(&ana, EntityKind::Member, member.0).await.unwrap().version;
        t.edit(&ana, EntityKind::Member, member.0, version, json!({"teamId": team.to_string()})).await.unwrap();
    }
    t.edit(&ana, EntityKind::Task, task, 1, json!({"visibility": "team"})).await.unwrap();
}

#[tokio::test]
async fn two_invitations_accepted_at_once_make_one_member() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let other = t.workspace("Other").await;
    for round in 0..4 {
        let zoe = t.member("Other", &format!("zoe{round}@other.test")).await;
        let links = [t.db.invite(&ana, Role::Member, None).await.unwrap(), t.db.invite(&ana, Role::Member, None).await.unwrap()];
        let (a, b) = tokio::join!(t.db.accept_invitation(&links[0], zoe.user), t.db.accept_invitation(&links[1], zoe.user));
        let refused = [a, b].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert!(matches!(refused[..], [StoreError::Conflict(Conflict::State(_))]), "{refused:?}");
        let members: i64 = sqlx::query_scalar("select count(*) from members where workspace_id = $1")
            .bind(ana.workspace)
            .fetch_one(&mut t.raw().await)
            .await
            .unwrap();
        assert_eq!(members, 2 + round, "the owner, and one for each who joined");
    }
    drop(other);
}

/// As versions before migration 0023 left it when the database went away in the middle of joining.
#[tokio::test]
async fn an_account_that_joined_by_half_can_join() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let placeholder = MemberId(t.create(&ana, EntityKind::Member, json!({"name": "Zoe"})).await);
    for (email, joins_as) in [("zoe@other.test", None), ("yara@other.test", Some(placeholder))] {
        t.workspace("Other").await;
        let zoe = t.member("Other", email).await;
        let half = t.create(&ana, EntityKind::Member, json!({"name": "Half"})).await;
        sqlx::query("update members set user_id = $2 where id = $1").bind(half).bind(zoe.user).execute(&mut t.raw().await).await.unwrap();
        let link = t.db.invite(&ana, Role::Member, joins_as).await.unwrap();
        t.db.accept_invitation(&link, zoe.user).await.unwrap();
        let inside = t.db.actor(zoe.user, ana.workspace, zoe.surface).await.unwrap().unwrap();
        assert_eq!(inside.member, joins_as.unwrap_or(MemberId(half)));
        writes(&t, &inside).await.unwrap();
    }
}

#[tokio::test]
async fn a_successor_is_not_the_predecessor() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let bea = t.member("Acme", "bea@acme.test").await;
    let import = t.db.create_import(&bea, "bea.csv").await.unwrap();
    t.db.remove_member(&ana, bea.member, Some(ana.member)).await.unwrap();
    t.workspace("Other").await;
    let zoe = t.member("Other", "zoe@other.test").await;
    let link = t.db.invite(&ana, Role::Member, Some(bea.member)).await.unwrap();
    let delete = Envelope::new(RecordCommand::Delete { kind: EntityKind::Member, id: bea.member.0 }, Some(1));
    assert!(t.db.dispatch(&ana, &delete).await.is_err(), "an invitation to join as this member is open");
    t.db.accept_invitation(&link, zoe.user).await.unwrap();
    let zoe = t.db.actor(zoe.user, ana.workspace, zoe.surface).await.unwrap().unwrap();
    assert_eq!(zoe.member, bea.member);
    assert!(!t.db.import_view(&zoe, import).await.unwrap().may_undo);
    let own = t.db.create_import(&zoe, "zoe.csv").await.unwrap();
    assert!(t.db.import_view(&zoe, own).await.unwrap().may_undo);
}
