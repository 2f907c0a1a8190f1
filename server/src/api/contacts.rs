//! Contacts over REST: whole names and single addresses beside the lists.

use super::{
    Answer,
    list_query::list_filter,
    openapi::parts,
    page_of,
    parameters::{LIST, PAGE, SORT, STATUS},
    resource::{Asked, Property, Resource},
};
use app::AppError;
use domain::{EntityKind, FieldMap, Record, contacts::ContactRow};
use serde_json::{Value, json};
use store::TenantTx;

pub const RESOURCE: Resource = Resource::new(Some(EntityKind::Contact), &[LIST, &[STATUS, SORT], &PAGE], |tx, asked| Box::pin(list(tx, asked)))
    .aliases(&[("title", "jobTitle"), ("assignedTo", "ownerId"), ("company", "companyId")])
    .accept(accept)
    .properties(&[
        Property::computed("fullName", parts::text, |r| json!(r.title)),
        Property::computed("email", parts::optional_text, |r| primary(r, "emails")),
        Property::computed("phone", parts::optional_text, |r| primary(r, "phones")),
        Property::computed("company", parts::optional_text, |r| json!(r.label("companyId"))),
        Property::column("lastContacted", parts::optional_instant),
    ])
    .rows(parts::of::<ContactRow>);

fn primary(record: &Record, channels: &str) -> Value {
    let primary = record.fields.get(channels).and_then(|v| v.as_array()?.iter().find(|c| c["primary"] == true).map(|c| c["value"].clone()));
    primary.unwrap_or(Value::Null)
}

fn accept(set: &mut FieldMap) -> Result<(), AppError> {
    for alias in ["fullName", "name"] {
        if let Some(Value::String(name)) = set.remove(alias) {
            let (first, last) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
            set.entry("firstName").or_insert(first.into());
            set.entry("lastName").or_insert(last.trim().into());
        }
    }
    for (one, many) in [("email", "emails"), ("phone", "phones")] {
        if let Some(value) = set.remove(one) {
            set.entry(many).or_insert(if value.is_null() { json!([]) } else { json!([value]) });
        }
    }
    Ok(())
}

async fn list(tx: &mut TenantTx, asked: Asked<'_>) -> Answer {
    let filter = list_filter(asked.kind, asked.query, &domain::lists::PEOPLE_SORTS)?;
    let page = store::list_contacts(tx, &filter, asked.after.as_ref(), asked.limit).await?;
    Ok(page_of(page.items, page.next))
}
