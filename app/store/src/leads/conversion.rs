//! Conversion of a lead to a contact, a company and a deal in one command, its undo and its redo (SPEC LEA-03).

use crate::{
    Conflict, StoreError, TenantTx, bypass,
    door::apply::{Apply, Context},
    door::change::{Audience, Change, text},
    records::rows::Row,
    records::{self, children},
};
use chrono::{DateTime, Utc};
use domain::{
    CompanyId, ContactId, DealId, EntityKind, FieldMap, Invalid, MemberId, RecordId, StageId,
    leads::{Converted, Convertible, Done, LeadCommand, LeadId, LeadInternal, Linked, Made, NewDeal},
};
use serde_json::{Map, Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

impl Apply for LeadCommand {
    async fn apply(&self, tx: &mut TenantTx, context: &mut Context) -> Result<Change, StoreError> {
        let Self::ConvertLead { lead, contact, company, deal } = self;
        convert(tx, *lead, *contact, *company, deal.as_ref(), &mut context.also).await
    }
}

impl Apply for LeadInternal {
    async fn apply(&self, tx: &mut TenantTx, context: &mut Context) -> Result<Change, StoreError> {
        match self {
            Self::UnconvertLead { lead, done } => unconvert(tx, *lead, done, &mut context.also).await,
            Self::ReconvertLead { lead, done } => reconvert(tx, *lead, done, &mut context.also).await,
        }
    }
}

/// The lead as a row, locked against other writers.
async fn locked(tx: &mut TenantTx, lead: LeadId) -> Result<Row, StoreError> {
    let row: Option<Value> =
        sqlx::query_scalar("select to_jsonb(t) from leads t where workspace_id = $1 and id = $2 and deleted_at is null for no key update")
            .bind(tx.workspace())
            .bind(lead.0)
            .fetch_optional(tx.conn())
            .await?;
    row.and_then(|r| r.as_object().cloned()).ok_or(StoreError::NotFound)
}

/// Creates a record of the conversion with the values that are not empty.
async fn make(
    tx: &mut TenantTx,
    kind: EntityKind,
    id: Uuid,
    values: &[(&str, Value)],
    also: &mut Vec<Change>,
    made: &mut Vec<Made>,
) -> Result<(), StoreError> {
    let set: FieldMap = values.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    let change = records::create(tx, kind, id, &set).await?;
    // Creating a record for another owner may lift the policy for this transaction; the next one is checked again.
    bypass::visibility(tx, false).await?;
    made.push(Made { kind, id, version: change.version });
    also.push(change);
    Ok(())
}

/// Refuses a record that does not exist, is deleted, or is hidden from the actor; `field` names it in the request.
async fn refuse_missing(tx: &mut TenantTx, kind: EntityKind, id: Uuid, field: &str) -> Result<(), StoreError> {
    let query = format!("select exists (select from {} where workspace_id = $1 and id = $2 and deleted_at is null)", kind.plural());
    let found: bool = sqlx::query_scalar(AssertSqlSafe(query)).bind(tx.workspace()).bind(id).fetch_one(tx.conn()).await?;
    if found { Ok(()) } else { Err(Invalid::one(field, "not_found", format!("{} was not found", kind.spec().label)).into()) }
}

async fn convert(
    tx: &mut TenantTx,
    lead: LeadId,
    contact: Linked<ContactId>,
    company: Option<Linked<CompanyId>>,
    deal: Option<&NewDeal>,
    also: &mut Vec<Change>,
) -> Result<Change, StoreError> {
    let row = locked(tx, lead).await?;
    if row.get("converted_at").is_some_and(|at| !at.is_null()) {
        return Err(Conflict::State("This lead is converted already.".into()).into());
    }
    let column = |key: &str| row.get(key).cloned().unwrap_or(Value::Null);
    let tags = match EntityKind::Lead.field("tags") {
        Some(spec) => children::read(tx, EntityKind::Lead, lead.0, spec).await?,
        None => Value::Null,
    };
    let (owner, visibility) = (column("owner_id"), column("visibility"));
    let mut made = Vec::new();
    if let Some(company) = company {
        let id = company.id().0;
        match company {
            Linked::Existing(_) => refuse_missing(tx, CompanyId::KIND, id, "company").await?,
            Linked::New(_) => {
                let name = text(&row, "company_name").map(str::trim).filter(|n| !n.is_empty());
                let name =
                    name.ok_or_else(|| Invalid::one("company", "required", "The lead has no company. Add one first, or convert it without."))?;
                let values = [
                    ("name", json!(name)),
                    ("website", column("website")),
                    ("industry", column("industry")),
                    ("location", column("location")),
                    ("ownerId", owner.clone()),
                    ("visibility", visibility.clone()),
                ];
                make(tx, CompanyId::KIND, id, &values, also, &mut made).await?;
            }
        }
    }
    let company = company.map(Linked::id);
    match contact {
        Linked::Existing(id) => refuse_missing(tx, ContactId::KIND, id.0, "contact").await?,
        Linked::New(id) => {
            let one = |key: &str| text(&row, key).map_or(Value::Null, |value| json!([value]));
            let values = [
                ("firstName", column("first_name")),
                ("lastName", column("last_name")),
                ("emails", one("email")),
                ("phones", one("phone")),
                ("jobTitle", column("job_title")),
                ("companyId", json!(company)),
                ("source", column("source")),
                ("industry", column("industry")),
                ("location", column("location")),
                ("nextFollowUp", column("follow_up_date")),
                ("tags", tags.clone()),
                ("ownerId", owner.clone()),
                ("visibility", visibility.clone()),
                ("professionalNotes", column("description")),
            ];
            make(tx, ContactId::KIND, id.0, &values, also, &mut made).await?;
        }
    }
    if let Some(deal) = deal {
        let currency = domain::Currency::stored(text(&row, "currency").unwrap_or_default());
        let value = row.get("value_minor").and_then(Value::as_i64).map(|minor| domain::Money { minor, currency }.to_decimal());
        let values = [
            ("title", json!(deal.title)),
            ("stageId", json!(deal.stage)),
            ("value", json!(value)),
            ("currency", column("currency")),
            ("companyId", json!(company)),
            ("contactIds", json!([contact.id()])),
            ("source", column("source")),
            ("tags", tags),
            ("ownerId", owner),
            ("visibility", visibility),
        ];
        make(tx, DealId::KIND, deal.id.0, &values, also, &mut made).await?;
    }
    let done = Done {
        at: Utc::now(),
        by: tx.actor.member.0,
        contact: contact.id(),
        company,
        deal: deal.map(|d| d.id),
        status: text(&row, "status").unwrap_or("new").to_owned(),
        made,
    };
    let inverse = LeadInternal::UnconvertLead { lead, done: done.clone() };
    record(tx, lead, &row, ("converted", Some(&done)), "converted", inverse).await
}

/// Deletes what the conversion created. Refused when one of these records was changed since: that is for a person to decide.
async fn unconvert(tx: &mut TenantTx, lead: LeadId, done: &Done, also: &mut Vec<Change>) -> Result<Change, StoreError> {
    let row = locked(tx, lead).await?;
    let mut made = Vec::new();
    // The deal first: it refers to the others.
    for Made { kind, id, version } in done.made.iter().rev().copied() {
        let query =
            format!("select version, {} from {} where workspace_id = $1 and id = $2 and deleted_at is null", kind.title_column(), kind.plural());
        let found: Option<(i64, String)> = sqlx::query_as(AssertSqlSafe(query)).bind(tx.workspace()).bind(id).fetch_optional(tx.conn()).await?;
        match found {
            // Deleted by a member meanwhile: it stays deleted.
            None => {}
            Some((now, _)) if now == version => {
                let change = records::delete(tx, kind, id, None).await?;
                made.insert(0, Made { kind, id, version: change.version });
                also.push(change);
            }
            Some((_, title)) => {
                return Err(Conflict::State(format!("“{title}” was changed since the conversion. Take that back first, or delete it.")).into());
            }
        }
    }
    let inverse = LeadInternal::ReconvertLead { lead, done: Done { made, ..done.clone() } };
    record(tx, lead, &row, (&done.status, None), "unconverted", inverse).await
}

/// Restores what the undo deleted.
async fn reconvert(tx: &mut TenantTx, lead: LeadId, done: &Done, also: &mut Vec<Change>) -> Result<Change, StoreError> {
    let row = locked(tx, lead).await?;
    let mut made = Vec::new();
    for Made { kind, id, .. } in done.made.iter().copied() {
        let change = records::restore(tx, kind, id).await?;
        made.push(Made { kind, id, version: change.version });
        also.push(change);
    }
    let inverse = LeadInternal::UnconvertLead { lead, done: Done { made, ..done.clone() } };
    record(tx, lead, &row, ("converted", Some(done)), "converted", inverse).await
}

/// Writes status and conversion of the lead.
async fn record(
    tx: &mut TenantTx,
    lead: LeadId,
    before: &Row,
    (status, done): (&str, Option<&Done>),
    verb: &'static str,
    inverse: LeadInternal,
) -> Result<Change, StoreError> {
    let (version, title): (i64, String) = sqlx::query_as(
        "update leads set status = $3, converted_at = $4, converted_by = $5, converted_contact_id = $6, converted_company_id = $7,
            converted_deal_id = $8, version = version + 1, updated_at = now()
         where workspace_id = $1 and id = $2 returning version, full_name",
    )
    .bind(tx.workspace())
    .bind(lead.0)
    .bind(status)
    .bind(done.map(|d| d.at))
    .bind(done.map(|d| d.by))
    .bind(done.map(|d| d.contact))
    .bind(done.and_then(|d| d.company))
    .bind(done.and_then(|d| d.deal))
    .fetch_one(tx.conn())
    .await?;
    let mut changes = Map::new();
    changes.insert("status".into(), json!({"before": text(before, "status"), "after": status}));
    let owner = text(before, "owner_id").and_then(|o| o.parse().ok()).map(MemberId);
    Ok(Change::of(EntityKind::Lead, lead.0, title, verb)
        .version(version)
        .changes(changes)
        .undone_by(inverse)
        .audience(Audience::at(text(before, "visibility").unwrap_or("workspace"), owner)))
}

#[derive(sqlx::FromRow)]
struct ConvertedRow {
    converted_at: Option<DateTime<Utc>>,
    by_name: Option<String>,
    contact: Option<ContactId>,
    contact_name: Option<String>,
    company: Option<CompanyId>,
    company_name: Option<String>,
    deal: Option<DealId>,
    deal_title: Option<String>,
}

/// What the lead was converted to; records that are deleted or hidden from the actor are left out.
pub(super) async fn read(tx: &mut TenantTx, lead: LeadId) -> Result<Converted, StoreError> {
    let row: ConvertedRow = sqlx::query_as(
        "select l.converted_at, m.name as by_name, c.id as contact, c.full_name as contact_name, o.id as company, o.name as company_name, d.id as deal,
            d.title as deal_title
         from leads l
         left join members m on m.workspace_id = l.workspace_id and m.id = l.converted_by
         left join contacts c on c.workspace_id = l.workspace_id and c.id = l.converted_contact_id and c.deleted_at is null
         left join companies o on o.workspace_id = l.workspace_id and o.id = l.converted_company_id and o.deleted_at is null
         left join deals d on d.workspace_id = l.workspace_id and d.id = l.converted_deal_id and d.deleted_at is null
         where l.workspace_id = $1 and l.id = $2",
    )
    .bind(tx.workspace())
    .bind(lead.0)
    .fetch_optional(tx.conn())
    .await?
    .ok_or(StoreError::NotFound)?;
    Ok(Converted {
        at: row.converted_at,
        by: row.by_name,
        contact: row.contact.zip(row.contact_name),
        company: row.company.zip(row.company_name),
        deal: row.deal.zip(row.deal_title),
    })
}

/// Most suggestions of each kind.
const SUGGESTIONS: i64 = 5;

/// Records that may be the lead's own, and the stages in which a new deal can start.
pub(super) async fn options(tx: &mut TenantTx, lead: LeadId) -> Result<Convertible, StoreError> {
    let workspace = tx.workspace();
    let contacts = sqlx::query_as(
        "select c.id, c.full_name from leads l join contacts c on c.workspace_id = l.workspace_id and c.deleted_at is null
            and (c.name_key = l.name_key or c.id in (select e.contact_id from contact_emails e where e.workspace_id = $1 and e.value = l.email))
         where l.workspace_id = $1 and l.id = $2 order by c.name_key = l.name_key, c.name_key, c.id limit $3",
    )
    .bind(workspace)
    .bind(lead.0)
    .bind(SUGGESTIONS)
    .fetch_all(tx.conn())
    .await?;
    let companies = sqlx::query_as(
        "select c.id, c.name from leads l join companies c on c.workspace_id = l.workspace_id and c.deleted_at is null and c.name_key = lower(l.company_name)
         where l.workspace_id = $1 and l.id = $2 order by c.created_at, c.id limit $3",
    )
    .bind(workspace)
    .bind(lead.0)
    .bind(SUGGESTIONS)
    .fetch_all(tx.conn())
    .await?;
    let stages: Vec<(StageId, String)> = sqlx::query_as(
        "select s.id, case when count(*) over (partition by p.workspace_id) = count(*) over (partition by p.id) then s.name else p.name || ' · ' || s.name end
         from stages s join pipelines p on p.workspace_id = s.workspace_id and p.id = s.pipeline_id and p.deleted_at is null
         where s.workspace_id = $1 and s.deleted_at is null and s.outcome = 'open' order by p.created_at, p.id, s.position, s.id",
    )
    .bind(workspace)
    .fetch_all(tx.conn())
    .await?;
    Ok(Convertible { contacts, companies, stages })
}
