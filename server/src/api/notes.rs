//! Notes over REST.

use super::{activities, resource::Resource};
use domain::EntityKind;

pub const RESOURCE: Resource = Resource::new(Some(EntityKind::Note), activities::PARAMETERS, |tx, asked| Box::pin(activities::list(tx, asked)))
    .aliases(&[("text", "body"), ("isPinned", "pinned")]);
