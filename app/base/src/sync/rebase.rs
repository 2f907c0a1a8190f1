//! Rebase: if only this browser changed a record since version N, a command based on N is sent as based on the latest version.

use super::outbox::Job;
use domain::Outcome;
use std::{cell::RefCell, collections::HashMap};
use uuid::Uuid;

thread_local! {
    /// Records that only we changed since a version: that version, and the one our changes brought it to.
    static AHEAD: RefCell<HashMap<Uuid, (i64, i64)>> = RefCell::default();
}

/// A change that was made from a version which only our own changes have left behind is a change of the version after them.
pub(super) fn catch_up(job: &mut Job) {
    if let (Some(base), Some((from, to))) = (job.base, AHEAD.with_borrow(|a| a.get(&job.entity).copied()))
        && from <= base
        && base < to
    {
        job.base = Some(to);
    }
}

pub(super) fn went_ahead(job: &Job, outcome: &Outcome) {
    let Some(base) = job.base.filter(|_| outcome.event.is_some()) else { return };
    AHEAD.with_borrow_mut(|a| {
        let id = outcome.id;
        match a.get(&id).copied() {
            // Nobody else in between.
            Some((from, to)) if to == base && outcome.version == base + 1 => a.insert(id, (from, outcome.version)),
            _ if outcome.version == base + 1 => a.insert(id, (base, outcome.version)),
            _ => a.remove(&id),
        };
    });
}
