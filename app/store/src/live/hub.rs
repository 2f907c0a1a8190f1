//! This process's end of the live stream.

use crate::{Actor, live::listeners::Listeners};
use domain::{MemberId, WorkspaceId, events::LiveMessage};
use std::sync::{Arc, atomic::AtomicI64};
use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

/// A message with its recipients.
#[derive(Clone, Debug)]
pub struct Addressed {
    pub workspace: WorkspaceId,
    pub(crate) visible_to: Option<MemberId>,
    pub(crate) visible_team: Option<Uuid>,
    pub message: LiveMessage,
}

impl Addressed {
    /// Whether the actor, a member of `team`, is a recipient.
    pub fn is_for(&self, actor: &Actor, team: Option<Uuid>) -> bool {
        let named = self.visible_to.is_none_or(|m| m == actor.member) || self.visible_team.is_some() && self.visible_team == team;
        self.workspace == actor.workspace && named
    }
}

/// This process's end of the live stream.
#[derive(Debug)]
pub struct LiveHub {
    pub(crate) sender: broadcast::Sender<Arc<Addressed>>,
    pub(crate) wake: Notify,
    pub(crate) position: AtomicI64,
    pub(crate) listeners: Listeners,
}

impl Default for LiveHub {
    fn default() -> Self {
        Self { sender: broadcast::channel(4096).0, wake: Notify::new(), position: AtomicI64::new(0), listeners: Listeners::default() }
    }
}

impl LiveHub {
    /// Wakes the relay after a commit in this process.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Number of open streams in this process.
    pub fn listeners(&self) -> usize {
        self.sender.receiver_count()
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Addressed>> {
        self.sender.subscribe()
    }
}
