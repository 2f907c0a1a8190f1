//! Places of companies in the navigation.

use crate::place::Place;
use domain::paths;

pub const PLACES: &[Place] = &[
    Place::form("new_company", "/new/company", "Add a company", "company").keys("c o").add(30, "Company"),
    Place::page("companies", paths::COMPANIES, "Companies", "company").keys("g o").sidebar(40).tab(4),
];
