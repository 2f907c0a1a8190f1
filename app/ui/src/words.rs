//! Every word on a page passes through here. The English text is the key (as in gettext); a catalogue maps it to another
//! language. English needs none, so its words cost nothing; see `docs/decisions/0003-words.md`.

#[cfg(not(feature = "hydrate"))]
use leptos::prelude::{provide_context, use_context};
use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

/// The words of one language by their English ones.
#[derive(Debug, Default)]
pub struct Catalogue {
    words: HashMap<String, String>,
    /// Sentences with parts in them, for those that were put together elsewhere: what stands between the parts, then the key.
    patterns: Vec<(Vec<String>, String)>,
}

/// What the page is written in.
#[derive(Clone, Copy, Debug)]
pub struct Speaks {
    /// Code of the language (BCP 47), such as `de`.
    pub code: &'static str,
    pub words: Option<&'static Catalogue>,
}

const ENGLISH: Speaks = Speaks { code: "en", words: None };

/// Holes that hold our own words.
const OURS: &[&str] = &["field", "fields", "choices", "noun", "kind", "role", "what", "why"];

/// Whether anybody was ever spoken to in anything but English: until then nobody has to look.
static OTHERS: AtomicBool = AtomicBool::new(false);

#[cfg(feature = "hydrate")]
thread_local! {
    /// In the browser a page has one language from start to end.
    static HERE: std::cell::Cell<Speaks> = const { std::cell::Cell::new(ENGLISH) };
}

impl Catalogue {
    /// Reads files of `{"English": "Deutsch", …}`; anything else is no words at all. `accented`: every word in strange letters,
    /// to find those that do not come from here.
    pub fn of_json<'a>(files: impl IntoIterator<Item = &'a str>, accented: bool) -> Self {
        Self::default().with(files.into_iter(), accented)
    }

    fn with<'a>(&self, files: impl Iterator<Item = &'a str>, accented: bool) -> Self {
        let mut words = self.words.clone();
        for text in files {
            words.extend(serde_json::from_str::<HashMap<String, String>>(text).unwrap_or_default());
        }
        if accented {
            for (english, own) in &mut words {
                *own = strange(english);
            }
        }
        let mut patterns: Vec<_> = words.keys().filter(|k| k.contains('{')).map(|k| (between(k).map(str::to_owned).collect(), k.clone())).collect();
        // The one that says most goes first: a hole takes anything.
        patterns.sort_by_key(|(parts, _): &(Vec<String>, String)| std::cmp::Reverse(parts.iter().map(String::len).sum::<usize>()));
        Self { words, patterns }
    }

    fn word<'a>(&'a self, english: &'a str) -> &'a str {
        self.words.get(english).map_or(english, String::as_str)
    }

    /// A sentence that was put together in English: the same in this language, part by part.
    pub fn sentence(&self, english: &str) -> String {
        if let Some(own) = self.words.get(english) {
            return own.clone();
        }
        let found = self.patterns.iter().find_map(|(parts, key)| Some((key, holes(parts, english)?)));
        let Some((key, values)) = found else { return english.to_owned() };
        let values: Vec<String> = names(key).zip(values).map(|(name, value)| self.part(name, value)).collect();
        let parts: Vec<(&str, &str)> = names(key).zip(values.iter().map(String::as_str)).collect();
        fill(self.word(key), &parts)
    }

    /// A part of a sentence: our own words (a label, or several with commas between) are translated. What people wrote stays
    /// as it is, though it may be called like one of our words.
    fn part(&self, name: &str, english: &str) -> String {
        let ours = OURS.contains(&name) || (name == "who" && english == "Somebody");
        let all: Vec<&str> = english.split(", ").collect();
        if ours && all.iter().all(|one| self.words.contains_key(*one)) {
            return all.iter().map(|one| self.word(one)).collect::<Vec<_>>().join(", ");
        }
        english.to_owned()
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.words.keys().map(String::as_str)
    }

    /// The words for an English text, if there are any.
    pub fn get(&self, english: &str) -> Option<&str> {
        self.words.get(english).map(String::as_str)
    }
}

/// The literal text around the holes of `{a} and {b}`.
fn between(key: &str) -> impl Iterator<Item = &str> {
    key.split('{').enumerate().map(|(i, part)| if i == 0 { part } else { part.split_once('}').map_or(part, |p| p.1) })
}

