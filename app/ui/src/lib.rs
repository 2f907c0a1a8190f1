//! The component kit and the drag sensor. Knows no domain type; every component has its place on `/kit`.

pub mod charts;
pub mod drag;
mod feedback;
mod fields;
mod icon;
mod overlay;
pub mod words;

pub use feedback::{Avatar, EmptyState, ErrorBox, PendingDot, Progress, Skeleton};
pub use fields::{FieldShell, SelectField, TextArea, TextField, escape_text};
pub use icon::Icon;
pub use overlay::{Menu, MenuButton, MenuItem, MenuList, Sheet};
