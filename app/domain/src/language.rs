//! Languages of the interface, and how each writes numbers, money and days.

/// A language that the interface speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    German,
    Spanish,
    /// No language: English in strange letters, to find words that pass the catalogues by (the pseudo-locale `en-XA`).
    Accented,
    /// The same from right to left (`ar-XB`).
    Mirrored,
}

/// `January` … as the language writes them within a date.
type Months = [&'static str; 12];

impl Language {
    /// Those that somebody can choose.
    pub const ALL: [Self; 3] = [Self::English, Self::German, Self::Spanish];
    const KNOWN: [Self; 5] = [Self::English, Self::German, Self::Spanish, Self::Accented, Self::Mirrored];

    /// BCP 47, as in `<html lang>`.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::Accented => "en-XA",
            Self::Mirrored => "ar-XB",
        }
    }

    /// What its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::German => "Deutsch",
            Self::Spanish => "Español",
            _ => "English",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::KNOWN.into_iter().find(|l| l.code().eq_ignore_ascii_case(code))
    }

    /// Written from right to left.
    pub fn is_mirrored(self) -> bool {
        self == Self::Mirrored
    }

    /// The code in the names of its word files; English needs none.
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::English => None,
            Self::Spanish => Some("es"),
            // The pseudo-locales need the keys alone.
            Self::German | Self::Accented | Self::Mirrored => Some("de"),
        }
    }

    /// The best of what a browser accepts (RFC 9110 §12.5.4): `de-AT,de;q=0.9,en;q=0.5`. Unknown: English.
    pub fn accepted(header: &str) -> Self {
        let mut best = (0, Self::English);
        for part in header.split(',') {
            let (tag, weight) = part.split_once(';').map_or((part, 1000), |(tag, q)| (tag, thousandths(q)));
            let base = tag.trim().split('-').next().unwrap_or_default();
            if let Some(language) = Self::ALL.into_iter().find(|l| l.code().eq_ignore_ascii_case(base))
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }

    /// Between whole and fraction.
    pub fn point(self) -> char {
        if matches!(self, Self::German | Self::Spanish) { ',' } else { '.' }
    }

    /// Between groups of three digits.
    pub fn comma(self) -> char {
        if matches!(self, Self::German | Self::Spanish) { '.' } else { ',' }
    }

    /// A number written the English way (`1,234.5`) the way of this language.
    pub fn number(self, english: &str) -> String {
        if self.point() == '.' {
            return english.to_owned();
        }
        let swap = |c| match c {
            ',' => self.comma(),
            '.' => self.point(),
            c => c,
        };
        // Spanish groups from five digits on (RAE).
        let four = self == Self::Spanish && english.trim_start_matches(['−', '-']).split('.').next().is_some_and(|w| w.len() == 5);
        english.chars().filter(|c| !(four && *c == ',')).map(swap).collect()
    }

    /// A number as somebody types it in this language, written the English way: `1.234,50` → `1234.50`, `2.500` → `2500`. What
    /// is written the English way already stays (`2.50`).
    pub fn typed(self, text: &str) -> String {
        if self.point() == '.' {
            return text.to_owned();
        }
        let groups: Vec<&str> = text.trim().trim_start_matches(['-', '−']).split('.').collect();
        let digits = |part: &&str| part.len() == 3 && part.chars().all(|c| c.is_ascii_digit());
        let grouped = groups.len() > 1 && (1..=3).contains(&groups[0].len()) && groups.iter().skip(1).all(digits);
        match text.contains(',') {
            true => text.replace('.', "").replace(',', "."),
            false if grouped => text.replace('.', ""),
            false => text.to_owned(),
        }
    }

    /// A plain decimal as it stands in a field to be typed over: `1234.50` → `1234,50`.
    pub fn to_type(self, decimal: &str) -> String {
        decimal.replace('.', &self.point().to_string())
    }

    /// Thousands, millions and billions in short: what stands after the number.
    pub fn short_scale(self, letter: &str) -> &'static str {
        match (self, letter) {
            (Self::German, "K") => "\u{a0}Tsd.",
            (Self::German, "M") => "\u{a0}Mio.",
            (Self::German, _) => "\u{a0}Mrd.",
            (Self::Spanish, "K") => "\u{a0}mil",
            (Self::Spanish, "M") => "\u{a0}M",
            (Self::Spanish, _) => "\u{a0}mil\u{a0}M",
            (_, "K") => "K",
            (_, "M") => "M",
            _ => "B",
        }
    }

    pub fn months(self) -> Months {
        match self {
            Self::German => ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
            Self::Spanish => {
                ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"]
            }
            _ => ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
        }
    }

    pub fn short_months(self) -> Months {
        match self {
            Self::German => ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."],
            Self::Spanish => ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"],
            _ => ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        }
    }

    /// From Monday on.
    pub fn weekdays(self) -> [&'static str; 7] {
        match self {
            Self::German => ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
            Self::Spanish => ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
            _ => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        }
    }
}

/// `q=0.85` in thousandths.
fn thousandths(weight: &str) -> u32 {
    let digits = weight.trim().strip_prefix("q=").unwrap_or("1");
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u32>().unwrap_or(0).min(1) * 1000 + fraction.parse::<u32>().unwrap_or(0).min(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_answered_in_what_it_likes_best() {
        for (header, language) in [
            ("de-AT,de;q=0.9,en;q=0.5", Language::German),
            ("fr,es;q=0.7,en;q=0.3", Language::Spanish),
            ("en-GB,en;q=0.9,de;q=0.8", Language::English),
            ("fr", Language::English),
            ("", Language::English),
            ("de;q=0", Language::English),
            ("de;q=nonsense,es;q=0.1", Language::Spanish),
            ("*", Language::English),
            ("en-XA", Language::English),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }

    #[test]
    fn numbers_are_read_as_the_language_writes_them() {
        for (typed, plain) in [
            ("2.500", "2500"),
            ("1.234,50", "1234.50"),
            ("2,5", "2.5"),
            ("2.50", "2.50"),
            ("12", "12"),
            ("-1.000", "-1000"),
            ("1.234.567", "1234567"),
            ("1.2345", "1.2345"),
            ("", ""),
        ] {
            assert_eq!(Language::German.typed(typed), plain, "{typed}");
        }
        assert_eq!(Language::English.typed("2,500"), "2,500");
        // What stands in the field means the same when it is sent back untouched, for currencies of three decimals too.
        assert_eq!(Language::German.typed(&Language::German.to_type("1.234")), "1.234");
    }

    #[test]
    fn numbers_are_written_as_the_language_does() {
        assert_eq!(Language::German.number("−1,234,567.5"), "−1.234.567,5");
        assert_eq!(Language::Spanish.number("1,234.5"), "1234,5");
        assert_eq!(Language::Spanish.number("12,345"), "12.345");
        assert_eq!(Language::English.number("12,345.6"), "12,345.6");
    }
}
