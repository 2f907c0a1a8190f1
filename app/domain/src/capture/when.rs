//! Days and times in a line.

use super::{Capture, Token, matches, words::Words};
use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};

/// Takes the first day and the first time out of the line. Words before `from` are the verb's.
pub(super) fn take(tokens: &mut [Token], words: &Words, today: NaiveDate, from: usize, out: &mut Capture) {
    let mut at = from;
    while at < tokens.len() {
        if out.day.is_none()
            && let Some((day, n)) = day_at(tokens, at, words, today)
        {
            out.day = Some(day);
            use_up(tokens, at, n, words.on, from);
            at += n;
            continue;
        }
        at += 1;
    }
    for at in from..tokens.len() {
        if let Some((time, n)) = time_at(tokens, at, words, from) {
            out.time = Some(time);
            use_up(tokens, at, n, words.at, from);
            if at >= from && !tokens.get(at.wrapping_sub(1)).is_some_and(|t| t.used) {
                use_up(tokens, at, n, words.on, from);
            }
            break;
        }
    }
    // A time alone is today's.
    if out.time.is_some() && out.day.is_none() {
        out.day = Some(today);
    }
}

/// Marks what was understood, with the "at" or "on" before it.
fn use_up(tokens: &mut [Token], at: usize, n: usize, before: &[&str], from: usize) {
    for token in &mut tokens[at..at + n] {
        token.used = true;
    }
    for phrase in before {
        let long = phrase.split(' ').count();
        if at >= from + long && matches(tokens, at - long, phrase).is_some() {
            for token in &mut tokens[at - long..at] {
                token.used = true;
            }
            return;
        }
    }
}

fn index_of(list: &[&[&str]], word: &str) -> Option<u32> {
    list.iter().position(|names| names.contains(&word)).map(|i| i as u32)
}

fn number(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 4 || !text.bytes().all(|b| b.is_ascii_digit()) { None } else { text.parse().ok() }
}

/// The day of a month, `5`, `5th` or `5.`.
fn month_day(low: &str, words: &Words) -> Option<u32> {
    let bare = words.ordinals.iter().find_map(|o| low.strip_suffix(o)).unwrap_or(low);
    number(bare).filter(|n| (1..=31).contains(n))
}

/// That day this year, or next year when it has passed.
fn coming(month: u32, day: u32, today: NaiveDate) -> Option<NaiveDate> {
    let this = NaiveDate::from_ymd_opt(today.year(), month, day);
    this.filter(|d| *d >= today).or_else(|| NaiveDate::from_ymd_opt(today.year() + 1, month, day)).or(this)
}

fn in_week_after(today: NaiveDate, weekday: u32) -> Option<NaiveDate> {
    let monday = today.checked_sub_days(Days::new(today.weekday().num_days_from_monday().into()))?;
    monday.checked_add_days(Days::new(7 + u64::from(weekday)))
}

fn later(today: NaiveDate, days: i64) -> Option<NaiveDate> {
    today.checked_add_signed(chrono::Duration::try_days(days)?)
}

/// The day that begins at this word, and how many words say it.
fn day_at(tokens: &[Token], at: usize, words: &Words, today: NaiveDate) -> Option<(NaiveDate, usize)> {
    let token = tokens.get(at).filter(|t| !t.used)?;
    let low = token.low.as_str();
    let after = |n: usize| tokens.get(at + n).filter(|t| !t.used).map_or("", |t| t.low.as_str());
    if let Some((days, n)) = words.days.iter().filter_map(|(p, d)| Some((*d, matches(tokens, at, p)?))).max_by_key(|f| f.1) {
        return Some((later(today, days)?, n));
    }
    for phrase in words.within {
        let Some(n) = matches(tokens, at, phrase) else { continue };
        let count = number(after(n)).or_else(|| words.one.contains(&after(n)).then_some(1));
        let unit = words.units.iter().find(|u| u.0 == after(n + 1));
        if let (Some(count), Some((_, days))) = (count, unit) {
            let day = if *days == 30 { today.checked_add_months(Months::new(count))? } else { later(today, i64::from(count) * days)? };
            return Some((day, n + 2));
        }
    }
    if words.next.contains(&low) {
        if let Some(weekday) = index_of(&words.weekdays, after(1)) {
            return Some((in_week_after(today, weekday)?, 2));
        }
        if let Some((_, days)) = words.units.iter().find(|u| u.0 == after(1)) {
            let day = match days {
                7 => in_week_after(today, 0)?,
                30 => today.checked_add_months(Months::new(1))?.with_day(1)?,
                _ => later(today, 1)?,
            };
            return Some((day, 2));
        }
    }
    // "so" and "do" are words of their own where they are not written as days are.
    let written_so = low.chars().count() > 2 || token.text.starts_with(char::is_uppercase);
    if let Some(weekday) = index_of(&words.weekdays, low).filter(|_| written_so) {
        // "próximo" may follow: "el lunes próximo".
        if words.next.contains(&after(1)) {
            return Some((in_week_after(today, weekday)?, 2));
        }
        let ahead = (weekday + 7 - today.weekday().num_days_from_monday()) % 7;
        return Some((later(today, i64::from(if ahead == 0 { 7 } else { ahead }))?, 1));
    }
    // "5 may", "5. Mai", "5 de mayo", "may 5", with a year or without.
    let skip = usize::from(words.of.contains(&after(1)));
    if let (Some(day), Some(month)) = (month_day(low, words), index_of(&words.months, after(1 + skip))) {
        let n = 2 + skip;
        return Some(match number(after(n)).filter(|y| *y >= 1900) {
            Some(year) => (NaiveDate::from_ymd_opt(year as i32, month + 1, day)?, n + 1),
            None => (coming(month + 1, day, today)?, n),
        });
    }
    if let (Some(month), Some(day)) = (index_of(&words.months, low), month_day(after(1), words)) {
        return Some((coming(month + 1, day, today)?, 2));
    }
    written(low, words, today).map(|day| (day, 1))
}

