//! State of the palette and its sheets.

use super::keys::Keys;
use leptos::prelude::*;

/// Open state of palette and sheets, shared through context.
#[derive(Clone, Copy)]
pub struct Palette {
    pub open: RwSignal<bool>,
    pub shortcuts: RwSignal<bool>,
    /// The add sheet is open.
    pub adding: RwSignal<bool>,
    pub keys: RwSignal<Keys>,
}

impl Palette {
    pub fn new() -> Self {
        Self { open: RwSignal::new(false), shortcuts: RwSignal::new(false), adding: RwSignal::new(false), keys: RwSignal::new(Keys::default()) }
    }
}
