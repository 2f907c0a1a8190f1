//! Sample data, written like a batch of an import: one event, its rows named, taken back as a whole.

use crate::{Actor, Conflict, Database, StoreError, TenantTx, change::Change, rights};
use chrono::{DateTime, Duration, Utc};
use domain::{
    Command, EntityKind, EventId, ImportId, MemberId, Permission,
    imports::SampleView,
    interactions::{OUTCOMES, TYPES},
    rank,
    sample::*,
};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;
use uuid::Uuid;

/// Rows on their way into a table, with the record kind they are of.
struct Rows {
    kind: EntityKind,
    columns: &'static str,
    types: &'static str,
    rows: Vec<Value>,
}

impl Rows {
    fn new(kind: EntityKind, columns: &'static str, types: &'static str) -> Self {
        Self { kind, columns, types, rows: Vec::new() }
    }

    fn ids(&self) -> Vec<Uuid> {
        self.rows.iter().filter_map(|r| r["id"].as_str()?.parse().ok()).collect()
    }

    async fn insert(&self, tx: &mut TenantTx) -> Result<(), StoreError> {
        insert(tx, self.kind.plural(), self.columns, self.types, &self.rows).await
    }
}

async fn insert(tx: &mut TenantTx, table: &str, columns: &str, types: &str, rows: &[Value]) -> Result<(), StoreError> {
    let text = format!("insert into {table} (workspace_id, {columns}) select $1, {columns} from jsonb_to_recordset($2) as x ({types})");
    sqlx::query(AssertSqlSafe(text)).bind(tx.workspace()).bind(json!(rows)).execute(tx.conn()).await?;
    Ok(())
}

impl Database {
    /// The sample data as this reader sees it, if it is here.
    pub async fn sample_import(&self, actor: &Actor) -> Result<Option<SampleView>, StoreError> {
        let mut tx = self.begin_generic(actor, Permission::ViewRecords).await?;
        let row: Option<(ImportId, MemberId, Option<String>, bool)> = sqlx::query_as(
            "select i.id, import_maker(i.created_by, i.created_at), m.name, exists (
                select from import_records r join contacts c on c.workspace_id = r.workspace_id and c.id = r.record_id and c.owner_id = $2 and c.deleted_at is null
                where r.workspace_id = i.workspace_id and r.import_id = i.id and r.entity = 'contact')
             from imports i left join members m on m.workspace_id = i.workspace_id and m.id = i.created_by
             where i.workspace_id = $1 and i.status = 'done' and i.options ? 'sample' limit 1",
        )
        .bind(tx.workspace())
        .bind(actor.member)
        .fetch_optional(tx.conn())
        .await?;
        Ok(row.map(|(import, maker, name, some_mine)| SampleView {
            import,
            some_mine,
            added_by: name.filter(|_| maker != actor.member),
            may_remove: rights::refuse_others(&tx, maker).is_ok() && actor.role.allows(Permission::Import),
        }))
    }
}

struct StageRow {
    id: Uuid,
    pipeline: Uuid,
    probability: i32,
    outcome: String,
    last: Option<String>,
}

