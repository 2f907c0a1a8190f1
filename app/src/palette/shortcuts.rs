//! Keys: what they are set to in this browser, and listening for them everywhere.

use super::{actions::Does, keys::Keys, state::Palette};
use crate::{peek::Peek, sync::Queue};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// The second of two keys comes within this time.
const PAUSE_MS: f64 = 1_500.0;

/// What was pressed, as the tables write it; nothing for keys that only change others.
pub fn pressed(ev: &KeyboardEvent) -> Option<String> {
    let key = ev.key();
    if ev.alt_key() || matches!(key.as_str(), "Shift" | "Control" | "Meta" | "Alt" | "AltGraph" | "Dead" | "Process" | "CapsLock") {
        return None;
    }
    // Space presses buttons, lifts cards and scrolls; only on a row's link is it a key of ours.
    if key == " " {
        if ev.ctrl_key() || ev.meta_key() || ev.shift_key() {
            return None;
        }
        let row = ev.target().and_then(|x| x.dyn_into::<Element>().ok()).filter(|e| e.tag_name() == "A");
        return row.filter(|e| e.closest("[data-card]").ok().flatten().is_none()).map(|_| "space".to_owned());
    }
    let letter = key.chars().count() == 1;
    let key = if letter { key.to_lowercase() } else { key };
    Some(match (ev.ctrl_key() || ev.meta_key(), ev.shift_key()) {
        (true, true) => format!("mod+shift+{key}"),
        (true, false) => format!("mod+{key}"),
        _ => key,
    })
}

fn is_typing(ev: &KeyboardEvent) -> bool {
    let target = ev.target().and_then(|x| x.dyn_into::<Element>().ok());
    target.is_some_and(|e| e.closest("input, textarea, select, [contenteditable]").ok().flatten().is_some())
}

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Puts the focus on the next or previous row of the page.
fn walk(step: i32) {
    const ROWS: &str = "main :is(.row-link, .today-row__title, .deal-card__link, .links > li > a, .task__title, .event__body p > a)";
    let Ok(list) = document().query_selector_all(ROWS) else { return };
    let rows: Vec<HtmlElement> =
        (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).filter(|e: &HtmlElement| e.offset_height() > 0).collect();
    let here = document()
        .active_element()
        .and_then(|a| rows.iter().position(|r| r.is_same_node(Some(&a)) || r.closest("tr, li").ok().flatten().is_some_and(|l| l.contains(Some(&a)))));
    let to = match here {
        Some(at) => at.saturating_add_signed(step as isize),
        None if step > 0 => 0,
        None => rows.len().saturating_sub(1),
    };
    if let Some(row) = rows.get(to) {
        let _ = row.focus();
        row.scroll_into_view_with_scroll_into_view_options(&nearest());
    }
}

fn nearest() -> web_sys::ScrollIntoViewOptions {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    options
}

/// Does it; answers whether there was something to do.
pub fn run(does: Does, palette: Palette, peek: Peek, queue: Queue, navigate: &dyn Fn(&str)) -> bool {
    match does {
        Does::Go(place) => navigate(&place.address()),
        Does::Press(selector) => match find(selector) {
            Some(element) => element.click(),
            None => return false,
        },
        Does::Focus(selector) => match find(selector) {
            Some(element) => {
                let _ = element.focus();
            }
            None => palette.open.set(true),
        },
        Does::Walk(step) => walk(step),
        Does::Mark => {
            let row = document().active_element().and_then(|a| a.closest("tr").ok().flatten());
            let found = row.and_then(|r| r.query_selector(".table__check input").ok().flatten()).and_then(|b| b.dyn_into::<HtmlElement>().ok());
            let Some(found) = found else { return false };
            found.click();
        }
        Does::Peek => return peek.toggle(),
        Does::Palette => palette.open.update(|o| *o = !*o),
        Does::Shortcuts => palette.shortcuts.set(true),
        Does::Add => palette.adding.set(true),
        Does::Undo => return queue.undo_newest(),
        Does::Redo => return queue.redo_newest(),
    }
    true
}

/// Takes a key for the palette while its code is being loaded; returns whether it was one.
fn type_ahead(ev: &KeyboardEvent, palette: Palette) -> bool {
    if ev.ctrl_key() || ev.meta_key() || ev.alt_key() || ev.is_composing() {
        return false;
    }
    match ev.key().as_str() {
        "Escape" => {
            palette.typed.set(String::new());
            palette.open.set(false);
        }
        "Backspace" => palette.typed.update(|text| {
            text.pop();
        }),
        key if key.chars().count() == 1 => palette.typed.update(|text| text.push_str(key)),
        _ => return false,
    }
    true
}

/// Listens for keys in the whole window.
pub fn listen_for_keys() {
    let palette = expect_context::<Palette>();
    let peek = expect_context::<Peek>();
    let queue = expect_context::<Queue>();
    let navigate = StoredValue::new(use_navigate());
    let begun = StoredValue::new(None::<(String, f64)>);
    Effect::new(move |_| {
        palette.keys.set(Keys::load());
        let handle = window_event_listener(leptos::ev::keydown, move |ev| {
            let dialog = document().query_selector("dialog[open]").ok().flatten().is_some();
            if palette.open.get_untracked() && !dialog && type_ahead(&ev, palette) {
                return ev.prevent_default();
            }
            let Some(key) = pressed(&ev) else { return };
            if ev.default_prevented() || ev.is_composing() {
                return;
            }
            let plain = !key.starts_with("mod+");
            let own = key == "mod+k";
            if (dialog && !own && key != "F8")
                || (plain && (is_typing(&ev) || !palette.keys.with_untracked(|k| k.singles)) && key != "F8")
                || (!plain && !own && is_typing(&ev))
            {
                begun.set_value(None);
                return;
            }
            let before = begun.with_value(|b| b.clone()).filter(|(_, at)| ev.time_stamp() - at < PAUSE_MS).map(|b| b.0);
            let typed = before.map_or_else(|| key.clone(), |b| format!("{b} {key}"));
            begun.set_value(None);
            if key == "F8" {
                if queue.undo_newest() {
                    ev.prevent_default();
                }
                return;
            }
            let (found, more) = palette.keys.with_untracked(|k| k.find(&typed));
            if let Some(action) = found {
                let go = |path: &str| {
                    navigate.try_with_value(|n| n(path, Default::default()));
                };
                if run(action.does, palette, peek, queue, &go) {
                    ev.prevent_default();
                }
            } else if more {
                begun.set_value(Some((typed, ev.time_stamp())));
            }
        });
        on_cleanup(move || handle.remove());
    });
}
