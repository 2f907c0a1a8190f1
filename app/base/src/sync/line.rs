//! Queue entries of this tab and the entry in flight.

use super::outbox::Waiting;
use crate::AppError;
use domain::{CommandId, Outcome};
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    collections::{HashSet, VecDeque},
};

pub(super) type Reply = Box<dyn FnOnce(Result<Outcome, AppError>)>;

/// A queued command of this tab.
pub(super) struct Entry {
    pub waiting: Waiting,
    /// Key in the persistent outbox; `None` if it could not be stored.
    pub key: Option<String>,
    /// Sending was delayed: the page that made the change may be gone when the response arrives.
    pub waited: bool,
    pub reply: Reply,
}

thread_local! {
    /// Queued commands of this tab, the one in flight included. Always empty on the server.
    pub(super) static JOBS: RefCell<VecDeque<Entry>> = const { RefCell::new(VecDeque::new()) };
    /// Command in flight.
    pub(super) static SENDING: Cell<Option<CommandId>> = const { Cell::new(None) };
    /// Commands discarded while in flight.
    pub(super) static DISCARDED: RefCell<HashSet<CommandId>> = RefCell::default();
}

/// Removes a command from the queue.
pub(super) fn take_out(id: CommandId) -> Option<Entry> {
    JOBS.with_borrow_mut(|jobs| {
        let at = jobs.iter().position(|e| e.waiting.job.id == id)?;
        jobs.remove(at)
    })
}

/// Sets a signal only if the value differs: a rerender would move the focus.
pub(super) fn tell<T: PartialEq + Clone + Send + Sync + 'static>(signal: RwSignal<T>, now: T) {
    if signal.with_untracked(|before| *before != now) {
        signal.set(now);
    }
}

/// Whether a command is queued in this tab.
pub(super) fn has(id: CommandId) -> bool {
    JOBS.with_borrow(|jobs| jobs.iter().any(|e| e.waiting.job.id == id))
}