/// `2026-12-05`, `5.12.`, `5.12.2026`, `12/5` (month first in English only).
fn written(low: &str, words: &Words, today: NaiveDate) -> Option<NaiveDate> {
    if let Ok(day) = low.parse::<NaiveDate>() {
        return Some(day);
    }
    let dotted = low.contains('.');
    let parts: Vec<&str> = low.trim_end_matches('.').split(['.', '/']).collect();
    let (a, b) = (number(parts.first()?)?, number(parts.get(1)?)?);
    // "10.30" without a closing dot is a time.
    if dotted && parts.len() == 2 && !low.ends_with('.') {
        return None;
    }
    let (day, month) = if dotted || !words.month_first { (a, b) } else { (b, a) };
    let (day, month) = if month > 12 && day <= 12 { (month, day) } else { (day, month) };
    match parts.get(2) {
        Some(year) => {
            let year = number(year)? as i32;
            NaiveDate::from_ymd_opt(if year < 100 { 2000 + year } else { year }, month, day)
        }
        None if parts.len() == 2 => coming(month, day, today),
        None => None,
    }
}

/// The time that begins at this word. A bare number is one only after a day or after "at".
fn time_at(tokens: &[Token], at: usize, words: &Words, from: usize) -> Option<(NaiveTime, usize)> {
    let token = tokens.get(at).filter(|t| !t.used)?;
    if let Some(((h, m), n)) = words.times.iter().filter_map(|(p, time)| Some((*time, matches(tokens, at, p)?))).max_by_key(|f| f.1) {
        return Some((NaiveTime::from_hms_opt(h, m, 0)?, n));
    }
    let low = token.low.trim_start_matches('@');
    let next = tokens.get(at + 1).filter(|t| !t.used).map_or("", |t| t.low.as_str());
    let (bare, half, mut n) = match () {
        () if low.len() > 2 && low.ends_with("am") => (&low[..low.len() - 2], Some(false), 1),
        () if low.len() > 2 && low.ends_with("pm") => (&low[..low.len() - 2], Some(true), 1),
        () if words.clock.contains(&next) => (
            low,
            match next {
                "am" => Some(false),
                "pm" => Some(true),
                _ => None,
            },
            2,
        ),
        () => (words.clock.iter().filter(|c| c.len() == 1).find_map(|c| low.strip_suffix(c)).unwrap_or(low), None, 1),
    };
    let told = half.is_some() || n == 2 || bare.len() < low.len();
    let (h, m) = match bare.split_once([':', '.', 'h']) {
        Some((h, m)) if m.len() == 2 => (number(h)?, number(m)?),
        Some(_) => return None,
        None => (number(bare)?, 0),
    };
    let colon = bare.contains([':', '.']);
    let before = at.checked_sub(1).filter(|b| *b >= from).and_then(|b| tokens.get(b));
    let after_day = before.is_some_and(|b| b.used && !b.text.starts_with(['#', '@', '!']));
    let after_at = words.at.iter().any(|p| at >= from + p.split(' ').count() && matches(tokens, at - p.split(' ').count(), p).is_some());
    if !(told || colon || after_day || after_at || token.low.starts_with('@')) {
        return None;
    }
    let hour = match half {
        Some(true) if h < 12 => h + 12,
        Some(false) if h == 12 => 0,
        // "tue 3" is in the afternoon where the clock has twelve hours.
        None if words.month_first && !colon && (1..=6).contains(&h) => h + 12,
        _ => h,
    };
    if n == 2 && matches!(next, "am" | "pm") && half.is_none() {
        n = 1;
    }
    Some((NaiveTime::from_hms_opt(hour, m, 0)?, n))
}
