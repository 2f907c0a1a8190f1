//! Places of deals in the navigation.

use crate::place::Place;
use domain::paths;

pub const PLACES: &[Place] = &[
    Place::form("new_deal", "/new/deal", "Add a deal", "deals").keys("c d").add(40, "Deal"),
    Place::page("deals", paths::DEALS, "Deals", "deals").keys("g d").sidebar(10).tab(2),
    Place::page("deal_list", "/deals?as=list", "Deals as a list", "deals"),
    Place::page("forecast", "/deals?as=forecast", "Forecast", "chart").keys("g r"),
];
