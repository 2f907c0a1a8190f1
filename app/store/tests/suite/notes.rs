//! Notes, tags, notifications, reminders, mail and share links, on a real Postgres.

use crate::kit::{TestDb, contact, hash_of};
use chrono::{DateTime, Duration, Utc};
use domain::{
    Command, CommandId, DealCommand, EntityKind, Envelope, NotificationCommand, RecordCommand, ShareCommand, TagCommand, notifications::Notification,
};
use serde_json::json;
use store::{Actor, Posted, StoreError};
use uuid::Uuid;

async fn told(t: &TestDb, who: &Actor) -> Vec<Notification> {
    let mut tx = t.db.begin(who, domain::Permission::ViewRecords).await.unwrap();
    store::list_notifications(&mut tx, false, None, 50).await.unwrap().items
}

async fn sentences(t: &TestDb, who: &Actor) -> Vec<String> {
    told(t, who).await.iter().map(Notification::sentence).collect()
}

async fn send(t: &TestDb, who: &Actor, command: impl Into<Command>) -> domain::Outcome {
    t.db.dispatch(who, &Envelope::new(command, None)).await.unwrap()
}

async fn tags(t: &TestDb, who: &Actor) -> Vec<(String, i64)> {
    let mut tx = t.db.begin(who, domain::Permission::ViewRecords).await.unwrap();
    store::list_tags(&mut tx).await.unwrap().into_iter().map(|x| (x.name, x.count)).collect()
}

/// Rows of the job queue for reminders: their moments.
async fn jobs(t: &TestDb) -> Vec<DateTime<Utc>> {
    sqlx::query_scalar("select run_at from rapport_jobs._private_jobs where key like 'reminder:%' order by 1")
        .fetch_all(&mut t.raw().await)
        .await
        .unwrap()
}

#[tokio::test]
async fn not_01_mentions_tell_those_who_may_see_the_note_and_nobody_twice() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (bea, cleo) = (t.member("Acme", "bea@acme.test").await, t.member("Acme", "cleo@acme.test").await);
    for (who, name) in [(&bea, "Bea Lee"), (&cleo, "Cleo")] {
        let version = t.record(&ana, EntityKind::Member, who.member.0).await.unwrap().version;
        t.edit(&ana, EntityKind::Member, who.member.0, version, json!({"name": name})).await.unwrap();
    }
    let person = t.create(&ana, EntityKind::Contact, contact("Dora")).await;
    let note = t.create(&ana, EntityKind::Note, json!({"body": "Ask @bea lee about the offer", "contactId": person})).await;
    assert_eq!(sentences(&t, &bea).await, ["Acme mentioned you in “Ask @bea lee about the offer”"]);
    assert!(told(&t, &cleo).await.is_empty());
    // Edited: only who is new there is told. One's own name tells nobody.
    t.edit(&ana, EntityKind::Note, note, 1, json!({"body": "Ask @Bea Lee and @Cleo about the offer"})).await.unwrap();
    assert_eq!((told(&t, &bea).await.len(), told(&t, &cleo).await.len()), (1, 1));
    t.create(&bea, EntityKind::Note, json!({"body": "I, @Bea Lee, was here"})).await;
    assert_eq!(told(&t, &bea).await.len(), 1);
    // A private note tells nobody else of itself.
    t.create(&ana, EntityKind::Note, json!({"body": "@Cleo must not know", "visibility": "private"})).await;
    assert_eq!(told(&t, &cleo).await.len(), 1);
    // About a private task a note is as private, and stays so with it; the task's name is in nobody else's feed.
    let task = t.create(&ana, EntityKind::Task, json!({"title": "Secret task", "visibility": "private"})).await;
    let about = t.create(&ana, EntityKind::Note, json!({"body": "Aside", "taskId": task})).await;
    assert!(matches!(t.record(&cleo, EntityKind::Note, about).await, Err(StoreError::NotFound)));
    let feed = store::feed(&mut t.db.begin(&cleo, domain::Permission::ViewRecords).await.unwrap(), &Default::default(), None, 200).await.unwrap();
    assert!(!format!("{feed:?}").contains("Secret task"));
    t.edit(&ana, EntityKind::Task, task, 1, json!({"visibility": "workspace"})).await.unwrap();
    assert!(t.record(&cleo, EntityKind::Note, about).await.is_ok());
    // The same sending twice tells once.
    let envelope =
        Envelope::new(RecordCommand::Create { kind: EntityKind::Note, id: Uuid::now_v7(), set: crate::kit::map(json!({"body": "@Cleo?"})) }, None);
    for _ in 0..2 {
        t.db.dispatch(&ana, &envelope).await.unwrap();
    }
    assert_eq!(told(&t, &cleo).await.len(), 2);
    // Reading: one, then all; nobody reads for another.
    let first = told(&t, &cleo).await[0].id;
    send(&t, &bea, NotificationCommand::ReadNotifications { ids: vec![first] }).await;
    let unread = async |who| store::unread_notifications(&mut t.db.begin(who, domain::Permission::ViewRecords).await.unwrap()).await.unwrap();
    assert_eq!(unread(&cleo).await, 2);
    send(&t, &cleo, NotificationCommand::ReadNotifications { ids: vec![first] }).await;
    assert_eq!(unread(&cleo).await, 1);
    send(&t, &cleo, NotificationCommand::ReadNotifications { ids: vec![] }).await;
    assert_eq!((unread(&cleo).await, unread(&bea).await), (0, 1));
}

