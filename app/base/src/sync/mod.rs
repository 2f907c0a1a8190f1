//! The browser's side of data: commands out through a queue, changes in through a live stream.

mod answers;
mod aside;
mod batch;
mod call;
mod full;
mod line;
mod live;
mod offline_bar;
mod offline_cache;
mod order;
pub mod outbox;
mod pending_changes;
mod queue;
mod rebase;
mod sender;
mod server_fns;
mod waiting_sheet;
mod waiting_to_be_made;
mod well;
mod wire;

pub use crate::pause::sleep;
pub use call::Fetched;
pub use full::tell_full;
pub use live::{Live, asked_now, coalesced_when_free, start_live, undisturbed, use_live, use_live_since, use_news, when_free};
pub use offline_bar::{OfflineBar, ask_before_leaving};
pub use offline_cache::{Cached, keep, keep_for, shows_stored};
pub use outbox::{Job, Named};
pub use pending_changes::PendingChanges;
pub use queue::{Queue, Toast};
pub use waiting_sheet::WaitingSheet;
pub use waiting_to_be_made::WaitingToBeMade;
pub use well::until_well;
