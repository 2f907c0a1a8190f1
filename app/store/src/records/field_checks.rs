//! Checks of field values that need a library or the database.

use crate::{StoreError, TenantTx};
use domain::{
    FieldKind, Invalid,
    fields::{Assignment, FieldValue},
};
use rrule::RRuleSet;

/// Refuses time zones that Postgres does not know, and recurrence rules that cannot be parsed (RFC 5545).
pub(crate) async fn check(tx: &mut TenantTx, set: &[Assignment]) -> Result<(), StoreError> {
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
