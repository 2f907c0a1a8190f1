//! Reading other people's files: what kind of record they hold, which column is which field, what each row says.

use crate::{FieldKind, FieldMap};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

mod commands;
#[cfg(not(target_arch = "wasm32"))]
mod reading;
mod spec;
mod views;
pub use commands::{ImportCommand, ImportInternal};
#[cfg(not(target_arch = "wasm32"))]
pub use reading::{guess_mapping, map_row, sniff_kind};
pub use spec::{HeaderWords, Identity, ImportKind, ImportSpec};
pub use views::{FindingView, ImportOptions, ImportView, KnownRows, PreviewRow, SampleView, Suggestion, UndoPreview};

/// Where a column goes: a field key of the kind, or one of the special targets.
pub mod target {
    /// The id the row has in the other system; the same id is never imported twice.
    pub const EXTERNAL_ID: &str = "externalId";
    /// Names of other records, found or made.
    pub const COMPANY: &str = "company";
    pub const PARENT: &str = "parent";
    pub const PRODUCT: &str = "product";
    pub const OWNER: &str = "owner";
    pub const MANAGER: &str = "manager";
    pub const STAGE: &str = "stage";
    pub const OPENED: &str = "openedAt";
    pub const CLOSED: &str = "closedAt";
    /// First and last name in one.
    pub const FULL_NAME: &str = "fullName";
    /// No field for it: kept on the record as it is, and shown.
    pub const KEEP: &str = "keep";
    pub const IGNORE: &str = "ignore";
}

/// One column of the file and what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ColumnMapping {
    pub header: String,
    pub target: String,
    /// 0–100: how sure the guess is; 100 when a person chose it.
    pub confidence: u8,
    pub samples: Vec<String>,
}

/// All targets of a kind with their labels, for the mapping step.
pub fn targets(kind: ImportKind) -> Vec<(String, &'static str)> {
    let mut out: Vec<(String, &'static str)> = kind
        .entity()
        .fields()
        .iter()
        .filter(|f| !matches!(f.kind, FieldKind::Ref(_) | FieldKind::Contacts | FieldKind::Tags | FieldKind::LocalTime))
        .map(|f| (f.key.to_owned(), f.label))
        .collect();
    out.extend(kind.spec().special.iter().map(|(k, l)| ((*k).to_owned(), *l)));
    out.push((target::EXTERNAL_ID.into(), "Id in the other system"));
    out.push((target::KEEP.into(), "Keep as extra information"));
    out.push((target::IGNORE.into(), "Leave out"));
    out
}

/// Letters and digits only, lower case: how names and headers are compared loosely ("GTX Pro" = "GTXPro").
pub fn squash(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What a row says, with the names of other records still as names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappedRow {
    pub fields: FieldMap,
    pub unmapped: FieldMap,
    pub external_id: Option<String>,
    pub company: Option<String>,
    pub parent: Option<String>,
    pub product: Option<String>,
    pub owner: Option<String>,
    pub manager: Option<String>,
    /// Key of the template stage the source's word stands for, or the word itself.
    pub stage: Option<String>,
    pub opened_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
}

impl MappedRow {
    /// Name of the record that a reference field points at.
    pub fn name_of(&self, field: &str) -> Option<&String> {
        match field {
            "companyId" => self.company.as_ref(),
            "parentId" => self.parent.as_ref(),
            "productId" => self.product.as_ref(),
            "ownerId" => self.owner.as_ref(),
            "managerId" => self.manager.as_ref(),
            _ => None,
        }
    }
}

/// Words of other systems for our stages (issue: `Engaging` → Qualification, `Won`/`Lost` close).
pub fn stage_key(word: &str) -> String {
    match squash(word).as_str() {
        "won" | "closedwon" => "closed_won".into(),
        "lost" | "closedlost" => "closed_lost".into(),
        "engaging" | "engaged" => "qualification".into(),
        other => other.into(),
    }
}

/// A day as people write it: ISO first, then `31.12.2016`, `12/31/2016` (or `31/12/2016` when the first is over 12).
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let head = text.get(..10).unwrap_or(text);
    if let Ok(day) = head.parse::<NaiveDate>() {
        return Some(day);
    }
    let parts: Vec<&str> = text.split(['.', '/', '-']).map(str::trim).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (a, b): (u32, u32) = (a.parse().ok()?, b.parse().ok()?);
    let year: i32 = c.get(..4).filter(|_| c.len() >= 4)?.parse().ok()?;
    let dotted = text.contains('.');
    let (day, month) = if dotted || a > 12 { (a, b) } else { (b, a) };
    NaiveDate::from_ymd_opt(year, month, day)
}

/// The known name most like `name`, if it is like enough to suggest: (index, likeness 0–1).
pub fn suggest(name: &str, known: &[String]) -> Option<(usize, f64)> {
    let wanted = squash(name);
    known
        .iter()
        .enumerate()
        .map(|(i, k)| {
            let k = squash(k);
            (i, if k == wanted { 1.0 } else { strsim::jaro_winkler(&k, &wanted) })
        })
        .filter(|(_, likeness)| *likeness >= 0.93)
        .max_by(|a, b| a.1.total_cmp(&b.1))
}
