//! Parts of the shell whose code is not part of the first load: it comes when it is wanted, or as soon as the page lives.

use crate::{capture::QuickCapture, lost_reason::LostReason, palette, peek, sync::WaitingSheet};
use domain::DealId;
use leptos::prelude::*;

/// Gives a page its route with code that comes when the page is wanted: `lazy_page!(TodayPage, today_page, daily)` calls
/// `TodayPage::show`. Pages of one group come together. What several groups need is cut into one piece for every mix of
/// groups, so groups are few: with one for each page there were hundreds of pieces, and hundreds of requests.
macro_rules! lazy_page {
    ($page:ident, $name:ident, $group:ident) => {
        #[cfg_attr(target_arch = "wasm32", leptos::wasm_split::wasm_split($group, wasm_split_path = leptos::wasm_split, preload(fetch_code)))]
        #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
        fn $name() -> leptos::prelude::AnyView {
            $page::show()
        }

        impl leptos_router::LazyRoute for $page {
            fn data() -> Self {
                Self
            }

            async fn view(_this: Self) -> leptos::prelude::AnyView {
                #[cfg(target_arch = "wasm32")]
                return $name().await;
                #[cfg(not(target_arch = "wasm32"))]
                $page::show()
            }

            async fn preload() {
                #[cfg(target_arch = "wasm32")]
                fetch_code().await;
            }
        }
    };
}

/// The same for a part of the shell.
macro_rules! lazy_part {
    ($part:ident($($arg:ident: $type:ty),*), $fetch:ident, $made:expr) => {
        #[cfg(target_arch = "wasm32")]
        #[leptos::wasm_split::wasm_split(shell, wasm_split_path = leptos::wasm_split, preload($fetch))]
        pub fn $part($($arg: $type),*) -> AnyView {
            $made
        }

        #[cfg(not(target_arch = "wasm32"))]
        pub async fn $part($($arg: $type),*) -> AnyView {
            $made
        }
    };
}

lazy_part!(palette_part(), fetch_palette, view! { <palette::PaletteDialog/> }.into_any());
lazy_part!(shortcuts_part(), fetch_shortcuts, view! { <palette::ShortcutSheet/> }.into_any());
lazy_part!(waiting_part(open: RwSignal<bool>), fetch_waiting, view! { <WaitingSheet open=open/> }.into_any());
lazy_part!(lost_part(deal: DealId, version: i64, toast: u32), fetch_lost, view! { <LostReason deal=deal version=version toast=toast/> }.into_any());
lazy_part!(peek_part(), fetch_peek, view! { <peek::PeekPanel/> }.into_any());
lazy_part!(capture_part(on_done: Callback<()>, again: RwSignal<bool>), fetch_capture, view! { <QuickCapture on_done=on_done again=again/> }.into_any());

/// Fetches the code of all parts once the page lives: from then on they open at once, with a network or without.
pub fn fetch_parts_later() {
    #[cfg(target_arch = "wasm32")]
    Effect::new(|_| {
        leptos::task::spawn_local(async {
            // One group: whichever is asked for brings all of them.
            fetch_capture().await;
        });
    });
}

/// A part that is there from the first time that it is wanted.
#[component]
pub fn Later<Part>(#[prop(into)] wanted: Signal<bool>, part: fn() -> Part) -> impl IntoView
where
    Part: Future<Output = AnyView> + Send + 'static,
{
    let here = Memo::new(move |before: Option<&bool>| before.is_some_and(|b| *b) || wanted.get());
    move || here.get().then(|| Suspend::new(part()))
}
