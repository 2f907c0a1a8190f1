//! Tasks over REST: `completed` instead of the time of completion.

use super::{
    activities,
    openapi::parts,
    resource::{Property, Resource},
    wrong,
};
use app::AppError;
use domain::{EntityKind, FieldMap};
use serde_json::json;

pub const RESOURCE: Resource = Resource::new(Some(EntityKind::Task), activities::PARAMETERS, |tx, asked| Box::pin(activities::list(tx, asked)))
    .accept(accept)
    .properties(&[Property::computed("completed", parts::boolean, |r| json!(!r.text("completedAt").is_empty()))]);

fn accept(set: &mut FieldMap) -> Result<(), AppError> {
    if let Some(done) = set.remove("completed") {
        let Some(done) = done.as_bool() else { return Err(wrong("completed", "bool", "completed must be true or false")) };
        // The store fills in the time: repeated under its idempotency key, the request must be the same.
        set.entry("completedAt").or_insert(json!(done.then_some(domain::open::NOW)));
    }
    Ok(())
}