#[tokio::test]
async fn pip_05_owners_hear_of_what_they_are_given_and_of_their_deals_as_they_wish() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let bea = t.member("Acme", "bea@acme.test").await;
    let deal = t.create(&ana, EntityKind::Deal, json!({"title": "Renewal", "ownerId": bea.member})).await;
    t.create(&ana, EntityKind::Task, json!({"title": "Call", "ownerId": ana.member})).await;
    assert_eq!(sentences(&t, &bea).await, ["Acme gave you Renewal"]);
    assert!(told(&t, &ana).await.is_empty());
    let go = async |who: &Actor, stage: &str| {
        let stage = t.stage(&ana, stage).await;
        send(&t, who, DealCommand::MoveDeal { deal: deal.into(), stage, place: domain::deals::Place::Top, reason: None }).await
    };
    go(&ana, "Proposal").await;
    go(&ana, "Proposal").await;
    go(&bea, "Negotiation").await;
    assert_eq!(sentences(&t, &bea).await, ["Acme moved your deal Renewal", "Acme gave you Renewal"]);
    // Switched off in the app, asked for by mail.
    send(&t, &bea, NotificationCommand::SetNotification { kind: "deal_moved".into(), in_app: false, by_mail: true, by_push: true }).await;
    go(&ana, "Qualification").await;
    assert_eq!(told(&t, &bea).await.len(), 2);
    let now = Utc::now();
    let mail = t.db.claim_mail(now).await.unwrap().unwrap();
    assert_eq!((mail.address.as_str(), mail.subject.as_str()), ("bea@acme.test", "Acme moved your deal Renewal"));
    assert!(mail.body.contains(&format!("{{base}}/deals/{deal}")), "{}", mail.body);
    // A claimed mail is nobody else's; one not taken for the moment waits longer each time; one that may have gone out never goes again.
    assert_eq!(t.db.claim_mail(now).await.unwrap(), None);
    t.db.mail_posted(mail.id, &Posted::Later("busy".into()), now).await.unwrap();
    assert_eq!(t.db.claim_mail(now + Duration::seconds(20)).await.unwrap(), None);
    let again = t.db.claim_mail(now + Duration::seconds(40)).await.unwrap().unwrap();
    assert_eq!(again.id, mail.id);
    assert_eq!(t.db.claim_mail(now + Duration::hours(1)).await.unwrap(), None, "its process died: it may have been sent");
    let state: String = sqlx::query_scalar("select state from mails where id = $1").bind(mail.id).fetch_one(&mut t.raw().await).await.unwrap();
    assert_eq!(state, "unknown");
    let wrong =
        t.db.dispatch(
            &bea,
            &Envelope::new(NotificationCommand::SetNotification { kind: "nonsense".into(), in_app: true, by_mail: true, by_push: true }, None),
        )
        .await;
    assert!(matches!(wrong, Err(StoreError::Invalid(_))));
}

