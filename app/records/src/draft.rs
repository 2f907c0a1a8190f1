//! What somebody typed and has not sent yet, kept in this browser until it is sent or thrown away: forms whole, and single
//! lines. Signing out empties the browser's storage, and this with it.

use crate::hydration::when_hydrated;
use domain::EntityKind;
use leptos::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;
use wasm_bindgen::JsCast;

/// The draft of one form.
#[derive(Clone, Copy)]
pub struct Draft(StoredValue<String>);

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Fields of a form that a person fills in, without what is nobody's to keep.
pub(super) fn fields(form: &web_sys::HtmlFormElement) -> Vec<web_sys::Element> {
    let Ok(list) = form.query_selector_all("input:not([type=hidden], [type=password], [type=file], [type=range], [readonly]), select, textarea")
    else {
        return Vec::new();
    };
    (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect()
}

pub(super) fn value_of(field: &web_sys::Element) -> String {
    js_sys::Reflect::get(field, &"value".into()).ok().and_then(|v| v.as_string()).unwrap_or_default()
}

/// A box to tick, or one of several: what counts is whether it is ticked.
pub(super) fn tick_of(field: &web_sys::Element) -> Option<&web_sys::HtmlInputElement> {
    field.dyn_ref::<web_sys::HtmlInputElement>().filter(|i| matches!(i.type_().as_str(), "checkbox" | "radio"))
}

impl Draft {
    /// `id`: the record that is edited; `None` for a new one.
    pub fn new(kind: EntityKind, id: Option<Uuid>) -> Self {
        Self::named(format_args!("{}:{}", kind.noun(), id.map_or_else(|| "new".to_owned(), |i| i.to_string())))
    }

    /// Of something else that is typed into, by a name of its own.
    pub fn named(name: impl std::fmt::Display) -> Self {
        // A person may be a member of several workspaces: what was begun in one is not finished in another.
        let whose = use_context::<crate::session::SessionInfo>().map_or(crate::Whose::ANONYMOUS, |s| s.whose());
        Self(StoredValue::new(format!("{}:{name}", whose.key("draft"))))
    }

    /// Gives a form on a page what was typed into it before, and opens whatever hides it. The form calls `keep` on every
    /// input.
    pub fn restore(self, node: NodeRef<leptos::html::Form>) {
        Effect::new(move |_| {
            let Some(form) = node.get() else { return };
            when_hydrated(move || {
                if self.fill(&form)
                    && let Ok(event) = web_sys::Event::new("input")
                {
                    // Whoever listens to the field hears of it.
                    for field in fields(&form) {
                        let _ = field.dispatch_event(&event);
                    }
                }
            });
        });
    }

    /// Its name in the store, for when the page may be gone.
    pub fn key(self) -> String {
        self.0.get_value()
    }

    /// Keeps a field in hand: what it said before, and what stands in its input.
    pub fn keep_field(self, before: &str, text: &str) {
        self.keep_text(&serde_json::json!([before, text]).to_string());
    }

    /// What was typed into a field, if the field still says what it said then. Words that are older than the field's own
    /// must not take its place by themselves.
    pub fn of_field(self, now: &str) -> Option<String> {
        let (before, text): (String, String) = serde_json::from_str(&self.text()?).ok()?;
        (before == now).then_some(text)
    }

    /// A single line, as it stands in its input.
    pub fn text(self) -> Option<String> {
        storage().and_then(|s| self.0.try_with_value(|key| s.get_item(key).ok().flatten()).flatten())
    }

    pub fn keep_text(self, text: &str) {
        let _ = self.0.try_with_value(|key| keep_line(key, text));
    }

    pub fn keep(self, form: Option<&web_sys::HtmlFormElement>) {
        if let Some(form) = form {
            let _ = self.0.try_with_value(|key| keep_line(key, &typed(form)));
        }
    }

    /// Puts the draft into the form, if there is one that says something else than the form does.
    pub fn fill(self, form: &web_sys::HtmlFormElement) -> bool {
        let text = storage().and_then(|s| self.0.with_value(|key| s.get_item(key).ok().flatten()));
        let Some(typed) = text.and_then(|t| serde_json::from_str::<BTreeMap<String, String>>(&t).ok()) else { return false };
        let mut changed = false;
        for field in fields(form) {
            if let Some(tick) = tick_of(&field) {
                let on = typed.get(&tick.name()).is_some_and(|v| *v == tick.value());
                changed |= on != tick.checked();
                tick.set_checked(on);
                continue;
            }
            let Some(value) = field.get_attribute("name").and_then(|n| typed.get(&n).cloned()) else { continue };
            if value_of(&field) != value {
                let _ = js_sys::Reflect::set(&field, &"value".into(), &value.into());
                changed = true;
                if let Some(hidden) = field.closest("details").ok().flatten() {
                    let _ = hidden.set_attribute("open", "");
                }
            }
        }
        changed
    }

    pub fn forget(self) {
        if let Some(storage) = storage() {
            let _ = self.0.try_with_value(|key| storage.remove_item(key));
        }
    }
}

/// Serialises the form like its draft, so that rejected input can be restored even if the page is gone.
pub fn typed(form: &web_sys::HtmlFormElement) -> String {
    let typed: BTreeMap<String, String> = fields(form)
        .iter()
        .filter_map(|f| match tick_of(f) {
            Some(tick) => tick.checked().then(|| (tick.name(), tick.value())),
            None => Some((f.get_attribute("name")?, value_of(f))),
        })
        .collect();
    serde_json::to_string(&typed).unwrap_or_default()
}

/// Keeps what was refused, and nothing that was discarded on purpose.
pub fn keep_refused(key: &str, text: &str, reason: &crate::AppError) {
    if *reason != crate::AppError::Discarded {
        keep_line(key, text);
    }
}

/// Throws away what is kept under a key.
pub fn forget_line(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

/// Stores a line under a key, and removes the key where the line is empty; a full store is reported to the person.
pub fn keep_line(key: &str, text: &str) {
    if storage().is_some_and(|s| if text.is_empty() { s.remove_item(key) } else { s.set_item(key, text) }.is_err()) {
        crate::sync::tell_full();
    }
}
