//! Recipients of live messages and notifications, and share links of creators without the permission to share.

use crate::kit::{TestDb, contact, hash_of};
use chrono::Utc;
use domain::{CommandId, EntityKind, Envelope, Permission, Role, ShareCommand};
use serde_json::json;
use store::{Actor, StoreError};
use uuid::Uuid;

async fn live_ids(t: &TestDb, who: &Actor, after: i64) -> Vec<Uuid> {
    let team = store::team_of(&t.db, who).await.unwrap();
    t.db.missed(who, team, after).await.unwrap().unwrap().iter().map(|m| m.id).collect()
}

async fn notifications_of(t: &TestDb, who: &Actor) -> Vec<String> {
    let mut tx = t.db.begin(who, Permission::ViewRecords).await.unwrap();
    let page = store::list_notifications(&mut tx, false, None, 50).await.unwrap();
    page.items.iter().map(domain::notifications::Notification::sentence).collect()
}

/// The newest position, once everything written so far has one.
async fn placed(t: &TestDb) -> i64 {
    for _ in 0..200 {
        let (waiting, newest): (i64, Option<i64>) =
            sqlx::query_as("select count(*) filter (where position is null), max(position) from outbox").fetch_one(&mut t.raw().await).await.unwrap();
        if waiting == 0 {
            return newest.unwrap_or(0);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the relay gave no positions");
}

#[tokio::test]
async fn live_messages_of_team_visible_records_reach_the_team_alone() {
    let t = TestDb::new().await;
    let relay = tokio::spawn(t.db.clone().relay());
    let ana = t.workspace("Acme").await;
    let (bea, cleo, dora) =
        (t.member("Acme", "bea@acme.test").await, t.member("Acme", "cleo@acme.test").await, t.member("Acme", "dora@acme.test").await);
    let east = t.create(&ana, EntityKind::Team, json!({"name": "East"})).await;
    for who in [&bea, &cleo] {
        t.edit(&ana, EntityKind::Member, who.member.0, 1, json!({"teamId": east.to_string()})).await.unwrap();
    }
    for kind in EntityKind::ALL.into_iter().filter(|k| k.is_owned()) {
        let set = match kind {
            EntityKind::Contact => contact("Ida"),
            EntityKind::Note => json!({"body": "Said"}),
            EntityKind::Interaction => json!({"type": "call"}),
            EntityKind::View => json!({"name": "East only", "page": "/people"}),
            kind => json!({kind.spec().title_fields[0]: "East only"}),
        };
        let with = |visibility: &str| {
            let mut set = set.clone();
            set["visibility"] = visibility.into();
            set
        };
        let start = placed(&t).await;
        let id = t.create(&bea, kind, with("team")).await;
        let edit = async |base: i64, set: serde_json::Value| t.edit(&bea, kind, id, base, set).await.unwrap().version;
        let placed_at = placed(&t).await;
        assert!(live_ids(&t, &bea, start).await.contains(&id), "{kind:?}: its owner");
        assert!(live_ids(&t, &cleo, start).await.contains(&id), "{kind:?}: the team");
        assert!(!live_ids(&t, &dora, start).await.contains(&id), "{kind:?}: a member without a team");
        // From private to the team and back: members who saw it get the message that removes it, others do not.
        let version = edit(1, json!({"visibility": "private"})).await;
        edit(version, json!({"visibility": "workspace"})).await;
        placed(&t).await;
        assert_eq!(live_ids(&t, &cleo, placed_at).await.iter().filter(|i| **i == id).count(), 2, "{kind:?}: goes and comes");
        assert_eq!(live_ids(&t, &dora, placed_at).await.iter().filter(|i| **i == id).count(), 1, "{kind:?}: comes");
    }
    relay.abort();
}

#[tokio::test]
async fn owners_are_notified_of_changed_visibility_and_ownership() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (bea, cleo) = (t.member("Acme", "bea@acme.test").await, t.member("Acme", "cleo@acme.test").await);
    let id = t.create(&bea, EntityKind::Contact, contact("Ida")).await;
    let hidden = t.edit(&bea, EntityKind::Contact, id, 1, json!({"visibility": "private"})).await.unwrap();
    assert!(notifications_of(&t, &bea).await.is_empty(), "no notification of one's own change");
    // An admin takes the narrowing back, of a record that the admin does not see.
    t.db.undo(&ana, CommandId::new(), hidden.event.unwrap()).await.unwrap();
    assert_eq!(notifications_of(&t, &bea).await, ["Acme changed the visibility of Ida Test"]);
    let version = t.record(&ana, EntityKind::Contact, id).await.unwrap().version;
    let given = t.edit(&ana, EntityKind::Contact, id, version, json!({"ownerId": cleo.member.to_string()})).await.unwrap();
    assert_eq!(notifications_of(&t, &bea).await, ["Acme changed the owner of Ida Test", "Acme changed the visibility of Ida Test"]);
    assert_eq!(notifications_of(&t, &cleo).await, ["Acme gave you Ida Test"]);
    // A former owner who cannot see the record any more loses its notifications.
    t.edit(&ana, EntityKind::Contact, id, given.version, json!({"visibility": "private"})).await.unwrap();
    assert!(notifications_of(&t, &bea).await.is_empty());
    assert_eq!(notifications_of(&t, &cleo).await, ["Acme changed the visibility of Ida Test", "Acme gave you Ida Test"]);
}

#[tokio::test]
async fn a_share_link_ends_with_the_right_of_its_creator_to_share() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let bea = t.member("Acme", "bea@acme.test").await;
    t.db.set_role(&ana, bea.member, Role::Manager).await.unwrap();
    let bea = Actor { role: Role::Manager, ..bea };
    let token = Uuid::now_v7().to_string();
    let command = ShareCommand::CreateShare {
        share: Uuid::now_v7(),
        title: "Sales".into(),
        shows: vec!["figures".into()],
        expires_at: None,
        token_hash: hash_of(&token),
    };
    t.db.dispatch(&bea, &Envelope::new(command, None)).await.unwrap();
    let opens = async || match t.db.open_share(&token, Utc::now(), true).await {
        Ok(_) => true,
        Err(StoreError::NotFound) => false,
        Err(e) => panic!("{e}"),
    };
    let listed = async || {
        let mut tx = t.db.begin(&ana, Permission::Share).await.unwrap();
        let share = store::list_shares(&mut tx).await.unwrap().remove(0);
        (share.works(Utc::now()), share.opened)
    };
    assert!(opens().await);
    assert_eq!(listed().await, (true, 1));
    t.db.set_role(&ana, bea.member, Role::Member).await.unwrap();
    assert!(!opens().await, "a member may not share");
    assert_eq!(listed().await, (false, 1));
    t.db.set_role(&ana, bea.member, Role::Admin).await.unwrap();
    assert!(!opens().await, "given back, the right makes new links; the old address is known to whoever had it");
    t.db.remove_member(&ana, bea.member, Some(ana.member)).await.unwrap();
    assert!(!opens().await, "removed");
    assert_eq!(listed().await, (false, 1));
}

