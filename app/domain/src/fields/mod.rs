//! Fields as data: one table per kind of record drives forms, inline edit, REST, import and the store alike.

mod spec;
mod texts;
use crate::{Currency, EntityKind, Invalid, Money};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, SubsecRound, Utc};
use serde_json::{Map, Value};
pub use spec::{DefaultValue, FieldKind, FieldSpec, OnDelete};
use texts::{Problem, email, phone, recurrence, url};
pub use texts::{email_of, one_line, phone_of};
use uuid::Uuid;

/// Field values by JSON name, as they travel. Money is a decimal string, a date `YYYY-MM-DD`, a reference an id.
pub type FieldMap = Map<String, Value>;

/// A checked value, ready for a column.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    Null,
    Text(String),
    Int(i64),
    Date(NaiveDate),
    Instant(DateTime<Utc>),
    Bool(bool),
    Id(Uuid),
    List(Vec<String>),
    Ids(Vec<Uuid>),
    Channels(Vec<Channel>),
}

/// One e-mail address or phone number of a contact.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// A lowercase address, or a number with its leading `+`.
    pub value: String,
    /// `work`, `personal`, `mobile`, …
    #[serde(default = "default_channel_kind")]
    pub kind: String,
    #[serde(default)]
    pub primary: bool,
}

fn default_channel_kind() -> String {
    "work".into()
}

/// A field with its checked value.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    pub spec: &'static FieldSpec,
    pub value: FieldValue,
}

/// Most addresses or numbers one contact can have.
const MOST_CHANNELS: usize = 20;
/// Most tags one record can have.
pub const MOST_TAGS: usize = 30;
/// Most entries of a list field.
const MOST_ENTRIES: usize = 100;

/// Checks `set` against the fields of `kind`. Unknown names are errors, so that a typo never vanishes in silence.
pub fn check(kind: EntityKind, set: &FieldMap, creating: bool, workspace_currency: Currency) -> Result<Vec<Assignment>, Invalid> {
    let specs = kind.fields();
    let mut errors = Invalid::default();
    let mut done = Vec::new();
    let currency = match set.get("currency").and_then(Value::as_str) {
        Some(code) => code.parse().unwrap_or(workspace_currency),
        None => workspace_currency,
    };
    for (key, value) in set {
        let Some(spec) = specs.iter().find(|s| s.key == key) else {
            errors.add(key, "unknown", format!("“{}” is not a field of a {}", clip(key), kind.noun()));
            continue;
        };
        if spec.create_only && !creating {
            errors.add(key, "read_only", format!("{} cannot be edited like this", spec.label));
            continue;
        }
        let parsed = parse(spec, value, currency).and_then(|value| match value {
            // A tag made on its settings page has the same form as one typed on a record.
            FieldValue::Text(name) if kind == EntityKind::Tag && spec.key == "name" => match tags_of(vec![name])? {
                FieldValue::List(mut names) => Ok(names.pop().map_or(FieldValue::Null, FieldValue::Text)),
                other => Ok(other),
            },
            other => Ok(other),
        });
        match parsed {
            Ok(FieldValue::Null) if spec.required => errors.add(key, "required", format!("{} is needed", spec.label)),
            Ok(value) => done.push(Assignment { spec, value }),
            Err((code, message)) => errors.add(key, code, format!("{} {message}", spec.label)),
        }
    }
    if creating {
        for spec in specs.iter().filter(|s| s.required && !set.contains_key(s.key)) {
            errors.add(spec.key, "required", format!("{} is needed", spec.label));
        }
    }
    errors.or(done)
}

fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

