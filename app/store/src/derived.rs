//! What follows from a change and is never written by hand: when somebody was last contacted, the next task of a
//! repetition, who may see what was logged about a private record. Recomputed by undo like by everything else.

use crate::{
    StoreError, TenantTx, bypass,
    references::{pointers, unpointed},
    reminders, tags,
};
use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use domain::{
    EntityKind, EventId, FieldKind, Invalid,
    fields::{Assignment, FieldValue},
};
use rrule::RRuleSet;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

type Row = Map<String, Value>;

fn id_of(row: &Row, column: &str) -> Option<Uuid> {
    row.get(column)?.as_str()?.parse().ok()
}

/// Called after every change of a record, with its row before and after; none means it was not there. `event` tells of the
/// change, and of what it did to other records.
pub(crate) async fn follow(tx: &mut TenantTx, event: EventId, kind: EntityKind, before: Option<&Row>, after: Option<&Row>) -> Result<(), StoreError> {
    match kind {
        EntityKind::Interaction => last_contacted(tx, before, after).await,
        EntityKind::Task => {
            pass_visibility_on(tx, event, kind, before, after).await?;
            repeat(tx, before, after).await?;
            reminders::follow(tx, before, after).await
        }
        EntityKind::Member => zone(tx, before, after).await,
        EntityKind::Contact | EntityKind::Company | EntityKind::Deal => pass_visibility_on(tx, event, kind, before, after).await,
        _ => Ok(()),
    }
}

/// Reminders keep the time that the clock on somebody's wall shows.
async fn zone(tx: &mut TenantTx, before: Option<&Row>, after: Option<&Row>) -> Result<(), StoreError> {
    let (Some(before), Some(after)) = (before, after) else { return Ok(()) };
    match id_of(after, "id") {
        Some(id) if before.get("time_zone") != after.get("time_zone") => reminders::zone_changed(tx, id.into()).await,
        _ => Ok(()),
    }
}

/// INT-01: the latest interaction that was done and is not in the future.
async fn last_contacted(tx: &mut TenantTx, before: Option<&Row>, after: Option<&Row>) -> Result<(), StoreError> {
    let people: Vec<Uuid> =
        [before, after].into_iter().flatten().filter_map(|r| id_of(r, "contact_id")).collect::<BTreeSet<_>>().into_iter().collect();
    if people.is_empty() {
        return Ok(());
    }
    sqlx::query("select update_last_contacted($1)").bind(people).execute(tx.conn()).await?;
    Ok(())
}

/// One occurrence of a counted rule is used up; none: that was the last.
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

/// The day after `day` on which a rule falls next (RFC 5545); none: it has ended.
pub(crate) fn next_day(rule: &str, start: NaiveDate, day: NaiveDate) -> Option<NaiveDate> {
    // Counted in whole days without a zone: the time of day is the person's own and stays what it is.
    let text = format!("DTSTART:{}T000000Z\nRRULE:{rule}", start.format("%Y%m%d"));
    let set: RRuleSet = text.parse().ok()?;
    let after = day.checked_add_days(Days::new(1))?.and_hms_opt(0, 0, 0)?.and_utc().with_timezone(&rrule::Tz::UTC);
    let horizon = after.checked_add_months(Months::new(12 * 30))?;
    set.after(after).before(horizon).all(1).dates.first().map(|d| d.date_naive())
}

