//! Notes: Markdown, pinned or not, with mentions.

mod composer;
#[cfg(feature = "ssr")]
mod markdown;
mod note_card;
pub mod places;
#[cfg(feature = "ssr")]
mod prefetch;

pub use composer::NoteComposer;
pub use note_card::NoteCard;
#[cfg(feature = "ssr")]
pub use prefetch::prefetch;

use domain::Record;
use serde::{Deserialize, Serialize};

/// A note with its words as clean HTML.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoteView {
    pub record: Record,
    /// Sanitised on the server; the only text of a person that goes into a page as HTML.
    pub html: String,
}

/// Notes with their text as HTML, in the order given.
#[cfg(feature = "ssr")]
pub async fn note_views(tx: &mut store::TenantTx, notes: Vec<Record>) -> Result<Vec<NoteView>, store::StoreError> {
    if notes.is_empty() {
        return Ok(Vec::new());
    }
    let names = store::member_names(tx).await?;
    Ok(notes.into_iter().map(|r| NoteView { html: markdown::html(&r.text("body"), &names), record: r }).collect())
}
