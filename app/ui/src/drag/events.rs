//! The events that drive the sensor: pointers, keys, frames, and what must be kept from the browser meanwhile.

use super::sensor::{Drop, Phase, Sensor, window};
use leptos::prelude::*;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{AddEventListenerOptions, Event, HtmlElement, KeyboardEvent, PointerEvent};

type Shared = Rc<RefCell<Sensor>>;

/// Mouse and pen: so many pixels before it is a drag and no click.
const MOUSE_SLOP: f64 = 4.0;
/// Touch: hold this long, drifting no further, else it is a scroll.
const HOLD_MS: i32 = 250;
const TOUCH_SLOP: f64 = 8.0;

fn listen(target: &web_sys::EventTarget, kind: &'static str, capture: bool, handler: impl FnMut(Event) + 'static) -> Box<dyn FnOnce()> {
    let closure = Closure::<dyn FnMut(Event)>::new(handler);
    let options = AddEventListenerOptions::new();
    options.set_capture(capture);
    options.set_passive(false);
    let _ = target.add_event_listener_with_callback_and_add_event_listener_options(kind, closure.as_ref().unchecked_ref(), &options);
    let target = target.clone();
    Box::new(move || {
        let _ = target.remove_event_listener_with_callback_and_bool(kind, closure.as_ref().unchecked_ref(), capture);
        drop(closure);
    })
}

fn frames(sensor: Shared) {
    let callback: Rc<RefCell<Option<Closure<dyn FnMut(f64)>>>> = Rc::default();
    let again = callback.clone();
    *callback.borrow_mut() = Some(Closure::new(move |now: f64| {
        let going = {
            let Ok(mut s) = sensor.try_borrow_mut() else { return };
            s.scroll_frame(now);
            matches!(s.phase, Phase::Dragging(_))
        };
        if going && let (Some(w), Some(c)) = (window(), again.borrow().as_ref()) {
            let _ = w.request_animation_frame(c.as_ref().unchecked_ref());
        }
    }));
    if let (Some(w), Some(c)) = (window(), callback.borrow().as_ref()) {
        let _ = w.request_animation_frame(c.as_ref().unchecked_ref());
    }
}

fn on_pointer_down(sensor: &Shared, event: &PointerEvent) {
    let mut s = sensor.borrow_mut();
    if !matches!(s.phase, Phase::Idle) {
        // A second finger: never mind.
        s.finish(false);
        return;
    }
    s.swallow_click = false;
    if event.button() != 0 || !event.is_primary() {
        return;
    }
    let Some(card) = s.card_of(event) else { return };
    let touch = event.pointer_type() == "touch";
    let timer = touch.then(|| {
        let later = sensor.clone();
        let hold = Closure::once_into_js(move || {
            let started = {
                let Ok(mut s) = later.try_borrow_mut() else { return };
                s.start();
                matches!(s.phase, Phase::Dragging(_))
            };
            if started {
                frames(later);
            }
        });
        window().and_then(|w| w.set_timeout_with_callback_and_timeout_and_arguments_0(hold.unchecked_ref(), HOLD_MS).ok())
    });
    s.phase = Phase::Armed {
        card,
        x: f64::from(event.client_x()),
        y: f64::from(event.client_y()),
        pointer: event.pointer_id(),
        touch,
        timer: timer.flatten(),
    };
}

fn on_pointer_move(sensor: &Shared, event: &PointerEvent) {
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    let mut s = sensor.borrow_mut();
    match &s.phase {
        Phase::Armed { x: from_x, y: from_y, touch, .. } => {
            let far = (x - from_x).hypot(y - from_y);
            if *touch && far > TOUCH_SLOP {
                s.finish(false);
            } else if !*touch && far > MOUSE_SLOP {
                s.start();
                s.follow(x, y);
                drop(s);
                frames(sensor.clone());
            }
        }
        Phase::Dragging(_) => {
            event.prevent_default();
            s.follow(x, y);
        }
        _ => {}
    }
}

fn on_key(sensor: &Shared, event: &KeyboardEvent) {
    let mut s = sensor.borrow_mut();
    let key = event.key();
    let handled = match &s.phase {
        Phase::Lifted { .. } => match key.as_str() {
            " " | "Enter" => {
                s.finish(true);
                true
            }
            "Escape" | "Tab" => {
                s.finish(false);
                key == "Escape"
            }
            other => s.steer(other),
        },
        Phase::Dragging(_) if key == "Escape" => {
            s.finish(false);
            true
        }
        Phase::Idle => match s.card_of(event) {
            Some(card) if key == " " => {
                s.lift(card);
                true
            }
            Some(card) => s.walk(&card, &key),
            None => false,
        },
        _ => false,
    };
    if handled {
        event.prevent_default();
    }
}

/// Makes the element behind `board` a drag surface. `announce` gets one sentence per step for the live region.
pub fn use_drag_sensor(board: NodeRef<leptos::html::Div>, on_drop: Callback<Drop>, announce: Callback<String>) {
    Effect::new(move |_| {
        let Some(node) = board.get() else { return };
        let element: HtmlElement = (*node).clone().unchecked_into();
        let sensor: Shared = Rc::new(RefCell::new(Sensor { board: element.clone(), phase: Phase::Idle, swallow_click: false, on_drop, announce }));
        let mut undo: Vec<Box<dyn FnOnce()>> = Vec::new();
        let mut add = |target: &web_sys::EventTarget, kind, capture, handler: Box<dyn Fn(&Shared, Event)>| {
            let sensor = sensor.clone();
            undo.push(listen(target, kind, capture, move |e| handler(&sensor, e)));
        };
        add(&element, "pointerdown", false, Box::new(|s, e| on_pointer_down(s, e.unchecked_ref())));
        add(&element, "pointermove", false, Box::new(|s, e| on_pointer_move(s, e.unchecked_ref())));
        add(&element, "pointerup", false, Box::new(|s, _| s.borrow_mut().finish(true)));
        add(&element, "pointercancel", false, Box::new(|s, _| s.borrow_mut().finish(false)));
        add(&element, "keydown", false, Box::new(|s, e| on_key(s, e.unchecked_ref())));
        add(
            &element,
            "touchmove",
            false,
            Box::new(|s, e| {
                if matches!(s.borrow().phase, Phase::Dragging(_)) {
                    e.prevent_default();
                }
            }),
        );
        add(
            &element,
            "contextmenu",
            false,
            Box::new(|s, e| {
                if !matches!(s.borrow().phase, Phase::Idle) {
                    e.prevent_default();
                }
            }),
        );
        add(&element, "dragstart", false, Box::new(|_, e| e.prevent_default()));
        add(
            &element,
            "click",
            true,
            Box::new(|s, e| {
                if std::mem::take(&mut s.borrow_mut().swallow_click) {
                    e.prevent_default();
                    e.stop_propagation();
                }
            }),
        );
        if let Some(w) = window() {
            add(&w, "blur", false, Box::new(|s, _| s.borrow_mut().finish(false)));
        }
        let undo = StoredValue::new_local(Some(undo));
        on_cleanup(move || {
            if let Some(Some(undo)) = undo.try_update_value(Option::take) {
                for f in undo {
                    f();
                }
            }
        });
    });
}
