//! Reading people for their page.

#[cfg(feature = "ssr")]
use super::people_page::{ListContacts, list_contacts};
use crate::{
    AppError,
    records::{PageView, RecordView},
};
#[cfg(feature = "ssr")]
use domain::lists::ListFilter;
use domain::{ContactId, EntityKind, deals::RelatedDeals};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Data of a contact's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContactView {
    pub record: RecordView,
    pub deals: RelatedDeals,
}

impl PageView for ContactView {
    const KIND: Option<EntityKind> = Some(EntityKind::Contact);
    type Read = ReadContact;

    fn read(_kind: EntityKind, id: Uuid) -> impl Future<Output = Result<Self, AppError>> + Send {
        read_contact(id.into())
    }

    fn common(&self) -> &RecordView {
        &self.record
    }
}

#[server(prefix = "/fn", endpoint = "contacts/view", client = crate::sync::Kept)]
pub async fn read_contact(id: ContactId) -> Result<ContactView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        let store::ContactPage { page, deals } = store::contact_page(&mut tx, id).await?;
        Ok::<_, AppError>(ContactView { record: RecordView::of(&mut tx, page).await?, deals })
    }
    .await
    .answer()
}

/// The list as it is first opened, its people, and the form.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut crate::prefetched::Prefetched) -> Result<(), AppError> {
    let (filter, after) = (ListFilter::default(), None);
    let people = list_contacts(filter.clone(), after.clone()).await?;
    set.want(people.items.iter().map(|row| (EntityKind::Contact, row.id.0)));
    set.add_json(&ListContacts { filter, after }, &people);
    set.add_form(EntityKind::Contact).await
}
