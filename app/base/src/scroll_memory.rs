//! Coming back to a page puts one where one was (UX §0, rule 9): the browser's own attempt is too early for pages whose
//! rows come with their data.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use std::{cell::RefCell, collections::HashMap, time::Duration};
use wasm_bindgen::{JsCast, closure::Closure};

/// How far down the page, and how far along the board.
#[derive(Clone, Copy, Default)]
struct Place {
    down: f64,
    along: i32,
}

#[derive(Default)]
struct Memory {
    places: HashMap<String, Place>,
    /// The page shown now, as the router has it: the address bar follows later than the page.
    current: String,
    /// Where to go once the page is tall enough; nothing is remembered meanwhile.
    wanted: Option<Place>,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

fn address() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

fn board() -> Option<web_sys::Element> {
    document().query_selector(".board").ok().flatten()
}

fn remember() {
    MEMORY.with_borrow_mut(|m| {
        if m.wanted.is_none() {
            let place = Place { down: window().scroll_y().unwrap_or(0.0), along: board().map_or(0, |b| b.scroll_left()) };
            let page = m.current.clone();
            m.places.insert(page, place);
        }
    });
}

/// Goes there, and again for a while: what is on the screen at first may still be the page that is being left.
fn restore(turn: u32) {
    let Some(place) = MEMORY.with_borrow(|m| m.wanted) else { return };
    window().scroll_to_with_x_and_y(0.0, place.down);
    if let Some(board) = board() {
        board.set_scroll_left(place.along);
    }
    if turn < 30 {
        set_timeout(move || restore(turn + 1), Duration::from_millis(50));
    } else {
        forget();
    }
}

fn forget() {
    MEMORY.with_borrow_mut(|m| m.wanted = None);
}

/// Starts remembering; one per tab.
pub fn use_scroll_memory() {
    let location = use_location();
    Effect::new(move |_| {
        // Scrolling inside the board does not bubble, so it is caught on the way down.
        let listener = Closure::<dyn FnMut()>::new(remember);
        let _ = document().add_event_listener_with_callback_and_bool("scroll", listener.as_ref().unchecked_ref(), true);
        listener.forget();
        let _ = window_event_listener_untyped("popstate", |_| {
            MEMORY.with_borrow_mut(|m| m.wanted = m.places.get(&address()).copied());
            restore(0);
        });
        // Whoever moves themselves is where they want to be.
        for gesture in ["wheel", "touchstart", "keydown", "pointerdown"] {
            let _ = window_event_listener_untyped(gesture, |_| forget());
        }
    });
    Effect::new(move |_| {
        let search = location.search.get();
        let page = location.pathname.get() + if search.is_empty() { "" } else { "?" } + search.trim_start_matches('?');
        MEMORY.with_borrow_mut(|m| m.current = page);
    });
}
