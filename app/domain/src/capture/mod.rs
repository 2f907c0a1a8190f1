//! Quick capture: one line as somebody says it ("Call Ana tue 10 #acme") becomes a task, or something done. Pure: the day
//! is given, nothing is looked up.

mod when;
mod words;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use words::{ENGLISH, GERMAN, SPANISH, Words};

/// Languages that can be captured in, by their code.
pub const LANGUAGES: [&str; 3] = ["en", "de", "es"];

/// What a line says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Capture {
    /// The line without day, time, tags and priority.
    pub title: String,
    /// Code of the task type: `call`, `email`, `meeting`, `follow_up`, `other` or `todo`.
    pub kind: String,
    /// It was done already ("called Ana"): something to log, not to do.
    pub done: bool,
    /// The person it is about, as written.
    pub name: Option<String>,
    pub day: Option<NaiveDate>,
    pub time: Option<NaiveTime>,
    /// Words after `#`: a company or a tag.
    pub tags: Vec<String>,
    /// Code of the priority.
    pub priority: Option<String>,
}

/// A word of the line: as written, and as compared.
pub(crate) struct Token<'a> {
    text: &'a str,
    low: String,
    used: bool,
    /// What stands in the title for it: a person's name without the mark.
    shown: String,
}

fn language(code: &str) -> &'static Words {
    match code {
        "de" => &GERMAN,
        "es" => &SPANISH,
        _ => &ENGLISH,
    }
}

/// Understands `line`, written on `today` in the language of that code; another code counts as English.
pub fn parse(line: &str, today: NaiveDate, code: &str) -> Capture {
    let words = language(code);
    let mut tokens: Vec<Token> = line
        .split_whitespace()
        .map(|text| {
            let bare = text.trim_end_matches([',', ';', '!', '?']);
            Token { text, low: if bare.is_empty() { text } else { bare }.to_lowercase(), used: false, shown: text.to_owned() }
        })
        .collect();
    let mut out = Capture { kind: "todo".into(), ..Capture::default() };
    marks(&mut tokens, words, &mut out);
    let verb = verb(&tokens, words);
    when::take(&mut tokens, words, today, verb.as_ref().map_or(0, |v| if v.0 == 0 { v.1 } else { 0 }), &mut out);
    let verb = verb.filter(|(at, n, ..)| tokens[*at..at + n].iter().all(|t| !t.used));
    let title: Vec<&str> = tokens
        .iter()
        .enumerate()
        .filter(|(_, t)| !t.used)
        // A comma before what was taken out goes with it.
        .map(|(i, t)| if tokens.get(i + 1).is_some_and(|n| n.used) { t.shown.trim_end_matches([',', ';']) } else { t.shown.as_str() })
        .collect();
    out.title = title.join(" ").trim_end_matches([',', ';']).to_owned();
    if let Some((at, n, kind, done)) = verb {
        out.kind = kind.into();
        out.done = done;
        // "Called Ana friday" was the last one.
        if let Some(day) = out.day.filter(|d| done && *d > today && (*d - today).num_days() <= 7) {
            out.day = day.checked_sub_days(chrono::Days::new(7));
        }
        for token in &mut tokens[at..at + n] {
            token.used = true;
        }
        if out.name.is_none() && kind != "other" {
            out.name = name(&tokens, words);
        }
    }
    if out.title.is_empty() {
        out.title = line.trim().to_owned();
    }
    out
}

/// `#tag`, `@person`, `!high`.
fn marks(tokens: &mut [Token], words: &Words, out: &mut Capture) {
    for token in tokens {
        let mark = |c: char| token.text.strip_prefix(c).map(|r| r.trim_end_matches([',', ';', '.', '!', '?'])).filter(|r| !r.is_empty());
        let numbers = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let bangs = !token.text.is_empty() && token.text.chars().all(|c| c == '!');
        if let Some(tag) = mark('#') {
            if !out.tags.iter().any(|t| t.eq_ignore_ascii_case(tag)) {
                out.tags.push(tag.to_owned());
            }
        } else if let Some(person) = mark('@').filter(|p| !numbers(p)) {
            let person = person.replace('_', " ");
            token.shown.clone_from(&person);
            // Compared with nothing.
            token.low = String::new();
            out.name.get_or_insert(person);
            continue;
        } else if bangs || mark('!').is_some() {
            let code = match mark('!').unwrap_or_default().to_lowercase().as_str() {
                "low" | "3" | "niedrig" | "baja" => "low",
                "medium" | "2" | "mittel" | "media" => "medium",
                _ => "high",
            };
            out.priority = Some(code.into());
        } else if let Some((_, code)) = words.priorities.iter().find(|p| p.0 == token.low) {
            out.priority = Some((*code).into());
        } else {
            continue;
        }
        token.used = true;
    }
}

/// Where the words of `phrase` stand from `at` on, unused; how many there are.
pub(crate) fn matches(tokens: &[Token], at: usize, phrase: &str) -> Option<usize> {
    let mut n = 0;
    for word in phrase.split(' ') {
        let token = tokens.get(at + n)?;
        if token.used || token.low != word {
            return None;
        }
        n += 1;
    }
    Some(n)
}

type Verb = (usize, usize, &'static str, bool);

/// The verb at the start, or for languages that put it there at the end: place, length, type, done.
fn verb(tokens: &[Token], words: &'static Words) -> Option<Verb> {
    let at = |at: usize| -> Option<Verb> {
        let found = words.verbs.iter().filter_map(|(phrase, kind, done)| Some((at, matches(tokens, at, phrase)?, *kind, *done)));
        found.max_by_key(|v| v.1)
    };
    let first = tokens.iter().position(|t| !t.used)?;
    at(first).or_else(|| if words.verb_last { (first..tokens.len()).rev().find_map(at) } else { None })
}

/// The words beside the verb, up to what the talk is about.
fn name(tokens: &[Token], words: &Words) -> Option<String> {
    let mut left: Vec<&Token> = tokens.iter().filter(|t| !t.used).collect();
    while left.first().is_some_and(|t| words.fillers.contains(&t.low.as_str())) {
        left.remove(0);
    }
    // "An" is a name where it stands first and is written as one.
    let named = |i: usize, t: &Token| i == 0 && t.text.starts_with(char::is_uppercase);
    let ends = |(i, t): (usize, &&Token)| {
        (words.about.contains(&t.low.as_str()) && !named(i, t)) || (i > 0 && t.text.starts_with(|c: char| c.is_ascii_digit()))
    };
    let end = left.iter().enumerate().position(ends).unwrap_or(left.len());
    let name: Vec<&str> = left[..end].iter().map(|t| t.text.trim_end_matches([',', ';', '!', '?'])).collect();
    Some(name.join(" ").trim_end_matches('.').to_owned()).filter(|n| !n.is_empty())
}

#[cfg(test)]
mod tests;
