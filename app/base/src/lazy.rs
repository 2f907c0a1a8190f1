//! Lazily loaded code: pages by group, parts of the shell.

use crate::i18n::t;
use leptos::prelude::*;
use std::pin::Pin;

pub type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// A page whose code is loaded when the page is opened.
pub trait LazyPage {
    /// Word files that it needs besides that of all pages.
    const WORDS: &'static [&'static str];
    /// Loads the code; ready at once where it is loaded.
    fn load() -> LocalFuture<()>;
    /// Loads the code and renders the page.
    fn view() -> LocalFuture<AnyView>;
}

pub async fn both(code: impl Future<Output = ()>, also: impl Future<Output = ()>) {
    futures::future::join(code, also).await;
}

/// Gives a page its route with code that comes when the page is wanted: `lazy_page!(TodayPage, today_page, daily)` calls
/// `TodayPage::show`. Pages of one group come together. What several groups need is cut into one piece for every mix of
/// groups, so groups are few: with one for each page there were hundreds of pieces, and hundreds of requests.
#[macro_export]
macro_rules! lazy_page {
    ($page:ident, $name:ident, $group:ident) => {
        $crate::lazy_page!(@page $page, $name, $group, fetch_code());
    };
    // `$also` loads the code of the parts that the address asks for: hydration needs it at once.
    ($page:ident, $name:ident, $group:ident, $also:path) => {
        $crate::lazy_page!(@page $page, $name, $group, $crate::lazy::both(fetch_code(), $also()));
    };
    (@page $page:ident, $name:ident, $group:ident, $load:expr) => {
        #[cfg_attr(target_arch = "wasm32", leptos::wasm_split::wasm_split($group, wasm_split_path = leptos::wasm_split, preload(fetch_code)))]
        #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
        fn $name() -> leptos::prelude::AnyView {
            $page::show()
        }

        impl $crate::lazy::LazyPage for $page {
            const WORDS: &'static [&'static str] = $crate::i18n::words_of(env!("CARGO_PKG_NAME"));

            fn load() -> $crate::lazy::LocalFuture<()> {
                #[cfg(target_arch = "wasm32")]
                return Box::pin($load);
                #[cfg(not(target_arch = "wasm32"))]
                Box::pin(async {})
            }

            fn view() -> $crate::lazy::LocalFuture<leptos::prelude::AnyView> {
                #[cfg(target_arch = "wasm32")]
                return Box::pin($name());
                #[cfg(not(target_arch = "wasm32"))]
                Box::pin(async { $page::show() })
            }
        }
    };
}

/// The same for a part of pages: `lazy_part!(shell, peek_part(), fetch_peek, view! { … }.into_any())`.
#[macro_export]
macro_rules! lazy_part {
    ($group:ident, $part:ident($($arg:ident: $type:ty),*), $fetch:ident, $made:expr) => {
        #[cfg(target_arch = "wasm32")]
        #[leptos::wasm_split::wasm_split($group, wasm_split_path = leptos::wasm_split, preload($fetch))]
        pub fn $part($($arg: $type),*) -> leptos::prelude::AnyView {
            $made
        }

        #[cfg(not(target_arch = "wasm32"))]
        pub async fn $part($($arg: $type),*) -> leptos::prelude::AnyView {
            $made
        }
    };
}

/// A part that exists from the first time that it is wanted; a sign says that its code is being loaded.
#[component]
pub fn Later<Part>(#[prop(into)] wanted: Signal<bool>, part: impl Fn() -> Part + Send + 'static) -> impl IntoView
where
    Part: Future<Output = AnyView> + Send + 'static,
{
    let here = Memo::new(move |before: Option<&bool>| before.is_some_and(|b| *b) || wanted.get());
    let loaded = RwSignal::new(false);
    let part = move || {
        let part = part();
        Suspend::new(async move {
            let view = part.await;
            loaded.try_set(true);
            view
        })
    };
    view! {
        {move || (wanted.get() && !loaded.get()).then(|| view! { <p class="toast toast--loading" role="status">{t("Loading…")}</p> })}
        {move || here.get().then(&part)}
    }
}

/// Time after which a page that stays open prefetches parts.
#[cfg(target_arch = "wasm32")]
const STAYED: std::time::Duration = std::time::Duration::from_secs(10);

/// Prefetches the code of parts, so that they open without delay and offline: at the first press of a key, a button or a finger, or
/// when the page stays open. A visit without either does not need them.
#[cfg(target_arch = "wasm32")]
pub fn prefetch_parts<Loaded: Future<Output = ()> + 'static>(fetch: fn() -> Loaded) {
    // The loader runs once, however often it is called.
    let fetch = move || leptos::task::spawn_local(fetch());
    Effect::new(move |_| {
        for handle in [window_event_listener(leptos::ev::pointerdown, move |_| fetch()), window_event_listener(leptos::ev::keydown, move |_| fetch())]
        {
            on_cleanup(move || handle.remove());
        }
        if let Ok(waiting) = set_timeout_with_handle(fetch, STAYED) {
            on_cleanup(move || waiting.clear());
        }
    });
}
