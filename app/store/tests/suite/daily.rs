//! Daily work: interactions, tasks, what follows from them, and whom Today names.

use crate::kit::TestDb;
use chrono::{DateTime, Utc};
use domain::{Command, CommandId, EntityKind, Envelope, RecordCommand, TodayCommand, today::Rule};
use serde_json::json;
use store::{Actor, Linked};
use uuid::Uuid;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

async fn last(t: &TestDb, who: &Actor, id: Uuid) -> Option<String> {
    let record = t.record(who, EntityKind::Contact, id).await.unwrap();
    record.fields["lastContacted"].as_str().map(|s| s[..10].to_owned())
}

async fn send(t: &TestDb, who: &Actor, command: impl Into<Command>, base: Option<i64>) -> domain::Outcome {
    t.db.dispatch(who, &Envelope::new(command, base)).await.unwrap()
}

#[tokio::test]
async fn int_01_only_done_interactions_of_the_past_move_last_contacted_and_undo_recomputes_it() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let (bea, carl) = (t.contact(&ana).named("Bea").create().await, t.contact(&ana).named("Carl").create().await);
    let log = async |date: &str, status: &str| {
        t.try_create(&ana, EntityKind::Interaction, json!({"type": "call", "contactId": bea, "date": date, "status": status})).await.unwrap()
    };
    log("2026-01-05T10:00:00Z", "done").await;
    assert_eq!(last(&t, &ana, bea).await.as_deref(), Some("2026-01-05"));
    let newer = log("2026-02-01T10:00:00Z", "done").await;
    log("2026-01-20T10:00:00Z", "done").await;
    assert_eq!(last(&t, &ana, bea).await.as_deref(), Some("2026-02-01"), "the latest counts, not the last one logged");
    log("2026-03-01T10:00:00Z", "planned").await;
    log("2999-01-01T10:00:00Z", "done").await;
    assert_eq!(last(&t, &ana, bea).await.as_deref(), Some("2026-02-01"), "neither planned nor future ones count");
    // Deleting, undoing the deletion, editing the date and the person.
    let gone = send(&t, &ana, RecordCommand::Delete { kind: EntityKind::Interaction, id: newer.id }, None).await;
    assert_eq!(last(&t, &ana, bea).await.as_deref(), Some("2026-01-20"));
    t.db.undo(&ana, CommandId::new(), gone.event.unwrap()).await.unwrap();
    assert_eq!(last(&t, &ana, bea).await.as_deref(), Some("2026-02-01"));
    let version = t.record(&ana, EntityKind::Interaction, newer.id).await.unwrap().version;
    let moved = t.edit(&ana, EntityKind::Interaction, newer.id, version, json!({"contactId": carl})).await.unwrap();
    assert_eq!((last(&t, &ana, bea).await.as_deref(), last(&t, &ana, carl).await.as_deref()), (Some("2026-01-20"), Some("2026-02-01")));
    t.db.undo(&ana, CommandId::new(), moved.event.unwrap()).await.unwrap();
    assert_eq!((last(&t, &ana, bea).await.as_deref(), last(&t, &ana, carl).await), (Some("2026-02-01"), None));
    // INT-02: listed by person, newest first, page by page.
    let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
    let filter = Linked { contact: Some(bea.into()), ..Default::default() };
    let page = store::list_linked(&mut tx, EntityKind::Interaction, &filter, None, 3).await.unwrap();
    let dates = |p: &[domain::Record]| p.iter().map(|r| r.text("date")[..10].to_owned()).collect::<Vec<_>>();
    assert_eq!(dates(&page.items), ["2999-01-01", "2026-03-01", "2026-02-01"]);
    let rest = store::list_linked(&mut tx, EntityKind::Interaction, &filter, domain::Cursor::decode(&page.next.unwrap()).as_ref(), 3).await.unwrap();
    assert_eq!((dates(&rest.items), rest.next), (vec!["2026-01-20".to_owned(), "2026-01-05".into()], None));
}