fn parse(spec: &FieldSpec, value: &Value, currency: Currency) -> Result<FieldValue, Problem> {
    let text = match value {
        Value::Null => return Ok(FieldValue::Null),
        Value::String(s) if s.trim().is_empty() => return Ok(FieldValue::Null),
        Value::String(s) => Some(s.trim()),
        _ => None,
    };
    if text.is_some_and(|t| t.contains('\0')) {
        return Err(("characters", "contains a character that cannot be stored".into()));
    }
    let want_text = || text.ok_or(("type", "must be text".to_owned()));
    match spec.kind {
        FieldKind::LongText(max) => limited(want_text()?, max),
        FieldKind::Text(max) => limited(&one_line(want_text()?), max),
        FieldKind::Suggest(_) => limited(&one_line(want_text()?), 120),
        FieldKind::Url => url(want_text()?).map(FieldValue::Text),
        FieldKind::Email => email(want_text()?).map(FieldValue::Text),
        FieldKind::Phone => phone(want_text()?).map(FieldValue::Text),
        FieldKind::Int { min, max } => {
            let n = match (value.as_i64(), text) {
                (Some(n), _) => n,
                (None, Some(t)) => t.replace([',', ' ', '\u{a0}'], "").parse().map_err(|_| ("number", "must be a whole number".to_owned()))?,
                _ => return Err(("number", "must be a whole number".into())),
            };
            if (min..=max).contains(&n) { Ok(FieldValue::Int(n)) } else { Err(("range", format!("must be from {min} to {max}"))) }
        }
        FieldKind::Money => {
            let text = match (text, value) {
                (Some(t), _) => t.to_owned(),
                (None, Value::Number(n)) => n.to_string(),
                _ => return Err(("money", "must be an amount".into())),
            };
            Money::parse(&text, currency).map(|m| FieldValue::Int(m.minor)).map_err(|e| ("money", e.to_owned()))
        }
        FieldKind::Currency => {
            want_text()?.parse::<Currency>().map(|c| FieldValue::Text(c.code().into())).map_err(|e| ("currency", format!("is not right: {e}")))
        }
        FieldKind::Date => want_text()?
            .get(..10)
            .and_then(|d| d.parse::<NaiveDate>().ok())
            .filter(|d| (1000..=9999).contains(&chrono::Datelike::year(d)))
            .map(FieldValue::Date)
            .ok_or(("date", "must be a date such as 2026-11-30".into())),
        FieldKind::Time => want_text()?
            .get(..5)
            .and_then(|t| NaiveTime::parse_from_str(t, "%H:%M").ok())
            .map(|t| FieldValue::Text(t.format("%H:%M").to_string()))
            .ok_or(("time", "must be a time of day such as 14:30".into())),
        FieldKind::LocalTime => want_text()?
            .get(..16)
            .map(|t| t.replace(' ', "T"))
            .and_then(|t| NaiveDateTime::parse_from_str(&t, "%Y-%m-%dT%H:%M").ok())
            .filter(|t| (2000..=2999).contains(&chrono::Datelike::year(t)))
            .map(|t| FieldValue::Text(t.format("%Y-%m-%dT%H:%M").to_string()))
            .ok_or(("local_time", "must be a day and a time such as 2026-11-30T14:30".into())),
        FieldKind::Instant => DateTime::parse_from_rfc3339(want_text()?)
            .map(|t| t.with_timezone(&Utc).trunc_subsecs(6))
            .ok()
            .filter(|t| (1900..=9999).contains(&chrono::Datelike::year(t)))
            .map(FieldValue::Instant)
            .ok_or(("instant", "must be a moment such as 2026-11-30T14:30:00Z".into())),
        // Whether there is such a zone is for the store to say; its list is too long for the browser.
        FieldKind::TimeZone => Some(want_text()?)
            .filter(|z| z.len() <= 60 && z.chars().all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c)))
            .map(|z| FieldValue::Text(z.into()))
            .ok_or(("time_zone", "must be a zone such as Europe/Berlin".into())),
        FieldKind::Recurrence => recurrence(want_text()?).map(FieldValue::Text),
        FieldKind::Bool => match (value.as_bool(), text) {
            (Some(b), _) => Ok(FieldValue::Bool(b)),
            (None, Some("true" | "on" | "yes" | "1")) => Ok(FieldValue::Bool(true)),
            (None, Some("false" | "off" | "no" | "0")) => Ok(FieldValue::Bool(false)),
            _ => Err(("bool", "must be yes or no".into())),
        },
        FieldKind::Choice(choices) => {
            let t = want_text()?;
            choices
                .iter()
                .find(|(code, label)| *code == t || label.eq_ignore_ascii_case(t))
                .map(|(code, _)| FieldValue::Text((*code).into()))
                .ok_or_else(|| ("choice", format!("must be one of {}", choices.iter().map(|c| c.1).collect::<Vec<_>>().join(", "))))
        }
        FieldKind::Several(choices) => match list(value, text)? {
            FieldValue::List(given) => several(choices, &given),
            none => Ok(none),
        },
        FieldKind::Ref(_) => Uuid::parse_str(want_text()?).map(FieldValue::Id).map_err(|_| ("reference", "must be the id of a record".into())),
        FieldKind::Contacts => ids(value, text),
        FieldKind::List => list(value, text),
        FieldKind::Tags => match list(value, text)? {
            FieldValue::List(tags) => tags_of(tags),
            none => Ok(none),
        },
        FieldKind::Emails => channels(value, text, email, "work"),
        FieldKind::Phones => channels(value, text, phone, "mobile"),
    }
}

