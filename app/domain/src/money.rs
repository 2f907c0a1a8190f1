//! Amounts of money: whole minor units of one currency (ISO 4217). Never a float.

use crate::Language;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An ISO 4217 code, upper case. What people type is read by [`FromStr`], which knows the codes; what our own answers and rows
/// hold by [`Currency::stored`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    pub const USD: Self = Self(*b"USD");
    /// ISO 4217 for "no currency".
    pub const NONE: Self = Self(*b"XXX");

    /// A code as a row has it: one that this version does not know stays what it is, and is never another currency.
    pub fn stored(code: &str) -> Self {
        match code.as_bytes() {
            [a, b, c] if code.bytes().all(|x| x.is_ascii_uppercase()) => Self([*a, *b, *c]),
            _ => Self::NONE,
        }
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many digits stand behind the point: ISO 4217 "minor units".
    pub fn digits(&self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"XAF" | b"XOF" | b"XPF" | b"UGX" | b"PYG" | b"RWF" | b"KMF" | b"GNF" | b"DJF" | b"BIF"
            | b"VUV" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// The sign people write before the number; the code itself where there is none in common use.
    pub fn symbol(&self) -> &str {
        match &self.0 {
            b"USD" => "$",
            b"EUR" => "€",
            b"GBP" => "£",
            b"JPY" => "¥",
            b"INR" => "₹",
            _ => self.code(),
        }
    }
}

/// Signs in common use, to tell "another currency" from "no amount".
const SIGNS: [&str; 8] = ["$", "€", "£", "¥", "₹", "₽", "₩", "₺"];

/// Codes of ISO 4217 that are money somebody pays with.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC \
    CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS \
    KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN \
    PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX \
    USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

impl FromStr for Currency {
    type Err = &'static str;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let upper = s.trim().to_ascii_uppercase();
        match upper.as_bytes() {
            [a, b, c] if CODES.split_ascii_whitespace().any(|code| code == upper) => Ok(Self([*a, *b, *c])),
            _ => Err("a currency is one of the codes of ISO 4217, such as USD"),
        }
    }
}

impl From<String> for Currency {
    fn from(code: String) -> Self {
        Self::stored(&code)
    }
}

impl From<Currency> for String {
    fn from(c: Currency) -> Self {
        c.code().into()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The largest amount in minor units (ten trillion dollars): sums over thousands of them still fit.
const LARGEST: i64 = 1_000_000_000_000_000;

/// An amount, at most ten trillion major units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    /// Reads `1234`, `1,234.50`, `1.234,50`, `$ 1 234` or `(12.00)` (negative). Too many decimals are refused unless
    /// they are zeros, because rounding somebody's money in silence is worse than asking.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, &'static str> {
        const NOT_A_NUMBER: &str = "is not an amount";
        let text = text.trim();
        let (negative, text) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
            Some(inner) => (true, inner.trim()),
            None => match text.strip_prefix(['-', '−']) {
                Some(rest) => (true, rest),
                None => (false, text),
            },
        };
        let number = text.trim_start_matches(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | '-'));
        let before = text[..text.len() - number.len()].trim();
        let kept = number.trim_end_matches(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ','));
        let after = number[kept.len()..].trim();
        // Beside the number there may be its own currency, and nothing else.
        let own = |sign: &str| sign.is_empty() || sign == currency.symbol() || sign.eq_ignore_ascii_case(currency.code());
        if !own(before) || !own(after) {
            let sign = if own(before) { after } else { before };
            let foreign = sign.parse::<Currency>().is_ok() || SIGNS.contains(&sign);
            return Err(if foreign { "is in another currency" } else { NOT_A_NUMBER });
        }
        let kept: String = kept.chars().filter(|c| !c.is_whitespace() && *c != '\'' && *c != '\u{a0}' && *c != '_').collect();
        let (whole, fraction) = split_decimal(&kept);
        if whole.is_empty() && fraction.is_empty() || !whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit()) {
            return Err(NOT_A_NUMBER);
        }
        let digits = currency.digits() as usize;
        let (used, extra) = fraction.split_at(fraction.len().min(digits));
        if extra.chars().any(|c| c != '0') {
            return Err("has more decimals than the currency");
        }
        let number = format!("{whole}{used:0<digits$}");
        let minor: i64 = number.parse().ok().filter(|n| *n <= LARGEST).ok_or("is too large")?;
        Ok(Self { minor: if negative { -minor } else { minor }, currency })
    }

    /// Plain decimal, for JSON and for form fields: `1234.50`.
    pub fn to_decimal(&self) -> String {
        let digits = self.currency.digits() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let abs = self.minor.unsigned_abs().to_string();
        if digits == 0 {
            return format!("{sign}{abs}");
        }
        let padded = format!("{abs:0>width$}", width = digits + 1);
        let (whole, fraction) = padded.split_at(padded.len() - digits);
        format!("{sign}{whole}.{fraction}")
    }

    /// For people: `$1,234.50`, whole amounts without decimals; `1.234,50 $` where that is the custom.
    pub fn display(&self, language: Language) -> String {
        let number = self.number(language);
        let (sign, rest) = number.strip_prefix('−').map_or(("", number.as_str()), |r| ("−", r));
        self.with_sign(language, sign, rest, "")
    }

    fn with_sign(&self, language: Language, sign: &str, number: &str, scale: &str) -> String {
        let symbol = self.currency.symbol();
        if language.point() == ',' {
            return format!("{sign}{number}{scale}\u{a0}{symbol}");
        }
        let gap = if symbol.len() > 1 && symbol.is_ascii() { "\u{a0}" } else { "" };
        format!("{sign}{symbol}{gap}{number}{scale}")
    }

    /// The number alone, grouped: `1,234.50`, whole amounts without decimals.
    pub fn number(&self, language: Language) -> String {
        let decimal = self.to_decimal();
        let (sign, rest) = decimal.strip_prefix('-').map_or(("", decimal.as_str()), |r| ("−", r));
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        let mut grouped = String::new();
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(c);
        }
        language.number(&if fraction.chars().all(|c| c == '0') { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{fraction}") })
    }

    /// Short, for cards and charts: `$1.2M`. At most three significant figures.
    pub fn compact(&self, language: Language) -> String {
        let unit = 10i64.pow(self.currency.digits());
        let major = self.minor / unit;
        let (divisor, letter) = match major.unsigned_abs() {
            0..=9_999 => return self.display(language),
            10_000..=999_999 => (1_000, "K"),
            1_000_000..=999_999_999 => (1_000_000, "M"),
            _ => (1_000_000_000, "B"),
        };
        let tenths = (major.abs() * 10 + divisor / 2) / divisor;
        let sign = if major < 0 { "−" } else { "" };
        let number = if tenths >= 1000 || tenths % 10 == 0 {
            ((major.abs() + divisor / 2) / divisor).to_string()
        } else {
            format!("{}{}{}", tenths / 10, language.point(), tenths % 10)
        };
        self.with_sign(language, sign, &number, language.short_scale(letter))
    }
}

