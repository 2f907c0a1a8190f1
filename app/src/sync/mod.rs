//! The browser's side of data: commands out through a queue, changes in through a live stream.

mod ahead;
mod answers;
mod aside;
mod groups;
mod kept;
mod live;
mod offline_bar;
mod order;
pub mod outbox;
mod pool;
mod queue;
mod sender;
mod waiting_sheet;
mod well;
mod wire;
mod working_set;

pub use crate::pause::sleep;
pub use kept::{Kept, call as call_browser, keep_for, shows_stored};
pub use live::{Live, asked_now, coalesced_when_free, start_live, undisturbed, use_live, use_live_since, use_news, when_free};
pub use offline_bar::{OfflineBar, WaitingToBeMade, ask_before_leaving, tell_full};
pub use pool::Pool;
pub use queue::{Named, Queue, Toast};
pub use waiting_sheet::WaitingSheet;
pub use well::until_well;
pub use working_set::forget_kept;
