//! Wall-clock time where a person is. The browser has no table of zones (it would be half a megabyte of every first load),
//! so the server sends the few offsets that matter.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// The offsets of one zone: from each moment on (seconds since 1970, ascending) so many seconds east of UTC. Before the
/// first moment its offset holds too. Empty: UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offsets(pub Vec<(i64, i32)>);

impl Offsets {
    /// Nobody has said where they are.
    pub fn is_utc(&self) -> bool {
        self.0.is_empty()
    }

    fn offset(&self, at: i64) -> i32 {
        let next = self.0.partition_point(|o| o.0 <= at);
        self.0.get(next.saturating_sub(1)).map_or(0, |o| o.1)
    }

    /// What a clock on the wall shows at `at`.
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        let shift = Duration::seconds(self.offset(at.timestamp()).into());
        at.naive_utc().checked_add_signed(shift).unwrap_or(at.naive_utc())
    }

    /// The moment at which a clock on the wall shows `local`: the first of two, and where the clock jumps over it, as much
    /// later as it jumps.
    pub fn moment(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let wall = local.and_utc().timestamp();
        // The offset a day before holds until a change in between.
        let before = self.offset(wall - 86_400);
        let after = self.offset(wall + 86_400);
        let first = wall - i64::from(before);
        let at = if self.offset(first) == before || i64::from(self.offset(wall - i64::from(after))) != i64::from(after) {
            first
        } else {
            wall - i64::from(after)
        };
        DateTime::from_timestamp(at, 0).unwrap_or(local.and_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Berlin from autumn 2025 to spring 2027.
    fn berlin() -> Offsets {
        Offsets(vec![(1_761_440_400, 3_600), (1_774_746_000, 7_200), (1_792_890_000, 3_600), (1_806_195_600, 7_200)])
    }

    #[test]
    fn clocks_show_what_they_show_there() {
        let local = |at: &str| berlin().local(at.parse().unwrap()).format("%Y-%m-%d %H:%M").to_string();
        assert_eq!(local("2026-01-31T23:30:00Z"), "2026-02-01 00:30");
        assert_eq!(local("2026-07-01T22:30:00Z"), "2026-07-02 00:30");
        assert_eq!([local("2026-03-29T00:59:00Z"), local("2026-03-29T01:00:00Z")], ["2026-03-29 01:59", "2026-03-29 03:00"]);
        // Before the first and after the last the nearest holds.
        assert_eq!([local("2016-06-01T12:00:00Z"), local("2030-06-01T12:00:00Z")], ["2016-06-01 13:00", "2030-06-01 14:00"]);
        assert_eq!(Offsets::default().local("2026-07-01T22:30:00Z".parse().unwrap()).to_string(), "2026-07-01 22:30:00");
    }

    #[test]
    fn what_is_typed_is_the_moment_it_means() {
        let moment = |text: &str| berlin().moment(text.parse().unwrap()).to_rfc3339();
        assert_eq!(moment("2026-11-21T10:00:00"), "2026-11-21T09:00:00+00:00");
        assert_eq!(moment("2026-07-21T10:00:00"), "2026-07-21T08:00:00+00:00");
        // Half past two does not exist on 29 March; on 25 October it comes twice.
        assert_eq!(moment("2026-03-29T02:30:00"), "2026-03-29T01:30:00+00:00");
        assert_eq!(moment("2026-10-25T02:30:00"), "2026-10-25T00:30:00+00:00");
        for hour in 0..48 {
            let local = "2026-10-24T12:00:00".parse::<NaiveDateTime>().unwrap() + Duration::hours(hour);
            assert_eq!(berlin().local(berlin().moment(local)), local, "{local}");
        }
        assert_eq!(Offsets::default().moment("2026-07-01T22:30:00".parse().unwrap()).to_rfc3339(), "2026-07-01T22:30:00+00:00");
    }
}
