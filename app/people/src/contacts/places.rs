//! Places of contacts in the navigation.

use crate::place::{Finder, Place};
use domain::{EntityKind, paths};

pub const PLACES: &[Place] = &[
    Place::form("new_contact", "/new/contact", "Add a contact", "person").keys("c c").add(20, "Contact"),
    Place::page("people", paths::PEOPLE, "People", "people").keys("g p").sidebar(20).tab(1),
];

pub const FINDER: Finder = Finder { prefix: '@', kind: EntityKind::Contact, about: "", page: None };
