//! Leads over REST, with their conversion.

use super::{
    Answer, Caller, body, dispatch_reading, id, if_match,
    list_query::list_filter,
    new_id,
    openapi::{Api, parts},
    page_of,
    parameters::{LIST, PAGE, SORT, STATUS},
    resource::{Asked, Property, Resource},
};
use axum::{
    body::Bytes,
    extract::Path,
    http::{HeaderMap, StatusCode},
};
use domain::{
    CompanyId, ContactId, DealId, EntityKind, StageId,
    leads::{LeadCommand, LeadId, LeadRow, Linked, NewDeal, SORTS},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::TenantTx;

pub const RESOURCE: Resource = Resource::new(Some(EntityKind::Lead), &[LIST, &[STATUS, SORT], &PAGE], |tx, asked| Box::pin(list(tx, asked)))
    .aliases(&[("company", "companyName"), ("assignedTo", "ownerId"), ("title", "jobTitle")])
    .properties(&[
        Property::computed("fullName", parts::text, |r| json!(r.title)),
        Property::computed("owner", parts::optional_text, |r| json!(r.label("ownerId"))),
        Property::column("convertedAt", parts::optional_instant),
        Property::column("convertedBy", parts::optional_id),
        Property::column("convertedContactId", parts::optional_id),
        Property::column("convertedCompanyId", parts::optional_id),
        Property::column("convertedDealId", parts::optional_id),
    ])
    .rows(parts::of::<LeadRow>);

async fn list(tx: &mut TenantTx, asked: Asked<'_>) -> Answer {
    let filter = list_filter(asked.kind, asked.query, &SORTS)?;
    let page = store::list_leads(tx, &filter, asked.after.as_ref(), asked.limit).await?;
    Ok(page_of(page.items, page.next))
}

/// The routes with their documentation.
pub fn operations(api: Api) -> Api {
    api.post("/api/v1/leads/{id}/convert", convert, |d| d.takes::<Convert>().changes(EntityKind::Lead))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Convert {
    /// An existing contact; left out: a new one of the lead's name and addresses.
    contact_id: Option<ContactId>,
    /// An existing company.
    company_id: Option<CompanyId>,
    /// Create a company of the lead's company name; without `companyId`.
    #[serde(default)]
    new_company: bool,
    /// A deal to open; left out: none.
    deal: Option<Deal>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deal {
    title: String,
    /// Left out: the first stage of the first pipeline.
    stage_id: Option<StageId>,
}

pub async fn convert(caller: Caller, Path(lead): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let lead = LeadId(id(&lead)?);
    let wanted: Convert = body(&bytes)?;
    let new = |part: &str| new_id(&caller.actor, &headers, &format!("convert {} {part}", lead.0));
    let company = match wanted.company_id {
        Some(id) => Some(Linked::Existing(id)),
        None => wanted.new_company.then(|| Linked::New(new("company").into())),
    };
    let command = LeadCommand::ConvertLead {
        lead,
        contact: wanted.contact_id.map_or_else(|| Linked::New(new("contact").into()), Linked::Existing),
        company,
        deal: wanted.deal.map(|d| NewDeal { id: DealId(new("deal")), title: d.title, stage: d.stage_id }),
    };
    let done = dispatch_reading(&caller, &headers, &format!("convert {}", lead.0), if_match(&headers)?, command).await?;
    Ok(RESOURCE.answer(StatusCode::OK, &done))
}
