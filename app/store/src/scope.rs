//! Settings of a reading transaction that follow from the membership: the members of the actor's team and the time zone. Read
//! with the membership and reused by the transactions of one request.

use chrono_tz::Tz;
use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Age from which a scope is stale and the next transaction reads the team itself. Requests end sooner, uploads and streams do not.
const FRESH: Duration = Duration::from_secs(4);
/// Members up to which the list travels with each BEGIN; larger teams are read in the database.
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
    /// From the answer of `my_team_members()` and the name of the zone. None: too many members, or a zone that is not known here.
    pub(crate) fn read(members: &str, zone: &str) -> Option<Self> {
        let mut team = String::with_capacity(members.len());
        for (n, id) in members.split(',').filter(|id| !id.is_empty()).enumerate() {
            if n == MOST {
                return None;
            }
            // Written anew from the parsed id, since the list becomes part of a statement's text.
            write!(team, "{}{}", if n == 0 { "" } else { "," }, Uuid::parse_str(id).ok()?).ok()?;
        }
        Some(Self { team: team.into(), zone: zone.parse().ok()?, read: Instant::now() })
    }

    pub(crate) fn zone(&self) -> Tz {
        self.zone
    }

    /// The statements that set it; none once it is stale. Ids and the names of known zones need no escaping.
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
