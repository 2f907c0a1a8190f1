//! Owner of a browser's stored data.

use domain::{MemberId, WorkspaceId};

/// One member of one workspace: the owner of a browser's stores, channels, locks and queued changes, and of the server's
/// answers. Ids of members are unique within their workspace only, so every key holds both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whose {
    pub workspace: WorkspaceId,
    pub member: MemberId,
}

impl Whose {
    /// No signed-in member.
    pub const ANONYMOUS: Self = Self { workspace: WorkspaceId(uuid::Uuid::nil()), member: MemberId(uuid::Uuid::nil()) };

    /// Storage key of this owner: `what:workspace.member`.
    pub fn key(self, what: &str) -> String {
        format!("{what}:{self}")
    }
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.workspace, self.member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_member_id_in_two_workspaces_is_two_keys_of_the_browser() {
        let member = MemberId::new();
        let (a, b) = (Whose { workspace: WorkspaceId::new(), member }, Whose { workspace: WorkspaceId::new(), member });
        for what in ["rapport", "outbox", "draft", "rapport-live", "rapport-outbox", "rapport:read-ahead"] {
            assert_ne!(a.key(what), b.key(what));
            assert!(a.key(what).starts_with(&format!("{what}:{}.", a.workspace)));
        }
        assert_eq!(Whose::ANONYMOUS, Whose { workspace: WorkspaceId(uuid::Uuid::nil()), member: MemberId(uuid::Uuid::nil()) });
    }
}