#[tokio::test]
async fn what_is_logged_about_a_private_record_is_private() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    t.db.add_user("bob@acme.test", "correct horse battery", "Acme", domain::pipelines::template("sales").unwrap()).await.unwrap();
    let account = t.db.sign_in("bob@acme.test", "correct horse battery", &store::Client::at(std::net::Ipv4Addr::LOCALHOST.into())).await.unwrap();
    let bob = t.db.actor(account.user, account.workspace, domain::Surface::Web).await.unwrap().unwrap();
    let bea = t.contact(&ana).named("Bea").visible_to("private").create().await;
    let call = t.call(&ana).about(EntityKind::Contact, bea).named("secret").create().await;
    let task = t.task(&ana).named("secret").about(EntityKind::Contact, bea).create().await;
    for (kind, id) in [(EntityKind::Interaction, call), (EntityKind::Task, task)] {
        assert!(t.record(&bob, kind, id).await.is_err(), "{kind:?}");
    }
    let feed = async |who: &Actor| {
        let mut tx = t.db.begin(who, domain::Permission::ViewRecords).await.unwrap();
        format!("{:?}", store::feed(&mut tx, &Default::default(), None, 100).await.unwrap())
    };
    assert!(!feed(&bob).await.contains("secret") && feed(&ana).await.contains("secret"));
    let version = t.record(&ana, EntityKind::Contact, bea).await.unwrap().version;
    t.edit(&ana, EntityKind::Contact, bea, version, json!({"visibility": "workspace"})).await.unwrap();
    assert!(t.record(&bob, EntityKind::Interaction, call).await.is_ok() && t.record(&bob, EntityKind::Task, task).await.is_ok());
}

#[tokio::test]
async fn tsk_01_a_repeating_task_that_is_done_makes_the_next_one_and_undo_takes_it_away() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let set = json!({"title": "Water the plants", "dueDate": "2999-01-07", "recurrence": "FREQ=WEEKLY", "priority": "high"});
    let task = t.create(&ana, EntityKind::Task, set).await;
    let open = async || {
        let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
        let filter = Linked { done: Some(false), ..Default::default() };
        let page = store::list_linked(&mut tx, EntityKind::Task, &filter, None, 50).await.unwrap();
        page.items.iter().map(|r| (r.text("dueDate"), r.text("priority"))).collect::<Vec<_>>()
    };
    let done = t.edit(&ana, EntityKind::Task, task, 1, json!({"completedAt": "2026-11-21T08:00:00Z"})).await.unwrap();
    assert_eq!(open().await, [("2999-01-14".to_owned(), "high".to_owned())]);
    t.db.undo(&ana, CommandId::new(), done.event.unwrap()).await.unwrap();
    assert_eq!(open().await, [("2999-01-07".to_owned(), "high".to_owned())]);
    let bad = t.try_create(&ana, EntityKind::Task, json!({"title": "x", "recurrence": "FREQ=SECONDLY"})).await;
    assert!(format!("{bad:?}").contains("recurrence"), "{bad:?}");
}

#[tokio::test]
async fn suggestions_are_the_best_of_all_by_the_formula_however_many_there_are() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let now = at("2026-11-21T12:00:00Z");
    let mut raw = t.raw().await;
    sqlx::query(
        "insert into contacts (workspace_id, id, first_name, last_name, owner_id, warmness_score, last_contacted, status)
         select $1, gen_random_uuid(), 'P', n::text, case when n % 3 = 0 then null else $2 end, (n * 7) % 11,
            case when n % 5 = 0 then null else $3 - make_interval(hours => (n * 37) % 1500) end,
            case when n % 13 = 0 then 'archived' else 'active' end
         from generate_series(1, 600) n",
    )
    .bind(ana.workspace)
    .bind(ana.member)
    .bind(now)
    .execute(&mut raw)
    .await
    .unwrap();
    let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
    for weights in
        [domain::today::Weights::default(), domain::today::Weights { warmth: 10, time: 90 }, domain::today::Weights { warmth: 0, time: 100 }]
    {
        let found = store::suggestions(&mut tx, weights, now, now.date_naive(), 25).await.unwrap();
        let rows: Vec<(i32, Option<DateTime<Utc>>)> =
            sqlx::query_as("select warmness_score, last_contacted from contacts where status <> 'archived'").fetch_all(&mut raw).await.unwrap();
        let mut all: Vec<f64> = rows
            .into_iter()
            .map(|(w, at)| (domain::today::priority(w, domain::today::days_since(at, now), weights) * 10_000.0).round() / 10_000.0)
            .collect();
        all.sort_by(|a, b| b.total_cmp(a));
        assert_eq!(found.iter().map(|s| s.priority_score).collect::<Vec<_>>(), all[..25], "{weights:?}");
    }
}

