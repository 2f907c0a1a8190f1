//! Sample members.

use super::Batch;
use domain::{EntityKind, sample::MEMBERS};
use serde_json::json;

pub(super) fn members() -> Batch {
    let mut members = Batch::new(EntityKind::Member);
    for name in MEMBERS {
        members.add(json!({"name": name, "office": "Sample team"}));
    }
    members
}
