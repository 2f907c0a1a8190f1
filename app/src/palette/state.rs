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
    /// Typed while the palette's code was being loaded.
    pub typed: RwSignal<String>,
}

impl Palette {
    pub fn new() -> Self {
        let [open, shortcuts, adding] = [(); 3].map(|()| RwSignal::new(false));
        Self { open, shortcuts, adding, keys: RwSignal::new(Keys::default()), typed: RwSignal::new(String::new()) }
    }
}