/// Adds the sample to the actor's workspace; once at a time.
pub(crate) async fn add(tx: &mut TenantTx, import: ImportId) -> Result<Change, StoreError> {
    let (workspace, me) = (tx.workspace(), tx.actor.member);
    let there: bool = sqlx::query_scalar("select exists (select from imports where workspace_id = $1 and status = 'done' and options ? 'sample')")
        .bind(workspace)
        .fetch_one(tx.conn())
        .await?;
    if there {
        return Err(Conflict::State("The sample data is here already.".into()).into());
    }
    let now: DateTime<Utc> = sqlx::query_scalar("select now()").fetch_one(tx.conn()).await?;
    let currency = tx.actor.currency.code().to_owned();
    let stages: Vec<(Uuid, Uuid, i32, String, Option<String>)> = sqlx::query_as(
        "select s.id, s.pipeline_id, s.probability, s.outcome,
            (select max(d.rank) from deals d where d.workspace_id = $1 and d.stage_id = s.id and d.deleted_at is null)
         from stages s where s.workspace_id = $1 and s.deleted_at is null
            and s.pipeline_id = (select id from pipelines where workspace_id = $1 and deleted_at is null order by created_at, id limit 1)
         order by s.position, s.id",
    )
    .bind(workspace)
    .fetch_all(tx.conn())
    .await?;
    let mut stages: Vec<StageRow> =
        stages.into_iter().map(|(id, pipeline, probability, outcome, last)| StageRow { id, pipeline, probability, outcome, last }).collect();
    if stages.is_empty() {
        return Err(Conflict::State("The sample needs a pipeline with stages.".into()).into());
    }

    let mut members = Rows::new(EntityKind::Member, "id, name, office", "id uuid, name text, office text");
    for name in MEMBERS {
        members.rows.push(json!({"id": Uuid::now_v7(), "name": name, "office": "Sample team"}));
    }
    // Half of it is the person's own, so that their Today has something to say.
    let team = members.ids();
    let owner = |n: usize| if n.is_multiple_of(2) { me.0 } else { team[pick(n, 1, team.len())] };
    let mut products =
        Rows::new(EntityKind::Product, "id, name, list_price_minor, currency", "id uuid, name text, list_price_minor bigint, currency text");
    for (name, price) in PRODUCTS {
        products.rows.push(json!({"id": Uuid::now_v7(), "name": name, "list_price_minor": price, "currency": currency}));
    }
    let mut companies = Rows::new(
        EntityKind::Company,
        "id, name, industry, location, employee_count, size, currency, lifecycle_stage, owner_id",
        "id uuid, name text, industry text, location text, employee_count int, size text, currency text, lifecycle_stage text, owner_id uuid",
    );
    for (n, (name, industry, location, employees)) in COMPANIES.iter().enumerate() {
        companies.rows.push(json!({"id": Uuid::now_v7(), "name": name, "industry": industry, "location": location, "employee_count": employees,
            "size": domain::companies::size_of(*employees), "currency": currency, "lifecycle_stage": if n % 3 == 0 { "customer" } else { "opportunity" }, "owner_id": owner(n)}));
    }
    let firms = companies.ids();
    let people = people(&firms, now, &owner);
    let persons = people.0.ids();
    let (deals, history) = deals(&mut stages, &firms, &products.ids(), now, &currency, &owner);
    let deal_people: Vec<Value> =
        deals.rows.iter().enumerate().map(|(n, d)| json!({"deal_id": d["id"], "contact_id": persons[n % persons.len()], "position": 0})).collect();
    let interactions = interactions(&persons, &deals.ids(), now, &owner);
    let tasks = tasks(&persons, now, me.0);

    for rows in [&members, &products, &companies, &people.0] {
        rows.insert(tx).await?;
    }
    insert(
        tx,
        "contact_emails",
        "contact_id, position, value, kind, is_primary",
        "contact_id uuid, position int, value text, kind text, is_primary boolean",
        &people.1,
    )
    .await?;
    insert(
        tx,
        "contact_phones",
        "contact_id, position, value, kind, is_primary",
        "contact_id uuid, position int, value text, kind text, is_primary boolean",
        &people.2,
    )
    .await?;
    deals.insert(tx).await?;
    insert(tx, "deal_contacts", "deal_id, contact_id, position", "deal_id uuid, contact_id uuid, position int", &deal_people).await?;
    insert(
        tx,
        "deal_stage_history",
        "deal_id, seq, previous_seq, from_stage_id, to_stage_id, member_id, reason, occurred_at",
        "deal_id uuid, seq int, previous_seq int, from_stage_id uuid, to_stage_id uuid, member_id uuid, reason text, occurred_at timestamptz",
        &history,
    )
    .await?;
    interactions.insert(tx).await?;
    tasks.insert(tx).await?;
    sqlx::query(
        "update contacts c set last_contacted = i.at from (select contact_id, max(occurred_at) as at from interactions
            where workspace_id = $1 and status = 'done' and occurred_at <= now() and contact_id = any($2) group by contact_id) i
         where c.workspace_id = $1 and c.id = i.contact_id",
    )
    .bind(workspace)
    .bind(&persons)
    .execute(tx.conn())
    .await?;
    let event = EventId::new();
    let all = [&members, &products, &companies, &people.0, &deals, &interactions, &tasks];
    let made: i64 = all.iter().map(|r| r.rows.len() as i64).sum();
    sqlx::query(
        "insert into imports (workspace_id, id, file_name, kind, status, options, rows_total, rows_done, created_count, created_by, finished_at)
         values ($1, $2, $5, 'deals', 'done', '{\"sample\": true}', $3, $3, $3, $4, now())",
    )
    .bind(workspace)
    .bind(import)
    .bind(made)
    .bind(me)
    .bind(domain::sample::NAME)
    .execute(tx.conn())
    .await?;
    for rows in all {
        sqlx::query(
            "insert into event_rows (workspace_id, event_id, entity, entity_id, version) select $1, $2, $3, id, 1 from unnest($4::uuid[]) as r (id)",
        )
        .bind(workspace)
        .bind(event)
        .bind(rows.kind.noun())
        .bind(rows.ids())
        .execute(tx.conn())
        .await?;
    }
    Ok(Change::of(EntityKind::Deal, import.0, domain::sample::NAME, "imported").undone_by(Command::UndoImport { import }).in_event(event))
}

