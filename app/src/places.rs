//! Registry of places: the tables of the areas, in the order of the palette. Sidebar, tab bar, sheets, palette, shortcuts and settings
//! are loops over it (`base::place`).

use crate::place::{Finder, Place, Registry, Setting};
#[cfg(feature = "ssr")]
use domain::{EntityKind, paths};

const PLACES: &[&[&[Place]]] = &[work::PLACES, people::PLACES, sales::PLACES, records::PLACES, figures::PLACES, setup::PLACES];

const SETTINGS: &[Setting] = &[
    setup::settings::places::PROFILE,
    setup::settings::places::PEOPLE,
    setup::settings::places::WORKSPACE,
    work::notifications::places::SETTING,
    setup::settings::tag_places::SETTING,
    setup::settings::places::SHARES,
    setup::settings::places::TOKENS,
    setup::settings::places::PIPELINES,
    setup::settings::products::SETTING,
    setup::settings::teams::SETTING,
    setup::imports::places::SETTING,
];

const FINDERS: &[Finder] = &[people::contacts::places::FINDER, setup::settings::tag_places::FINDER];

/// The tables of all areas, for the functions of `base::place`.
pub const REGISTRY: Registry = Registry { places: PLACES, settings: SETTINGS, finders: FINDERS };

#[cfg(any(feature = "ssr", test))]
fn all() -> impl Iterator<Item = &'static Place> {
    PLACES.iter().copied().flatten().copied().flatten()
}

/// The kinds that have a form among the places.
#[cfg(feature = "ssr")]
pub fn forms() -> impl Iterator<Item = EntityKind> {
    EntityKind::ALL.into_iter().filter(|kind| all().any(|p| p.href == paths::create(*kind)))
}

/// All texts of the tables, for the test of the catalogues.
#[cfg(feature = "ssr")]
pub fn words() -> impl Iterator<Item = &'static str> {
    let of_finders = FINDERS.iter().map(|f| f.about);
    let of_places = all().flat_map(|p| [Some(p.words), p.add.map(|a| a.1)]).flatten();
    of_places.chain(of_finders).chain(SETTINGS.iter().flat_map(|s| [s.title, s.about, s.words]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tabs::{of_template, picked};

    #[test]
    fn no_two_places_share_an_id_or_a_position() {
        let all: Vec<&Place> = all().collect();
        for (at, a) in all.iter().enumerate() {
            for b in &all[at + 1..] {
                assert_ne!(a.id, b.id);
                let position = |p: &Place| [p.sidebar, p.tab, p.add.map(|a| a.0)];
                let shared = position(a).iter().zip(position(b)).any(|(a, b)| a.is_some() && *a == b);
                assert!(!shared, "{} and {}", a.id, b.id);
            }
        }
    }

    #[test]
    fn numbers_of_tabs_in_cookies_mean_the_same_pages_for_ever() {
        let page = |n| all().find(|p| p.tab == Some(n)).map(|p| p.href);
        let pages: Vec<Option<&str>> = (0..6).map(page).collect();
        assert_eq!(pages, ["/", "/people", "/deals", "/tasks", "/companies", "/feed"].map(Some));
    }

    #[test]
    fn the_cookie_says_three_pages_or_nothing() {
        REGISTRY.register();
        let numbers = |cookies| picked(cookies).map(|pages| pages.map(|p| p.tab));
        assert_eq!(numbers("a=b; rapport-tabs=0.4.3; c=d"), Some([Some(0), Some(4), Some(3)]));
        for odd in
            ["", "rapport-tabs=", "rapport-tabs=0.1", "rapport-tabs=0.0.1", "rapport-tabs=0.1.9", "rapport-tabs=0.1.2.3", "rapport-tabs=-1.x.2"]
        {
            assert_eq!(picked(odd), None, "{odd}");
        }
    }

    #[test]
    fn every_start_has_three_pages_that_can_be_chosen() {
        REGISTRY.register();
        for template in ["sales", "lead_sourcing", "job_search", "networking", "unknown"] {
            assert_eq!(of_template(template).len(), 3, "{template}");
        }
    }
}
