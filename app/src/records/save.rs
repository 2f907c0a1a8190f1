//! What an inline editor calls with its new value.

use leptos::prelude::*;
use serde_json::Value;
use uuid::Uuid;

/// Takes the new value; for a reference also the id and the name of its target.
pub type Save = Callback<(Value, Option<(Uuid, String)>)>;
