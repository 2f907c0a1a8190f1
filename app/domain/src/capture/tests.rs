//! Sixty lines of each language and what is understood of them (`phrases/*.txt`), on Saturday, 21 November 2026.

use super::*;

fn shown(c: &Capture) -> String {
    let done = if c.done { "*" } else { "" };
    let time = c.time.map(|t| t.format("%H:%M").to_string()).unwrap_or_default();
    let day = c.day.map(|d| d.to_string()).unwrap_or_default();
    [
        c.title.as_str(),
        &format!("{}{done}", c.kind),
        c.name.as_deref().unwrap_or(""),
        &day,
        &time,
        &c.tags.join(","),
        c.priority.as_deref().unwrap_or(""),
    ]
    .join(" | ")
}

#[test]
fn every_phrase_is_understood_as_its_table_says() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    for (code, table) in [("en", include_str!("phrases/en.txt")), ("de", include_str!("phrases/de.txt")), ("es", include_str!("phrases/es.txt"))] {
        let mut lines = 0;
        for line in table.lines().filter(|l| !l.trim().is_empty()) {
            let (phrase, expected) = line.split_once(" => ").unwrap_or((line, ""));
            assert_eq!(shown(&parse(phrase.trim(), today, code)).trim_end(), expected.trim_end(), "{code}: {phrase}");
            lines += 1;
        }
        assert!(lines >= 60, "{code}: {lines}");
    }
}

#[test]
fn no_line_breaks_it() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    for line in [
        "",
        "   ",
        "#",
        "@",
        "!",
        "in",
        "in 4294967295 days",
        "next",
        "9999-99-99",
        "0/0",
        "1.1.99999",
        "99999999999999",
        "\u{0}",
        "#a#b",
        "5",
        "am",
        "a las",
        "in 9999 months",
        "😀 tue 😀",
    ] {
        for code in LANGUAGES {
            let _ = parse(line, today, code);
            let _ = parse(&line.repeat(300), NaiveDate::MAX, code);
        }
    }
}
