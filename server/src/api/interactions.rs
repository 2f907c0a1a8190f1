//! Interactions over REST.

use super::{activities, resource::Resource};
use app::AppError;
use domain::{EntityKind, FieldMap};
use serde_json::Value;

pub const RESOURCE: Resource =
    Resource::new(Some(EntityKind::Interaction), activities::PARAMETERS, |tx, asked| Box::pin(activities::list(tx, asked)))
        .aliases(&[("interactionType", "type"), ("interactionDate", "date"), ("note", "description"), ("notes", "description")])
        .accept(accept);

/// The spellings of the sources (C-06): CALL, LINKEDIN.
fn accept(set: &mut FieldMap) -> Result<(), AppError> {
    if let Some(Value::String(text)) = set.get("type") {
        let code = text.to_lowercase();
        set.insert("type".into(), if code == "linkedin" { "linkedin_message".into() } else { code.into() });
    }
    Ok(())
}
