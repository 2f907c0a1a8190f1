//! Callback of inline editors.

use leptos::prelude::*;
use serde_json::Value;
use uuid::Uuid;

/// Receives the new value; for a reference also id and title of its target.
pub type Save = Callback<(Value, Option<(Uuid, String)>)>;
