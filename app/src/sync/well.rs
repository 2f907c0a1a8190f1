//! Waits for a server that was away.

use super::{Queue, queue::sleep, wire::is_well};
use leptos::{prelude::*, task::spawn_local};

/// Resolves when the server and its database answer, or when nobody `wants` to know any more. Asks after two seconds, then
/// less and less often, at least every 16.
pub async fn until_well(wants: impl Fn() -> bool) {
    let mut pause = 2_000;
    loop {
        sleep(pause).await;
        if !wants() || is_well().await {
            return;
        }
        pause = (pause * 2).min(16_000);
    }
}

/// While the page shows what this browser stored (`since`), it is read again as soon as the server answers.
pub fn renew_when_well(queue: Queue, since: RwSignal<Option<f64>>) {
    Effect::new(move |waits: Option<bool>| {
        let stale = since.get().is_some();
        if stale && waits != Some(true) {
            let stale = move || since.try_get_untracked().flatten().is_some();
            spawn_local(async move {
                while stale() {
                    until_well(stale).await;
                    queue.undone.try_update(|n| *n += 1);
                    sleep(2_000).await;
                }
            });
        }
        stale
    });
}
