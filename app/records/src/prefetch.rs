//! Prefetch that all lists share: saved views and forms.

use super::views::{ListViews, list_views};
use crate::{AppError, prefetched::Prefetched};

/// The saved views of all pages that have some.
pub async fn prefetch(set: &mut Prefetched) -> Result<(), AppError> {
    for (page, _) in domain::views::PAGES {
        let views = list_views((*page).to_owned()).await?;
        set.add::<ListViews>(&format!("page={}", domain::paths::query_value(page)), &views);
    }
    Ok(())
}
