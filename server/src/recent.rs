//! Validity of a recent password confirmation.

use chrono::{DateTime, Duration, Utc};

/// Whether a password confirmed at `confirmed` is still valid.
pub fn is_recent(confirmed: Option<DateTime<Utc>>, counts: Duration, now: DateTime<Utc>) -> bool {
    confirmed.is_some_and(|at| at <= now && now - at < counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_counts_for_a_quarter_of_an_hour() {
        let (now, quarter) = (Utc::now(), Duration::minutes(15));
        for (ago, counts) in [(0, true), (14 * 60, true), (15 * 60, false), (-1, false)] {
            assert_eq!(is_recent(Some(now - Duration::seconds(ago)), quarter, now), counts, "{ago}");
        }
        assert!(!is_recent(None, quarter, now) && !is_recent(Some(now), Duration::zero(), now));
    }
}