/// The last separator is the decimal one, unless it groups thousands (three digits follow and it is repeated or alone).
fn split_decimal(text: &str) -> (String, String) {
    let separators: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| matches!(c, '.' | ',')).collect();
    let strip = |s: &str| s.replace(['.', ','], "");
    let Some(&(at, last)) = separators.last() else { return (text.into(), String::new()) };
    let after = &text[at + 1..];
    let same = separators.iter().filter(|(_, c)| *c == last).count();
    let alone = separators.len() == 1;
    let groups = same > 1 || (alone && last == ',' && after.len() == 3 && at > 0);
    if groups { (strip(text), String::new()) } else { (strip(&text[..at]), after.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_that_is_not_known_is_no_other_one() {
        assert_eq!("ZZZ".parse::<Currency>().ok(), None);
        let kept = Currency::stored("ZZZ");
        assert_eq!((kept.code(), Money { minor: 150, currency: kept }.display(Language::English)), ("ZZZ", "ZZZ\u{a0}1.50".into()));
        for none in ["", "zz", "usd", "€€"] {
            assert_eq!(Currency::stored(none), Currency::NONE, "{none}");
        }
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, minor) in [
            ("1054", 105_400),
            ("1,054.5", 105_450),
            ("1.054,50", 105_450),
            ("$ 1 054.00", 105_400),
            ("1100.04", 110_004),
            ("(12.00)", -1_200),
            ("-3", -300),
            ("1,234", 123_400),
            ("0.500", 50),
            ("1,234,567", 123_456_700),
            ("USD 12", 1_200),
            ("12 usd", 1_200),
        ] {
            assert_eq!(Money::parse(text, Currency::USD).map(|m| m.minor), Ok(minor), "{text}");
        }
        for text in ["", "abc", "1.005", "99999999999999999999", "1e5", "12-3", "12x", "x12", "€12", "12 EUR", "ZZZ 5"] {
            assert!(Money::parse(text, Currency::USD).is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_are_written_for_people() {
        let usd = |minor| Money { minor, currency: Currency::USD };
        assert_eq!(usd(1_000_553_400).display(Language::English), "$10,005,534");
        assert_eq!(usd(-1_250).display(Language::English), "−$12.50");
        assert_eq!(usd(1_000_553_400).compact(Language::English), "$10M");
        assert_eq!(usd(12_345_600).compact(Language::English), "$123K");
        assert_eq!(usd(1_234_000).compact(Language::English), "$12.3K");
        assert_eq!(usd(5).to_decimal(), "0.05");
        assert_eq!(usd(-123_450).display(Language::German), "−1.234,50\u{a0}$");
        assert_eq!(usd(1_234_000).compact(Language::German), "12,3\u{a0}Tsd.\u{a0}$");
        assert_eq!(usd(1_000_553_400).compact(Language::Spanish), "10\u{a0}M\u{a0}$");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(1000))]
        #[test]
        fn what_is_written_is_read_back(minor in -1_000_000_000_000i64..1_000_000_000_000) {
            let money = Money { minor, currency: Currency::USD };
            proptest::prop_assert_eq!(Money::parse(&money.to_decimal(), Currency::USD), Ok(money));
            proptest::prop_assert_eq!(Money::parse(&money.display(Language::English), Currency::USD), Ok(money));
        }
    }
}