#[tokio::test]
async fn today_names_each_rule_and_what_is_put_off_or_done_leaves_it() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let mut raw = t.raw().await;
    sqlx::query("update members set time_zone = 'Pacific/Auckland' where workspace_id = $1").bind(ana.workspace).execute(&mut raw).await.unwrap();
    // Noon on the 20th in London is already the 21st in Auckland.
    let now = at("2026-11-20T12:00:00Z");
    let day = |n: i64| (at("2026-11-21T00:00:00Z").date_naive() + chrono::Duration::days(n)).to_string();
    let late = t.task(&ana).named("late").with("dueDate", day(-2)).create().await;
    t.task(&ana).named("today").with("dueDate", day(0)).with("dueTime", "09:30").create().await;
    t.task(&ana).named("tomorrow").with("dueDate", day(1)).create().await;
    let bea = t.contact(&ana).named("Bea").with("nextFollowUp", day(0)).with("warmnessScore", 7).create().await;
    t.contact(&ana).named("Carl").with("meetingCadence", 30).create().await;
    t.contact(&ana).named("Dora").with("birthday", "1990-11-24").with("status", "archived").create().await;
    t.call(&ana)
        .with("type", "meeting")
        .with("status", "planned")
        .about(EntityKind::Contact, bea)
        .with("date", "2026-11-20T20:00:00Z")
        .create()
        .await;
    t.call(&ana)
        .about(EntityKind::Contact, bea)
        .with("date", "2026-10-07T12:00:00Z")
        .with("nextStep", "Send offer")
        .with("followUpRequired", true)
        .with("followUpDate", day(-1))
        .create()
        .await;
    t.deal(&ana).named("Open").with("nextAction", "Call").with("nextActionDate", day(0)).create().await;
    t.deal(&ana).named("Idle").create().await;
    let look = async || {
        let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
        store::today(&mut tx, now, 0).await.unwrap()
    };
    let today = look().await;
    assert_eq!((today.day.to_string(), today.time_zone.as_str()), (day(0), "Pacific/Auckland"));
    let mut rows: Vec<(Rule, &str)> = today.queue.iter().map(|i| (i.rule, i.title.as_str())).collect();
    rows.sort();
    assert_eq!(
        rows,
        [
            (Rule::TaskOverdue, "late"),
            (Rule::TaskDue, "today"),
            (Rule::Planned, "Meeting"),
            (Rule::FollowUp, "Bea"),
            (Rule::FollowUp, "Send offer"),
            (Rule::DealNextStep, "Open"),
            (Rule::Birthday, "Dora"),
            (Rule::Cadence, "Carl"),
        ]
    );
    assert_eq!(today.queue.iter().find(|i| i.title == "Bea").map(|i| i.contact_id), Some(Some(bea)));
    assert_eq!(today.no_next_step.iter().map(|i| i.title.as_str()).collect::<Vec<_>>(), ["Idle"]);
    assert_eq!(today.open_tasks, 3);
    // Put off until tomorrow, back by undo; done, back by undo.
    let until = at("2026-11-22T00:00:00Z").date_naive();
    let off = send(&t, &ana, TodayCommand::Snooze { kind: EntityKind::Task, id: late, until: Some(until) }, None).await;
    let titles = |v: &domain::today::Today| v.queue.iter().map(|i| i.title.clone()).collect::<Vec<_>>();
    assert!(!titles(&look().await).contains(&"late".to_owned()));
    t.db.undo(&ana, CommandId::new(), off.event.unwrap()).await.unwrap();
    assert!(titles(&look().await).contains(&"late".to_owned()));
    let done = t.edit(&ana, EntityKind::Task, late, 1, json!({"completedAt": "2026-11-20T12:00:00Z"})).await.unwrap();
    assert!(!titles(&look().await).contains(&"late".to_owned()));
    t.db.undo(&ana, CommandId::new(), done.event.unwrap()).await.unwrap();
    assert!(titles(&look().await).contains(&"late".to_owned()));
    // The weights are one's own, and taken back like everything else.
    let weighed = send(&t, &ana, TodayCommand::SetWeights { warmth: 20, time: 80 }, None).await;
    assert_eq!(look().await.weights.warmth, 20);
    t.db.undo(&ana, CommandId::new(), weighed.event.unwrap()).await.unwrap();
    assert_eq!(look().await.weights, Default::default());
}

