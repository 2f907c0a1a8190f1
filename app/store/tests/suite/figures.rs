//! The event counts of analytics agree with the feed of the same member.

use crate::kit::{TestDb, contact};
use chrono::Days;
use domain::{EntityKind, Envelope, Permission, RecordCommand, TodayCommand};
use serde_json::json;
use store::Actor;

/// Event counts of the last 7 and 30 days, and the number of visible events in the feed.
async fn counts(t: &TestDb, who: &Actor) -> (i64, i64, i64) {
    let mut tx = t.db.begin(who, Permission::ViewRecords).await.unwrap();
    let figures = store::analytics(&mut tx, &Default::default()).await.unwrap().activities;
    let feed = store::feed(&mut tx, &Default::default(), None, 1_000).await.unwrap();
    (figures.events_7_days, figures.events_30_days, feed.items.iter().filter(|e| !e.hidden).count() as i64)
}

struct Readers {
    who: Vec<Actor>,
    before: Vec<(i64, i64, i64)>,
}

impl Readers {
    /// Returns the increase of each member's 30-day count since the last call. Panics if a count and the feed disagree.
    async fn rise(&mut self, t: &TestDb, what: &str) -> Vec<i64> {
        let mut rise = Vec::new();
        for (who, before) in self.who.iter().zip(&mut self.before) {
            let now = counts(t, who).await;
            assert_eq!(now.0 - before.0, now.2 - before.2, "{what}: a week by the figures and by the feed");
            assert_eq!(now.1 - before.1, now.2 - before.2, "{what}: a month by the figures and by the feed");
            rise.push(now.1 - before.1);
            *before = now;
        }
        rise
    }
}

#[tokio::test]
async fn events_are_counted_for_those_who_see_them() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let [bea, cleo, dora] =
        [t.member("Acme", "bea@acme.test").await, t.member("Acme", "cleo@acme.test").await, t.member("Acme", "dora@acme.test").await];
    let east = t.create(&ana, EntityKind::Team, json!({"name": "East"})).await;
    for who in [&bea, &cleo] {
        t.edit(&ana, EntityKind::Member, who.member.0, 1, json!({"teamId": east.to_string()})).await.unwrap();
    }
    let mut readers = Readers { who: vec![bea.clone(), cleo, dora, ana], before: vec![(0, 0, 0); 4] };
    for (who, before) in readers.who.iter().zip(&mut readers.before) {
        *before = counts(&t, who).await;
    }

    for kind in EntityKind::ALL.into_iter().filter(|k| k.is_owned()) {
        for (visibility, expected) in [("private", [1, 0, 0, 0]), ("team", [1, 1, 0, 0]), ("workspace", [1, 1, 1, 1])] {
            let mut set = match kind {
                EntityKind::Contact => contact("Ida"),
                EntityKind::Note => json!({"body": "Said"}),
                EntityKind::Interaction => json!({"type": "call"}),
                EntityKind::View => json!({"name": "East only", "page": "/people"}),
                kind => json!({kind.spec().title_fields[0]: "East only"}),
            };
            set["visibility"] = visibility.into();
            let id = t.create(&bea, kind, set).await;
            assert_eq!(readers.rise(&t, &format!("{visibility} {kind:?}")).await, expected, "{visibility} {kind:?}");
            // Events of soft-deleted records count too.
            t.db.dispatch(&bea, &Envelope::new(RecordCommand::Delete { kind, id }, Some(1))).await.unwrap();
            assert_eq!(readers.rise(&t, &format!("{visibility} {kind:?}, deleted")).await, expected, "{visibility} {kind:?}, deleted");
        }
    }

    // A tag inherits the visibility of the records that carry it. A snooze is visible to its member alone, whatever its record.
    let mut secret = contact("Ines");
    secret["visibility"] = "private".into();
    let ines = t.create(&bea, EntityKind::Contact, secret).await;
    let shared = t.create(&bea, EntityKind::Contact, contact("Isa")).await;
    assert_eq!(readers.rise(&t, "two people").await, [2, 1, 1, 1]);
    t.edit(&bea, EntityKind::Contact, ines, 1, json!({"tags": ["Merger"]})).await.unwrap();
    let rise = readers.rise(&t, "a tag on a private person").await;
    assert!(rise[0] >= 1 && rise[1..] == [0, 0, 0], "a tag on a private person: {rise:?}");
    for id in [ines, shared] {
        let until = chrono::Utc::now().date_naive().checked_add_days(Days::new(3));
        t.db.dispatch(&bea, &Envelope::new(TodayCommand::Snooze { kind: EntityKind::Contact, id, until }, None)).await.unwrap();
        assert_eq!(readers.rise(&t, "a snooze").await, [1, 0, 0, 0]);
    }
    t.db.dispatch(&bea, &Envelope::new(TodayCommand::SetWeights { warmth: 40, time: 60 }, None)).await.unwrap();
    assert_eq!(readers.rise(&t, "weights").await, [1, 0, 0, 0]);

    // Changing the visibility to `workspace` makes all earlier events of the record visible too.
    t.edit(&bea, EntityKind::Contact, ines, 2, json!({"visibility": "workspace"})).await.unwrap();
    let rise = readers.rise(&t, "widened").await;
    assert!(rise[0] == 1 && rise[1] >= 3, "created, tagged and widened: {rise:?}");
    // A restricted record without an owner is visible to no member.
    let mut raw = t.raw().await;
    sqlx::query("update contacts set owner_id = null, visibility = 'team' where id = $1").bind(shared).execute(&mut raw).await.unwrap();
    assert_eq!(readers.rise(&t, "without an owner").await, [-2, -1, -1, -1]);
    let foreign = t.workspace("Bolt").await;
    t.create(&foreign, EntityKind::Contact, contact("Otto")).await;
    assert_eq!(readers.rise(&t, "another workspace").await, [0, 0, 0, 0]);
    assert_eq!(counts(&t, &foreign).await.2, 1);
}
