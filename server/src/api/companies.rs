//! Companies over REST.

use super::{
    Answer,
    list_query::list_filter,
    openapi::parts,
    page_of,
    parameters::{LIST, PAGE, SORT},
    resource::{Asked, Resource},
};
use domain::{EntityKind, companies::CompanyRow};
use store::TenantTx;

pub const RESOURCE: Resource =
    Resource::new(Some(EntityKind::Company), &[LIST, &[SORT], &PAGE], |tx, asked| Box::pin(list(tx, asked))).rows(parts::of::<CompanyRow>);

async fn list(tx: &mut TenantTx, asked: Asked<'_>) -> Answer {
    let filter = list_filter(asked.kind, asked.query, &domain::lists::COMPANY_SORTS)?;
    let page = store::list_companies(tx, &filter, asked.after.as_ref(), asked.limit).await?;
    Ok(page_of(page.items, page.next))
}
