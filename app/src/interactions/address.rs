//! URL of the logging form.

use domain::paths;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// URL of the logging form, with the contact of the current page preselected.
pub fn log_path() -> String {
    let path = use_location().pathname.get_untracked();
    let person = path.strip_prefix(paths::PEOPLE).map(|p| p.trim_matches('/')).filter(|p| p.parse::<uuid::Uuid>().is_ok());
    paths::with_query(paths::LOG, &[("contact", person.unwrap_or_default())])
}
