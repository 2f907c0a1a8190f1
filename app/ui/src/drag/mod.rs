//! One drag sensor for pointer, touch and keyboard (UX §9).
//!
//! It works on `data-column` containers holding `data-card` elements inside one board element, and never touches their
//! order in the DOM: the lifted copy and the drop line float above, and the owner of the lists moves the card on drop.

mod events;
mod focus;
mod geometry;
mod sensor;

pub use events::use_drag_sensor;
pub use focus::{by_keyboard, focus_card, keep_focus};
pub use sensor::Drop;
