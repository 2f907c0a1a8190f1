//! Lazily loaded parts of the shell, fetched on demand or after hydration.

use crate::{capture::QuickCapture, deals::LostReason, palette, peek, sync::WaitingSheet};
use domain::DealId;
use leptos::prelude::*;

lazy_part!(shell, palette_part(), fetch_palette, view! { <palette::PaletteDialog/> }.into_any());
lazy_part!(shell, shortcuts_part(), fetch_shortcuts, view! { <palette::ShortcutSheet/> }.into_any());
lazy_part!(shell, waiting_part(open: RwSignal<bool>), fetch_waiting, view! { <WaitingSheet open=open/> }.into_any());
lazy_part!(shell, lost_part(deal: DealId, version: i64, toast: u32), fetch_lost, view! { <LostReason deal=deal version=version toast=toast/> }.into_any());
lazy_part!(shell, peek_part(), fetch_peek, view! { <peek::PeekPanel/> }.into_any());
lazy_part!(shell, capture_part(on_done: Callback<()>, again: RwSignal<bool>), fetch_capture, view! { <QuickCapture on_done=on_done again=again/> }.into_any());

/// Prefetches the code of all parts.
pub fn prefetch_parts() {
    #[cfg(target_arch = "wasm32")]
    crate::lazy::prefetch_parts(fetch_capture);
}
