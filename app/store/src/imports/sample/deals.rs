//! Sample deals and their history.

use super::{Batch, StageRow, beside};
use crate::deals::stage_history::Step;
use chrono::{DateTime, Duration, Utc};
use domain::{
    EntityKind,
    fields::FieldValue,
    rank,
    sample::{COMPANIES, LOST_DEALS, NEXT_STEPS, OPEN_DEALS, PRODUCTS, WON_DEALS, pick},
};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

/// Deals with the way each took through the stages.
pub(super) fn deals(
    stages: &mut [StageRow],
    (firms, persons, products): (&[Uuid], &[Uuid], &[Uuid]),
    now: DateTime<Utc>,
    currency: &str,
    owner: &dyn Fn(usize) -> Uuid,
) -> Batch {
    let mut rows = Batch::new(EntityKind::Deal);
    let open: Vec<usize> = (0..stages.len()).filter(|i| stages[*i].outcome == "open").collect();
    let of = |outcome: &str| stages.iter().position(|s| s.outcome == outcome);
    let (won, lost) = (of("won"), of("lost"));
    let today = now.date_naive();
    let mut seen: HashMap<usize, usize> = HashMap::new();
    for n in 0..OPEN_DEALS + WON_DEALS + LOST_DEALS {
        let end = match n {
            n if n < OPEN_DEALS => None,
            n if n < OPEN_DEALS + WON_DEALS => won,
            _ => lost,
        };
        // Fewer deals further on, as in life.
        let reached = if end == won && won.is_some() { open.len() } else { 1 + pick(n, 7, open.len()).min(pick(n, 8, open.len())) };
        let way: Vec<usize> = open.iter().copied().take(reached.max(1)).chain(end).collect();
        let Some(&last) = way.last() else { continue };
        let step = 2 + pick(n, 9, 12) as i64;
        let age = step * way.len() as i64 + if end.is_some() { pick(n, 10, 330) as i64 } else { pick(n, 10, 25) as i64 };
        let opened = now - Duration::days(age) - Duration::minutes(pick(n, 11, 600) as i64);
        let since = opened + Duration::days(step * (way.len() as i64 - 1));
        let who = owner(n);
        let reason = (end.is_some() && end == lost).then(|| domain::deals::LOST_REASONS[pick(n, 12, domain::deals::LOST_REASONS.len())]);
        let step = |(seq, stage): (usize, &usize)| Step {
            stage: stages[*stage].id,
            member: json!(who),
            reason: reason.filter(|_| Some(*stage) == end),
            at: opened + Duration::days(step * seq as i64),
        };
        let steps = way.iter().enumerate().map(step).collect();
        let stage = &mut stages[last];
        let place = rank::between(stage.last.as_deref(), None);
        stage.last = Some(place.clone());
        *seen.entry(last).or_default() += 1;
        let closed = end.map(|_| since);
        let planned = end.is_none() && !n.is_multiple_of(4);
        let product = pick(n, 13, products.len());
        let value = PRODUCTS[product].1 / 100 * (60 + pick(n, 14, 90) as i64);
        let people = FieldValue::Ids(vec![persons[rows.rows.len() % persons.len()]]);
        let row = rows.add(json!({"title": format!("{} – {}", COMPANIES[n % COMPANIES.len()].0, PRODUCTS[product].0), "value_minor": value, "currency": currency,
            "pipeline_id": stage.pipeline, "stage_id": stage.id, "stage_seq": way.len(), "stage_since": since, "rank": place, "probability": stage.probability,
            "status": stage.outcome, "company_id": firms[n % firms.len()], "product_id": products[product], "owner_id": who,
            "expected_close_date": end.is_none().then(|| today + Duration::days(5 + pick(n, 15, 80) as i64)),
            "next_action": planned.then(|| NEXT_STEPS[pick(n, 16, NEXT_STEPS.len())]),
            "next_action_date": planned.then(|| today + Duration::days(pick(n, 17, 16) as i64 - 2)),
            "close_reason": reason, "opened_at": opened, "closed_at": closed, "closed_by": closed.map(|_| who)}));
        row.steps = steps;
        row.beside.extend(beside(EntityKind::Deal, "contactIds", people));
    }
    rows
}
