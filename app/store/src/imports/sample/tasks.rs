//! Sample tasks.

use super::Batch;
use chrono::{DateTime, Duration, Utc};
use domain::{EntityKind, sample::pick};
use serde_json::json;
use uuid::Uuid;

pub(super) fn tasks(persons: &[Uuid], now: DateTime<Utc>, me: Uuid) -> Batch {
    let mut rows = Batch::new(EntityKind::Task);
    let today = now.date_naive();
    for (n, (title, kind, priority, due, done)) in [
        ("Send the revised offer", "email", "high", -2, false),
        ("Call back about pricing", "call", "medium", 0, false),
        ("Prepare the demo", "meeting", "high", 0, false),
        ("Weekly pipeline review", "meeting", "medium", 1, false),
        ("Book travel to the fair", "todo", "low", 3, false),
        ("Write the case study", "todo", "medium", 6, false),
        ("Ask for a referral", "follow_up", "low", 9, false),
        ("Connect on LinkedIn", "linkedin", "low", 14, false),
        ("Send the contract", "email", "high", -5, true),
        ("Thank the team", "other", "low", -7, true),
    ]
    .into_iter()
    .enumerate()
    {
        let due = today + Duration::days(due);
        rows.add(json!({"title": title, "kind": kind, "priority": priority, "due_date": due,
            "due_time": (n == 2).then_some("14:30"), "recurrence": (n == 3).then_some("FREQ=WEEKLY"),
            "completed_at": done.then(|| now - Duration::days(4)), "contact_id": (n % 3 != 2).then(|| persons[pick(n, 30, persons.len())]), "owner_id": me}));
    }
    rows
}
