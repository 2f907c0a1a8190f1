//! The live stream: one event source, opened at the position the page was read at, reopened by us after any error.

use domain::events::LiveMessage;
use leptos::prelude::*;
use std::{rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

/// What a page may hear.
#[derive(Clone, Debug)]
pub enum Live {
    Message(LiveMessage),
    /// Too much was missed: read everything anew.
    Reset,
}

type Listener = Rc<dyn Fn(&Live)>;

/// Listeners of the pages that are open.
#[derive(Clone, Copy)]
pub struct LiveStream {
    listeners: StoredValue<Vec<(u32, Listener)>, LocalStorage>,
    next: StoredValue<u32>,
    position: StoredValue<i64>,
    source: StoredValue<Option<EventSource>, LocalStorage>,
    retry_ms: StoredValue<u64>,
}

impl LiveStream {
    /// Made once by the shell. Nothing is opened before hydration.
    pub fn new(position: i64) -> Self {
        let stream = Self {
            listeners: StoredValue::new_local(Vec::new()),
            next: StoredValue::new(0),
            position: StoredValue::new(position),
            source: StoredValue::new_local(None),
            retry_ms: StoredValue::new(500),
        };
        Effect::new(move |_| stream.open());
        on_cleanup(move || {
            if let Some(source) = stream.source.try_get_value().flatten() {
                source.close();
            }
        });
        stream
    }

    fn tell(self, live: &Live) {
        let listeners: Vec<Listener> = self.listeners.try_with_value(|l| l.iter().map(|(_, f)| f.clone()).collect()).unwrap_or_default();
        for listener in listeners {
            listener(live);
        }
    }

    fn open(self) {
        let Some(position) = self.position.try_get_value() else { return };
        let Ok(source) = EventSource::new(&format!("/live?after={position}")) else { return };
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |ev: MessageEvent| {
            let Some(text) = ev.data().as_string() else { return };
            self.retry_ms.try_update_value(|r| *r = 500);
            if text == "reset" {
                self.tell(&Live::Reset);
            } else if let Some(position) = text.strip_prefix("position:").and_then(|p| p.parse().ok()) {
                self.position.try_update_value(|p| *p = position);
            } else if let Ok(message) = serde_json::from_str::<LiveMessage>(&text) {
                self.position.try_update_value(|p| *p = message.position.max(*p));
                self.tell(&Live::Message(message));
            }
        });
        let on_error = Closure::<dyn FnMut()>::new(move || {
            // The browser gives up after some statuses, so reconnecting is ours.
            if let Some(source) = self.source.try_update_value(Option::take).flatten() {
                source.close();
            }
            let Some(wait) = self.retry_ms.try_get_value() else { return };
            self.retry_ms.try_update_value(|r| *r = (*r * 2).min(15_000));
            set_timeout(move || self.open(), Duration::from_millis(wait));
        });
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // They live as long as the page; a reopened stream makes its own.
        on_message.forget();
        on_error.forget();
        self.source.try_update_value(|s| *s = Some(source));
    }
}

/// Calls `listener` for every live message while the calling part is on the page.
pub fn use_live(listener: impl Fn(&Live) + 'static) {
    let Some(stream) = use_context::<LiveStream>() else { return };
    let listener: Listener = Rc::new(listener);
    let held = StoredValue::new_local(Some(listener));
    let id = StoredValue::new(0u32);
    Effect::new(move |_| {
        let Some(listener) = held.try_update_value(Option::take).flatten() else { return };
        stream.next.update_value(|n| *n += 1);
        id.set_value(stream.next.get_value());
        stream.listeners.update_value(|l| l.push((id.get_value(), listener)));
    });
    on_cleanup(move || {
        let id = id.try_get_value();
        stream.listeners.try_update_value(|l| l.retain(|(i, _)| Some(*i) != id));
    });
}
