//! The membership behind a request: the actor with team and time zone, and what pages show of them. One statement.

use crate::{Actor, Basis, Database, StoreError, scope::Scope, zones};
use chrono::{DateTime, Utc};
use domain::{Currency, MemberId, Role, Surface, UserId, WorkspaceId, zone::Offsets};

/// An active membership, as of now.
#[derive(Clone, Debug)]
pub struct Membership {
    pub actor: Actor,
    pub shell: Shell,
    /// IANA name of the member's time zone; the workspace's if the member has none.
    pub zone: String,
}

/// What the shell of each page shows of the workspace and the person.
#[derive(Clone, Debug)]
pub struct Shell {
    pub workspace: String,
    /// Degrees, 0–359.
    pub hue: i16,
    /// Key of the template that the workspace was created from.
    pub template: String,
    /// Hash of the workspace's picture, if it has one.
    pub logo: Option<String>,
    pub user: String,
    pub email: String,
    /// Code of the language of the last page they opened.
    pub language: String,
}

/// Row of the function `active_membership` (migration 0027).
#[derive(sqlx::FromRow)]
pub(crate) struct MembershipRow {
    user_id: UserId,
    workspace_id: WorkspaceId,
    member_id: MemberId,
    role: String,
    currency: String,
    team: String,
    zone: String,
    workspace: String,
    hue: i16,
    template: String,
    logo: Option<String>,
    user: String,
    email: String,
    language: String,
}

impl MembershipRow {
    pub(crate) fn membership(self, surface: Surface) -> Option<Membership> {
        let actor = Actor {
            workspace: self.workspace_id,
            user: self.user_id,
            member: self.member_id,
            role: Role::from_code(&self.role)?,
            surface,
            currency: Currency::stored(&self.currency),
            basis: Basis::Membership(None),
            scope: Scope::read(&self.team, &self.zone),
        };
        let Self { workspace, hue, template, logo, user, email, language, zone, .. } = self;
        Some(Membership { actor, shell: Shell { workspace, hue, template, logo, user, email, language }, zone })
    }
}

impl Membership {
    /// UTC offsets of the member's zone around `now`.
    pub fn offsets(&self, now: DateTime<Utc>) -> Offsets {
        zones::offsets(&self.zone, now)
    }
}

impl Database {
    /// The active membership of an account in a workspace; `None` if it has ended or the account is disabled.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn membership(&self, user: UserId, workspace: WorkspaceId, surface: Surface) -> Result<Option<Membership>, StoreError> {
        let row: Option<MembershipRow> =
            sqlx::query_as("select * from active_membership($1, $2)").bind(user).bind(workspace).fetch_optional(&self.pool).await?;
        Ok(row.and_then(|r| r.membership(surface)))
    }

    /// The actor of [`Database::membership`], for uses that outlive a request: each transaction reads team and zone.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn actor(&self, user: UserId, workspace: WorkspaceId, surface: Surface) -> Result<Option<Actor>, StoreError> {
        Ok(self.membership(user, workspace, surface).await?.map(|m| Actor { scope: None, ..m.actor }))
    }
}