/// People with their addresses and numbers.
fn people(firms: &[Uuid], now: DateTime<Utc>, owner: &dyn Fn(usize) -> Uuid) -> (Rows, Vec<Value>, Vec<Value>) {
    let mut rows = Rows::new(
        EntityKind::Contact,
        "id, first_name, last_name, job_title, company_id, warmness_score, meeting_cadence, birthday, next_follow_up, owner_id, contact_source",
        "id uuid, first_name text, last_name text, job_title text, company_id uuid, warmness_score int, meeting_cadence int, birthday date, next_follow_up date, owner_id uuid, contact_source text",
    );
    let (mut emails, mut phones) = (Vec::new(), Vec::new());
    let today = now.date_naive();
    for n in 0..PEOPLE {
        let id = Uuid::now_v7();
        // A step that shares no factor with either list: sixty different names.
        let (first, last) = (FIRST[n % FIRST.len()], LAST[(n * 7 + n / FIRST.len()) % LAST.len()]);
        let birthday = today - Duration::days(365 * (25 + pick(n, 2, 35) as i64)) + Duration::days(pick(n, 3, 365) as i64);
        let follow_up = n.is_multiple_of(12).then(|| today + Duration::days(pick(n, 4, 6) as i64 - 3));
        rows.rows.push(json!({"id": id, "first_name": first, "last_name": last, "job_title": TITLES[pick(n, 5, TITLES.len())],
            "company_id": firms[n % firms.len()], "warmness_score": pick(n, 6, 11), "meeting_cadence": n.is_multiple_of(5).then_some(90),
            "birthday": n.is_multiple_of(3).then_some(birthday), "next_follow_up": follow_up, "owner_id": owner(n),
            "contact_source": domain::contacts::CONTACT_SOURCES[n % domain::contacts::CONTACT_SOURCES.len()].0}));
        let address = format!("{}.{}@example.com", first.to_lowercase(), last.to_lowercase());
        emails.push(json!({"contact_id": id, "position": 0, "value": address, "kind": "work", "is_primary": true}));
        phones.push(json!({"contact_id": id, "position": 0, "value": format!("+4915550{:05}", 10_000 + n), "kind": "mobile", "is_primary": true}));
    }
    (rows, emails, phones)
}

