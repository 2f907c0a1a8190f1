//! Prefetch of contacts.

use super::people_page::{ListContacts, list_contacts};
use crate::AppError;
use domain::{EntityKind, lists::ListFilter};

/// The list as it is first opened, its people, and the form.
pub async fn prefetch(set: &mut crate::prefetched::Prefetched) -> Result<(), AppError> {
    let (filter, after) = (ListFilter::default(), None);
    let people = list_contacts(filter.clone(), after.clone()).await?;
    set.want(people.items.iter().map(|row| (EntityKind::Contact, row.id.0)));
    set.add_json(&ListContacts { filter, after }, &people);
    set.add_form(EntityKind::Contact).await
}
