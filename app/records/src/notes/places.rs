//! Places of notes in the navigation.

use crate::place::Place;

pub const PLACES: &[Place] = &[Place::form("new_note", "/new/note", "Write a note", "note").keys("c n")];