/// A repeating task that is done makes the next one; taking the doing back takes an untouched next one away again.
async fn repeat(tx: &mut TenantTx, before: Option<&Row>, after: Option<&Row>) -> Result<(), StoreError> {
    let (Some(before), Some(after)) = (before, after) else { return Ok(()) };
    let done = |row: &Row| row.get("completed_at").is_some_and(|v| !v.is_null());
    let Some(id) = id_of(after, "id") else { return Ok(()) };
    let workspace = tx.workspace();
    if done(before) && !done(after) {
        let text = format!(
            "update tasks t set deleted_at = now(), version = version + 1
             where workspace_id = $1 and follows_id = $2 and completed_at is null and version = 1 and deleted_at is null{}",
            unpointed(pointers(EntityKind::Task))
        );
        let all = bypass::see_all(tx, true).await?;
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(workspace).bind(id).execute(tx.conn()).await?;
        bypass::see_all(tx, all).await?;
    }
    let (Some(rule), Some(due)) = (after["recurrence"].as_str(), after["due_date"].as_str().and_then(|d| d.parse::<NaiveDate>().ok())) else {
        return Ok(());
    };
    if done(before) || !done(after) {
        return Ok(());
    }
    let finished: Option<DateTime<Utc>> = after["completed_at"].as_str().and_then(|t| t.parse().ok());
    // What was missed meanwhile is not made up for: the next one lies after today.
    let from = finished.map_or(due, |at| at.date_naive().pred_opt().unwrap_or(due)).max(due);
    let (Some(next), Some(rule)) = (next_day(rule, due, from), used_once(rule)) else { return Ok(()) };
    let fresh = Uuid::now_v7();
    let made = sqlx::query(
        "insert into tasks (workspace_id, id, title, description, kind, priority, due_date, due_time, recurrence, follows_id, contact_id, company_id, deal_id, owner_id, visibility, visibility_inherited)
         select workspace_id, $3, title, description, kind, priority, $4, due_time, $5, id, contact_id, company_id, deal_id, owner_id, visibility, visibility_inherited
         from tasks t where workspace_id = $1 and id = $2
            and not exists (select from tasks n where n.workspace_id = $1 and n.follows_id = $2 and n.deleted_at is null)",
    )
    .bind(workspace)
    .bind(id)
    .bind(fresh)
    .bind(next)
    .bind(rule)
    .execute(tx.conn())
    .await?;
    if made.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query(
        "insert into tagged_items (workspace_id, entity, record_id, tag_id, position)
         select workspace_id, entity, $3, tag_id, position from tagged_items where workspace_id = $1 and entity = 'task' and record_id = $2",
    )
    .bind(workspace)
    .bind(id)
    .bind(fresh)
    .execute(tx.conn())
    .await?;
    reminders::carry_on(tx, after, fresh, (next - due).num_days()).await
}

/// What is logged about a private record is as private as the record. It is widened with the record again only where its
/// visibility was inherited; what its owner chose stays (`visibility_inherited`).
async fn pass_visibility_on(
    tx: &mut TenantTx,
    event: EventId,
    kind: EntityKind,
    before: Option<&Row>,
    after: Option<&Row>,
) -> Result<(), StoreError> {
    let (Some(before), Some(after)) = (before, after) else { return Ok(()) };
    if before.get("visibility") == after.get("visibility") {
        return Ok(());
    }
    let (Some(id), Some(visibility)) = (id_of(after, "id"), after["visibility"].as_str()) else { return Ok(()) };
    if visibility == "workspace" {
        tags::share(tx, kind, id).await?;
    }
    // Rows of others that are seen by nobody here are found as well: their text is about this record.
    let all = bypass::see_all(tx, true).await?;
    let tables: &[&str] = if kind == EntityKind::Task { &["notes"] } else { &["interactions", "tasks", "notes"] };
    for table in tables {
        let query = visibility_cascade(kind, table);
        sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(tx.workspace())
            .bind(id)
            .bind(visibility)
            .bind(event)
            .bind(tx.actor.member)
            .bind(tx.actor.role.allows(domain::Permission::Oversee))
            .bind(id_of(after, "owner_id"))
            .execute(tx.conn())
            .await?;
    }
    bypass::see_all(tx, all).await?;
    Ok(())
}

/// The rows of `table` about a record of `kind` follow its new visibility `$3`: tighter with the record, wider where they
/// inherited, and never wider than anything else they are about. A row of somebody else that a third person linked to the
/// record stays as it is: linking and then narrowing would be a way around `refuse_narrowing`. Admins (`$6`) may narrow all.
fn visibility_cascade(kind: EntityKind, table: &str) -> String {
    let width = |column: &str| format!("case {column} when 'private' then 0 when 'team' then 1 else 2 end");
    let about = |linked: &str| {
        format!("select {} as w from {linked} r where r.workspace_id = $1 and r.id = t.{}_id", width("r.visibility"), singular(linked))
    };
    let mut linked: Vec<String> = ["contacts", "companies", "deals"].map(about).to_vec();
    if table == "notes" {
        linked.push(about("tasks"));
    }
    let (record, noun, field) = (kind.noun(), table.trim_end_matches('s'), format!("{}Id", kind.noun()));
    let (row, new) = (width("t.visibility"), width("$3::text"));
    format!(
        "with was as (
            select t.id, t.visibility, t.owner_id, least({new}, (select min(l.w) from ({linked}) l)) as w,
                case when {row} > {new} then t.visibility = 'workspace' or t.visibility_inherited else true end as inherited
            from {table} t where t.workspace_id = $1 and t.{record}_id = $2
            and ({row} > {new} and ($6 or t.owner_id = $5 or not exists (
                    select from events e where e.workspace_id = $1 and e.entity = '{noun}' and e.entity_id = t.id and e.verb <> 'created'
                    and e.changes -> '{field}' ->> 'after' = $2::text and e.member_id is distinct from t.owner_id
                    and not coalesce(manages(e.member_id), false)))
                or {row} < {new} and t.visibility_inherited)
            for no key update of t
         ), changed as (
            update {table} t set visibility = (array['private', 'team', 'workspace'])[was.w + 1], visibility_inherited = was.inherited and was.w < 2,
                -- Without an owner nobody would see it.
                owner_id = case when was.w < 2 then coalesce(t.owner_id, $7) else t.owner_id end, version = version + 1
            from was where t.workspace_id = $1 and t.id = was.id and t.visibility <> (array['private', 'team', 'workspace'])[was.w + 1]
            returning t.id, t.version, was.visibility as before, t.visibility as after, was.owner_id as owner_before, t.owner_id as owner_after
         )
         insert into event_rows (workspace_id, event_id, entity, entity_id, version, changes)
         select $1, $4, '{noun}', id, version, jsonb_build_object('visibility', jsonb_build_object('before', before, 'after', after))
            || case when owner_before is null and owner_after is not null then jsonb_build_object('ownerId', jsonb_build_object('before', null, 'after', owner_after)) else '{{}}' end
         from changed",
        linked = linked.join(" union all "),
    )
}

