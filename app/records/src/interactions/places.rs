//! Places of interactions in the navigation.

use crate::place::Place;
use domain::paths;

pub const PLACES: &[Place] = &[Place::form("log", paths::LOG, "Log an interaction", "phone").keys("l").add(0, "Log an interaction").about("contact")];
