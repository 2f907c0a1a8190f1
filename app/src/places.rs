//! Registry of places: one line per slice, in the order of the palette. Sidebar, tab bar, sheets, palette, shortcuts and settings
//! are loops over it.

use crate::{
    place::{Finder, Place, Setting},
    session::may,
};
#[cfg(feature = "ssr")]
use domain::{EntityKind, paths};

const PLACES: &[&[Place]] = &[
    crate::interactions::places::PLACES,
    crate::today::places::PLACES,
    crate::contacts::places::PLACES,
    crate::companies::places::PLACES,
    crate::deals::places::PLACES,
    crate::tasks::places::PLACES,
    crate::notes::places::PLACES,
    crate::feed::places::PLACES,
    figures::dashboard::places::PLACES,
    figures::analytics::places::PLACES,
    crate::notifications::places::PLACES,
    crate::imports::places::PLACES,
    crate::settings::places::PLACES,
];

const SETTINGS: &[Setting] = &[
    crate::settings::places::PROFILE,
    crate::settings::places::PEOPLE,
    crate::settings::places::WORKSPACE,
    crate::notifications::places::SETTING,
    crate::settings::tag_places::SETTING,
    crate::settings::places::SHARES,
    crate::settings::places::TOKENS,
    crate::settings::places::PIPELINES,
    crate::settings::products::SETTING,
    crate::settings::teams::SETTING,
    crate::imports::places::SETTING,
];

const FINDERS: &[Finder] = &[crate::contacts::places::FINDER, crate::settings::tag_places::FINDER];

/// All places, in the order of the palette.
pub fn all() -> impl Iterator<Item = &'static Place> {
    PLACES.iter().copied().flatten()
}

/// The places of a list that the session may see, in the order of the list.
pub fn ordered(position: fn(&Place) -> Option<u8>) -> impl Iterator<Item = &'static Place> {
    (0..u8::MAX).filter_map(move |n| all().find(|p| position(p) == Some(n))).filter(|p| p.needs.is_none_or(may))
}

/// The settings that the session may see.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|s| s.needs.is_none_or(may))
}

/// The finder that a search in the palette begins with, and the rest of the search.
pub fn finder(search: &str) -> Option<(&'static Finder, &str)> {
    FINDERS.iter().find_map(|f| Some((f, search.strip_prefix(f.prefix)?)))
}

/// The kinds that have a form among the places.
#[cfg(feature = "ssr")]
pub fn forms() -> impl Iterator<Item = EntityKind> {
    EntityKind::ALL.into_iter().filter(|kind| all().any(|p| p.href == paths::create(*kind)))
}

/// The kinds whose records sections of the settings page list.
#[cfg(feature = "ssr")]
pub fn listings() -> impl Iterator<Item = crate::place::Listing> {
    SETTINGS.iter().filter_map(|s| s.lists)
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
        let pages: Vec<Option<&str>> = (0..7).map(page).collect();
        assert_eq!(pages, [Some("/"), Some("/people"), Some("/deals"), Some("/tasks"), Some("/companies"), Some("/feed"), None]);
    }
}
