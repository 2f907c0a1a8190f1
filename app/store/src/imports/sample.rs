//! Sample data, written like a batch of an import: one event, its rows named, taken back as a whole.

use crate::{
    Actor, Conflict, Database, StoreError, TenantTx, deals::stage_history::Step, door::change::Change, event_rows, records::derived,
    records::rows::NewRow, rights,
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    EntityKind, EventId, ImportCommand, ImportId, MemberId, Permission,
    fields::{Assignment, Channel, FieldValue},
    imports::SampleView,
    interactions::{OUTCOMES, TYPES},
    rank,
    sample::*,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Records of one kind on their way into the workspace.
struct Batch {
    kind: EntityKind,
    rows: Vec<NewRow>,
}

impl Batch {
    fn new(kind: EntityKind) -> Self {
        Self { kind, rows: Vec::new() }
    }

    fn ids(&self) -> Vec<Uuid> {
        self.rows.iter().map(|r| r.id).collect()
    }

    /// Adds a record with these columns; nulls are left to the defaults of the database.
    fn add(&mut self, columns: Value) -> &mut NewRow {
        let columns = columns.as_object().into_iter().flatten().filter(|(_, v)| !v.is_null()).map(|(c, v)| (c.clone(), v.clone())).collect();
        self.rows.push(NewRow { id: Uuid::now_v7(), columns, ..NewRow::default() });
        let last = self.rows.len() - 1;
        &mut self.rows[last]
    }
}

/// A value stored beside its record.
fn beside(kind: EntityKind, key: &str, value: FieldValue) -> Option<Assignment> {
    kind.field(key).map(|spec| Assignment { spec, value })
}

fn channel(value: String, kind: &str) -> FieldValue {
    FieldValue::Channels(vec![Channel { value, kind: kind.into(), primary: true }])
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

    let mut members = Batch::new(EntityKind::Member);
    for name in MEMBERS {
        members.add(json!({"name": name, "office": "Sample team"}));
    }
    // Half of it is the person's own, so that their Today has something to say.
    let team = members.ids();
    let owner = |n: usize| if n.is_multiple_of(2) { me.0 } else { team[pick(n, 1, team.len())] };
    let mut products = Batch::new(EntityKind::Product);
    for (name, price) in PRODUCTS {
        products.add(json!({"name": name, "list_price_minor": price, "currency": currency}));
    }
    let mut companies = Batch::new(EntityKind::Company);
    for (n, (name, industry, location, employees)) in COMPANIES.iter().enumerate() {
        companies.add(json!({"name": name, "industry": industry, "location": location, "employee_count": employees,
            "size": domain::companies::size_of(*employees), "currency": currency, "lifecycle_stage": if n % 3 == 0 { "customer" } else { "opportunity" }, "owner_id": owner(n)}));
    }
    let firms = companies.ids();
    let people = people(&firms, now, &owner);
    let persons = people.ids();
    let deals = deals(&mut stages, (&firms, &persons, &products.ids()), now, &currency, &owner);
    let interactions = interactions(&persons, &deals.ids(), now, &owner);
    let tasks = tasks(&persons, now, me.0);

    let event = EventId::new();
    let all = [&members, &products, &companies, &people, &deals, &interactions, &tasks];
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
    for batch in all {
        derived::insert(tx, event, batch.kind, &batch.rows).await?;
        let created: Vec<(EntityKind, Uuid)> = batch.rows.iter().map(|r| (batch.kind, r.id)).collect();
        event_rows::created(tx, event, &created).await?;
    }
    Ok(Change::of_import(import, EntityKind::Deal, domain::sample::NAME, "imported").undone_by(ImportCommand::UndoImport { import }).in_event(event))
}

/// People with their addresses and numbers.
fn people(firms: &[Uuid], now: DateTime<Utc>, owner: &dyn Fn(usize) -> Uuid) -> Batch {
    let mut rows = Batch::new(EntityKind::Contact);
    let today = now.date_naive();
    for n in 0..PEOPLE {
        // A step that shares no factor with either list: sixty different names.
        let (first, last) = (FIRST[n % FIRST.len()], LAST[(n * 7 + n / FIRST.len()) % LAST.len()]);
        let birthday = today - Duration::days(365 * (25 + pick(n, 2, 35) as i64)) + Duration::days(pick(n, 3, 365) as i64);
        let follow_up = n.is_multiple_of(12).then(|| today + Duration::days(pick(n, 4, 6) as i64 - 3));
        let row = rows.add(json!({"first_name": first, "last_name": last, "job_title": TITLES[pick(n, 5, TITLES.len())],
            "company_id": firms[n % firms.len()], "warmness_score": pick(n, 6, 11), "meeting_cadence": n.is_multiple_of(5).then_some(90),
            "birthday": n.is_multiple_of(3).then_some(birthday), "next_follow_up": follow_up, "owner_id": owner(n),
            "contact_source": domain::contacts::CONTACT_SOURCES[n % domain::contacts::CONTACT_SOURCES.len()].0}));
        let address = format!("{}.{}@example.com", first.to_lowercase(), last.to_lowercase());
        row.beside.extend(beside(EntityKind::Contact, "emails", channel(address, "work")));
        row.beside.extend(beside(EntityKind::Contact, "phones", channel(format!("+4915550{:05}", 10_000 + n), "mobile")));
    }
    rows
}

/// Deals with the way each took through the stages.
fn deals(
    stages: &mut [StageRow],
    (firms, persons, products): (&[Uuid], &[Uuid], &[Uuid]),
    now: DateTime<Utc>,
    currency: &str,
    owner: &dyn Fn(usize) -> Uuid,
) -> Batch {
    let mut rows = Batch::new(EntityKind::Deal);
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
        let who = owner(n);
        let reason = (end.is_some() && end == lost).then(|| domain::deals::LOST_REASONS[pick(n, 12, domain::deals::LOST_REASONS.len())]);
        let step = |(seq, stage): (usize, &usize)| Step {
            stage: stages[*stage].id,
            member: json!(who),
            reason: reason.filter(|_| Some(*stage) == end),
            at: opened + Duration::days(step * seq as i64),
        };
        let steps = way.iter().enumerate().map(step).collect();
        let stage = &mut stages[last];
        let place = rank::between(stage.last.as_deref(), None);
        stage.last = Some(place.clone());
        *seen.entry(last).or_default() += 1;
        let closed = end.map(|_| since);
        let planned = end.is_none() && !n.is_multiple_of(4);
        let product = pick(n, 13, products.len());
        let value = PRODUCTS[product].1 / 100 * (60 + pick(n, 14, 90) as i64);
        let people = FieldValue::Ids(vec![persons[rows.rows.len() % persons.len()]]);
        let row = rows.add(json!({"title": format!("{} – {}", COMPANIES[n % COMPANIES.len()].0, PRODUCTS[product].0), "value_minor": value, "currency": currency,
            "pipeline_id": stage.pipeline, "stage_id": stage.id, "stage_seq": way.len(), "stage_since": since, "rank": place, "probability": stage.probability,
            "status": stage.outcome, "company_id": firms[n % firms.len()], "product_id": products[product], "owner_id": who,
            "expected_close_date": end.is_none().then(|| today + Duration::days(5 + pick(n, 15, 80) as i64)),
            "next_action": planned.then(|| NEXT_STEPS[pick(n, 16, NEXT_STEPS.len())]),
            "next_action_date": planned.then(|| today + Duration::days(pick(n, 17, 16) as i64 - 2)),
            "close_reason": reason, "opened_at": opened, "closed_at": closed, "closed_by": closed.map(|_| who)}));
        row.steps = steps;
        row.beside.extend(beside(EntityKind::Deal, "contactIds", people));
    }
    rows
}

