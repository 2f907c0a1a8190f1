//! E-mail addresses of accounts: in which form they are kept, when two are one, and which ones are refused because they are
//! made to look like another. Contacts' addresses are none of these: they are kept as they were entered.

use crate::{Invalid, fields};
use unicode_normalization::UnicodeNormalization;
use unicode_security::{MixedScript, confusable_detection::skeleton};

/// An address with the key that it is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// As mails are sent to it.
    pub text: String,
    /// Equal for two addresses that a person could not tell apart by reading: compatibility forms (NFKC), case (folded by
    /// Unicode), invisible characters and the spelling of the domain (IDNA) make no difference.
    pub key: String,
}

impl Address {
    /// Lookup key of a typed address. Infallible: text that is not an address matches no account.
    pub fn typed(text: &str) -> Self {
        let text: String = text.trim().to_lowercase().chars().filter(|c| !c.is_control()).collect();
        let key = key_of(&text);
        Self { text, key }
    }

    /// An address for a new account, or a new address for one. Parts that mix alphabets, or whose letters all look like Latin
    /// ones and are not, are refused.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let text = fields::email_of(&visible(text.trim()))?;
        let (local, domain) = text.rsplit_once('@').unwrap_or_default();
        let (domain, _) = idna::domain_to_unicode(domain);
        if [local].into_iter().chain(domain.split('.')).any(misleads) {
            let message = "The e-mail address mixes letters of several alphabets, or uses some that only look like Latin ones. Type it anew.";
            return Err(Invalid::one("email", "mixed_alphabets", message));
        }
        let key = key_of(&text);
        Ok(Self { text, key })
    }
}

/// Characters that take no room, or change only the direction or form of others (Unicode, Default_Ignorable_Code_Point).
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// In the one form of characters that look and mean the same, without those that cannot be seen. The ideographic full stop
/// is one of the dots of a domain (UTS 46), in none of the compatibility forms.
fn visible(text: &str) -> String {
    text.nfkc().filter(|c| !is_invisible(*c)).map(|c| if c == '\u{3002}' { '.' } else { c }).nfkc().collect()
}

fn folded(text: &str) -> String {
    unicase::UniCase::unicode(visible(text)).to_folded_case()
}

fn key_of(text: &str) -> String {
    // Folding and composing again: either may make work for the other.
    let text = visible(&folded(&folded(text)));
    let Some((local, domain)) = text.rsplit_once('@') else { return text };
    let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned());
    format!("{local}@{domain}")
}

/// Whether a part of an address can pass for another one.
fn misleads(part: &str) -> bool {
    !part.is_ascii() && (!part.is_single_script() || !part.chars().any(|c| c.is_ascii_alphabetic()) && skeleton(part).all(|c| c.is_ascii()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_that_read_the_same_are_the_same() {
        for (one, other) in [
            ("ana@example.com", " Ana@EXAMPLE.com "),
            ("ana@example.com", "a\u{200b}na@example.com"),
            ("ana@example.com", "ana\u{ad}@exam\u{2060}ple.com"),
            ("ana@example.com", "\u{202e}ana@example.com\u{202c}"),
            ("ana@example.com", "ａｎａ＠example.com"),
            ("ana@example.com", "ana@example。com"),
            ("josé@example.com", "jose\u{301}@example.com"),
            ("strasse@example.com", "straße@example.com"),
            ("σίσυφος@example.com", "ΣΊΣΥΦΟΣ@example.com"),
            ("ana@münchen.de", "ana@xn--mnchen-3ya.de"),
            ("ﬁn@example.com", "fin@example.com"),
        ] {
            assert_eq!(Address::typed(one).key, Address::typed(other).key, "{one} {other:?}");
            assert_eq!(Address::new(other).unwrap().key, Address::typed(one).key, "{other:?}");
        }
        for (one, other) in [("ana@example.com", "anna@example.com"), ("jose@example.com", "josé@example.com"), ("a.b@example.com", "ab@example.com")]
        {
            assert_ne!(Address::typed(one).key, Address::typed(other).key);
        }
    }

    #[test]
    fn keys_are_their_own_keys() {
        for text in ["Ana@Example.com", "straße@münchen.de", "ΣΊΣΥΦΟΣ@example.com", "İi@example.com", "no address", "", "\u{1e9e}@x.y", "a@b@c.d"]
        {
            let key = Address::typed(text).key;
            assert_eq!(Address::typed(&key).key, key, "{text}");
        }
    }

    #[test]
    fn what_is_kept_is_what_was_meant() {
        assert_eq!(Address::new("A\u{200b}na@Example.COM").unwrap().text, "ana@example.com");
        assert_eq!(Address::new("straße@example.com").unwrap().text, "straße@example.com", "mail goes where it was meant to go");
        assert_eq!(Address::typed("ana\0@example.com").text, "ana@example.com");
    }

    #[test]
    fn look_alikes_are_refused() {
        for good in [
            "ana@example.com",
            "иван@пример.рф",
            "иван@example.com",
            "佐藤さくら@例え.jp",
            "김철수@example.kr",
            "josé@münchen.de",
            "ışık@example.com",
        ] {
            assert!(Address::new(good).is_ok(), "{good}");
        }
        // The а, the о, the whole name, and the domain in Cyrillic; then the domain in the form of the name system.
        for bad in
            ["аna@example.com", "bоb@example.com", "сор@example.com", "ana@ехаmple.com", "ana@асе.com", "ana@xn--80ak6aa92e.com", "αna@example.com"]
        {
            let code = Address::new(bad).map_err(|e| e.0.first().map(|f| f.code.clone()).unwrap_or_default());
            assert_eq!(code, Err("mixed_alphabets".to_owned()), "{bad}");
        }
        assert_eq!(Address::new("no address").unwrap_err().0[0].code, "email");
    }
}
