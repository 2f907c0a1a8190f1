//! Sample data, written like a batch of an import: one event with its rows, undone as a whole.

mod companies;
mod contacts;
mod deals;
mod interactions;
mod members;
mod products;
mod tasks;

use crate::{Actor, Conflict, Database, StoreError, TenantTx, door::change::Change, event_rows, records::derived, records::rows::NewRow, rights};
use chrono::{DateTime, Utc};
use domain::{
    EntityKind, EventId, ImportCommand, ImportId, MemberId, Permission,
    fields::{Assignment, FieldValue},
    imports::SampleView,
    sample::*,
};
use serde_json::Value;
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

struct StageRow {
    id: Uuid,
    pipeline: Uuid,
    probability: i32,
    outcome: String,
    last: Option<String>,
}

impl Database {
    /// The sample data as the actor sees it; `None` if the workspace has none.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
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

    let members = members::members();
    // Half of it belongs to the acting member, so that their Today is not empty.
    let team = members.ids();
    let owner = |n: usize| if n.is_multiple_of(2) { me.0 } else { team[pick(n, 1, team.len())] };
    let products = products::products(&currency);
    let companies = companies::companies(&currency, &owner);
    let firms = companies.ids();
    let people = contacts::contacts(&firms, now, &owner);
    let persons = people.ids();
    let deals = deals::deals(&mut stages, (&firms, &persons, &products.ids()), now, &currency, &owner);
    let interactions = interactions::interactions(&persons, &deals.ids(), now, &owner);
    let tasks = tasks::tasks(&persons, now, me.0);

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
    Ok(Change::of_import(import, deals.kind, domain::sample::NAME, "imported").undone_by(ImportCommand::UndoImport { import }).in_event(event))
}
