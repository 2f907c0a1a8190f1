//! In which zone somebody is, and what its clocks do: from the person, else from the workspace.

use crate::{Actor, Database, StoreError, TenantTx};
use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use domain::{MemberId, Permission, zone::Offsets};
use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

/// Years before and after the present one whose changes are known to pages.
const YEARS: (i32, i32) = (10, 3);

/// The zone of a member of the transaction's workspace.
pub(crate) async fn name_of(tx: &mut TenantTx, member: Option<MemberId>) -> Result<String, StoreError> {
    Ok(sqlx::query_scalar(
        "select coalesce((select time_zone from members where workspace_id = $1 and id = $2), w.time_zone) from workspaces w where w.id = $1",
    )
    .bind(tx.workspace())
    .bind(member)
    .fetch_one(tx.conn())
    .await?)
}

/// The offsets of a zone around `now`; none for UTC and for a zone that nobody knows.
pub fn offsets(name: &str, now: DateTime<Utc>) -> Offsets {
    static KNOWN: LazyLock<Mutex<HashMap<(String, i32), Offsets>>> = LazyLock::new(Mutex::default);
    let Ok(zone) = name.parse::<Tz>() else { return Offsets::default() };
    let key = (name.to_owned(), now.year());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() > 1_000 {
        known.clear();
    }
    known.entry(key).or_insert_with(|| changes(zone, now.year())).clone()
}

fn changes(zone: Tz, year: i32) -> Offsets {
    let of = |at: NaiveDateTime| zone.offset_from_utc_datetime(&at).fix().local_minus_utc();
    let first = |y: i32| NaiveDate::from_ymd_opt(y, 1, 1).unwrap_or_default().and_time(chrono::NaiveTime::MIN);
    let (mut at, end) = (first(year - YEARS.0), first(year + YEARS.1));
    let mut found = vec![(at.and_utc().timestamp(), of(at))];
    while at < end {
        // Clocks are not changed twice in a week; if they are, a page is off for those days.
        let next = at + Duration::days(7);
        if of(next) != of(at) {
            let (mut before, mut after) = (at, next);
            while after - before > Duration::seconds(1) {
                let middle = before + (after - before) / 2;
                if of(middle) == of(at) { before = middle } else { after = middle }
            }
            found.push((after.and_utc().timestamp(), of(after)));
        }
        at = next;
    }
    if found.iter().all(|f| f.1 == 0) {
        found.clear();
    }
    Offsets(found)
}

impl Database {
    /// UTC offsets of the actor's time zone around `now`.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn offsets(&self, actor: &Actor, now: DateTime<Utc>) -> Result<Offsets, StoreError> {
        let mut tx = self.begin(actor, Permission::ViewRecords).await?;
        let member = tx.actor.member;
        Ok(offsets(&name_of(&mut tx, Some(member)).await?, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offsets_of_a_zone_are_those_of_the_zone() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        for name in ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Chatham", "UTC"] {
            let (zone, sent) = (name.parse::<Tz>().unwrap(), offsets(name, now));
            let mut at = "2016-01-01T00:30:00Z".parse::<DateTime<Utc>>().unwrap();
            while at < "2028-12-31T00:00:00Z".parse::<DateTime<Utc>>().unwrap() {
                let there = at.with_timezone(&zone).naive_local();
                assert_eq!(sent.local(at), there, "{name} at {at}");
                // What is typed as local time is taken as reminders take it.
                assert_eq!(sent.moment(there), crate::tasks::reminders::moment(there, zone), "{name} at {there}");
                at += Duration::minutes(2_887);
            }
        }
        assert!(offsets("UTC", now).is_utc() && offsets("Nowhere/Land", now).is_utc());
        assert_eq!(offsets("Europe/Berlin", now).0.len(), 27);
    }
}
