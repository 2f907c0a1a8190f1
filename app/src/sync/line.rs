//! The line of changes that wait in this tab, and which of them is under way.

use super::outbox::Waiting;
use crate::AppError;
use domain::{CommandId, Outcome};
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    collections::{HashSet, VecDeque},
};

pub(super) type Reply = Box<dyn FnOnce(Result<Outcome, AppError>)>;

/// A change that waits in this tab.
pub(super) struct Entry {
    pub waiting: Waiting,
    /// Where the browser's store has it; nothing where it could not be kept.
    pub key: Option<String>,
    /// Sending was delayed, so the page the change was made on may be gone when it is answered.
    pub waited: bool,
    pub reply: Reply,
}

thread_local! {
    /// What waits to be sent from this browser tab, that which is on its way included. On the server nothing ever does.
    pub(super) static JOBS: RefCell<VecDeque<Entry>> = const { RefCell::new(VecDeque::new()) };
    /// What is on its way.
    pub(super) static SENDING: Cell<Option<CommandId>> = const { Cell::new(None) };
    /// Discarded while they were on their way.
    pub(super) static DISCARDED: RefCell<HashSet<CommandId>> = RefCell::default();
}

/// Takes a change out of the line.
pub(super) fn take_out(id: CommandId) -> Option<Entry> {
    JOBS.with_borrow_mut(|jobs| {
        let at = jobs.iter().position(|e| e.waiting.job.id == id)?;
        jobs.remove(at)
    })
}

/// Sets what a page shows, if it is news: what is drawn anew takes the focus away from whoever is on it.
pub(super) fn tell<T: PartialEq + Clone + Send + Sync + 'static>(signal: RwSignal<T>, now: T) {
    if signal.with_untracked(|before| *before != now) {
        signal.set(now);
    }
}

/// Whether a command waits in this tab already.
pub(super) fn has(id: CommandId) -> bool {
    JOBS.with_borrow(|jobs| jobs.iter().any(|e| e.waiting.job.id == id))
}
