//! Prefetch of notes.

use crate::{AppError, prefetched::Prefetched};
use domain::EntityKind;

/// The form; notes are read with the records that they are about.
pub async fn prefetch(set: &mut Prefetched) -> Result<(), AppError> {
    set.add_form(EntityKind::Note).await
}