#[tokio::test]
async fn records_are_given_away_out_of_sight_and_what_hangs_on_them_never_opens_wider() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    t.db.add_user("bob@acme.test", "correct horse battery", "Acme", domain::pipelines::template("sales").unwrap()).await.unwrap();
    let account = t.db.sign_in("bob@acme.test", "correct horse battery", &store::Client::at(std::net::Ipv4Addr::LOCALHOST.into())).await.unwrap();
    let bob = t.db.actor(account.user, account.workspace, domain::Surface::Web).await.unwrap().unwrap();
    let edit = async |who: &Actor, kind, id, set| {
        let version = t.record(who, kind, id).await.unwrap().version;
        t.edit(who, kind, id, version, set).await
    };
    // A private record goes to somebody else, who alone sees it then.
    let given = t.contact(&ana).named("Given").visible_to("private").create().await;
    edit(&ana, EntityKind::Contact, given, json!({"ownerId": bob.member})).await.unwrap();
    assert!(t.record(&ana, EntityKind::Contact, given).await.is_err() && t.record(&bob, EntityKind::Contact, given).await.is_ok());
    let made = t.contact(&ana).named("For Bob").visible_to("private").owned_by(&bob).create().await;
    assert!(t.record(&bob, EntityKind::Contact, made).await.is_ok());
    // Bob's note on Ana's contact does not keep Ana from closing it, and closes with it.
    let bea = t.contact(&ana).named("Bea").create().await;
    let note = t.call(&bob).with("type", "note").about(EntityKind::Contact, bea).named("x").create().await;
    edit(&ana, EntityKind::Contact, bea, json!({"visibility": "private"})).await.unwrap();
    assert!(
        t.record(&ana, EntityKind::Interaction, note).await.is_err()
            || t.record(&ana, EntityKind::Interaction, note).await.unwrap().text("visibility") == "private"
    );
    // A call about a private person and a deal stays private when the deal opens.
    let deal = t.deal(&ana).named("Both").visible_to("private").create().await;
    let call = t.call(&ana).about(EntityKind::Contact, bea).about(EntityKind::Deal, deal).create().await;
    edit(&ana, EntityKind::Deal, deal, json!({"visibility": "workspace"})).await.unwrap();
    assert_eq!(t.record(&ana, EntityKind::Interaction, call).await.unwrap().text("visibility"), "private");
    // Pointed at a private person later, it closes as well.
    let open = t.task(&ana).named("Ask").create().await;
    edit(&ana, EntityKind::Task, open, json!({"contactId": bea})).await.unwrap();
    assert!(t.record(&bob, EntityKind::Task, open).await.is_err());
    // A shared deal that names a private person names them to nobody else.
    let hidden = t.contact(&ana).named("Unnamed-9f").visible_to("private").create().await;
    let shared = t.deal(&ana).named("Shared").about(EntityKind::Contact, hidden).create().await;
    for (who, sees) in [(&ana, true), (&bob, false)] {
        let mut tx = t.db.begin(who, domain::Permission::ViewRecords).await.unwrap();
        let told = format!(
            "{:?}{:?}",
            store::timeline(&mut tx, EntityKind::Deal, shared).await.unwrap(),
            store::feed(&mut tx, &Default::default(), None, 100).await.unwrap()
        );
        assert_eq!(told.contains("Unnamed-9f"), sees);
    }
    // Everybody's calls count for when somebody was last contacted.
    let carl = t.contact(&ana).named("Carl").create().await;
    t.call(&ana).about(EntityKind::Contact, carl).with("date", "2026-02-01T10:00:00Z").visible_to("private").create().await;
    t.call(&bob).about(EntityKind::Contact, carl).with("date", "2026-01-01T10:00:00Z").create().await;
    assert_eq!(last(&t, &bob, carl).await.as_deref(), Some("2026-02-01"));
}

#[tokio::test]
async fn a_counted_repetition_ends_and_emptied_fields_are_empty() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let mut task = t.task(&ana).named("Three times").with("dueDate", "2999-01-01").with("recurrence", "FREQ=DAILY;COUNT=3").create().await;
    let mut done = 0;
    loop {
        t.edit(&ana, EntityKind::Task, task, 1, json!({"completedAt": "2026-11-21T08:00:00Z"})).await.unwrap();
        done += 1;
        let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
        let filter = Linked { done: Some(false), ..Default::default() };
        match store::list_linked(&mut tx, EntityKind::Task, &filter, None, 5).await.unwrap().items.first() {
            Some(next) => task = next.id,
            None => break,
        }
    }
    assert_eq!(done, 3);
    let call = t.call(&ana).with("outcome", "positive").create().await;
    t.edit(&ana, EntityKind::Interaction, call, 1, json!({"outcome": null})).await.unwrap();
    assert_eq!(t.record(&ana, EntityKind::Interaction, call).await.unwrap().text("outcome"), "");
    assert!(matches!(t.edit(&ana, EntityKind::Interaction, call, 2, json!({"date": null})).await, Err(store::StoreError::Invalid(_))));
}

