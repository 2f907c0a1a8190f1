//! A finger held on a row chooses it, and shows the boxes of the others.

use super::selection::Selection;
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use std::time::Duration;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, PointerEvent};

/// How long a finger stays, and how far it may stray meanwhile (CSS pixels): less is a tap, more is scrolling.
const HOLD: Duration = Duration::from_millis(450);
const DRIFT: i32 = 10;

/// What a finger is doing.
#[derive(Clone, Copy)]
struct Finger {
    at: (i32, i32),
    timer: Option<TimeoutHandle>,
    /// It was held: lifting it is no tap.
    held: bool,
}

fn row_of(ev: &web_sys::Event) -> Option<Element> {
    let target = ev.target()?.dyn_into::<Element>().ok()?;
    if target.closest(".table__check").ok().flatten().is_some() {
        return None;
    }
    target.closest("main .table tbody tr").ok().flatten()
}

pub(super) fn choose_by_holding(selection: Selection) {
    let finger = StoredValue::new(None::<Finger>);
    let let_go = move || {
        finger.try_update_value(|f| {
            if let Some(timer) = f.as_mut().and_then(|f| f.timer.take()) {
                timer.clear();
            }
        });
    };
    let down = move |ev: PointerEvent| {
        let_go();
        finger.try_set_value(None);
        let Some(row) = row_of(&ev).filter(|_| ev.pointer_type() == "touch" && ev.is_primary()) else { return };
        let hold = move || {
            let found = row.query_selector(".table__check input").ok().flatten().and_then(|b| b.dyn_into::<HtmlElement>().ok());
            let Some(found) = found else { return };
            finger.try_update_value(|f| {
                if let Some(f) = f {
                    (f.held, f.timer) = (true, None);
                }
            });
            selection.start();
            found.click();
            let _ = window().navigator().vibrate_with_duration(10);
        };
        let timer = set_timeout_with_handle(hold, HOLD).ok();
        finger.try_set_value(Some(Finger { at: (ev.client_x(), ev.client_y()), timer, held: false }));
    };
    let moved = move |ev: PointerEvent| {
        let far = |f: &Finger| (ev.client_x() - f.at.0).abs().max((ev.client_y() - f.at.1).abs()) > DRIFT;
        if finger.try_with_value(|f| f.as_ref().is_some_and(far)) == Some(true) {
            let_go();
        }
    };
    Effect::new(move |_| {
        let handles = [
            window_event_listener(leptos::ev::pointerdown, down),
            window_event_listener(leptos::ev::pointermove, moved),
            window_event_listener(leptos::ev::pointerup, move |_| let_go()),
            window_event_listener(leptos::ev::pointercancel, move |_| let_go()),
        ];
        // The link under the finger is neither followed nor offered in a menu. Before anybody else hears of it.
        let swallow = Closure::<dyn FnMut(web_sys::Event)>::new(move |ev: web_sys::Event| {
            let on_row = row_of(&ev).is_some();
            let held = finger.try_with_value(|f| f.as_ref().is_some_and(|f| f.held)) == Some(true);
            let touching = finger.try_with_value(Option::is_some) == Some(true);
            if on_row && (held || (touching && ev.type_() == "contextmenu")) {
                ev.prevent_default();
                ev.stop_propagation();
                if ev.type_() == "click" {
                    finger.try_set_value(None);
                }
            }
        });
        for kind in ["click", "contextmenu"] {
            let _ = document().add_event_listener_with_callback_and_bool(kind, swallow.as_ref().unchecked_ref(), true);
        }
        let swallow = StoredValue::new_local(swallow);
        on_cleanup(move || {
            handles.into_iter().for_each(|h| h.remove());
            swallow.try_with_value(|swallow| {
                for kind in ["click", "contextmenu"] {
                    let _ = document().remove_event_listener_with_callback_and_bool(kind, swallow.as_ref().unchecked_ref(), true);
                }
            });
        });
    });
}