/// The names of its holes.
pub fn names(key: &str) -> impl Iterator<Item = &str> {
    key.split('{').skip(1).filter_map(|part| part.split_once('}').map(|p| p.0))
}

/// What stands in the holes, if the sentence has the form.
fn holes<'a>(parts: &[String], sentence: &'a str) -> Option<Vec<&'a str>> {
    let (first, rest) = parts.split_first()?;
    let (last, middle) = rest.split_last()?;
    // A hole alone is no form.
    if parts.iter().all(|p| p.trim().len() < 2) {
        return None;
    }
    let mut left = sentence.strip_prefix(first.as_str())?;
    let mut values = Vec::new();
    for part in middle {
        let at = left.find(part.as_str())?;
        values.push(left.get(..at)?);
        left = left.get(at + part.len()..)?;
    }
    values.push(left.strip_suffix(last.as_str())?);
    Some(values)
}

/// Letters that read like the English ones and are none of them; longer, as most languages are.
fn strange(english: &str) -> String {
    let mut hole = false;
    let letters: String = english
        .chars()
        .map(|c| {
            hole = (hole || c == '{') && c != '}';
            match c {
                _ if hole => c,
                'a' => 'á',
                'e' => 'é',
                'i' => 'í',
                'o' => 'ö',
                'u' => 'ü',
                'n' => 'ñ',
                'c' => 'ç',
                's' => 'š',
                'A' => 'Å',
                'E' => 'É',
                'O' => 'Ö',
                'S' => 'Š',
                c => c,
            }
        })
        .collect();
    let more = "~".repeat(english.chars().filter(|c| c.is_alphabetic()).count() / 4);
    format!("⟦{letters}{more}⟧")
}

/// From here on the pages under the present owner (in the browser: the page) speak so.
pub fn speak(speaks: Speaks) {
    if speaks.words.is_some() {
        OTHERS.store(true, Ordering::Relaxed);
    }
    #[cfg(feature = "hydrate")]
    HERE.set(speaks);
    #[cfg(not(feature = "hydrate"))]
    provide_context(speaks);
}

/// Adds a word file to the words of the page. Views that were rendered before stay as they are.
#[cfg(feature = "hydrate")]
pub fn learn(code: &'static str, text: &str, accented: bool) {
    let known = speaks().words.unwrap_or(Box::leak(Box::default()));
    speak(Speaks { code, words: Some(Box::leak(Box::new(known.with(std::iter::once(text), accented)))) });
}

/// What the page that is being made is written in.
pub fn speaks() -> Speaks {
    if !OTHERS.load(Ordering::Relaxed) {
        return ENGLISH;
    }
    #[cfg(feature = "hydrate")]
    return HERE.get();
    #[cfg(not(feature = "hydrate"))]
    use_context::<Speaks>().unwrap_or(ENGLISH)
}

