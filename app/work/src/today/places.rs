//! Place of Today in the navigation.

use crate::place::Place;
use domain::paths;

pub const PLACES: &[Place] = &[Place::page("today", paths::TODAY, "Today", "today").keys("g t").sidebar(0).tab(0)];
