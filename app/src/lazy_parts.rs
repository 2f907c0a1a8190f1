//! Lazily loaded parts of the shell, fetched on demand or after hydration.

use crate::{capture::QuickCapture, deals::LostReason, palette, peek, sync::WaitingSheet};
use domain::DealId;
use leptos::prelude::*;

lazy_part!(palette_part(), fetch_palette, view! { <palette::PaletteDialog/> }.into_any());
lazy_part!(shortcuts_part(), fetch_shortcuts, view! { <palette::ShortcutSheet/> }.into_any());
lazy_part!(waiting_part(open: RwSignal<bool>), fetch_waiting, view! { <WaitingSheet open=open/> }.into_any());
lazy_part!(lost_part(deal: DealId, version: i64, toast: u32), fetch_lost, view! { <LostReason deal=deal version=version toast=toast/> }.into_any());
lazy_part!(peek_part(), fetch_peek, view! { <peek::PeekPanel/> }.into_any());
lazy_part!(capture_part(on_done: Callback<()>, again: RwSignal<bool>), fetch_capture, view! { <QuickCapture on_done=on_done again=again/> }.into_any());

/// Time after which a page that stays open prefetches the parts.
#[cfg(target_arch = "wasm32")]
const STAYED: std::time::Duration = std::time::Duration::from_secs(10);

/// Prefetches the code of all parts, so that they open without delay and offline: at the first press of a key, a button or a finger, or
/// when the page stays open. A visit without either does not need them.
pub fn prefetch_parts() {
    #[cfg(target_arch = "wasm32")]
    Effect::new(|_| {
        // All parts are in one chunk, and its loader runs once.
        let fetch = || leptos::task::spawn_local(fetch_capture());
        for handle in [window_event_listener(leptos::ev::pointerdown, move |_| fetch()), window_event_listener(leptos::ev::keydown, move |_| fetch())]
        {
            on_cleanup(move || handle.remove());
        }
        set_timeout(fetch, STAYED);
    });
}