/// The words for an English text in the language of the reader.
pub fn t(english: &'static str) -> &'static str {
    speaks().words.map_or(english, |w| w.word(english))
}

/// Texts that say something else of one: what `n` counts is in the first, the second is said when it is 1. All languages
/// here have these two forms.
pub const ONE: &[(&str, &str)] = &[
    ("{day}: {n} tasks", "{day}: {n} task"),
    ("{n} unread notifications", "{n} unread notification"),
    ("{about} · {n} deals", "{about} · {n} deal"),
    ("opened {n} times, last {when}", "opened once, {when}"),
    ("used {n} times", "used once"),
    ("{n} deals stand in it.", "One deal stands in it."),
    ("{n} rows", "{n} row"),
    ("{n} records from the sample data", "{n} record from the sample data"),
    ("{n} records from {file}", "{n} record from {file}"),
    ("{n} contacts from {file}", "{n} contact from {file}"),
    ("{n} companies from {file}", "{n} company from {file}"),
    ("{n} deals from {file}", "{n} deal from {file}"),
    ("{n} products from {file}", "{n} product from {file}"),
    ("{n} members from {file}", "{n} member from {file}"),
    ("last contact {n} days ago", "last contact yesterday"),
    ("Import {n} rows", "Import {n} row"),
    ("{n} open tasks", "{n} open task"),
    ("{n} days", "{n} day"),
    ("{n} deals", "{n} deal"),
    ("{n} companies", "{n} company"),
    ("{n} people", "{n} person"),
    ("{n} products", "{n} product"),
    ("{n} records", "{n} record"),
    ("{n} tasks", "{n} task"),
    ("{n} team members", "{n} team member"),
    ("{n} conversations", "{n} conversation"),
    (
        "{n} records stay, because they were changed since or something else needs them.",
        "{n} record stays, because it was changed since or something else needs it.",
    ),
    (
        "{n} records that were here before lose the values the import filled in.",
        "{n} record that was here before loses the values the import filled in.",
    ),
    ("{n} changes wait for it", "{n} change waits for it"),
    ("{n} open deals have no next step", "One open deal has no next step"),
    ("{n} open deals, weighted {sum}", "One open deal, weighted {sum}"),
    ("Most of it stands in {stage}: {sum} in {n} deals.", "Most of it stands in {stage}: {sum} in one deal."),
    ("{name} won most: {sum} in {n} deals.", "{name} won most: {sum} in one deal."),
];

/// The same with parts filled in: `tf("{n} deals", &[("n", "7")])`.
pub fn tf(english: &'static str, parts: &[(&str, &str)]) -> String {
    let one = parts.contains(&("n", "1")).then(|| ONE.iter().find(|o| o.0 == english)).flatten();
    fill(t(one.map_or(english, |o| o.1)), parts)
}

/// Fills the holes in one pass: a value may look like a hole.
fn fill(text: &str, parts: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut left = text;
    while let Some(at) = left.find('{') {
        let (before, rest) = left.split_at(at);
        out.push_str(before);
        let found = rest.get(1..).and_then(|r| r.split_once('}')).and_then(|(name, after)| Some((parts.iter().find(|p| p.0 == name)?, after)));
        match found {
            Some((part, after)) => {
                out.push_str(part.1);
                left = after;
            }
            None => {
                out.push('{');
                left = rest.get(1..).unwrap_or_default();
            }
        }
    }
    out + left
}

/// A sentence that was made in English, by a rule or the store, in the language of the reader.
pub fn translated(sentence: String) -> String {
    match speaks().words {
        Some(words) => words.sentence(&sentence),
        None => sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = r#"{"First name": "Vorname", "{field} is needed": "{field} fehlt", "{field} must be from {min} to {max}": "{field} muss zwischen {min} und {max} liegen",
        "{n} deals": "{n} Deals", "Not found": "Nicht gefunden", "won {title} today": "„{title}“ gewonnen", "{a} {b}": "{b} {a}"}"#;

    #[test]
    fn a_sentence_that_was_put_together_is_taken_apart_and_put_together_again() {
        let german = Catalogue::of_json([WORDS], false);
        assert_eq!(german.sentence("Not found"), "Nicht gefunden");
        assert_eq!(german.sentence("First name is needed"), "Vorname fehlt");
        assert_eq!(german.sentence("First name, Not found is needed"), "Vorname, Nicht gefunden fehlt");
        // A thing that somebody called like a word of ours keeps its name.
        assert_eq!(german.sentence("won Not found today"), "„Not found“ gewonnen");
        assert_eq!(german.sentence("Warmth must be from 0 to 10"), "Warmth muss zwischen 0 und 10 liegen");
        // Nothing that fits: as it is. A key of holes alone fits nothing.
        assert_eq!(german.sentence("Something else"), "Something else");
        assert_eq!(german.sentence(""), "");
    }

    #[test]
    fn strange_words_keep_their_holes() {
        let strange = Catalogue::of_json([WORDS], true);
        assert_eq!(strange.word("{n} deals"), "⟦{n} déálš~⟧");
        assert_eq!(strange.word("unknown"), "unknown");
    }

    #[test]
    fn a_value_may_look_like_a_hole() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]), "{b} and x");
        assert_eq!(fill("{a} of {unknown} {", &[("a", "1")]), "1 of {unknown} {");
    }

    #[test]
    fn no_catalogue_is_english() {
        for text in ["", "[]", "{\"a\": 1}"] {
            assert_eq!(Catalogue::of_json([text], false).word("a"), "a");
        }
    }
}
