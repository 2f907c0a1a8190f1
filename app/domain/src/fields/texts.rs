//! Texts with a form of their own: addresses, numbers, rules of repetition.

use crate::Invalid;
use chrono::NaiveDate;
use std::borrow::Cow;

/// Error code and message of an invalid value. The message continues the field's label.
pub(super) type Problem = (&'static str, String);

/// The parts of an RRULE that tasks can have: how often, every how many, on which weekdays, until when or how many times.
pub(super) fn recurrence(text: &str) -> Result<String, Problem> {
    let bad = || ("recurrence", "must be a rule such as FREQ=WEEKLY;INTERVAL=2".to_owned());
    let rule = text.trim().trim_start_matches("RRULE:").to_ascii_uppercase();
    let mut frequency = false;
    for part in rule.split(';') {
        let (key, value) = part.split_once('=').ok_or_else(bad)?;
        let fine = match key {
            "FREQ" => {
                frequency = true;
                matches!(value, "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY")
            }
            "INTERVAL" | "COUNT" => value.parse::<u32>().is_ok_and(|n| (1..=1000).contains(&n)),
            "BYDAY" => value.split(',').all(|d| matches!(d, "MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")),
            "BYMONTHDAY" => value.split(',').all(|d| d.parse::<i32>().is_ok_and(|n| n != 0 && (-31..=31).contains(&n))),
            "UNTIL" => value.get(..8).is_some_and(|d| NaiveDate::parse_from_str(d, "%Y%m%d").is_ok()),
            "WKST" => matches!(value, "MO" | "SU"),
            _ => false,
        };
        if !fine {
            return Err(bad());
        }
    }
    if frequency { Ok(rule) } else { Err(bad()) }
}

/// Text of a one-line field: line breaks and tabs, as cells of spreadsheets have them, become single spaces.
pub fn one_line(text: &str) -> Cow<'_, str> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if !text.contains(breaks) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split(breaks).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

pub(super) fn url(text: &str) -> Result<String, Problem> {
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let host = full.strip_prefix("https://").or_else(|| full.strip_prefix("http://")).map(|r| r.split(['/', '?', '#']).next().unwrap_or(""));
    match host {
        Some(h) if h.contains('.') && !h.contains(char::is_whitespace) && full.len() <= 2000 && !full.contains(['"', '<', '>']) => Ok(full),
        _ => Err(("url", "must be a web address such as https://example.com".into())),
    }
}

/// An e-mail address in the form in which it is kept.
pub fn email_of(text: &str) -> Result<String, Invalid> {
    email(text.trim()).map_err(|(code, message)| Invalid::one("email", code, format!("The e-mail address {message}")))
}

/// A phone number in the form in which it is kept.
pub fn phone_of(text: &str) -> Result<String, Invalid> {
    phone(text.trim()).map_err(|(code, message)| Invalid::one("phone", code, format!("The phone number {message}")))
}

pub(super) fn email(text: &str) -> Result<String, Problem> {
    let bad = || ("email", "must be an e-mail address such as ana@example.com".to_owned());
    let address = text.strip_prefix("mailto:").unwrap_or(text).trim().to_lowercase();
    let (local, domain) = address.rsplit_once('@').ok_or_else(bad)?;
    let plain = |s: &str| !s.is_empty() && !s.contains(|c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c));
    let labels = domain.split('.').all(|l| !l.is_empty() && l.len() <= 63 && !l.starts_with('-') && !l.ends_with('-'));
    if plain(local) && plain(domain) && local.len() <= 64 && domain.len() <= 253 && labels && domain.contains('.') && !local.contains('@') {
        Ok(address)
    } else {
        Err(bad())
    }
}

/// Digits with an optional leading `+`, as dialled. National formatting waits for the metadata library on the server.
pub(super) fn phone(text: &str) -> Result<String, Problem> {
    let bad = || ("phone", "must be a phone number such as +49 30 1234567".to_owned());
    if !text.chars().all(|c| c.is_ascii_digit() || " +-()./\u{a0}x".contains(c)) {
        return Err(bad());
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if !(3..=20).contains(&digits.len()) {
        return Err(bad());
    }
    Ok(if text.trim_start().starts_with('+') { format!("+{digits}") } else { digits })
}