#[tokio::test]
async fn tag_01_tag_02_tags_are_made_on_the_way_counted_merged_and_split_again() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let bea = t.create(&ana, EntityKind::Contact, json!({"firstName": "Bea", "tags": ["VIP", "#berlin", "vip"]})).await;
    let deal = t.create(&ana, EntityKind::Deal, json!({"title": "Renewal", "tags": ["vip", "hot"]})).await;
    let task = t.create(&ana, EntityKind::Task, json!({"title": "Call", "tags": "Hot, vip"})).await;
    t.create(&ana, EntityKind::Company, json!({"name": "Globex", "tags": ["hot"]})).await;
    assert_eq!(tags(&t, &ana).await, [("berlin".to_owned(), 1), ("hot".into(), 3), ("VIP".into(), 3)]);
    assert_eq!(t.record(&ana, EntityKind::Contact, bea).await.unwrap().text("tags"), "VIP, berlin");
    // Lists narrow by tag, whatever the case.
    let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
    let filter = domain::deals::DealFilter { tag: Some("HOT".into()), ..Default::default() };
    assert_eq!(store::list_deals(&mut tx, &filter, "", None, 10).await.unwrap().items.len(), 1);
    let filter = domain::lists::ListFilter { tag: Some("hot".into()), ..Default::default() };
    assert!(store::list_contacts(&mut tx, &filter, None, 10).await.unwrap().items.is_empty());
    let id = store::list_tags(&mut tx).await.unwrap();
    drop(tx);
    let of = |name: &str| id.iter().find(|x| x.name == name).unwrap().id;
    // What carried both carries one; taken back, each has what it had.
    let merged = send(&t, &ana, TagCommand::MergeTags { from: of("hot"), into: of("VIP") }).await;
    assert_eq!(tags(&t, &ana).await, [("berlin".to_owned(), 1), ("VIP".into(), 4)]);
    assert_eq!(t.record(&ana, EntityKind::Task, task).await.unwrap().text("tags"), "VIP");
    let undone = t.db.undo(&ana, CommandId::new(), merged.event.unwrap()).await.unwrap();
    assert_eq!(tags(&t, &ana).await, [("berlin".to_owned(), 1), ("hot".into(), 3), ("VIP".into(), 3)]);
    assert_eq!(t.record(&ana, EntityKind::Task, task).await.unwrap().text("tags"), "hot, VIP");
    t.db.undo(&ana, CommandId::new(), undone.event.unwrap()).await.unwrap();
    assert_eq!(tags(&t, &ana).await.len(), 2);
    // An edit and its undoing; a viewer may not merge.
    let version = t.record(&ana, EntityKind::Deal, deal).await.unwrap().version;
    let edited = t.edit(&ana, EntityKind::Deal, deal, version, json!({"tags": ["new"]})).await.unwrap();
    assert_eq!(t.record(&ana, EntityKind::Deal, deal).await.unwrap().text("tags"), "new");
    t.db.undo(&ana, CommandId::new(), edited.event.unwrap()).await.unwrap();
    assert_eq!(t.record(&ana, EntityKind::Deal, deal).await.unwrap().text("tags"), "VIP");
    let same = t.db.dispatch(&ana, &Envelope::new(TagCommand::MergeTags { from: of("VIP"), into: of("VIP") }, None)).await;
    assert!(matches!(same, Err(StoreError::Invalid(_))));
    // Names stay apart, and are the same however they were typed.
    for name in ["vip", " #ViP "] {
        assert!(matches!(t.try_create(&ana, EntityKind::Tag, json!({"name": name})).await, Err(StoreError::Invalid(_))), "{name}");
    }
    assert!(matches!(t.try_create(&ana, EntityKind::Contact, json!({"firstName": "X", "tags": ["Smith, John"]})).await, Err(StoreError::Invalid(_))));
    // A tag in the bin comes back with what carried it, edited meanwhile or not.
    let berlin = of("berlin");
    let gone = send(&t, &ana, RecordCommand::Delete { kind: EntityKind::Tag, id: berlin }).await;
    let version = t.record(&ana, EntityKind::Contact, bea).await.unwrap().version;
    t.edit(&ana, EntityKind::Contact, bea, version, json!({"tags": ["VIP", "fresh"]})).await.unwrap();
    t.db.undo(&ana, CommandId::new(), gone.event.unwrap()).await.unwrap();
    assert!(t.record(&ana, EntityKind::Contact, bea).await.unwrap().text("tags").contains("berlin"));
    let many: Vec<String> = (0..31).map(|n| format!("t{n}")).collect();
    assert!(matches!(t.try_create(&ana, EntityKind::Contact, json!({"firstName": "X", "tags": many})).await, Err(StoreError::Invalid(_))));
}