/// Deals with the way each took through the stages.
fn deals(
    stages: &mut [StageRow],
    firms: &[Uuid],
    products: &[Uuid],
    now: DateTime<Utc>,
    currency: &str,
    owner: &dyn Fn(usize) -> Uuid,
) -> (Rows, Vec<Value>) {
    let mut rows = Rows::new(
        EntityKind::Deal,
        "id, title, value_minor, currency, pipeline_id, stage_id, stage_seq, stage_since, rank, probability, status, company_id, product_id, owner_id, expected_close_date, next_action, next_action_date, close_reason, opened_at, closed_at, closed_by",
        "id uuid, title text, value_minor bigint, currency text, pipeline_id uuid, stage_id uuid, stage_seq int, stage_since timestamptz, rank text, probability int, status text, company_id uuid, product_id uuid, owner_id uuid, expected_close_date date, next_action text, next_action_date date, close_reason text, opened_at timestamptz, closed_at timestamptz, closed_by uuid",
    );
    let mut history = Vec::new();
    let open: Vec<usize> = (0..stages.len()).filter(|i| stages[*i].outcome == "open").collect();
    let of = |outcome: &str| stages.iter().position(|s| s.outcome == outcome);
    let (won, lost) = (of("won"), of("lost"));
    let today = now.date_naive();
    let mut seen: HashMap<usize, usize> = HashMap::new();
    for n in 0..OPEN_DEALS + WON_DEALS + LOST_DEALS {
        let end = match n {
            n if n < OPEN_DEALS => None,
            n if n < OPEN_DEALS + WON_DEALS => won,
            _ => lost,
        };
        // Fewer deals further on, as in life.
        let reached = if end == won && won.is_some() { open.len() } else { 1 + pick(n, 7, open.len()).min(pick(n, 8, open.len())) };
        let way: Vec<usize> = open.iter().copied().take(reached.max(1)).chain(end).collect();
        let Some(&last) = way.last() else { continue };
        let step = 2 + pick(n, 9, 12) as i64;
        let age = step * way.len() as i64 + if end.is_some() { pick(n, 10, 330) as i64 } else { pick(n, 10, 25) as i64 };
        let opened = now - Duration::days(age) - Duration::minutes(pick(n, 11, 600) as i64);
        let since = opened + Duration::days(step * (way.len() as i64 - 1));
        let id = Uuid::now_v7();
        let who = owner(n);
        let reason = (end.is_some() && end == lost).then(|| domain::deals::LOST_REASONS[pick(n, 12, domain::deals::LOST_REASONS.len())]);
        for (seq, stage) in way.iter().enumerate() {
            let from = seq.checked_sub(1).map(|before| stages[way[before]].id);
            history.push(json!({"deal_id": id, "seq": seq + 1, "previous_seq": from.map(|_| seq), "from_stage_id": from, "to_stage_id": stages[*stage].id,
                "member_id": who, "reason": if Some(*stage) == end { reason } else { None }, "occurred_at": opened + Duration::days(step * seq as i64)}));
        }
        let stage = &mut stages[last];
        let place = rank::between(stage.last.as_deref(), None);
        stage.last = Some(place.clone());
        *seen.entry(last).or_default() += 1;
        let closed = end.map(|_| since);
        let planned = end.is_none() && !n.is_multiple_of(4);
        let product = pick(n, 13, products.len());
        let value = PRODUCTS[product].1 / 100 * (60 + pick(n, 14, 90) as i64);
        rows.rows.push(json!({"id": id, "title": format!("{} – {}", COMPANIES[n % COMPANIES.len()].0, PRODUCTS[product].0), "value_minor": value, "currency": currency,
            "pipeline_id": stage.pipeline, "stage_id": stage.id, "stage_seq": way.len(), "stage_since": since, "rank": place, "probability": stage.probability,
            "status": stage.outcome, "company_id": firms[n % firms.len()], "product_id": products[product], "owner_id": who,
            "expected_close_date": end.is_none().then(|| today + Duration::days(5 + pick(n, 15, 80) as i64)),
            "next_action": planned.then(|| NEXT_STEPS[pick(n, 16, NEXT_STEPS.len())]),
            "next_action_date": planned.then(|| today + Duration::days(pick(n, 17, 16) as i64 - 2)),
            "close_reason": reason, "opened_at": opened, "closed_at": closed, "closed_by": closed.map(|_| who)}));
    }
    (rows, history)
}

