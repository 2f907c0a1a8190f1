//! Tasks: reminders follow their times, and a completed repeating task creates the next one.

pub(crate) mod reminders;

use crate::{
    StoreError, TenantTx, bypass,
    listing::{Listing, Order},
    records::hook::Hooks,
    records::references::{pointers, unpointed},
    records::rows::{self, NewRow, Row, Transition},
    searched::Searched,
};
use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use domain::{EntityKind, EventId, tasks};
use rrule::RRuleSet;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const LISTING: Listing = Listing {
    kind: EntityKind::Task,
    order: Order { key: "coalesce(t.due_date, '9999-12-31')", cast: "date", descending: false },
    flagged_order: Some(Order::newest("t.completed_at")),
    flag: ("t.completed_at is not null", "t.completed_at is null"),
    day: Some("due_date"),
};

const SEARCHED: Searched = Searched { by: "lower(title)", about: "t.due_date::text", also: "" };

pub(crate) struct Tasks;

impl Hooks for Tasks {
    const SEARCHED: Option<&'static Searched> = Some(&SEARCHED);

    const FOLLOWS_CREATION: bool = true;
    const DETACH: &'static [&'static str] = &["update tasks set follows_id = null where workspace_id = $1 and follows_id = any($2)"];

    fn verb(before: &Row, after: &Row) -> Option<&'static str> {
        (!done(before) && done(after)).then_some("completed")
    }

    async fn follow(tx: &mut TenantTx, _event: EventId, rows: &[Transition<'_>]) -> Result<(), StoreError> {
        for row in rows {
            if let (Some(before), Some(after)) = (row.before, row.after) {
                repeat(tx, before, after).await?;
            }
            reminders::follow(tx, row.before, row.after).await?;
        }
        Ok(())
    }
}

fn done(row: &Row) -> bool {
    row.get("completed_at").is_some_and(|v| !v.is_null())
}

/// The rule after one more occurrence; `None` after the last of a counted rule.
fn used_once(rule: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in rule.split(';') {
        match part.strip_prefix("COUNT=").and_then(|n| n.parse::<u32>().ok()) {
            Some(left) if left <= 1 => return None,
            Some(left) => parts.push(format!("COUNT={}", left - 1)),
            None => parts.push(part.to_owned()),
        }
    }
    Some(parts.join(";"))
}

/// The next day after `day` on which a rule falls (RFC 5545); `None`: it has ended.
pub(crate) fn next_day(rule: &str, start: NaiveDate, day: NaiveDate) -> Option<NaiveDate> {
    // Whole days without a zone: the local time of day does not change.
    let text = format!("DTSTART:{}T000000Z\nRRULE:{rule}", start.format("%Y%m%d"));
    let set: RRuleSet = text.parse().ok()?;
    let after = day.checked_add_days(Days::new(1))?.and_hms_opt(0, 0, 0)?.and_utc().with_timezone(&rrule::Tz::UTC);
    let horizon = after.checked_add_months(Months::new(12 * 30))?;
    set.after(after).before(horizon).all(1).dates.first().map(|d| d.date_naive())
}