#[tokio::test]
async fn the_feed_continues_past_events_that_the_reader_may_not_see() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let bea = t.member("Acme", "bea@acme.test").await;
    let mut shared = Vec::new();
    for n in 0..8 {
        shared.push(t.contact(&ana).named(&format!("Shared {n}")).create().await);
    }
    // More than the first window of a page of three.
    for n in 0..90 {
        t.create(&ana, EntityKind::Contact, json!({"firstName": format!("Secret {n}"), "visibility": "private"})).await;
    }
    let read = async |after: Option<domain::Cursor>| {
        let mut tx = t.db.begin_generic(&bea, domain::Permission::ViewRecords).await.unwrap();
        let filter = domain::events::FeedFilter { kind: Some(EntityKind::Contact), ..Default::default() };
        store::feed(&mut tx, &filter, after.as_ref(), 3).await.unwrap()
    };
    assert_eq!(read(None).await.items.len(), 3, "a page is filled from later windows");
    // More than one page examines.
    let mut raw = t.raw().await;
    let copied = sqlx::query(
        "insert into events (workspace_id, id, command_id, member_id, surface, verb, entity, entity_id, title, version, changes, occurred_at)
         select workspace_id, uuid_at(now() + n * interval '1 millisecond'), command_id, member_id, surface, verb, entity, entity_id, title, version, changes, occurred_at
         from generate_series(1, 7000) n, (select * from events where workspace_id = $1 and entity = 'contact' order by id desc limit 1) e",
    )
    .bind(ana.workspace)
    .execute(&mut raw)
    .await
    .unwrap();
    assert_eq!(copied.rows_affected(), 7000);
    let first = read(None).await;
    assert!(first.items.is_empty() && first.next.is_some(), "the page ends and continues");
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = read(after.take()).await;
        assert!(page.items.len() <= 3);
        seen.extend(page.items.into_iter().map(|e| e.entity_id));
        pages += 1;
        match page.next.as_deref().and_then(domain::Cursor::decode) {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    shared.reverse();
    assert_eq!(seen, shared, "newest first, each once, nothing private");
    assert!(pages >= 3);
}

#[tokio::test]
async fn the_linked_records_of_a_contact_are_those_the_reader_sees_each_kind_in_its_order() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let bea = t.member("Acme", "bea@acme.test").await;
    let person = t.contact(&ana).named("Ida").create().await;
    let other = t.contact(&ana).named("Otto").create().await;
    for (subject, date) in [("Old", "2026-01-05T10:00:00Z"), ("New", "2026-02-05T10:00:00Z")] {
        t.create(&ana, EntityKind::Interaction, json!({"type": "call", "contactId": person, "date": date, "subject": subject})).await;
    }
    t.create(&ana, EntityKind::Interaction, json!({"type": "call", "contactId": other, "subject": "Elsewhere"})).await;
    for (title, set) in [
        ("Later", json!({"dueDate": "2029-02-01"})),
        ("Some day", json!({})),
        ("Sooner", json!({"dueDate": "2029-01-01"})),
        ("Done", json!({"completedAt": "2026-01-01T10:00:00Z"})),
    ] {
        let mut set = set;
        set["title"] = title.into();
        set["contactId"] = json!(person);
        t.create(&ana, EntityKind::Task, set).await;
    }
    for (body, pinned, visibility) in
        [("first", false, "workspace"), ("pinned", true, "workspace"), ("last", false, "workspace"), ("secret", true, "private")]
    {
        t.create(&ana, EntityKind::Note, json!({"body": body, "contactId": person, "pinned": pinned, "visibility": visibility})).await;
    }
    let seen = async |who: &Actor| {
        let mut tx = t.db.begin_generic(who, domain::Permission::ViewRecords).await.unwrap();
        let linked = store::linked_records(&mut tx, EntityKind::Contact, person).await.unwrap();
        let texts = |all: &[domain::Record], key: &str| all.iter().map(|r| r.text(key)).collect::<Vec<_>>().join(", ");
        [texts(&linked.interactions, "subject"), texts(&linked.tasks, "title"), texts(&linked.notes, "body")]
    };
    assert_eq!(seen(&ana).await, ["New, Old", "Sooner, Later, Some day", "secret, pinned, last, first"]);
    assert_eq!(seen(&bea).await, ["New, Old", "Sooner, Later, Some day", "pinned, last, first"]);
}
