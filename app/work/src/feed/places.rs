//! Place of the feed in the navigation.

use crate::place::Place;
use domain::paths;

pub const PLACES: &[Place] = &[Place::page("feed", paths::FEED, "Feed", "feed").keys("g f").sidebar(60).tab(5)];