/// A moment as it travels: UTC, to the microsecond at most.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn limited(text: &str, max: usize) -> Result<FieldValue, Problem> {
    let long = text.chars().count();
    if long > max {
        return Err(("too_long", format!("has {long} characters; at most {max} fit")));
    }
    Ok(FieldValue::Text(text.into()))
}

fn entries(value: &Value, text: Option<&str>) -> Result<Vec<Value>, Problem> {
    match (value, text) {
        (Value::Array(a), _) if a.len() <= MOST_ENTRIES => Ok(a.clone()),
        (Value::Array(_), _) => Err(("too_many", format!("takes at most {MOST_ENTRIES} entries"))),
        (_, Some(t)) => Ok(t.split([',', ';', '\n']).map(str::trim).filter(|s| !s.is_empty()).map(|s| Value::String(s.into())).collect()),
        _ => Err(("type", "must be a list".into())),
    }
}

fn list(value: &Value, text: Option<&str>) -> Result<FieldValue, Problem> {
    let mut out: Vec<String> = Vec::new();
    for entry in entries(value, text)? {
        let entry = entry.as_str().map(str::trim).filter(|e| e.chars().count() <= 120 && !e.contains('\0'));
        let entry = entry.ok_or(("type", "must hold short texts".to_owned()))?;
        if !entry.is_empty() && !out.iter().any(|o| o == entry) {
            out.push(entry.into());
        }
    }
    Ok(if out.is_empty() { FieldValue::Null } else { FieldValue::List(out) })
}

/// Codes in the order of the choices; labels are understood too.
fn several(choices: &[(&str, &str)], given: &[String]) -> Result<FieldValue, Problem> {
    let is = |c: &(&str, &str), g: &String| c.0 == g || c.1.eq_ignore_ascii_case(g);
    if !given.iter().all(|g| choices.iter().any(|c| is(c, g))) {
        return Err(("choice", format!("must be some of {}", choices.iter().map(|c| c.1).collect::<Vec<_>>().join(", "))));
    }
    Ok(FieldValue::List(choices.iter().filter(|c| given.iter().any(|g| is(c, g))).map(|c| c.0.to_owned()).collect()))
}

/// A leading `#` is how tags are typed, and no part of their name; upper and lower case are one tag.
fn tags_of(names: Vec<String>) -> Result<FieldValue, Problem> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let name = name.trim_start_matches('#').trim();
        if name.is_empty() || name.chars().count() > 60 || name.contains([',', ';', '\n']) {
            return Err(("tag", "takes tags of 1 to 60 characters without commas".into()));
        }
        if !out.iter().any(|o| o.to_lowercase() == name.to_lowercase()) {
            out.push(name.to_owned());
        }
    }
    if out.len() > MOST_TAGS {
        return Err(("too_many", format!("takes at most {MOST_TAGS} tags")));
    }
    Ok(FieldValue::List(out))
}