#[tokio::test]
async fn tsk_01_reminders_are_jobs_at_local_time_and_fire_once() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let zone = async |zone: &str| {
        let version = t.record(&ana, EntityKind::Member, ana.member.0).await.unwrap().version;
        t.edit(&ana, EntityKind::Member, ana.member.0, version, json!({"timeZone": zone})).await.unwrap();
    };
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let relay = tokio::spawn(t.db.clone().relay());
    let expect = async |expected: &[DateTime<Utc>]| {
        for _ in 0..100 {
            if jobs(&t).await == expected {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(jobs(&t).await, expected);
    };
    zone("Europe/Berlin").await;
    // Over both edges of summer time, three years ahead so that no clock of today matters.
    let spring = t.create(&ana, EntityKind::Task, json!({"title": "Spring", "remindAt": "2029-03-25T02:30"})).await;
    t.create(&ana, EntityKind::Task, json!({"title": "Autumn", "remindAt": "2029-10-28T02:30"})).await;
    expect(&[at("2029-03-25T01:30:00Z"), at("2029-10-28T00:30:00Z")]).await;
    // Set anew it moves; taken away, it tells nobody; another zone moves what is to come.
    t.edit(&ana, EntityKind::Task, spring, 1, json!({"remindAt": "2029-03-26T09:00"})).await.unwrap();
    expect(&[at("2029-03-26T07:00:00Z"), at("2029-10-28T00:30:00Z")]).await;
    zone("America/New_York").await;
    expect(&[at("2029-03-26T13:00:00Z"), at("2029-10-28T06:30:00Z")]).await;
    relay.abort();
    // The clock is given: too early nothing, then once, however often a restarted worker asks.
    let fire = async |task: Uuid, now: &str| t.db.fire_reminder(ana.workspace, task, at(now)).await.unwrap();
    assert!(!fire(spring, "2029-03-26T12:59:59Z").await);
    assert!(fire(spring, "2029-03-26T13:00:00Z").await);
    assert!(!fire(spring, "2029-03-26T13:00:01Z").await);
    assert_eq!(sentences(&t, &ana).await, ["Reminder: Spring"]);
    // Moved to later it comes again; done, deleted or without a time it does not.
    let version = t.record(&ana, EntityKind::Task, spring).await.unwrap().version;
    let moved = t.edit(&ana, EntityKind::Task, spring, version, json!({"remindAt": "2029-03-27T09:00"})).await.unwrap();
    assert!(fire(spring, "2029-03-27T13:00:00Z").await);
    t.edit(&ana, EntityKind::Task, spring, moved.version, json!({"remindAt": null})).await.unwrap();
    assert!(!fire(spring, "2099-01-01T00:00:00Z").await);
    for change in ["done", "deleted"] {
        let task = t.create(&ana, EntityKind::Task, json!({"title": change, "remindAt": "2029-01-01T09:00"})).await;
        match change {
            "done" => drop(t.edit(&ana, EntityKind::Task, task, 1, json!({"completedAt": "2028-01-01T00:00:00Z"})).await.unwrap()),
            _ => drop(send(&t, &ana, RecordCommand::Delete { kind: EntityKind::Task, id: task }).await),
        }
        assert!(!fire(task, "2099-01-01T00:00:00Z").await, "{change}");
    }
    assert_eq!(told(&t, &ana).await.len(), 2);
    // One that comes back from the bin does not remind of what is past.
    let past = t.create(&ana, EntityKind::Task, json!({"title": "Past", "remindAt": "2020-01-01T09:00"})).await;
    assert!(fire(past, "2026-01-01T00:00:00Z").await);
    let gone = send(&t, &ana, RecordCommand::Delete { kind: EntityKind::Task, id: past }).await;
    t.db.undo(&ana, CommandId::new(), gone.event.unwrap()).await.unwrap();
    assert!(!fire(past, "2026-01-01T00:00:00Z").await);
    // A repeating task hands its reminder and its tags on.
    let set = json!({"title": "Weekly", "dueDate": "2029-05-07", "recurrence": "FREQ=WEEKLY", "remindAt": "2029-05-06T18:00", "tags": ["routine"]});
    let weekly = t.create(&ana, EntityKind::Task, set).await;
    t.edit(&ana, EntityKind::Task, weekly, 1, json!({"completedAt": "2029-05-07T10:00:00Z"})).await.unwrap();
    let filter = store::Linked { done: Some(false), ..Default::default() };
    let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
    let open = store::list_linked(&mut tx, EntityKind::Task, &filter, None, 50).await.unwrap().items;
    drop(tx);
    let next = open.iter().find(|x| x.title == "Weekly").unwrap();
    assert_eq!((next.text("dueDate"), next.text("remindAt"), next.text("tags")), ("2029-05-14".into(), "2029-05-13T18:00".into(), "routine".into()));
    // A killed worker: two that ask at the same moment tell once.
    let both = t.create(&ana, EntityKind::Task, json!({"title": "Both", "remindAt": "2029-01-01T09:00"})).await;
    let (a, b) = tokio::join!(fire(both, "2029-02-01T00:00:00Z"), fire(both, "2029-02-01T00:00:00Z"));
    assert!(a != b, "{a} {b}");
}

#[tokio::test]
async fn a_share_link_shows_no_private_record_and_ends_when_it_is_told_to() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    for (title, value, visibility) in [("Open", "100", "workspace"), ("Hidden", "9000", "private")] {
        t.create(&ana, EntityKind::Deal, json!({"title": title, "value": value, "visibility": visibility})).await;
    }
    let make = async |shows: &[&str], expires_at: Option<DateTime<Utc>>| {
        let (share, token) = (Uuid::now_v7(), Uuid::now_v7().to_string());
        let shows = shows.iter().map(|s| (*s).to_owned()).collect();
        let command = ShareCommand::CreateShare { share, title: "Sales".into(), shows, expires_at, token_hash: hash_of(&token) };
        t.db.dispatch(&ana, &Envelope::new(command, None)).await.map(|o| (share, token, o.event))
    };
    let now = Utc::now();
    let (share, token, _) = make(&["figures", "top_deals"], None).await.unwrap();
    let (shown, mut tx) = t.db.open_share(&token, now, true).await.unwrap();
    let board = store::sales_board(&mut tx, &Default::default(), now.date_naive()).await.unwrap();
    assert_eq!((board.sales.open_deals, board.sales.open_value), (1, 100.0));
    assert_eq!(board.top_deals.iter().map(|d| d.title.as_str()).collect::<Vec<_>>(), ["Open"]);
    assert!(shown.shows("figures") && !shown.shows("pipeline"));
    drop(tx);
    let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
    let listed = store::list_shares(&mut tx).await.unwrap();
    assert_eq!((listed[0].opened, listed[0].last_opened_at.is_some()), (1, true));
    drop(tx);
    let stored: i64 =
        sqlx::query_scalar("select count(*) from share_tokens where encode(token_hash, 'hex') = $1 or encode(token_hash, 'escape') = $1")
            .bind(&token)
            .fetch_one(&mut t.raw().await)
            .await
            .unwrap();
    assert_eq!(stored, 0, "the token itself is nowhere");
    let closed = async |token: &str, now| matches!(t.db.open_share(token, now, false).await, Err(StoreError::NotFound));
    assert!(closed("0123", now).await);
    send(&t, &ana, ShareCommand::RevokeShare { share }).await;
    assert!(closed(&token, now).await);
    let (_, brief, made) = make(&["figures"], Some(now + Duration::days(1))).await.unwrap();
    assert!(!closed(&brief, now).await);
    assert!(closed(&brief, now + Duration::days(2)).await);
    // Making a link is undone by revoking it.
    t.db.undo(&ana, CommandId::new(), made.unwrap()).await.unwrap();
    assert!(closed(&brief, now).await);
    for wrong in [vec![], vec!["everything"], vec!["figures", "contacts"]] {
        assert!(matches!(make(&wrong, None).await, Err(StoreError::Invalid(_))), "{wrong:?}");
    }
    let viewer = Actor { role: domain::Role::Member, ..ana.clone() };
    let command = ShareCommand::RevokeShare { share };
    assert!(matches!(t.db.dispatch(&viewer, &Envelope::new(command, None)).await, Err(StoreError::Denied(_))));
}
