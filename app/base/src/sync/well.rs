//! Waits for a server that was away.

use super::{Queue, offline_cache, wire::is_well};
use crate::pause::sleep;
use leptos::{prelude::*, task::spawn_local};

/// Shortest and longest pause between two health checks, in milliseconds.
const PAUSES: (i32, i32) = (2_000, 16_000);

/// Resolves when a health check succeeds, or when `wanted` turns false. Polls with exponential back-off, and only while the
/// browser is online.
pub async fn until_well(wanted: impl Fn() -> bool) {
    let mut pause = PAUSES.0;
    loop {
        sleep(pause).await;
        if !wanted() || window().navigator().on_line() && is_well().await {
            return;
        }
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// Refetches a page that shows stored data (`since`) as soon as the server is healthy. Parts that stay stale are refetched
/// with exponential back-off.
pub fn renew_when_well(queue: Queue, since: RwSignal<Option<f64>>) {
    Effect::new(move |before: Option<bool>| {
        let stale = since.get().is_some();
        if stale && before != Some(true) {
            let stale = move || since.try_get_untracked().flatten().is_some();
            spawn_local(async move {
                let mut pause = PAUSES.0;
                while stale() {
                    until_well(stale).await;
                    offline_cache::TRIED.set(false);
                    queue.undone.try_update(|n| *n += 1);
                    sleep(pause).await;
                    // A page without refetched resources, such as a form, keeps its content; the bar goes all the same.
                    if !offline_cache::TRIED.get() {
                        since.try_set(None);
                    }
                    pause = (pause * 2).min(60_000);
                }
            });
        }
        stale
    });
}