/// Interactions of every kind: most of them done, some ahead.
fn interactions(persons: &[Uuid], deals: &[Uuid], now: DateTime<Utc>, owner: &dyn Fn(usize) -> Uuid) -> Batch {
    let mut rows = Batch::new(EntityKind::Interaction);
    for n in 0..INTERACTIONS {
        let planned = n >= INTERACTIONS - 8;
        let at = if planned { now + Duration::hours(2 + 20 * (n % 8) as i64) } else { now - Duration::hours(3 + pick(n, 20, 24 * 120) as i64) };
        let outcome = OUTCOMES[pick(n, 21, OUTCOMES.len())].0;
        let asks = !planned && n.is_multiple_of(30);
        rows.add(json!({"kind": TYPES[n % TYPES.len()].0, "subject": SUBJECTS[pick(n, 22, SUBJECTS.len())],
            "status": if planned { "planned" } else { "done" }, "occurred_at": at, "description": (!planned).then_some("We went through the open points and agreed on what comes next."),
            "duration_minutes": 15 + 15 * pick(n, 23, 4), "outcome": (!planned).then_some(outcome),
            "sentiment": (!planned && outcome != "no_response").then_some(outcome), "next_step": n.is_multiple_of(3).then(|| NEXT_STEPS[pick(n, 24, NEXT_STEPS.len())]),
            "contact_id": persons[pick(n, 25, persons.len())], "deal_id": n.is_multiple_of(2).then(|| deals[pick(n, 26, deals.len())]), "owner_id": owner(n),
            "follow_up_required": asks, "follow_up_date": asks.then(|| now.date_naive() - Duration::days(1))}));
    }
    rows
}

fn tasks(persons: &[Uuid], now: DateTime<Utc>, me: Uuid) -> Batch {
    let mut rows = Batch::new(EntityKind::Task);
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
        rows.add(json!({"title": title, "kind": kind, "priority": priority, "due_date": due,
            "due_time": (n == 2).then_some("14:30"), "recurrence": (n == 3).then_some("FREQ=WEEKLY"),
            "completed_at": done.then(|| now - Duration::days(4)), "contact_id": (n % 3 != 2).then(|| persons[pick(n, 30, persons.len())]), "owner_id": me}));
    }
    rows
}
