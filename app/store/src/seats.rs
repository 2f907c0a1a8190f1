//! The membership behind a request: who acts, with which team, and what pages show of them. One statement.

use crate::{Actor, Basis, Database, StoreError, scope::Scope, zones};
use chrono::{DateTime, Utc};
use domain::{Currency, MemberId, Role, Surface, UserId, WorkspaceId, zone::Offsets};

/// An active membership, as of now.
#[derive(Clone, Debug)]
pub struct Seat {
    pub actor: Actor,
    pub shown: Shown,
    /// IANA name of the member's time zone; the workspace's if the member has none.
    pub zone: String,
}

/// A workspace and a person in it, as the shell shows them.
#[derive(Clone, Debug)]
pub struct Shown {
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

/// Row of the function `seat` (migration 0027).
#[derive(sqlx::FromRow)]
pub(crate) struct SeatRow {
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

impl SeatRow {
    pub(crate) fn seat(self, surface: Surface) -> Option<Seat> {
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
        Some(Seat { actor, shown: Shown { workspace, hue, template, logo, user, email, language }, zone })
    }
}

impl Seat {
    /// UTC offsets of the member's zone around `now`.
    pub fn offsets(&self, now: DateTime<Utc>) -> Offsets {
        zones::offsets(&self.zone, now)
    }
}

impl Database {
    /// The active membership of an account in a workspace; none if it has ended.
    pub async fn seat(&self, user: UserId, workspace: WorkspaceId, surface: Surface) -> Result<Option<Seat>, StoreError> {
        let row: Option<SeatRow> = sqlx::query_as("select * from seat($1, $2)").bind(user).bind(workspace).fetch_optional(&self.pool).await?;
        Ok(row.and_then(|r| r.seat(surface)))
    }

    /// The actor of [`Database::seat`], for uses that outlive a request: each transaction reads team and zone.
    pub async fn actor(&self, user: UserId, workspace: WorkspaceId, surface: Surface) -> Result<Option<Actor>, StoreError> {
        Ok(self.seat(user, workspace, surface).await?.map(|s| Actor { scope: None, ..s.actor }))
    }
}
