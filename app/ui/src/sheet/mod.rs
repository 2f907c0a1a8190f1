//! What comes up over a page, in the top layer by `<dialog>`. It closes itself on Escape.

use crate::{Icon, words::t};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A sheet from the bottom on the phone, a dialog on the desktop.
#[component]
pub fn Sheet(
    /// Whether it is open.
    open: RwSignal<bool>,
    #[prop(into)] title: String,
    /// For lists in columns, where there is room.
    #[prop(default = false)]
    wide: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        let dialog: &web_sys::HtmlDialogElement = &dialog;
        match (open.get(), dialog.open()) {
            (true, false) => {
                let _ = dialog.show_modal();
                // What is inside comes a moment later; the first choice is what somebody wants, not the way out.
                let body = dialog.clone();
                request_animation_frame(move || {
                    let first = body.query_selector(".sheet__body :is(a, button, input, select, textarea)").ok().flatten();
                    if let Some(first) = first.and_then(|f| f.dyn_into::<web_sys::HtmlElement>().ok()) {
                        let _ = first.focus();
                    }
                });
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let heading = title.clone();
    view! {
        <dialog
            class="sheet"
            class:sheet--wide=wide
            node_ref=node
            aria-label=title
            on:close=move |_| {
                // The word of a closing comes late: by then it may be open again.
                if node.get_untracked().is_none_or(|d| !d.open()) {
                    open.set(false);
                }
            }
            // A tap beside the sheet lands on the dialog itself.
            on:click=move |ev| if ev.target() == ev.current_target() { open.set(false) }
        >
            <div class="sheet__head">
                <h2>{heading}</h2>
                <button type="button" class="icon-button" aria-label=t("Close") on:click=move |_| open.set(false)>
                    <Icon name="close"/>
                </button>
            </div>
            <div class="sheet__body">{move || open.get().then(|| children())}</div>
        </dialog>
    }
}
