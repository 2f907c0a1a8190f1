//! Field values between JSON and columns.

use domain::{
    Currency, FieldKind, FieldSpec, Money,
    fields::{self, DefaultValue, FieldValue},
};
use serde_json::{Map, Value, json};

/// What an empty value is stored as, for columns that are never null; `home` is the workspace's currency.
pub(crate) fn empty_as(spec: &FieldSpec, home: Currency) -> Option<FieldValue> {
    match spec.default {
        DefaultValue::Null => None,
        DefaultValue::Text(text) => Some(FieldValue::Text(text.into())),
        DefaultValue::Int(n) => Some(FieldValue::Int(n)),
        DefaultValue::No => Some(FieldValue::Bool(false)),
        DefaultValue::HomeCurrency => Some(FieldValue::Text(home.code().into())),
    }
}

pub(crate) fn json_value(value: &FieldValue, currency: Currency, spec: &FieldSpec) -> Value {
    match value {
        FieldValue::Null => Value::Null,
        FieldValue::Text(t) => json!(t),
        FieldValue::Int(n) if spec.kind == FieldKind::Money => json!(Money { minor: *n, currency }.to_decimal()),
        FieldValue::Int(n) => json!(n),
        FieldValue::Date(d) => json!(d.to_string()),
        FieldValue::Instant(at) => json!(fields::instant(*at)),
        FieldValue::Bool(b) => json!(b),
        FieldValue::Id(id) => json!(id),
        FieldValue::List(l) => json!(l),
        FieldValue::Ids(l) => json!(l),
        FieldValue::Channels(c) => json!(c),
    }
}

/// A column of `to_jsonb(row)` in the form that travels.
pub(crate) fn column_value(spec: &FieldSpec, row: &Map<String, Value>, currency: Currency) -> Value {
    let raw = row.get(spec.column).cloned().unwrap_or(Value::Null);
    match (&spec.kind, raw.as_i64()) {
        (FieldKind::Money, Some(minor)) => json!(Money { minor, currency }.to_decimal()),
        (FieldKind::Instant, _) => raw.as_str().and_then(|t| t.parse().ok()).map_or(Value::Null, |at| json!(fields::instant(at))),
        _ if raw == json!("") => Value::Null,
        _ => raw,
    }
}

pub(crate) fn row_currency(row: &Map<String, Value>) -> Currency {
    Currency::stored(row.get("currency").and_then(Value::as_str).unwrap_or_default())
}

/// Type of a field's column, for a recordset.
pub(crate) fn column_type(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Int { .. } | FieldKind::Money => "bigint",
        FieldKind::Date => "date",
        FieldKind::Instant => "timestamptz",
        FieldKind::Bool => "boolean",
        FieldKind::Ref(_) => "uuid",
        FieldKind::List | FieldKind::Several(_) => "text[]",
        _ => "text",
    }
}

/// A value as its column has it in `to_jsonb(row)`.
pub(crate) fn raw(value: &FieldValue) -> Value {
    match value {
        FieldValue::Null | FieldValue::Ids(_) | FieldValue::Channels(_) => Value::Null,
        FieldValue::Text(t) => json!(t),
        FieldValue::Int(n) => json!(n),
        FieldValue::Date(d) => json!(d.to_string()),
        FieldValue::Instant(at) => json!(at),
        FieldValue::Bool(b) => json!(b),
        FieldValue::Id(id) => json!(id),
        FieldValue::List(l) => json!(l),
    }
}