fn ids(value: &Value, text: Option<&str>) -> Result<FieldValue, Problem> {
    let mut out = Vec::new();
    for entry in entries(value, text)? {
        let id = entry.as_str().and_then(|s| Uuid::parse_str(s).ok()).ok_or(("reference", "must hold ids of contacts".to_owned()))?;
        if !out.contains(&id) {
            out.push(id);
        }
    }
    Ok(FieldValue::Ids(out))
}

fn channels(value: &Value, text: Option<&str>, check: fn(&str) -> Result<String, Problem>, kind: &str) -> Result<FieldValue, Problem> {
    let mut out: Vec<Channel> = Vec::new();
    for entry in entries(value, text)? {
        let mut channel = match &entry {
            Value::String(s) => Channel { value: s.clone(), kind: kind.into(), primary: false },
            other => serde_json::from_value(other.clone()).map_err(|_| ("type", "must hold objects with a value".to_owned()))?,
        };
        channel.value = check(channel.value.trim())?;
        if channel.kind.is_empty() || channel.kind.len() > 30 {
            return Err(("type", "has a kind that is too long".into()));
        }
        if !out.iter().any(|c| c.value == channel.value) {
            out.push(channel);
        }
    }
    if out.len() > MOST_CHANNELS {
        return Err(("too_many", format!("takes at most {MOST_CHANNELS}")));
    }
    // Exactly one primary when there is any (SPEC EML-01).
    let first = out.iter().position(|c| c.primary).unwrap_or(0);
    for (i, c) in out.iter_mut().enumerate() {
        c.primary = i == first;
    }
    Ok(FieldValue::Channels(out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check_contact(set: Value, creating: bool) -> Result<Vec<Assignment>, Invalid> {
        let Value::Object(set) = set else { panic!("an object") };
        check(EntityKind::Contact, &set, creating, Currency::USD)
    }

    #[test]
    fn a_contact_needs_a_first_name_only() {
        assert!(check_contact(json!({"firstName": "Ana"}), true).is_ok());
        let errors = check_contact(json!({"lastName": "Lee"}), true).unwrap_err();
        assert_eq!(errors.0[0].message, "First name is needed");
    }

    #[test]
    fn wrong_values_are_named_with_their_field() {
        for (key, value, code) in [
            ("firstName", json!("x".repeat(10_000)), "too_long"),
            ("firstName", json!("a\0b"), "characters"),
            ("firstName", json!(["a"]), "type"),
            ("warmnessScore", json!(11), "range"),
            ("warmnessScore", json!("9999999999999999999999"), "number"),
            ("birthday", json!("2023-02-30"), "date"),
            ("linkedinUrl", json!("javascript:alert(1)"), "url"),
            ("emails", json!(["not an address"]), "email"),
            ("emails", json!("a@b@c.d"), "email"),
            ("phones", json!("call me"), "phone"),
            ("status", json!("sleeping"), "choice"),
            ("companyId", json!("17"), "reference"),
            ("isAdmin", json!(true), "unknown"),
        ] {
            let set: FieldMap = [("firstName".to_owned(), json!("Ana")), (key.to_owned(), value)].into_iter().collect();
            let errors = check(EntityKind::Contact, &set, true, Currency::USD).unwrap_err();
            assert_eq!((errors.0[0].field.as_str(), errors.0[0].code.as_str()), (key, code));
        }
    }

    #[test]
    fn one_address_is_primary_when_there_is_any() {
        let done = check_contact(json!({"emails": ["A@x.org", {"value": "b@x.org", "primary": true}, "a@x.org"]}), false).unwrap();
        let FieldValue::Channels(emails) = &done[0].value else { panic!("channels") };
        assert_eq!(emails.iter().map(|e| (e.value.as_str(), e.primary)).collect::<Vec<_>>(), [("a@x.org", false), ("b@x.org", true)]);
    }
}