#[tokio::test]
async fn former_members_are_told_apart_and_are_no_choice() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (bea, vic) = (t.member("Acme", "bea@acme.test").await, t.member("Acme", "vic@acme.test").await);
    t.db.set_role(&ana, vic.member, Role::Viewer).await.unwrap();
    let heir = t.db.remove_member(&ana, bea.member, Some(vic.member)).await;
    assert!(matches!(heir, Err(StoreError::Invalid(_))), "a viewer cannot own records: {heir:?}");
    let choices = async || {
        let mut tx = t.db.begin(&ana, Permission::ViewRecords).await.unwrap();
        let chosen = store::options(&mut tx, EntityKind::Member, "", 50).await.unwrap();
        let named = store::member_names(&mut tx).await.unwrap();
        (chosen.iter().any(|m| m.0 == bea.member.0), named.iter().any(|m| m.0 == bea.member.0))
    };
    let left = async || t.db.members_view(&ana).await.unwrap().members.into_iter().find(|p| p.id == bea.member).unwrap().left;
    assert_eq!((left().await, choices().await), (false, (true, true)));
    t.db.remove_member(&ana, bea.member, Some(ana.member)).await.unwrap();
    assert_eq!((left().await, choices().await), (true, (false, true)));
    // Back by a link that names the member.
    let token = t.db.invite(&ana, Role::Member, Some(bea.member)).await.unwrap();
    t.db.accept_invitation(&token, bea.user).await.unwrap();
    assert_eq!((left().await, choices().await), (false, (true, true)));
}

/// A request reads the team with the membership and sets it for its transactions; the next request reads it anew.
#[tokio::test]
async fn the_cached_scope_of_a_request_is_that_of_its_member() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (bea, cleo) = (t.member("Acme", "bea@acme.test").await, t.member("Acme", "cleo@acme.test").await);
    let east = t.create(&ana, EntityKind::Team, json!({"name": "East"})).await;
    for who in [&bea, &cleo] {
        t.edit(&ana, EntityKind::Member, who.member.0, 1, json!({"teamId": east.to_string()})).await.unwrap();
    }
    t.edit(&cleo, EntityKind::Member, cleo.member.0, 2, json!({"timeZone": "Pacific/Kiritimati"})).await.unwrap();
    let id = t.create(&bea, EntityKind::Contact, json!({"firstName": "Ida", "visibility": "team"})).await;
    let noon: chrono::DateTime<Utc> = "2026-11-30T12:00:00Z".parse().unwrap();
    for generic in [false, true] {
        let request = t.db.membership(cleo.user, cleo.workspace, cleo.surface).await.unwrap().unwrap();
        assert!(request.actor.scope.is_some());
        let mut tx = match generic {
            true => t.db.begin_generic(&request.actor, Permission::ViewRecords).await.unwrap(),
            false => t.db.begin(&request.actor, Permission::ViewRecords).await.unwrap(),
        };
        store::get_record(&mut tx, EntityKind::Contact, id).await.unwrap();
        assert_eq!(store::day_of(&mut tx, noon).await.unwrap(), ("Pacific/Kiritimati".into(), "2026-12-01".parse().unwrap()));
        drop(tx);
        // A connection keeps nothing of it for the next transaction, of a member without a team.
        let mut tx = t.db.begin(&ana, Permission::ViewRecords).await.unwrap();
        assert!(matches!(store::get_record(&mut tx, EntityKind::Contact, id).await, Err(StoreError::NotFound)));
        assert_eq!(store::day_of(&mut tx, noon).await.unwrap().1, "2026-11-30".parse().unwrap());
    }
    t.edit(&ana, EntityKind::Member, cleo.member.0, 3, json!({"teamId": null})).await.unwrap();
    let request = t.db.membership(cleo.user, cleo.workspace, cleo.surface).await.unwrap().unwrap();
    let mut tx = t.db.begin_generic(&request.actor, Permission::ViewRecords).await.unwrap();
    assert!(matches!(store::get_record(&mut tx, EntityKind::Contact, id).await, Err(StoreError::NotFound)));
    drop(tx);
    t.db.remove_member(&ana, cleo.member, Some(ana.member)).await.unwrap();
    assert!(t.db.membership(cleo.user, cleo.workspace, cleo.surface).await.unwrap().is_none());
}
