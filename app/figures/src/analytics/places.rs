//! Place of the figures in the navigation.

use crate::place::Place;
use domain::paths;

pub const PLACES: &[Place] = &[Place::page("analytics", paths::ANALYTICS, "Analytics", "chart").keys("g a").sidebar(80)];
