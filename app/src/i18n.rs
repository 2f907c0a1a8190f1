//! Every word on a page passes through here. The English text is the key (as in gettext); a catalogue maps it to
//! another language. English needs none, so its words cost nothing; see `docs/decisions/0003-words.md`.

/// The words for an English text in the language of the reader.
pub fn t(english: &'static str) -> &'static str {
    english
}

/// The same with parts filled in: `tf("{n} deals", &[("n", "7")])`.
pub fn tf(english: &'static str, parts: &[(&str, &str)]) -> String {
    let mut text = t(english).to_owned();
    for (name, value) in parts {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}
