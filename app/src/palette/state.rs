//! What of the palette is open, and the keys that are set in this browser.

use super::keys::Keys;
use leptos::prelude::*;

/// What is open, known to the whole shell.
#[derive(Clone, Copy)]
pub struct Palette {
    pub open: RwSignal<bool>,
    pub shortcuts: RwSignal<bool>,
    /// The sheet of things to add.
    pub adding: RwSignal<bool>,
    pub keys: RwSignal<Keys>,
}

impl Palette {
    pub fn new() -> Self {
        Self { open: RwSignal::new(false), shortcuts: RwSignal::new(false), adding: RwSignal::new(false), keys: RwSignal::new(Keys::default()) }
    }
}
