//! Keyboard shortcuts of actions and their customisation in this browser.

use super::actions::{Action, actions};
use crate::session::may;
use std::collections::BTreeMap;

/// `localStorage` key of customised shortcuts.
const STORE: &str = "rapport:keys";

/// Customised shortcuts by action; `singles`: single-key shortcuts are enabled (WCAG 2.1.4).
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Keys {
    pub singles: bool,
    pub chosen: BTreeMap<String, String>,
}

impl Default for Keys {
    fn default() -> Self {
        Self { singles: true, chosen: BTreeMap::new() }
    }
}

impl Keys {
    pub fn of(&self, action: &Action) -> String {
        self.chosen.get(action.id).cloned().unwrap_or_else(|| action.keys.to_owned())
    }

    /// Action of this key sequence, and whether it is the prefix of another.
    pub fn find(&self, typed: &str) -> (Option<Action>, bool) {
        let begins = format!("{typed} ");
        let all = || actions().filter(|a| a.needs.is_none_or(may));
        (all().find(|a| self.of(a) == typed), all().any(|a| self.of(&a).starts_with(&begins)))
    }

    /// Another action whose sequence equals this one or shares a prefix with it.
    pub fn taken(&self, keys: &str, by: &str) -> Option<Action> {
        let clash =
            |other: &str| !other.is_empty() && (other == keys || other.starts_with(&format!("{keys} ")) || keys.starts_with(&format!("{other} ")));
        actions().find(|a| a.id != by && clash(&self.of(a)))
    }

    pub fn load() -> Self {
        let text = web_sys::window().and_then(|w| w.local_storage().ok().flatten()).and_then(|s| s.get_item(STORE).ok().flatten());
        text.and_then(|t| serde_json::from_str(&t).ok()).unwrap_or_default()
    }

    pub fn keep(&self) {
        let storage = web_sys::window().and_then(|w| w.local_storage().ok().flatten());
        if let (Some(storage), Ok(text)) = (storage, serde_json::to_string(self)) {
            let _ = storage.set_item(STORE, &text);
        }
    }
}
