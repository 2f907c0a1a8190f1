//! Sample interactions.

use super::Batch;
use chrono::{DateTime, Duration, Utc};
use domain::{
    EntityKind,
    interactions::{OUTCOMES, TYPES},
    sample::{INTERACTIONS, NEXT_STEPS, SUBJECTS, pick},
};
use serde_json::json;
use uuid::Uuid;

/// Interactions of every kind: most of them done, some ahead.
pub(super) fn interactions(persons: &[Uuid], deals: &[Uuid], now: DateTime<Utc>, owner: &dyn Fn(usize) -> Uuid) -> Batch {
    let mut rows = Batch::new(EntityKind::Interaction);
    for n in 0..INTERACTIONS {
        let planned = n >= INTERACTIONS - 8;
        let at = if planned { now + Duration::hours(2 + 20 * (n % 8) as i64) } else { now - Duration::hours(3 + pick(n, 20, 24 * 120) as i64) };
        let outcome = OUTCOMES[pick(n, 21, OUTCOMES.len())].0;
        let asks = !planned && n.is_multiple_of(30);
        rows.add(json!({"kind": TYPES[n % TYPES.len()].0, "subject": SUBJECTS[pick(n, 22, SUBJECTS.len())],
            "status": if planned { "planned" } else { "done" }, "occurred_at": at, "description": (!planned).then_some("We went through the open points and agreed on what comes next."),
            "duration_minutes": 15 + 15 * pick(n, 23, 4), "outcome": (!planned).then_some(outcome),
            "sentiment": (!planned && outcome != "no_response").then_some(outcome), "next_step": n.is_multiple_of(3).then(|| NEXT_STEPS[pick(n, 24, NEXT_STEPS.len())]),
            "contact_id": persons[pick(n, 25, persons.len())], "deal_id": n.is_multiple_of(2).then(|| deals[pick(n, 26, deals.len())]), "owner_id": owner(n),
            "follow_up_required": asks, "follow_up_date": asks.then(|| now.date_naive() - Duration::days(1))}));
    }
    rows
}
