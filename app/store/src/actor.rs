//! The actor of a request.

use crate::{Credential, scope::Scope};
use domain::{Currency, MemberId, Role, Surface, UserId, WorkspaceId};

/// Basis of an actor's rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The server itself: start-up, maintenance, the second half of a member's removal. Rights are not rechecked.
    Server,
    /// The membership, and the session or token if there is one.
    Membership(Option<Credential>),
}

/// The actor of a request in a workspace, created only from an active membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub workspace: WorkspaceId,
    pub user: UserId,
    pub member: MemberId,
    pub role: Role,
    pub surface: Surface,
    /// The workspace's own currency: amounts without one are in it.
    pub currency: Currency,
    /// Basis of the rights, rechecked by each write transaction.
    pub basis: Basis,
    /// Team and time zone as read with the membership. None: each transaction reads them.
    pub scope: Option<Scope>,
}
