//! Prefetch into the browser's cache, for times without a network: the lists as they are first opened, the records that they
//! lead to, and the page in view. Each area declares its own part.

use crate::{
    AppError,
    browser_store::{PREFETCHED, forget_prefetch},
    sync::keep,
};
#[cfg(feature = "ssr")]
use crate::{prefetched::Prefetched, record_pages};
use leptos::{prelude::*, server_fn::codec::Json, task::spawn_local};
use std::time::Duration;

/// Delay that leaves the network to the page itself.
const SETTLED: Duration = Duration::from_secs(3);
/// Interval between prefetches of the whole set, in milliseconds.
const EVERY: u64 = 10 * 60 * 1_000;
/// Most records that are read ahead besides the lists.
#[cfg(feature = "ssr")]
const RECORDS: usize = 60;

/// Answers as the functions of the pages would give them, each under what it answers to.
#[server(prefix = "/fn", endpoint = "sync/working_set", protocol = crate::sync::Fetched<Json>)]
pub async fn working_set(
    /// The page in view.
    at: String,
    /// With the lists and the records that they lead to.
    whole: bool,
    /// The member whose page asks: the browser caches the answers for them.
    member: uuid::Uuid,
    workspace: Option<uuid::Uuid>,
) -> Result<Vec<(String, String)>, AppError> {
    use crate::{Answer, context};
    async {
        let (_, actor) = context::actor()?;
        crate::context::same_person(&actor, member, workspace)?;
        let mut set = Prefetched::default();
        if whole {
            read_whole(&mut set, actor.member).await?;
        }
        if let Some((kind, id)) = domain::paths::record_of(&at) {
            record_pages::prefetch(&mut set, kind, id).await;
        }
        // A missing record in view does not fail the prefetch: reset the status that its read has set.
        if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
            response.set_status(http::StatusCode::OK);
        }
        Ok::<_, AppError>(set.answers())
    }
    .await
    .answer()
}

/// Prefetches each area's lists, then the records that the lists link to.
#[cfg(feature = "ssr")]
async fn read_whole(set: &mut Prefetched, member: domain::MemberId) -> Result<(), AppError> {
    work::prefetch(set).await?;
    sales::prefetch(set, member).await?;
    people::prefetch(set).await?;
    crate::records::prefetch(set).await?;
    for (kind, id) in set.wanted() {
        if set.records() >= RECORDS {
            break;
        }
        record_pages::prefetch(set, kind, id).await;
    }
    Ok(())
}

/// Invalidates the prefetch and repeats it shortly after: an import, the sample, or a gap in the live stream.
pub fn read_again(whose: crate::Whose) {
    forget_prefetch(whose);
    set_timeout(move || read(whose), SETTLED);
}

/// Reads ahead once the page has settled, and the page in view with it.
pub fn read_ahead(whose: crate::Whose) {
    set_timeout(move || read(whose), SETTLED);
    // A page that stays open refreshes its cache.
    let again = set_interval_with_handle(move || read(whose), Duration::from_millis(EVERY)).ok();
    on_cleanup(move || {
        if let Some(again) = again {
            again.clear();
        }
    });
}

fn read(whose: crate::Whose) {
    if !window().navigator().on_line() {
        return;
    }
    let storage = window().local_storage().ok().flatten();
    let key = whose.key(PREFETCHED);
    let last = storage.as_ref().and_then(|s| s.get_item(&key).ok().flatten()).and_then(|t| t.parse::<u64>().ok());
    let now = js_sys::Date::now() as u64;
    let whole = last.is_none_or(|l| now.saturating_sub(l) >= EVERY - 5_000);
    let place = window().location();
    let at = place.pathname().unwrap_or_default();
    spawn_local(async move {
        if let Ok(answers) = working_set(at, whole, whose.member.0, Some(whose.workspace.0)).await {
            keep(answers).await;
            if let Some(storage) = storage.filter(|_| whole) {
                let _ = storage.set_item(&key, &now.to_string());
            }
            // A marker for tests and for the console.
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("data-kept", "yes");
            }
        }
    });
}
