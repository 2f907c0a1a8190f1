//! Lists of activities: interactions, tasks, notes.

use super::{
    Answer, ListQuery, page_of,
    parameters::{ACTIVITIES, PAGE, Parameters},
    resource::Asked,
    wrong,
};
use store::TenantTx;

/// Query parameters of the lists.
pub const PARAMETERS: &[Parameters] = &[ACTIVITIES, &PAGE];

/// Whole records of the kind, filtered by the records that they refer to.
pub async fn list(tx: &mut TenantTx, asked: Asked<'_>) -> Answer {
    let query = asked.query;
    let done = match query.status.as_deref() {
        None => None,
        Some("done") => Some(true),
        Some("open" | "planned") => Some(false),
        Some(_) => return Err(wrong("status", "choice", "status must be open or done for tasks, planned or done for interactions").into()),
    };
    let filter = store::Linked {
        contact: ListQuery::reference("contact", &query.contact)?,
        company: ListQuery::reference("company", &query.company)?,
        deal: ListQuery::reference("deal", &query.deal)?,
        owner: ListQuery::reference("owner", &query.owner)?,
        done,
        due: query.day("due", &query.due)?,
    };
    let page = store::list_linked(tx, asked.kind, &filter, asked.after.as_ref(), asked.limit).await?;
    Ok(page_of(page.items.iter().map(|r| asked.resource.json(r)).collect::<Vec<_>>(), page.next))
}
