//! Numbers, ages and days for people; the same on both sides, counted from a clock that the server sent along.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{Currency, Money};

/// `12,345`.
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if n < 0 { format!("−{out}") } else { out }
}

pub fn money(minor: i64, currency: Currency) -> String {
    Money { minor, currency }.display()
}

pub fn money_compact(minor: i64, currency: Currency) -> String {
    Money { minor, currency }.compact()
}

/// Age in days, weeks, months or years: `21 d`, `9 y`.
pub fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let days = (now - since).num_days().max(0);
    match days {
        0..=59 => format!("{days} d"),
        60..=729 => format!("{} mo", days / 30),
        _ => format!("{} y", days / 365),
    }
}

/// How long ago: `just now`, `5 min ago`, `3 h ago`, then the day.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - at).num_minutes();
    match minutes {
        ..=0 => "just now".into(),
        1..=59 => format!("{minutes} min ago"),
        60..=1439 => format!("{} h ago", minutes / 60),
        _ => day(at.date_naive()),
    }
}

/// `1 Mar 2017`.
pub fn day(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// `November 2026`.
pub fn month(day: NaiveDate) -> String {
    day.format("%B %Y").to_string()
}

/// `Saturday, 21 November`.
pub fn weekday(day: NaiveDate) -> String {
    day.format("%A, %-d %B").to_string()
}

/// A moment with its time, in UTC as long as nobody has said where they are.
pub fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y, %H:%M UTC").to_string()
}

/// What a `datetime-local` input holds, as a moment: the browser knows the zone it stands in. Only in the browser.
pub fn instant_of_input(text: &str) -> Option<String> {
    let at = js_sys::Date::new(&text.into());
    (!at.get_time().is_nan()).then(|| at.to_iso_string().into())
}

/// A moment as a `datetime-local` input wants it, in the browser's zone. Only in the browser.
pub fn input_of_instant(text: &str) -> String {
    let at = js_sys::Date::new(&text.into());
    if at.get_time().is_nan() {
        return String::new();
    }
    format!("{:04}-{:02}-{:02}T{:02}:{:02}", at.get_full_year(), at.get_month() + 1, at.get_date(), at.get_hours(), at.get_minutes())
}

/// Rules of repetition to choose from; one that came over the interface stays as it was written.
pub fn recurrence_options(now: &str) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = domain::tasks::RECURRENCES.iter().map(|r| (r.0.to_owned(), crate::i18n::t(r.1).to_owned())).collect();
    if !now.is_empty() && !options.iter().any(|o| o.0 == now) {
        options.push((now.to_owned(), now.to_owned()));
    }
    options
}
