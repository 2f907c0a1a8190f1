//! How many notifications wait, known to the whole shell.

use super::count_unread;
use crate::sync::{Live, use_live};
use leptos::{prelude::*, task::spawn_local};
use std::time::Duration;

/// The count that badges show; a hundred stands for more.
#[derive(Clone, Copy)]
pub struct Bell {
    pub unread: RwSignal<i64>,
}

impl Bell {
    /// Asks the server again. Not before the page has taken over from the server's HTML: a count that came in between
    /// would make the two differ.
    pub fn refresh(self) {
        let ready = document().document_element().is_some_and(|r| r.has_attribute("data-hydrated"));
        if !ready {
            set_timeout(move || self.refresh(), Duration::from_millis(100));
            return;
        }
        spawn_local(async move {
            if let Ok(n) = count_unread().await {
                self.unread.try_set(n);
            }
        });
    }

    pub fn words(n: i64) -> String {
        if n >= 100 { "99+".to_owned() } else { n.to_string() }
    }
}

/// Counts once the page has its wasm, and whenever something was told.
pub fn provide_bell() {
    let bell = Bell { unread: RwSignal::new(0) };
    provide_context(bell);
    Effect::new(move |_| bell.refresh());
    use_live(move |live| match live {
        Live::Message(m) if m.verb == "notified" => bell.refresh(),
        Live::Reset => bell.refresh(),
        Live::Message(_) => {}
    });
}
