//! Cache of two transaction settings for the duration of a request: the actor's team members and time zone.

use chrono_tz::Tz;
use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Age at which a scope is stale; transactions then read the team again. Most requests end sooner; uploads and event streams do not.
const FRESH: Duration = Duration::from_secs(4);
/// Largest team whose ids are sent with each BEGIN; larger teams are read in the database.
const MOST: usize = 64;

#[derive(Clone, Debug)]
pub struct Scope {
    /// Comma-separated member ids for the setting `app.team_members`; empty without a team.
    team: Arc<str>,
    zone: Tz,
    read: Instant,
}

/// Scopes of the same team and zone are equal, whenever they were read.
impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        (&self.team, self.zone) == (&other.team, other.zone)
    }
}

impl Eq for Scope {}

impl Scope {
    /// Parses the result of `my_team_members()` and an IANA zone name. None for a team above [`MOST`], a malformed id or an unknown zone.
    pub(crate) fn read(members: &str, zone: &str) -> Option<Self> {
        let mut team = String::with_capacity(members.len());
        for (n, id) in members.split(',').filter(|id| !id.is_empty()).enumerate() {
            if n == MOST {
                return None;
            }
            // Formatted from the parsed UUID, because the list becomes part of a statement's text.
            write!(team, "{}{}", if n == 0 { "" } else { "," }, Uuid::parse_str(id).ok()?).ok()?;
        }
        Some(Self { team: team.into(), zone: zone.parse().ok()?, read: Instant::now() })
    }

    pub(crate) fn zone(&self) -> Tz {
        self.zone
    }

    /// SET LOCAL statements for BEGIN; none if stale. UUIDs and known zone names need no escaping.
    pub(crate) fn settings(&self) -> Option<String> {
        let Self { team, zone, read } = self;
        (read.elapsed() < FRESH).then(|| format!("; set local app.time_zone = '{}'; set local app.team_members = '{team}'", zone.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_and_known_zones_become_part_of_a_statement() {
        let (a, b) = (Uuid::now_v7(), Uuid::now_v7());
        let scope = Scope::read(&format!("{a},{}", b.to_string().to_uppercase()), "Europe/Berlin").unwrap();
        assert_eq!(scope.settings().unwrap(), format!("; set local app.time_zone = 'Europe/Berlin'; set local app.team_members = '{a},{b}'"));
        assert!(Scope::read("", "UTC").is_some());
        assert_eq!(Scope::read(&format!("{a},'; drop table contacts"), "UTC"), None);
        assert_eq!(Scope::read("", "UTC'; drop table contacts"), None);
        assert_eq!(Scope::read(&vec![a.to_string(); MOST + 1].join(","), "UTC"), None);
        assert!(chrono_tz::TZ_VARIANTS.iter().all(|zone| !zone.name().contains('\'')));
    }

    #[test]
    fn a_stale_scope_sets_nothing() {
        let scope = Scope { read: Instant::now().checked_sub(FRESH).unwrap(), ..Scope::read("", "UTC").unwrap() };
        assert_eq!(scope.settings(), None);
    }
}
