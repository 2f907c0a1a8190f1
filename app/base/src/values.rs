//! Display form of field values.

use crate::{
    format,
    i18n::{language, t},
    session::use_session,
};
use domain::{FieldKind, FieldSpec};

/// Display form of a changed value: labels of choices, localised dates and amounts.
pub fn value_words(spec: Option<&'static FieldSpec>, value: &str) -> String {
    let plain = || value.to_owned();
    match spec.map(|s| s.kind) {
        _ if value.is_empty() => "–".into(),
        Some(kind @ (FieldKind::Choice(_) | FieldKind::Suggest(_))) => kind.words(value).map_or_else(plain, |words| t(words).to_owned()),
        Some(FieldKind::Several(choices)) => value
            .split(", ")
            .map(|code| choices.iter().find(|c| c.0 == code).map_or_else(|| code.to_owned(), |c| t(c.1).to_owned()))
            .collect::<Vec<_>>()
            .join(", "),
        Some(FieldKind::Recurrence) => domain::tasks::recurrence_words(value).map_or_else(plain, |w| t(w).to_owned()),
        Some(FieldKind::LocalTime) => value.replace('T', " "),
        Some(FieldKind::Instant) => value.parse().map_or_else(|_| plain(), format::moment),
        Some(FieldKind::Bool) => t(if value == "yes" { "Yes" } else { "No" }).to_owned(),
        Some(FieldKind::Date) => value.parse().map_or_else(|_| plain(), format::day),
        Some(FieldKind::Money) => domain::Money::parse(value, use_session().currency).map_or_else(|_| plain(), |m| m.number(language())),
        _ => plain(),
    }
}
