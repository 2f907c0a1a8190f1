//! Query plans of lists, boards, pages and writes at 10,000 contacts and 55,000 events (`make seed`), as the restricted role,
//! captured by `auto_explain`. Faults are sequential scans of large tables, sorts of more than a page, parallel workers, and
//! custom plans at the sixth call.

use crate::kit::TestDb;
use chrono::Utc;
use domain::{
    Command, Cursor, DealCommand, DealId, EntityKind, Envelope, Permission, RecordCommand,
    deals::{DealFilter, Place},
    events::FeedFilter,
    lists::ListFilter,
};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    process::Command as Program,
    sync::{Arc, Mutex},
};
use store::{Actor, Database, Linked};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use uuid::Uuid;

/// Most rows that a page may sort or scan: one page per stage, the window of the feed, the queue of Today.
const PAGE: f64 = 400.0;
/// Tables that do not grow with the workspace's history.
const SMALL: [&str; 14] = [
    "workspaces",
    "members",
    "memberships",
    "teams",
    "users",
    "pipelines",
    "stages",
    "snoozes",
    "notification_settings",
    "saved_views",
    "weights",
    "sessions",
    "api_tokens",
    "imports",
];

/// Captures the plans that the server sends as notices.
#[derive(Clone, Default)]
struct Notices(Arc<Mutex<Vec<String>>>);

struct Said(String);
impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.0.push_str(value);
        }
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}

impl Subscriber for Notices {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::postgres::notice"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut said = Said(String::new());
        event.record(&mut said);
        self.0.lock().unwrap().push(said.0);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

impl Notices {
    /// The plans since the last call, with the text of their statements.
    fn take(&self) -> Vec<(String, Value)> {
        let all = std::mem::take(&mut *self.0.lock().unwrap());
        let plans = all.iter().filter_map(|n| n.split_once("plan:\n"));
        plans
            .map(|(_, plan)| {
                let plan: Value = serde_json::from_str(plan).expect("a plan as JSON");
                (plan["Query Text"].as_str().unwrap_or_default().to_owned(), plan["Plan"].clone())
            })
            .collect()
    }
}

/// Collects the faults of a plan as sentences.
fn faults(node: &Value, out: &mut Vec<String>) {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let rows = |key: &str| node[key].as_f64().unwrap_or_default();
    let loops = rows("Actual Loops").max(1.0);
    let seen = (rows("Actual Rows") + rows("Rows Removed by Filter")) * loops;
    let table = node["Relation Name"].as_str().unwrap_or_default();
    if kind == "Seq Scan" && !SMALL.contains(&table) && seen > PAGE {
        out.push(format!("scans {table} sequentially ({seen} rows)"));
    }
    let children: Vec<&Value> = node["Plans"].as_array().into_iter().flatten().collect();
    if matches!(kind, "Sort" | "Incremental Sort") {
        let sorted: f64 = children.iter().map(|c| c["Actual Rows"].as_f64().unwrap_or_default()).sum();
        if sorted > PAGE {
            out.push(format!("sorts {sorted} rows by {}", node["Sort Key"]));
        }
    }
    if kind == "Gather" || kind == "Gather Merge" {
        out.push("starts parallel workers".into());
    }
    for child in children {
        faults(child, out);
    }
}

/// A read of the store in the caller's transaction.
trait AsyncRead: for<'a> Fn(&'a mut store::TenantTx) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>> {}
impl<F> AsyncRead for F where F: for<'a> Fn(&'a mut store::TenantTx) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>> {}

struct Rig {
    db: Database,
    actor: Actor,
    notices: Notices,
    wrong: Vec<String>,
}

impl Rig {
    /// Calls `ask` six times on one connection and checks the plans of the sixth call, which must be generic.
    async fn judge<F: Future<Output = ()>>(&mut self, what: &str, ask: impl Fn(Database, Actor) -> F) {
        for _ in 0..5 {
            ask(self.db.clone(), self.actor.clone()).await;
        }
        self.notices.take();
        ask(self.db.clone(), self.actor.clone()).await;
        let plans = self.notices.take();
        assert!(!plans.is_empty(), "{what}: no plan was captured");
        for (text, plan) in plans {
            let mut found = Vec::new();
            faults(&plan, &mut found);
            // A custom plan contains the parameter values, a generic plan their numbers.
            if plan.to_string().contains(&self.actor.workspace.to_string()) {
                found.push("has a custom plan at the sixth call".into());
            }
            let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect();
            self.wrong.extend(found.into_iter().map(|fault| format!("{what}: {fault}\n    {text}")));
        }
    }

