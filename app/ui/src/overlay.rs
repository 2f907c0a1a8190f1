//! Things in the top layer: menus by `popover`, sheets by `<dialog>`. Both close themselves on Escape.

use crate::Icon;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A button that opens a list of actions. Works before hydration: opening is the browser's doing.
#[component]
pub fn Menu(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    /// What the button says to a screen reader.
    #[prop(into)]
    label: String,
    #[prop(default = "more")] icon: &'static str,
    children: Children,
) -> impl IntoView {
    let target = id.clone();
    view! {
        <button type="button" class="icon-button" popovertarget=target aria-label=label.clone() title=label data-no-drag="">
            <Icon name=icon/>
        </button>
        <div class="menu" id=id popover="auto" data-no-drag="" on:click=|ev| close_popover(&ev)>
            {children()}
        </div>
    }
}

/// Choosing something closes the menu.
fn close_popover(ev: &leptos::ev::MouseEvent) {
    let Some(target) = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
    if target.closest("button, a").ok().flatten().is_none() {
        return;
    }
    if let Some(menu) = target.closest("[popover]").ok().flatten() {
        let hide = js_sys::Reflect::get(&menu, &"hidePopover".into()).ok().and_then(|f| f.dyn_into::<js_sys::Function>().ok());
        if let Some(hide) = hide {
            let _ = hide.call0(&menu);
        }
    }
}

/// A sheet from the bottom on the phone, a dialog on the desktop.
#[component]
pub fn Sheet(
    /// Whether it is open.
    open: RwSignal<bool>,
    #[prop(into)] title: String,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        let dialog: &web_sys::HtmlDialogElement = &dialog;
        match (open.get(), dialog.open()) {
            (true, false) => {
                let _ = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let heading = title.clone();
    view! {
        <dialog class="sheet" node_ref=node aria-label=title on:close=move |_| open.set(false)>
            <div class="sheet__head">
                <h2>{heading}</h2>
                <button type="button" class="icon-button" aria-label="Close" on:click=move |_| open.set(false)>
                    <Icon name="close"/>
                </button>
            </div>
            <div class="sheet__body">{move || open.get().then(|| children())}</div>
        </dialog>
    }
}
