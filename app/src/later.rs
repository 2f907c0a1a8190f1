//! Parts of the shell whose code is not part of the first load: it comes when it is wanted, or as soon as the page lives.

use crate::{capture::QuickCapture, palette};
use leptos::prelude::*;

#[lazy]
pub fn palette_part() -> AnyView {
    view! { <palette::PaletteDialog/> }.into_any()
}

#[lazy]
pub fn shortcuts_part() -> AnyView {
    view! { <palette::ShortcutSheet/> }.into_any()
}

#[lazy]
pub fn capture_part(on_done: Callback<()>, again: RwSignal<bool>) -> AnyView {
    view! { <QuickCapture on_done=on_done again=again/> }.into_any()
}

/// Fetches the code of all parts once the page lives: from then on they open at once, with a network or without.
pub fn fetch_parts_later() {
    #[cfg(feature = "hydrate")]
    Effect::new(|_| {
        leptos::task::spawn_local(async {
            __preload_capture_part().await;
            __preload_palette_part().await;
            __preload_shortcuts_part().await;
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
