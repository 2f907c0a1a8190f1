//! Values that a command leaves open: what they are is known when it is carried out.

use serde_json::{Value, json};

/// The moment at which a command is carried out, as the value of a moment.
pub const NOW: &str = "now";

/// A reference by the name of what it refers to, for the store to find or make (SPEC C-03).
pub fn by_name(name: &str) -> Value {
    json!({"name": name})
}

/// The name in a value made by [`by_name`].
pub fn named(value: &Value) -> Option<&str> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.get("name")?.as_str().filter(|name| !name.trim().is_empty())
}
