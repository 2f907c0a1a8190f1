//! Properties of the door, over many random histories. The seed is printed; `RAPPORT_SEED` runs one again.

use crate::kit::{TestDb, map};
use domain::{Command, CommandId, DealCommand, DealId, EntityKind, Envelope, EventId, Permission, RecordCommand, StageId, deals::Place};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use store::{Actor, StoreError};
use uuid::Uuid;

const CASES: usize = 1_000;

fn dice() -> StdRng {
    let seed = std::env::var("RAPPORT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(|| rand::rng().random());
    eprintln!("RAPPORT_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// The fields of a record that are somebody's word, without what is derived from them.
async fn own_fields(t: &TestDb, raw: &mut sqlx::PgConnection, who: &Actor, kind: EntityKind, id: Uuid) -> Value {
    let table = kind.plural();
    let text = format!(
        "select to_jsonb(t) - array['version', 'updated_at', 'stage_seq', 'stage_since', 'probability_is_manual', 'size', 'closed_by', 'reminds_at', 'reminded_at'] from {table} t where workspace_id = $1 and id = $2"
    );
    let mut row: Value = sqlx::query_scalar(sqlx::AssertSqlSafe(text)).bind(who.workspace).bind(id).fetch_one(&mut *raw).await.unwrap();
    for key in ["emails", "phones", "contactIds", "tags"] {
        let record = t.record(who, kind, id).await;
        row[key] = record.ok().and_then(|r| r.fields.get(key).cloned()).unwrap_or_default();
    }
    row
}

fn random_change(dice: &mut StdRng, kind: EntityKind, id: Uuid, stages: &[StageId]) -> Command {
    let word = |d: &mut StdRng| ["", "a", "b", "Ünï ✓", "x, y", "12.50"][d.random_range(0..6)].to_owned();
    if kind == EntityKind::Deal && dice.random_bool(0.5) {
        let place = match dice.random_range(0..3) {
            0 => Place::Top,
            1 => Place::Bottom,
            _ => Place::Before { deal: DealId(Uuid::now_v7()) },
        };
        return DealCommand::MoveDeal {
            deal: DealId(id),
            stage: stages[dice.random_range(0..stages.len())],
            place,
            reason: dice.random_bool(0.3).then(|| word(dice)),
        }
        .into();
    }
    if kind != EntityKind::Note && dice.random_bool(0.2) {
        let tags = &["vip", "VIP", "x y", "ü"][..dice.random_range(0..=4)];
        return RecordCommand::Edit { kind, id, set: map(json!({"tags": tags})) }.into();
    }
    let set = match (kind, dice.random_range(0..5)) {
        (EntityKind::Task, 0) => {
            json!({"dueDate": (["2027-01-31", ""][dice.random_range(0..2)]), "remindAt": (["2027-01-30T09:00", ""][dice.random_range(0..2)])})
        }
        (EntityKind::Task, 1) => json!({"completedAt": (["2026-01-31T10:00:00Z", ""][dice.random_range(0..2)])}),
        (EntityKind::Task, 2 | 3) => json!({"description": word(dice), "priority": (["high", "low", ""][dice.random_range(0..3)])}),
        (EntityKind::Note, 0) => json!({"pinned": dice.random_bool(0.5)}),
        (EntityKind::Note, 1..=3) => {
            json!({"body": format!("**{}** @Acme", word(dice)), "type": (["call", "decision", ""][dice.random_range(0..3)])})
        }
        (EntityKind::Deal, 0) => json!({"value": (["1", "", "99.99"][dice.random_range(0..3)])}),
        (EntityKind::Deal, 1) => json!({"probability": dice.random_range(0..=100)}),
        (EntityKind::Deal, 2) => json!({"expectedCloseDate": (["2027-01-31", ""][dice.random_range(0..2)]), "nextAction": word(dice)}),
        (EntityKind::Deal, _) => json!({"source": word(dice), "competitor": word(dice)}),
        (_, 0) => json!({"emails": (&["a@x.org", "b@x.org", "c@x.org"][..dice.random_range(0..=3)])}),
        (_, 1) => json!({"warmnessScore": dice.random_range(0..=10), "location": word(dice)}),
        (_, 2) => json!({"birthday": (["1990-05-01", ""][dice.random_range(0..2)]), "favoriteTopics": word(dice)}),
        (_, 3) => json!({"lastName": word(dice), "personalNotes": word(dice)}),
        _ => return RecordCommand::Delete { kind, id }.into(),
    };
    RecordCommand::Edit { kind, id, set: map(set) }.into()
}

/// Runs random commands and their undos in a new workspace; returns the number of undos.
async fn histories(t: &TestDb, name: &str, cases: usize, mut dice: StdRng) -> usize {
    let ana = t.workspace(name).await;
    let mut stages = Vec::new();
    for name in ["Prospecting", "Proposal", "Closed Won", "Closed Lost"] {
        stages.push(t.stage(&ana, name).await);
    }
    let mut undone = 0;
    let mut raw = t.raw().await;
    for case in 0..cases {
        let kind = [EntityKind::Contact, EntityKind::Deal, EntityKind::Task, EntityKind::Note][case % 4];
        let id = match kind {
            EntityKind::Contact => t.create(&ana, kind, json!({"firstName": "P", "emails": ["p@x.org"], "location": "Rome"})).await,
            EntityKind::Deal => t.create(&ana, kind, json!({"title": "P", "value": "10", "tags": ["first"]})).await,
            EntityKind::Task => t.create(&ana, kind, json!({"title": "P", "dueDate": "2027-01-01"})).await,
            _ => t.create(&ana, kind, json!({"body": "P"})).await,
        };
        let before = own_fields(t, &mut raw, &ana, kind, id).await;
        let mut events: Vec<EventId> = Vec::new();
        let mut version = 1;
        for _ in 0..dice.random_range(1..5) {
            let command = random_change(&mut dice, kind, id, &stages);
            let envelope = Envelope::new(command.clone(), Some(version));
            let outcome = t.db.dispatch(&ana, &envelope).await.unwrap_or_else(|e| panic!("{command:?}: {e:?}"));
            // A retry, even much later in the history, changes nothing more.
            if dice.random_bool(0.2) {
                assert_eq!(t.db.dispatch(&ana, &envelope).await.unwrap(), outcome);
            }
            version = outcome.version;
            events.extend(outcome.event);
            if matches!(command, Command::Records(RecordCommand::Delete { .. })) {
                break;
            }
        }
        for event in events.into_iter().rev() {
            t.db.undo(&ana, CommandId::new(), event).await.unwrap_or_else(|e| panic!("undo: {e:?}"));
            undone += 1;
        }
        assert_eq!(own_fields(t, &mut raw, &ana, kind, id).await, before, "{name}, case {case}");
    }
    undone
}

/// Four workspaces run concurrently, each with its own generator, so one seed reproduces all histories.
#[tokio::test(flavor = "multi_thread")]
async fn commands_followed_by_their_undos_restore_every_field() {
    let t = TestDb::new().await;
    let mut dice = dice();
    let mut at = |name| histories(&t, name, CASES / 4, StdRng::seed_from_u64(dice.random()));
    let (a, b, c, d) = tokio::join!(at("Acme"), at("Birch"), at("Cedar"), at("Dune"));
    let undone = a + b + c + d;
    assert!(undone > CASES / 2, "{undone} undos");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_moves_end_in_some_order_with_no_deal_lost_or_doubled() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let mut stages = Vec::new();
    for name in ["Prospecting", "Qualification", "Proposal"] {
        stages.push(t.stage(&ana, name).await);
    }
    let mut deals = Vec::new();
    for i in 0..12 {
        deals.push(DealId(t.create(&ana, EntityKind::Deal, json!({"title": format!("D{i}"), "value": i})).await));
    }
    let seed: u64 = dice().random();
    let mut hands = Vec::new();
    for hand in 0..8u64 {
        let (db, ana, stages, deals) = (t.db.clone(), ana.clone(), stages.clone(), deals.clone());
        hands.push(tokio::spawn(async move {
            let mut dice = StdRng::seed_from_u64(seed.wrapping_add(hand));
            let mut accepted = 0;
            for _ in 0..40 {
                let deal = deals[dice.random_range(0..deals.len())];
                let place = match dice.random_range(0..3) {
                    0 => Place::Top,
                    1 => Place::Bottom,
                    _ => Place::Before { deal: deals[dice.random_range(0..deals.len())] },
                };
                let command = DealCommand::MoveDeal { deal, stage: stages[dice.random_range(0..3)], place, reason: None };
                match db.dispatch(&ana, &Envelope::new(command, None)).await {
                    Ok(_) => accepted += 1,
                    Err(StoreError::Conflict(_)) => {}
                    Err(e) => panic!("{e:?}"),
                }
            }
            accepted
        }));
    }
    let mut accepted = 0;
    for hand in hands {
        accepted += hand.await.unwrap();
    }
    assert_eq!(accepted, 320);
    let mut tx = t.db.begin(&ana, Permission::ViewRecords).await.unwrap();
    let board = store::board(&mut tx, &Default::default(), Default::default(), 0, store::COLUMN_CARDS).await.unwrap();
    let mut seen: Vec<_> = board.columns.iter().flat_map(|c| c.cards.iter().map(|d| d.id)).collect();
    assert_eq!(board.columns.iter().map(|c| c.count).sum::<i64>(), 12);
    assert_eq!(board.columns.iter().map(|c| c.value_minor).sum::<i64>(), (0..12).sum::<i64>() * 100, "totals are conserved");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 12);
    for column in &board.columns {
        assert!(column.cards.windows(2).all(|w| w[0].rank < w[1].rank));
    }
    // Every deal's history is a chain from its first stage to where it stands.
    let mut raw = t.raw().await;
    let broken: i64 = sqlx::query_scalar(
        "select count(*) from deals d where d.workspace_id = $1 and (
            (select to_stage_id from deal_stage_history h where h.workspace_id = d.workspace_id and h.deal_id = d.id order by seq desc limit 1) <> d.stage_id
            or (select count(*) from deal_stage_history h where h.workspace_id = d.workspace_id and h.deal_id = d.id) <> d.stage_seq)",
    )
    .bind(ana.workspace)
    .fetch_one(&mut raw)
    .await
    .unwrap();
    assert_eq!(broken, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn live_misses_nothing_while_eight_writers_commit_out_of_order() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let relay = tokio::spawn(t.db.clone().relay());
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let start = store::live_position(&t.db);
    let mut news = t.db.hub().subscribe();
    // A transaction that took its outbox row early and commits last: its id is the smallest, its position the largest.
    let mut late = t.raw().await;
    let straggler = Uuid::now_v7();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "begin; insert into outbox (id, workspace_id, entity, entity_id, version, verb) values ('{straggler}', '{}', 'contact', '{straggler}', 1, 'created')",
        ana.workspace
    )))
    .execute(&mut late)
    .await
    .unwrap();
    let mut writers = Vec::new();
    for _ in 0..8 {
        let (db, ana) = (t.db.clone(), ana.clone());
        writers.push(tokio::spawn(async move {
            let mut ids = Vec::new();
            for _ in 0..25 {
                let id = Uuid::now_v7();
                let command = RecordCommand::Create { kind: EntityKind::Contact, id, set: map(json!({"firstName": "W"})) };
                db.dispatch(&ana, &Envelope::new(command, None)).await.unwrap();
                ids.push(id);
            }
            ids
        }));
    }
    let mut expected = Vec::new();
    for writer in writers {
        expected.extend(writer.await.unwrap());
    }
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    sqlx::query("commit").execute(&mut late).await.unwrap();
    expected.push(straggler);
    let mut heard = Vec::new();
    let mut last = start;
    while heard.len() < expected.len() {
        let a = tokio::time::timeout(std::time::Duration::from_secs(5), news.recv()).await.expect("a message was missed").unwrap();
        assert!(a.message.position > last, "positions rise");
        last = a.message.position;
        heard.push(a.message.id);
    }
    assert_eq!(heard.last(), Some(&straggler));
    heard.sort();
    expected.sort();
    assert_eq!(heard, expected);
    // Whoever was away reads the same from the table.
    let missed = t.db.missed(&ana, None, start).await.unwrap().unwrap();
    assert_eq!(missed.len(), expected.len());
    relay.abort();
}
