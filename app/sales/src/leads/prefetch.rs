//! Prefetch of leads.

use super::leads_page::{ListLeads, list_leads};
use crate::AppError;
use domain::{EntityKind, lists::ListFilter};

/// The list as it is first opened, and the form.
pub async fn prefetch(set: &mut crate::prefetched::Prefetched) -> Result<(), AppError> {
    let (filter, after) = (ListFilter::default(), None);
    let leads = list_leads(filter.clone(), after.clone()).await?;
    set.add_json(&ListLeads { filter, after }, &leads);
    set.add_form(EntityKind::Lead).await
}
