//! Places of leads in the navigation.

use crate::place::Place;
use domain::leads::LEADS;

pub const PLACES: &[Place] = &[
    Place::form("new_lead", "/new/lead", "Add a lead", "filter").keys("c l").add(35, "Lead"),
    Place::page("leads", LEADS, "Leads", "filter").keys("g l").sidebar(15).tab(6),
];
