//! The actor of a request.

use crate::{Credential, scope::Scope};
use domain::{Currency, MemberId, Role, Surface, UserId, WorkspaceId};

/// Basis of an actor's rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The server itself acts: a start, a chore, the second half of a removal. Nothing is asked again.
    Server,
    /// The membership; with a session or token it must hold as well.
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
    /// What the rights rest on, asked again by a transaction that writes.
    pub basis: Basis,
    /// Team and time zone as read with the membership. None: each transaction reads them.
    pub scope: Option<Scope>,
}
