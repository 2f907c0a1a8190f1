//! A button and its list of actions, in the top layer by `popover`. It closes itself on Escape.

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
    view! {
        <MenuButton target=id.clone() label=label icon=icon/>
        <MenuList id=id>{children()}</MenuList>
    }
}

/// The button alone: many of them may open one list.
#[component]
pub fn MenuButton(
    /// Id of the list it opens.
    #[prop(into)]
    target: String,
    #[prop(into)] label: String,
    #[prop(default = "more")] icon: &'static str,
    /// Called before the list opens, to say what it is about.
    #[prop(optional, into)]
    on_open: Option<Callback<()>>,
) -> impl IntoView {
    let title = label.clone();
    view! {
        <button
            type="button"
            class="icon-button"
            popovertarget=target
            aria-label=label
            title=title
            data-no-drag=""
            on:click=move |_| {
                if let Some(f) = on_open {
                    f.run(());
                }
            }
        >
            <Icon name=icon/>
        </button>
    }
}

/// The list of a menu.
#[component]
pub fn MenuList(#[prop(into)] id: String, children: Children) -> impl IntoView {
    view! {
        <div class="menu" id=id popover="auto" role="menu" data-no-drag="" on:click=|ev| close_popover(&ev) on:toggle=|ev| focus_first(&ev) on:keydown=|ev| walk(&ev)>
            {children()}
        </div>
    }
}

/// One action of a menu.
#[component]
pub fn MenuItem(
    #[prop(into)] on_choose: Callback<()>,
    /// Takes something away.
    #[prop(default = false)]
    danger: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <button type="button" role="menuitem" tabindex="-1" class="menu__item" class:menu__item--danger=danger on:click=move |_| on_choose.run(())>
            {children()}
        </button>
    }
}

fn items(menu: &web_sys::Element) -> Vec<web_sys::HtmlElement> {
    let Ok(list) = menu.query_selector_all("[role=menuitem]") else { return Vec::new() };
    (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect()
}

/// Opened: the first action has the focus (APG menu button).
fn focus_first(ev: &leptos::ev::Event) {
    let Some(menu) = ev.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
    if menu.matches(":popover-open").unwrap_or(false)
        && let Some(first) = items(&menu).first()
    {
        let _ = first.focus();
    }
}

/// Arrows, Home, End and first letters walk through a menu; Tab leaves it.
fn walk(ev: &leptos::ev::KeyboardEvent) {
    let Some(menu) = ev.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
    let all = items(&menu);
    if all.is_empty() {
        return;
    }
    let here = document().active_element().and_then(|a| all.iter().position(|i| i.is_same_node(Some(&a))));
    let letter = |key: &str| {
        let start = here.map_or(0, |h| h + 1);
        let begins = |i: &&web_sys::HtmlElement| i.text_content().unwrap_or_default().trim().to_lowercase().starts_with(&key.to_lowercase());
        (0..all.len()).map(|n| (start + n) % all.len()).find(|n| begins(&&all[*n]))
    };
    let to = match ev.key().as_str() {
        "ArrowDown" => Some(here.map_or(0, |h| (h + 1) % all.len())),
        "ArrowUp" => Some(here.map_or(all.len() - 1, |h| (h + all.len() - 1) % all.len())),
        "Home" => Some(0),
        "End" => Some(all.len() - 1),
        "Tab" => {
            hide(&menu);
            None
        }
        key if key.chars().count() == 1 && key != " " => letter(key),
        _ => None,
    };
    if let Some(item) = to.and_then(|n| all.get(n)) {
        ev.prevent_default();
        let _ = item.focus();
    }
}

fn hide(menu: &web_sys::Element) {
    let hide = js_sys::Reflect::get(menu, &"hidePopover".into()).ok().and_then(|f| f.dyn_into::<js_sys::Function>().ok());
    if let Some(hide) = hide {
        let _ = hide.call0(menu);
    }
}

/// Choosing something closes the menu. What was chosen may be gone from it by now, so it is the menu that is asked.
fn close_popover(ev: &leptos::ev::MouseEvent) {
    let Some(target) = ev.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
    if target.closest("button, a").ok().flatten().is_none() {
        return;
    }
    if let Some(menu) = ev.current_target().and_then(|m| m.dyn_into::<web_sys::Element>().ok()) {
        hide(&menu);
    }
}
