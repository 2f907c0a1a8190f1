//! Completed rows of Today.

use domain::today::Rule;
use leptos::prelude::*;
use uuid::Uuid;

/// Rows hidden by an optimistic update until Today is refetched.
pub type Gone = RwSignal<Vec<(Rule, Uuid)>>;
