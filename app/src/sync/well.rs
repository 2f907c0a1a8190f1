//! Waits for a server that was away.

use super::{Queue, queue::sleep, wire::is_well};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

/// Pauses between two questions, in milliseconds: short at first, never longer than the last one.
const PAUSES: [i32; 4] = [2_000, 4_000, 8_000, 15_000];

/// Resolves when the server and its database answer, or when nobody `wants` to know any more.
pub async fn until_well(wants: impl Fn() -> bool) {
    let pauses = PAUSES.into_iter().chain(std::iter::repeat(PAUSES[PAUSES.len() - 1]));
    for pause in pauses {
        sleep(pause).await;
        if !wants() || window().navigator().on_line() && is_well().await {
            return;
        }
    }
}

/// While the page shows what this browser stored (`since`), reads it again as soon as the server answers. What does not read
/// itself again is loaded again, unless somebody is typing.
pub fn renew_when_well(queue: Queue, since: RwSignal<Option<f64>>) {
    let stale = Memo::new(move |_| since.get().is_some());
    Effect::new(move |_| {
        if !stale.get() {
            return;
        }
        spawn_local(async move {
            let stale = move || stale.try_get_untracked() == Some(true);
            while stale() {
                until_well(stale).await;
                if !stale() {
                    return;
                }
                queue.undone.try_update(|n| *n += 1);
                sleep(2_000).await;
                if stale() && !queue.may_lose() && !is_busy() {
                    let _ = window().location().reload();
                    return;
                }
            }
        });
    });
}

/// Somebody types or decides something.
fn is_busy() -> bool {
    let typing = document().active_element().is_some_and(|e| {
        matches!(e.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || e.dyn_ref::<web_sys::HtmlElement>().is_some_and(|e| e.is_content_editable())
    });
    typing || document().query_selector("dialog[open], .menu:popover-open").ok().flatten().is_some()
}
