//! Who may do what. Roles are sets of permissions; a command names the one it needs.

use serde::{Deserialize, Serialize};

/// One thing a person may do in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Permission {
    ViewRecords,
    EditRecords,
    DeleteRecords,
    Import,
    ViewAnalytics,
    /// Links under which others see figures without signing in.
    Share,
    /// Pipelines, tags, stages, products.
    EditSetup,
    /// Teams and members.
    ManageMembers,
    ManageTokens,
    /// Taking back, merging and deleting in bulk what others made; one's own needs no more than [`Self::Import`] and
    /// [`Self::DeleteRecords`].
    TakeBack,
    /// Making others' records visible to fewer people, and hearing of it when somebody does.
    Oversee,
}

/// Records of others that a member may delete within [`OTHERS_WITHIN`] minutes without [`Permission::TakeBack`].
pub const OTHERS_AT_ONCE: i64 = 10;

/// Minutes that [`OTHERS_AT_ONCE`] counts.
pub const OTHERS_WITHIN: i64 = 10;

/// A member's role (SPEC C-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Admin,
    Manager,
    Member,
    Viewer,
}

impl Role {
    pub const ALL: [Self; 5] = [Self::Owner, Self::Admin, Self::Manager, Self::Member, Self::Viewer];

    pub fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match permission {
            P::ViewRecords | P::ViewAnalytics => true,
            P::EditRecords | P::DeleteRecords | P::ManageTokens => self != Self::Viewer,
            P::Import => matches!(self, Self::Owner | Self::Admin | Self::Manager | Self::Member),
            P::EditSetup | P::Share | P::TakeBack => matches!(self, Self::Owner | Self::Admin | Self::Manager),
            P::ManageMembers | P::Oversee => matches!(self, Self::Owner | Self::Admin),
        }
    }

    /// What the role may do, in a plain sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Owner => "May do everything, and make others owners.",
            Self::Admin => "May do everything but make owners: settings, members, imports, all records.",
            Self::Manager => "May change records, import, share by link, and set up pipelines, products and tags.",
            Self::Member => "May change records and import.",
            Self::Viewer => "May look at everything that is shared, and change nothing.",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Admin => "Admin",
            Self::Manager => "Manager",
            Self::Member => "Member",
            Self::Viewer => "Viewer",
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_changes_nothing() {
        for p in [Permission::EditRecords, Permission::DeleteRecords, Permission::Import, Permission::EditSetup, Permission::ManageMembers] {
            assert!(!Role::Viewer.allows(p), "{p:?}");
            assert!(Role::Owner.allows(p), "{p:?}");
        }
    }
}
