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

/// Prefetches the code of all parts after hydration, so that they open without delay and offline.
pub fn fetch_parts_later() {
    #[cfg(target_arch = "wasm32")]
    Effect::new(|_| {
        leptos::task::spawn_local(async {
            // All parts are in one chunk.
            fetch_capture().await;
        });
    });
}