    /// Checks a read in a transaction of [`Database::begin`].
    async fn reads(&mut self, what: &str, ask: impl AsyncRead) {
        self.in_tx(what, false, ask).await;
    }

    /// Checks a read in a transaction of [`Database::begin_generic`].
    async fn looks_up(&mut self, what: &str, ask: impl AsyncRead) {
        self.in_tx(what, true, ask).await;
    }

    async fn in_tx(&mut self, what: &str, generic: bool, ask: impl AsyncRead) {
        self.judge(what, |db, actor| {
            let ask = &ask;
            async move {
                let begun =
                    if generic { db.begin_generic(&actor, Permission::ViewRecords).await } else { db.begin(&actor, Permission::ViewRecords).await };
                ask(&mut begun.unwrap()).await;
            }
        })
        .await;
    }

    async fn writes(&mut self, what: &str, command: impl Fn() -> Command) {
        self.judge(what, |db, actor| {
            let envelope = Envelope::new(command(), None);
            async move {
                db.dispatch_reading(&actor, &envelope).await.unwrap();
            }
        })
        .await;
    }
}

/// Fills the workspace as `make seed` does.
fn seed(database: &str, workspace: &str) {
    // Cargo builds the examples of a package with its tests, beside them.
    let program = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples/seed");
    let done = Program::new(program).args(["--database-url", database, "--workspace", workspace, "--size", "10k"]).output();
    let done = done.expect("examples/seed is built with the tests");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn create(kind: EntityKind, set: Value) -> Command {
    RecordCommand::Create { kind, id: Uuid::now_v7(), set: crate::kit::map(set) }.into()
}

const DEAL_SORTS: [&str; 9] = ["-opened", "opened", "-value", "value", "title", "-title", "close", "-close", "stage"];

/// Follows the cursors of every sort order of deals to the end: each deal stands on exactly one page.
async fn follow_pages(db: &Database, actor: &Actor) {
    let mut expected = None;
    for sort in DEAL_SORTS {
        let (mut ids, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let mut tx = db.begin(actor, Permission::ViewRecords).await.unwrap();
            let page = store::list_deals(&mut tx, &DealFilter::default(), sort, after.as_ref(), 200).await.unwrap();
            ids.extend(page.items.iter().map(|d| d.id.0));
            pages += 1;
            match page.next {
                Some(next) => after = Cursor::decode(&next),
                None => break,
            }
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert!(pages > 5 && ids.len() == count, "“{sort}” repeats deals: {} of {count} on {pages} pages", ids.len());
        assert_eq!(expected.get_or_insert_with(|| ids.clone()), &ids, "“{sort}” skips deals");
    }
}

async fn lists(rig: &mut Rig) {
    for (sort, _) in domain::lists::PEOPLE_SORTS {
        let filter = ListFilter { sort: sort.into(), ..Default::default() };
        let (filter, first) =
            (filter.clone(), store::list_contacts(&mut rig.tx().await, &filter, None, 50).await.unwrap().next.and_then(|c| Cursor::decode(&c)));
        for after in [None, first] {
            rig.reads(&format!("people by “{sort}”{}", if after.is_some() { ", second page" } else { "" }), |tx| {
                let (filter, after) = (filter.clone(), after.clone());
                Box::pin(async move { drop(store::list_contacts(tx, &filter, after.as_ref(), 50).await.unwrap()) })
            })
            .await;
        }
    }
    for (sort, _) in domain::lists::COMPANY_SORTS {
        let filter = ListFilter { sort: sort.into(), ..Default::default() };
        rig.reads(&format!("companies by “{sort}”"), |tx| {
            let filter = filter.clone();
            Box::pin(async move { drop(store::list_companies(tx, &filter, None, 50).await.unwrap()) })
        })
        .await;
    }
    for (sort, _) in domain::leads::SORTS {
        let filter = ListFilter { sort: sort.into(), ..Default::default() };
        let first = store::list_leads(&mut rig.tx().await, &filter, None, 50).await.unwrap().next.and_then(|c| Cursor::decode(&c));
        for after in [None, first] {
            rig.reads(&format!("leads by “{sort}”{}", if after.is_some() { ", second page" } else { "" }), |tx| {
                let (filter, after) = (filter.clone(), after.clone());
                Box::pin(async move { drop(store::list_leads(tx, &filter, after.as_ref(), 50).await.unwrap()) })
            })
            .await;
        }
    }
    let of_status = ListFilter { status: Some("qualified".into()), ..Default::default() };
    rig.reads("leads of a status", |tx| {
        let filter = of_status.clone();
        Box::pin(async move { drop(store::list_leads(tx, &filter, None, 50).await.unwrap()) })
    })
    .await;
    for sort in DEAL_SORTS {
        let first =
            store::list_deals(&mut rig.tx().await, &DealFilter::default(), sort, None, 50).await.unwrap().next.and_then(|c| Cursor::decode(&c));
        for after in [None, first] {
            rig.reads(&format!("deals by “{sort}”{}", if after.is_some() { ", second page" } else { "" }), |tx| {
                let after = after.clone();
                Box::pin(async move { drop(store::list_deals(tx, &DealFilter::default(), sort, after.as_ref(), 50).await.unwrap()) })
            })
            .await;
        }
    }
    for (kind, done) in [(EntityKind::Interaction, None), (EntityKind::Note, None), (EntityKind::Task, Some(false)), (EntityKind::Task, Some(true))] {
        let filter = Linked { done, ..Default::default() };
        rig.reads(&format!("{}, done: {done:?}", kind.plural()), |tx| {
            let filter = filter.clone();
            Box::pin(async move { drop(store::list_linked(tx, kind, &filter, None, 50).await.unwrap()) })
        })
        .await;
    }
}

async fn boards(rig: &mut Rig) {
    rig.looks_up("board", |tx| {
        Box::pin(async { drop(store::board(tx, &DealFilter::default(), Default::default(), 0, store::COLUMN_CARDS).await.unwrap()) })
    })
    .await;
    rig.looks_up("forecast", |tx| Box::pin(async { drop(store::forecast(tx, &DealFilter::default(), Utc::now()).await.unwrap()) })).await;
    let (stage, after) = {
        let board = store::board(&mut rig.tx().await, &DealFilter::default(), Default::default(), 0, store::COLUMN_CARDS).await.unwrap();
        let full = board.columns.iter().find(|c| c.next.is_some()).expect("a column of more than a page");
        (full.stage_id, Cursor::decode(full.next.as_ref().unwrap()).unwrap())
    };
    rig.reads("more of a column", |tx| {
        let after = after.clone();
        Box::pin(async move { drop(store::column(tx, stage, &DealFilter::default(), &after).await.unwrap()) })
    })
    .await;
}

async fn of_a_record(rig: &mut Rig, contact: Uuid) {
    for kind in [EntityKind::Interaction, EntityKind::Task, EntityKind::Note] {
        rig.reads(&format!("{} of one contact", kind.plural()), |tx| {
            let filter = Linked { contact: Some(contact.into()), ..Default::default() };
            Box::pin(async move { drop(store::list_linked(tx, kind, &filter, None, 50).await.unwrap()) })
        })
        .await;
    }
    rig.reads("linked records of one contact", |tx| {
        Box::pin(async move { drop(store::linked_records(tx, EntityKind::Contact, contact).await.unwrap()) })
    })
    .await;
}

impl Rig {
    async fn tx(&self) -> store::TenantTx {
        self.db.begin(&self.actor, Permission::ViewRecords).await.unwrap()
    }
}

async fn pages(rig: &mut Rig, contact: Uuid, deal: Uuid) {
    for (kind, id) in [(EntityKind::Contact, contact), (EntityKind::Deal, deal)] {
        rig.looks_up(&format!("one {}", kind.noun()), |tx| Box::pin(async move { drop(store::get_record(tx, kind, id).await.unwrap()) })).await;
        rig.looks_up(&format!("timeline of one {}", kind.noun()), |tx| Box::pin(async move { drop(store::timeline(tx, kind, id).await.unwrap()) }))
            .await;
    }
    rig.looks_up("page of one contact", |tx| Box::pin(async move { drop(store::contact_page(tx, contact.into()).await.unwrap()) })).await;
    rig.looks_up("page of one deal", |tx| Box::pin(async move { drop(store::deal_page(tx, deal.into()).await.unwrap()) })).await;
    rig.looks_up("deals of one contact", |tx| Box::pin(async move { drop(store::deals_of(tx, None, Some(contact.into())).await.unwrap()) })).await;
    rig.looks_up("feed", |tx| Box::pin(async { drop(store::feed(tx, &FeedFilter::default(), None, 50).await.unwrap()) })).await;
    rig.looks_up("Today", |tx| Box::pin(async { drop(store::today(tx, Utc::now(), 0).await.unwrap()) })).await;
    rig.looks_up("suggested people", |tx| Box::pin(async { drop(store::suggested(tx, Utc::now(), 6).await.unwrap()) })).await;
    rig.looks_up("notifications", |tx| Box::pin(async { drop(store::list_notifications(tx, false, None, 50).await.unwrap()) })).await;
}

async fn writes(rig: &mut Rig, contact: Uuid, deal: Uuid, stages: [domain::StageId; 2]) {
    rig.writes("create a contact", || create(EntityKind::Contact, json!({"firstName": "Ana", "lastName": "Plan"}))).await;
    rig.writes("log a call", || create(EntityKind::Interaction, json!({"type": "call", "contactId": contact, "subject": "Plan"}))).await;
    rig.writes("create a task", || create(EntityKind::Task, json!({"title": "Plan", "contactId": contact}))).await;
    rig.writes("write a note", || create(EntityKind::Note, json!({"body": "Plan", "contactId": contact}))).await;
    let turn = std::cell::Cell::new(0);
    rig.writes("move a deal", || {
        turn.set(turn.get() + 1);
        DealCommand::MoveDeal { deal: DealId(deal), stage: stages[turn.get() % 2], place: Place::Top, reason: None }.into()
    })
    .await;
}

#[tokio::test]
async fn lists_pages_and_writes_have_generic_plans_without_scans_and_sorts() {
    let t = TestDb::new().await;
    let url = t.url();
    let actor = t.workspace("Plans").await;
    tokio::task::spawn_blocking(move || seed(&url, "Plans")).await.unwrap();
    // As many leads as contacts; the seed has none.
    let leads = "insert into leads (workspace_id, id, first_name, last_name, status, follow_up_date, owner_id, created_at)
        select workspace_id, gen_random_uuid(), first_name, last_name, (array['new', 'contacted', 'qualified', 'lost'])[1 + row_number() over () % 4],
            next_follow_up, owner_id, created_at from contacts";
    sqlx::raw_sql(leads).execute(&mut t.raw().await).await.unwrap();
    sqlx::raw_sql("vacuum analyze leads").execute(&mut t.raw().await).await.unwrap();
    follow_pages(&t.db, &actor).await;
    let Some(explained) = t.explained().await else {
        println!("SKIPPED: this Postgres has no auto_explain, so its plans are not checked");
        return;
    };
    let notices = Notices::default();
    let _heard = tracing::subscriber::set_default(notices.clone());
    let mut rig = Rig { db: explained, actor: actor.clone(), notices, wrong: Vec::new() };
    let (contact, deal, stages) = {
        let mut tx = rig.tx().await;
        // A contact with few interactions: the five busiest have thousands.
        let met = store::list_linked(&mut tx, EntityKind::Interaction, &Linked::default(), None, 200).await.unwrap();
        let ids: Vec<&str> = met.items.iter().filter_map(|i| i.fields["contactId"].as_str()).collect();
        let contact = ids.iter().min_by_key(|id| ids.iter().filter(|other| other == id).count()).unwrap().parse().unwrap();
        let open = DealFilter { status: Some("open".into()), ..Default::default() };
        let deal = store::list_deals(&mut tx, &open, "", None, 1).await.unwrap().items[0].id.0;
        let stages = &store::list_pipelines(&mut tx).await.unwrap()[0].stages;
        (contact, deal, [stages[0].id, stages[1].id])
    };
    lists(&mut rig).await;
    boards(&mut rig).await;
    of_a_record(&mut rig, contact).await;
    pages(&mut rig, contact, deal).await;
    writes(&mut rig, contact, deal, stages).await;
    assert!(rig.wrong.is_empty(), "{} faults:\n{}", rig.wrong.len(), rig.wrong.join("\n"));
}
