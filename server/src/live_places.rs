//! How many live streams one person may hold at once. Each is a connection and a listener that lasts for minutes.

use domain::{MemberId, WorkspaceId};
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

/// A browser holds one stream for all its tabs; this many browsers are more than a person has.
const PER_MEMBER: usize = 32;

type Key = (WorkspaceId, MemberId);

static HELD: LazyLock<Mutex<HashMap<Key, usize>>> = LazyLock::new(Mutex::default);

/// A place for one stream, given back when dropped.
pub struct LivePlace(Key);

/// A place for one more stream of this member, unless all of theirs are taken.
pub fn take(workspace: WorkspaceId, member: MemberId) -> Option<LivePlace> {
    let key = (workspace, member);
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let theirs = held.entry(key).or_default();
    if *theirs >= PER_MEMBER {
        return None;
    }
    *theirs += 1;
    Some(LivePlace(key))
}

impl Drop for LivePlace {
    fn drop(&mut self) {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&self.0) {
            Some(1) | None => drop(held.remove(&self.0)),
            Some(theirs) => *theirs -= 1,
        }
    }
}
