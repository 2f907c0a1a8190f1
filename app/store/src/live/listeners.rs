//! The open streams of this process.

use domain::{Role, UserId, WorkspaceId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// Credential with which a stream was opened, hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    Session(Vec<u8>),
    Token(Vec<u8>),
}

#[derive(Debug)]
pub(crate) struct Listener {
    pub user: UserId,
    pub workspace: WorkspaceId,
    pub role: Role,
    pub credential: Credential,
    pub ended: Arc<Notify>,
}

/// Open streams of this process by number.
#[derive(Debug, Default)]
pub(crate) struct Listeners(Mutex<(i64, HashMap<i64, Listener>)>);

impl Listeners {
    pub fn lock(&self) -> MutexGuard<'_, (i64, HashMap<i64, Listener>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
