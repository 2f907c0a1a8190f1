//! Place of the dashboard in the navigation.

use crate::place::Place;
use domain::paths;

pub const PLACES: &[Place] = &[Place::page("dashboard", paths::DASHBOARD, "Dashboard", "dashboard").keys("g b").sidebar(70)];
