//! Sample contacts.

use super::{Batch, beside};
use chrono::{DateTime, Duration, Utc};
use domain::{
    EntityKind,
    fields::{Channel, FieldValue},
    sample::{FIRST, LAST, PEOPLE, TITLES, pick},
};
use serde_json::json;
use uuid::Uuid;

/// People with their addresses and numbers.
pub(super) fn contacts(firms: &[Uuid], now: DateTime<Utc>, owner: &dyn Fn(usize) -> Uuid) -> Batch {
    let mut rows = Batch::new(EntityKind::Contact);
    let today = now.date_naive();
    for n in 0..PEOPLE {
        // A step that shares no factor with either list: sixty different names.
        let (first, last) = (FIRST[n % FIRST.len()], LAST[(n * 7 + n / FIRST.len()) % LAST.len()]);
        let birthday = today - Duration::days(365 * (25 + pick(n, 2, 35) as i64)) + Duration::days(pick(n, 3, 365) as i64);
        let follow_up = n.is_multiple_of(12).then(|| today + Duration::days(pick(n, 4, 6) as i64 - 3));
        let row = rows.add(json!({"first_name": first, "last_name": last, "job_title": TITLES[pick(n, 5, TITLES.len())],
            "company_id": firms[n % firms.len()], "warmness_score": pick(n, 6, 11), "meeting_cadence": n.is_multiple_of(5).then_some(90),
            "birthday": n.is_multiple_of(3).then_some(birthday), "next_follow_up": follow_up, "owner_id": owner(n),
            "contact_source": domain::contacts::CONTACT_SOURCES[n % domain::contacts::CONTACT_SOURCES.len()].0}));
        let address = format!("{}.{}@example.com", first.to_lowercase(), last.to_lowercase());
        row.beside.extend(beside(EntityKind::Contact, "emails", channel(address, "work")));
        row.beside.extend(beside(EntityKind::Contact, "phones", channel(format!("+4915550{:05}", 10_000 + n), "mobile")));
    }
    rows
}

fn channel(value: String, kind: &str) -> FieldValue {
    FieldValue::Channels(vec![Channel { value, kind: kind.into(), primary: true }])
}
