//! The component kit and the drag sensor: a folder each. Knows no domain type; every component has its place on `/kit`,
//! its look in `style/components`.

mod avatar;
pub mod charts;
pub mod drag;
mod empty_state;
mod error_box;
mod field;
mod icon;
mod menu;
mod pending_dot;
mod progress;
mod select_field;
mod sheet;
mod skeleton;
mod text_area;
mod text_field;
pub mod words;

pub use avatar::Avatar;
pub use empty_state::EmptyState;
pub use error_box::ErrorBox;
pub use field::FieldShell;
pub use icon::Icon;
pub use menu::{Menu, MenuButton, MenuItem, MenuList};
pub use pending_dot::PendingDot;
pub use progress::Progress;
pub use select_field::SelectField;
pub use sheet::Sheet;
pub use skeleton::Skeleton;
pub use text_area::{TextArea, escape_text};
pub use text_field::TextField;