/// Interactions of every kind: most of them done, some ahead.
fn interactions(persons: &[Uuid], deals: &[Uuid], now: DateTime<Utc>, owner: &dyn Fn(usize) -> Uuid) -> Rows {
    let mut rows = Rows::new(
        EntityKind::Interaction,
        "id, kind, subject, status, occurred_at, description, duration_minutes, outcome, sentiment, next_step, contact_id, deal_id, owner_id, follow_up_required, follow_up_date",
        "id uuid, kind text, subject text, status text, occurred_at timestamptz, description text, duration_minutes int, outcome text, sentiment text, next_step text, contact_id uuid, deal_id uuid, owner_id uuid, follow_up_required boolean, follow_up_date date",
    );
    for n in 0..INTERACTIONS {
        let planned = n >= INTERACTIONS - 8;
        let at = if planned { now + Duration::hours(2 + 20 * (n % 8) as i64) } else { now - Duration::hours(3 + pick(n, 20, 24 * 120) as i64) };
        let outcome = OUTCOMES[pick(n, 21, OUTCOMES.len())].0;
        let asks = !planned && n.is_multiple_of(30);
        rows.rows.push(json!({"id": Uuid::now_v7(), "kind": TYPES[n % TYPES.len()].0, "subject": SUBJECTS[pick(n, 22, SUBJECTS.len())],
            "status": if planned { "planned" } else { "done" }, "occurred_at": at, "description": (!planned).then_some("We went through the open points and agreed on what comes next."),
            "duration_minutes": 15 + 15 * pick(n, 23, 4), "outcome": (!planned).then_some(outcome),
            "sentiment": (!planned && outcome != "no_response").then_some(outcome), "next_step": n.is_multiple_of(3).then(|| NEXT_STEPS[pick(n, 24, NEXT_STEPS.len())]),
            "contact_id": persons[pick(n, 25, persons.len())], "deal_id": n.is_multiple_of(2).then(|| deals[pick(n, 26, deals.len())]), "owner_id": owner(n),
            "follow_up_required": asks, "follow_up_date": asks.then(|| now.date_naive() - Duration::days(1))}));
    }
    rows
}

fn tasks(persons: &[Uuid], now: DateTime<Utc>, me: Uuid) -> Rows {
    let mut rows = Rows::new(
        EntityKind::Task,
        "id, title, kind, priority, due_date, due_time, recurrence, completed_at, contact_id, owner_id",
        "id uuid, title text, kind text, priority text, due_date date, due_time text, recurrence text, completed_at timestamptz, contact_id uuid, owner_id uuid",
    );
    let today = now.date_naive();
    for (n, (title, kind, priority, due, done)) in [
        ("Send the revised offer", "email", "high", -2, false),
        ("Call back about pricing", "call", "medium", 0, false),
        ("Prepare the demo", "meeting", "high", 0, false),
        ("Weekly pipeline review", "meeting", "medium", 1, false),
        ("Book travel to the fair", "todo", "low", 3, false),
        ("Write the case study", "todo", "medium", 6, false),
        ("Ask for a referral", "follow_up", "low", 9, false),
        ("Connect on LinkedIn", "linkedin", "low", 14, false),
        ("Send the contract", "email", "high", -5, true),
        ("Thank the team", "other", "low", -7, true),
    ]
    .into_iter()
    .enumerate()
    {
        let due = today + Duration::days(due);
        rows.rows.push(json!({"id": Uuid::now_v7(), "title": title, "kind": kind, "priority": priority, "due_date": due,
            "due_time": (n == 2).then_some("14:30"), "recurrence": (n == 3).then_some("FREQ=WEEKLY"),
            "completed_at": done.then(|| now - Duration::days(4)), "contact_id": (n % 3 != 2).then(|| persons[pick(n, 30, persons.len())]), "owner_id": me}));
    }
    rows
}
