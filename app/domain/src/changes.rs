//! Optimistic updates: a change applied to what was read before it (DESIGN §8). A record, a row of a list or a card knows the version
//! at which it was read, and only later changes are applied to it.

use crate::{
    CompanyId, ContactId, Currency, FieldKind, FieldMap, Invalid, MemberId, Money, Record,
    companies::CompanyRow,
    contacts::ContactRow,
    deals::DealCard,
    fields::{email_of, phone_of},
    records::plain,
};
use serde_json::Value;
use std::{collections::BTreeMap, str::FromStr};
use uuid::Uuid;

/// A change of one record, as it was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// Fields by their keys, with values as they were typed; `null` empties a field.
    pub set: FieldMap,
    /// Names of what reference fields point at now.
    pub names: BTreeMap<Uuid, String>,
    /// What the record is called after it, where the name is made of more than one field.
    pub title: Option<String>,
    /// Of a move: where in the stage, as the command says it.
    pub place: Value,
}

impl Change {
    pub(crate) fn text(&self, key: &str) -> Option<Option<String>> {
        self.set.get(key).map(|v| Some(plain(Some(v))).filter(|t| !t.is_empty()))
    }

    pub(crate) fn number<T: FromStr>(&self, key: &str) -> Option<Option<T>> {
        self.text(key).map(|t| t?.trim().parse().ok())
    }

    /// The first of several addresses or numbers, as lists show it.
    pub(crate) fn first(&self, key: &str, kept: fn(&str) -> Result<String, Invalid>) -> Option<Option<String>> {
        self.text(key).map(|t| kept(t?.split([',', ';']).next()?).ok())
    }

    /// A reference and its name; nothing where the name is not known, so that an old name never stands for a new record.
    pub(crate) fn reference(&self, key: &str) -> Option<Option<(Uuid, String)>> {
        let id = match self.set.get(key)? {
            Value::Null => return Some(None),
            Value::Array(all) => match all.first() {
                Some(first) => plain(Some(first)),
                None => return Some(None),
            },
            one => plain(Some(one)),
        };
        if id.is_empty() {
            return Some(None);
        }
        let id = id.parse().ok()?;
        Some(Some((id, self.names.get(&id)?.clone())))
    }
}

/// A representation of one record, read at a version of it.
pub trait Versioned: Clone {
    fn id(&self) -> Uuid;

    /// Version of the record when it was read.
    fn version(&self) -> i64;

    /// Applies a later change.
    fn apply(&mut self, change: &Change);
}

pub(crate) fn put<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

pub(crate) fn put_named<I: From<Uuid>>(id: &mut Option<I>, name: &mut Option<String>, value: Option<Option<(Uuid, String)>>) {
    if let Some(value) = value {
        let (new, words) = value.unzip();
        (*id, *name) = (new.map(I::from), words);
    }
}

impl Versioned for Record {
    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn apply(&mut self, change: &Change) {
        self.labels.extend(change.names.clone());
        for (key, value) in &change.set {
            // An id without a name is nothing to read.
            let nameless = || value.as_str().and_then(|id| id.parse::<Uuid>().ok()).is_some_and(|id| !self.labels.contains_key(&id));
            // Fields that a dedicated command sets are shown without a name: the page knows their choices.
            if self.kind.field(key).is_some_and(|f| matches!(f.kind, FieldKind::Ref(_)) && !f.create_only) && nameless() {
                continue;
            }
            self.fields.insert(key.clone(), value.clone());
        }
        let called = change.title.clone().or_else(|| change.text(if self.fields.contains_key("title") { "title" } else { "name" }).flatten());
        put(&mut self.title, called);
    }
}

impl Versioned for ContactRow {
    fn id(&self) -> Uuid {
        self.id.0
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn apply(&mut self, change: &Change) {
        put(&mut self.full_name, change.title.clone());
        put(&mut self.job_title, change.text("jobTitle"));
        put(&mut self.email, change.first("emails", email_of));
        put(&mut self.phone, change.first("phones", phone_of));
        put_named::<CompanyId>(&mut self.company_id, &mut self.company, change.reference("companyId"));
        put_named::<MemberId>(&mut None, &mut self.owner, change.reference("ownerId"));
        put(&mut self.status, change.text("status").flatten());
        put(&mut self.warmness_score, change.number("warmnessScore").flatten());
    }
}

impl Versioned for CompanyRow {
    fn id(&self) -> Uuid {
        self.id.0
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn apply(&mut self, change: &Change) {
        put(&mut self.name, change.text("name").flatten());
        put(&mut self.industry, change.text("industry"));
        put(&mut self.location, change.text("location"));
        put(&mut self.employee_count, change.number("employeeCount"));
        put_named::<MemberId>(&mut None, &mut self.owner, change.reference("ownerId"));
    }
}

impl Versioned for DealCard {
    fn id(&self) -> Uuid {
        self.id.0
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn apply(&mut self, change: &Change) {
        put(&mut self.title, change.text("title").flatten());
        let before = self.value();
        put(&mut self.currency, change.text("currency").flatten().and_then(|c| c.parse::<Currency>().ok()));
        // In another currency the amount is the same in major units.
        if let Some(same) = before.and_then(|m| Money::parse(&m.to_decimal(), self.currency).ok()) {
            self.value_minor = Some(same.minor);
        }
        if let Some(value) = change.text("value") {
            self.value_minor = value.and_then(|v| Money::parse(&v, self.currency).ok()).map(|m| m.minor);
        }
        put(&mut self.probability, change.number("probability").flatten());
        put_named::<CompanyId>(&mut self.company_id, &mut self.company, change.reference("companyId"));
        put_named::<ContactId>(&mut self.contact_id, &mut self.contact, change.reference("contactIds"));
        put_named::<MemberId>(&mut self.owner_id, &mut self.owner, change.reference("ownerId"));
        put(&mut self.next_action, change.text("nextAction"));
        put(&mut self.next_action_date, change.number("nextActionDate"));
        put(&mut self.expected_close_date, change.number("expectedCloseDate"));
        put(&mut self.stage_id, change.number("stageId").flatten());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EntityKind;
    use serde_json::json;

    #[test]
    fn an_id_without_a_name_is_not_laid_over_a_record_and_an_old_name_never_stands_for_it() {
        let (old, new) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let now = chrono::DateTime::<chrono::Utc>::UNIX_EPOCH;
        let fields = |owner: Uuid| FieldMap::from_iter([("ownerId".to_owned(), json!(owner)), ("firstName".to_owned(), json!("Ana"))]);
        let read = Record {
            kind: EntityKind::Contact,
            id: Uuid::nil(),
            version: 1,
            title: "Ana".into(),
            fields: fields(old),
            labels: BTreeMap::from([(old, "Bea".to_owned())]),
            imported: FieldMap::new(),
            created_at: now,
            updated_at: now,
        };
        let mut nameless = read.clone();
        nameless.apply(&Change { set: fields(new), ..Change::default() });
        assert_eq!(nameless.label("ownerId"), Some("Bea"));
        let mut named = read.clone();
        named.apply(&Change { set: fields(new), names: BTreeMap::from([(new, "Carl".to_owned())]), ..Change::default() });
        assert_eq!(named.label("ownerId"), Some("Carl"));
        let mut emptied = read;
        emptied.apply(&Change { set: FieldMap::from_iter([("ownerId".to_owned(), Value::Null)]), ..Change::default() });
        assert_eq!(emptied.text("ownerId"), "");
    }
}
