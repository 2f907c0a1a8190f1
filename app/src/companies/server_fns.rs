//! Reading companies for their page.

#[cfg(feature = "ssr")]
use super::companies_page::{ListCompanies, list_companies};
use crate::{
    AppError,
    records::{PageView, RecordView},
};
#[cfg(feature = "ssr")]
use domain::lists::ListFilter;
use domain::{CompanyId, EntityKind, contacts::ContactRow, deals::RelatedDeals};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Data of a company's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompanyView {
    pub record: RecordView,
    pub people: Vec<ContactRow>,
    pub deals: RelatedDeals,
}

impl PageView for CompanyView {
    const KIND: Option<EntityKind> = Some(EntityKind::Company);
    type Read = ReadCompany;

    fn read(_kind: EntityKind, id: Uuid) -> impl Future<Output = Result<Self, AppError>> + Send {
        read_company(id.into())
    }

    fn common(&self) -> &RecordView {
        &self.record
    }
}

#[server(prefix = "/fn", endpoint = "companies/view", client = crate::sync::Kept)]
pub async fn read_company(id: CompanyId) -> Result<CompanyView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        let store::CompanyPage { page, deals, people } = store::company_page(&mut tx, id).await?;
        Ok::<_, AppError>(CompanyView { record: RecordView::of(&mut tx, page).await?, people, deals })
    }
    .await
    .answer()
}

/// The list as it is first opened, and the form.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut crate::prefetched::Prefetched) -> Result<(), AppError> {
    let (filter, after) = (ListFilter::default(), None);
    let companies = list_companies(filter.clone(), after.clone()).await?;
    set.add_json(&ListCompanies { filter, after }, &companies);
    set.add_form(EntityKind::Company).await
}
