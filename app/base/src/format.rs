//! Numbers, ages and days for people; the same on both sides, counted from a clock that the server sent along.

use crate::{
    i18n::{language, t, tf},
    session::with_offsets,
};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, Timelike, Utc};
use domain::{Currency, Language, Money, zone::Offsets};

/// How many deals are in no sum, because their currency is not the workspace's: ` + 3 in other currencies`.
pub fn other_currencies(n: i64) -> String {
    if n > 0 { format!(" {}", tf("+ {n} in other currencies", &[("n", &count(n))])) } else { String::new() }
}

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
    language().number(&if n < 0 { format!("−{out}") } else { out })
}

/// `63.2`, with so many digits behind the point.
pub fn decimal(x: f64, digits: usize) -> String {
    language().number(&format!("{x:.digits$}"))
}

pub fn money(minor: i64, currency: Currency) -> String {
    Money { minor, currency }.display(language())
}

pub fn money_compact(minor: i64, currency: Currency) -> String {
    Money { minor, currency }.compact(language())
}

/// Age in days, weeks, months or years: `21 d`, `9 y`.
pub fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let days = (now - since).num_days().max(0);
    match days {
        0..=59 => tf("{days} d", &[("days", &days.to_string())]),
        60..=729 => tf("{months} mo", &[("months", &(days / 30).to_string())]),
        _ => tf("{years} y", &[("years", &(days / 365).to_string())]),
    }
}

/// How long ago: `just now`, `5 min ago`, `3 h ago`, then the day.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - at).num_minutes();
    match minutes {
        ..=0 => t("just now").into(),
        1..=59 => tf("{minutes} min ago", &[("minutes", &minutes.to_string())]),
        60..=1439 => tf("{hours} h ago", &[("hours", &(minutes / 60).to_string())]),
        _ => day(day_of(at)),
    }
}

/// `1 Mar 2017`.
pub fn day(day: NaiveDate) -> String {
    let language = language();
    let stop = if language == Language::German { "." } else { "" };
    format!("{}{stop} {} {}", day.day(), language.short_months()[day.month0() as usize % 12], day.year())
}

/// `November 2026`.
pub fn month(day: NaiveDate) -> String {
    let language = language();
    let of = if language == Language::Spanish { " de" } else { "" };
    format!("{}{of} {}", language.months()[day.month0() as usize % 12], day.year())
}

/// `Saturday, 21 November`.
pub fn weekday(day: NaiveDate) -> String {
    let language = language();
    let between = match language {
        Language::German => ". ",
        Language::Spanish => " de ",
        _ => " ",
    };
    let name = language.weekdays()[day.weekday().num_days_from_monday() as usize % 7];
    format!("{name}, {}{between}{}", day.day(), language.months()[day.month0() as usize % 12])
}

/// `Sat`.
pub fn short_weekday(day: NaiveDate) -> &'static str {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    t(DAYS[day.weekday().num_days_from_monday() as usize % 7])
}

/// A moment as the clocks show it where the person is: `21 Nov 2026, 14:05`. Where nobody is signed in it is UTC, and says so.
pub fn moment(at: DateTime<Utc>) -> String {
    let (local, utc) = with_offsets(|o| (o.local(at), o.is_utc()));
    format!("{}, {:02}:{:02}{}", day(local.date()), local.hour(), local.minute(), if utc { " UTC" } else { "" })
}

/// The day it is, or was, where the person is.
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    with_offsets(|o| o.local(at)).date()
}

/// What a `datetime-local` input holds, as a moment in a zone.
pub fn instant_in(offsets: &Offsets, text: &str) -> Option<String> {
    let local: NaiveDateTime = text.parse().or_else(|_| format!("{text}:00").parse()).ok()?;
    Some(offsets.moment(local).to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// What a `datetime-local` input holds, as a moment in the person's zone.
pub fn instant_of_input(text: &str) -> Option<String> {
    with_offsets(|o| instant_in(o, text))
}

/// A moment as a `datetime-local` input wants it, in the person's zone.
pub fn input_of_instant(text: &str) -> String {
    text.parse().map(|at| with_offsets(|o| o.local(at)).format("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
}

/// Rules of repetition to choose from; one that came over the interface stays as it was written.
pub fn recurrence_options(now: &str) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = domain::tasks::RECURRENCES.iter().map(|r| (r.0.to_owned(), crate::i18n::t(r.1).to_owned())).collect();
    if !now.is_empty() && !options.iter().any(|o| o.0 == now) {
        options.push((now.to_owned(), now.to_owned()));
    }
    options
}