/// Creates the next task when a repeating one is completed. Reopening the task deletes the next one while it is unchanged.
async fn repeat(tx: &mut TenantTx, before: &Row, after: &Row) -> Result<(), StoreError> {
    let Some(id) = after.get("id").and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok()) else { return Ok(()) };
    if done(before) && !done(after) {
        return delete_next(tx, id).await;
    }
    let due = after.get("due_date").and_then(Value::as_str).and_then(|d| d.parse::<NaiveDate>().ok());
    let (Some(rule), Some(due)) = (after.get("recurrence").and_then(Value::as_str), due) else { return Ok(()) };
    if done(before) || !done(after) {
        return Ok(());
    }
    let finished: Option<DateTime<Utc>> = after["completed_at"].as_str().and_then(|t| t.parse().ok());
    // Missed occurrences are skipped: the next one lies after today.
    let from = finished.map_or(due, |at| at.date_naive().pred_opt().unwrap_or(due)).max(due);
    let (Some(next), Some(rule)) = (next_day(rule, due, from), used_once(rule)) else { return Ok(()) };
    let followed: bool = sqlx::query_scalar("select exists (select from tasks where workspace_id = $1 and follows_id = $2 and deleted_at is null)")
        .bind(tx.workspace())
        .bind(id)
        .fetch_one(tx.conn())
        .await?;
    if followed {
        return Ok(());
    }
    let fresh = next_task(id, after, next, &rule);
    rows::insert(tx, None, EntityKind::Task, std::slice::from_ref(&fresh), false).await?;
    sqlx::query(
        "insert into tagged_items (workspace_id, entity, record_id, tag_id, position)
         select workspace_id, entity, $3, tag_id, position from tagged_items where workspace_id = $1 and entity = 'task' and record_id = $2",
    )
    .bind(tx.workspace())
    .bind(id)
    .bind(fresh.id)
    .execute(tx.conn())
    .await?;
    reminders::carry_on(tx, after, fresh.id, (next - due).num_days()).await
}

/// The next occurrence of a task: its fields, with the next date and without what belongs to the completed one.
fn next_task(id: Uuid, done: &Row, next: NaiveDate, rule: &str) -> NewRow {
    let copied = tasks::FIELDS.iter().map(|f| f.column).filter(|c| !matches!(*c, "" | "completed_at" | "remind_at"));
    let mut row = NewRow { id: Uuid::now_v7(), ..NewRow::default() };
    for column in copied.chain(["visibility_inherited"]) {
        if let Some(value) = done.get(column).filter(|v| !v.is_null()) {
            row.set(column, value.clone());
        }
    }
    row.set("due_date", json!(next));
    row.set("recurrence", rule);
    row.set("follows_id", json!(id));
    row
}

async fn delete_next(tx: &mut TenantTx, id: Uuid) -> Result<(), StoreError> {
    let text = format!(
        "update tasks t set deleted_at = now(), version = version + 1
         where workspace_id = $1 and follows_id = $2 and completed_at is null and version = 1 and deleted_at is null{}",
        unpointed(pointers(EntityKind::Task))
    );
    let all = bypass::visibility(tx, true).await?;
    sqlx::query(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).bind(id).execute(tx.conn()).await?;
    bypass::visibility(tx, all).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::next_day;

    #[test]
    fn rules_fall_on_the_days_that_rfc_5545_says() {
        let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
        let next = |rule: &str, start: &str, from: &str| next_day(rule, day(start), day(from)).map(|d| d.to_string());
        for (rule, start, from, expected) in [
            ("FREQ=DAILY", "2026-03-28", "2026-03-28", Some("2026-03-29")),
            ("FREQ=WEEKLY;INTERVAL=2", "2026-01-05", "2026-01-05", Some("2026-01-19")),
            ("FREQ=WEEKLY;BYDAY=MO,TH", "2026-01-05", "2026-01-05", Some("2026-01-08")),
            // The 31st is skipped in months that have none.
            ("FREQ=MONTHLY", "2026-01-31", "2026-01-31", Some("2026-03-31")),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", "2026-01-31", Some("2026-02-28")),
            ("FREQ=YEARLY", "2024-02-29", "2024-02-29", Some("2028-02-29")),
            ("FREQ=DAILY;COUNT=3", "2026-01-01", "2026-01-03", None),
            ("FREQ=DAILY;UNTIL=20260102", "2026-01-01", "2026-01-02", None),
            // Completed late: missed occurrences are skipped.
            ("FREQ=WEEKLY", "2026-01-05", "2026-02-01", Some("2026-02-02")),
        ] {
            assert_eq!(next(rule, start, from).as_deref(), expected, "{rule} {start} {from}");
        }
    }
}