fn singular(table: &str) -> &str {
    match table {
        "companies" => "company",
        other => other.trim_end_matches('s'),
    }
}

/// The visibility that something new takes over from the records it is about.
pub(crate) async fn inherited_visibility(tx: &mut TenantTx, kind: EntityKind, set: &[Assignment]) -> Result<Option<String>, StoreError> {
    if !kind.is_activity() {
        return Ok(None);
    }
    let of = |key: &str| {
        set.iter().find(|a| a.spec.key == key).and_then(|a| match a.value {
            FieldValue::Id(id) => Some(id),
            _ => None,
        })
    };
    let (contact, company, deal, task) = (of("contactId"), of("companyId"), of("dealId"), of("taskId"));
    if contact.is_none() && company.is_none() && deal.is_none() && task.is_none() {
        return Ok(None);
    }
    // Row locks in a fixed order serialise logging and narrowing: either the cascade sees the new row, or this read sees the
    // new visibility.
    Ok(sqlx::query_scalar(
        "with c as (select visibility from contacts where workspace_id = $1 and id = $2 for no key update),
            o as (select visibility from companies where workspace_id = $1 and id = $3 for no key update),
            d as (select visibility from deals where workspace_id = $1 and id = $4 for no key update),
            t as (select visibility from tasks where workspace_id = $1 and id = $5 for no key update)
         select visibility from (table c union all table o union all table d union all table t) v
         where visibility <> 'workspace' order by visibility limit 1",
    )
    .bind(tx.workspace())
    .bind(contact)
    .bind(company)
    .bind(deal)
    .bind(task)
    .fetch_optional(tx.conn())
    .await?)
}

/// A zone must be one that Postgres can reckon with, a repetition one that can be reckoned.
pub(crate) async fn check_zone(tx: &mut TenantTx, set: &[Assignment]) -> Result<(), StoreError> {
    for a in set.iter().filter(|a| a.spec.kind == FieldKind::Recurrence) {
        let FieldValue::Text(rule) = &a.value else { continue };
        if format!("DTSTART:20260101T000000Z\nRRULE:{rule}").parse::<RRuleSet>().is_err() {
            return Err(Invalid::one(a.spec.key, "recurrence", format!("{} must be a rule such as FREQ=WEEKLY;INTERVAL=2", a.spec.label)).into());
        }
    }
    for a in set.iter().filter(|a| a.spec.kind == FieldKind::TimeZone) {
        let FieldValue::Text(zone) = &a.value else { continue };
        let known: bool = sqlx::query_scalar("select exists (select from pg_timezone_names where name = $1)").bind(zone).fetch_one(tx.conn()).await?;
        if !known {
            return Err(Invalid::one(a.spec.key, "time_zone", format!("{} must be a zone such as Europe/Berlin", a.spec.label)).into());
        }
    }
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
            // Done late: what was missed is not made up for.
            ("FREQ=WEEKLY", "2026-01-05", "2026-02-01", Some("2026-02-02")),
        ] {
            assert_eq!(next(rule, start, from).as_deref(), expected, "{rule} {start} {from}");
        }
    }
}
