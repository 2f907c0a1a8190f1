//! The browser's side of data: commands out through a queue, changes in through a live stream.

mod live;
mod queue;

pub use live::{Live, start_live, use_live};
pub use queue::{Queue, Toast, sleep};
