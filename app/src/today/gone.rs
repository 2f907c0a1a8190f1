//! Rows of Today that left by what was done here.

use domain::today::Rule;
use leptos::prelude::*;
use uuid::Uuid;

/// Rows that left by what was done here, until Today is read anew.
pub type Gone = RwSignal<Vec<(Rule, Uuid)>>;
