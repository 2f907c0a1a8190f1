//! Prefetch of companies.

use super::companies_page::{ListCompanies, list_companies};
use crate::AppError;
use domain::{EntityKind, lists::ListFilter};

/// The list as it is first opened, and the form.
pub async fn prefetch(set: &mut crate::prefetched::Prefetched) -> Result<(), AppError> {
    let (filter, after) = (ListFilter::default(), None);
    let companies = list_companies(filter.clone(), after.clone()).await?;
    set.add_json(&ListCompanies { filter, after }, &companies);
    set.add_form(EntityKind::Company).await
}
