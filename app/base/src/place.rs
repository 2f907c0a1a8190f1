//! Places: pages, and forms that create records, to which navigation, palette and keyboard shortcuts lead. Slices declare theirs
//! in tables of data: the shell reads all tables, so code that they named would become part of the first wasm file.

use crate::session::may;
use domain::{EntityKind, Permission, paths};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use std::sync::OnceLock;

#[derive(Debug)]
pub struct Place {
    /// Stable: customised shortcuts are stored under it.
    pub id: &'static str,
    pub href: &'static str,
    pub words: &'static str,
    pub icon: &'static str,
    /// Default shortcut in the notation of the palette's actions; empty: none.
    pub keys: &'static str,
    /// Permission without which the place is hidden.
    pub needs: Option<Permission>,
    /// A form: the palette lists it under Create instead of Go to.
    pub creates: bool,
    /// Position in the sidebar, in steps of ten: others fit in between.
    pub sidebar: Option<u8>,
    /// Position among the pages of the phone's tab bar. Cookies of browsers store it, so it never changes.
    pub tab: Option<u8>,
    /// Position in the add sheet, in steps of ten, and the label there.
    pub add: Option<(u8, &'static str)>,
    /// Noun of a kind: a record of this kind on the current page is preselected in the form.
    pub about: Option<&'static str>,
    /// Shows the number of unread notifications.
    pub badge: bool,
    /// Outside the app: opened by the browser instead of the router, and not in the palette.
    pub external: bool,
}

/// Places are distinguished by their address.
impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.href == other.href
    }
}

impl Eq for Place {}

impl Place {
    pub const fn page(id: &'static str, href: &'static str, words: &'static str, icon: &'static str) -> Self {
        let (needs, sidebar, tab, add, about) = (None, None, None, None, None);
        Self { id, href, words, icon, keys: "", needs, creates: false, sidebar, tab, add, about, badge: false, external: false }
    }

    /// A form that creates a record.
    pub const fn form(id: &'static str, href: &'static str, words: &'static str, icon: &'static str) -> Self {
        Self { creates: true, needs: Some(Permission::EditRecords), ..Self::page(id, href, words, icon) }
    }

    pub const fn keys(self, keys: &'static str) -> Self {
        Self { keys, ..self }
    }

    pub const fn needs(self, permission: Permission) -> Self {
        Self { needs: Some(permission), ..self }
    }

    pub const fn sidebar(self, position: u8) -> Self {
        Self { sidebar: Some(position), ..self }
    }

    pub const fn tab(self, position: u8) -> Self {
        Self { tab: Some(position), ..self }
    }

    pub const fn add(self, position: u8, label: &'static str) -> Self {
        Self { add: Some((position, label)), ..self }
    }

    pub const fn about(self, noun: &'static str) -> Self {
        Self { about: Some(noun), ..self }
    }

    pub const fn badge(self) -> Self {
        Self { badge: true, ..self }
    }

    pub const fn external(self) -> Self {
        Self { external: true, ..self }
    }

    /// URL, with the record of the current page that the form is about.
    pub fn address(&self) -> String {
        let Some(noun) = self.about else { return self.href.to_owned() };
        let on_page = paths::record_of(&use_location().pathname.get_untracked()).filter(|(kind, _)| kind.noun() == noun);
        paths::with_query(self.href, &[(noun, &on_page.map(|(_, id)| id.to_string()).unwrap_or_default())])
    }
}

/// Records of one kind that the palette finds behind a prefix.
pub struct Finder {
    pub prefix: char,
    pub kind: EntityKind,
    /// Description of the results.
    pub about: &'static str,
    /// Page that a result leads to, and its query parameter for the record's name; `None`: the page of the record.
    pub page: Option<(&'static str, &'static str)>,
}

/// A page of the settings, or a section of the settings page. Apart from places: its texts are no part of the first wasm file.
pub struct Setting {
    pub title: &'static str,
    pub about: &'static str,
    pub href: &'static str,
    /// Further search terms.
    pub words: &'static str,
    /// Permission without which it is hidden.
    pub needs: Option<Permission>,
    /// Section that lists the records of a kind.
    pub lists: Option<Listing>,
}

/// Records of a kind in a section of the settings page.
#[derive(Clone, Copy)]
pub struct Listing {
    pub kind: EntityKind,
    /// Fields shown beside the title.
    pub note: &'static [&'static str],
}

impl Setting {
    pub const fn new(title: &'static str, about: &'static str, href: &'static str, words: &'static str) -> Self {
        Self { title, about, href, words, needs: None, lists: None }
    }

    pub const fn needs(self, permission: Permission) -> Self {
        Self { needs: Some(permission), ..self }
    }

    pub const fn lists(self, kind: EntityKind, note: &'static [&'static str]) -> Self {
        Self { lists: Some(Listing { kind, note }), ..self }
    }

    /// Whether it is a section of the settings page instead of a page of its own.
    pub fn is_section(&self) -> bool {
        self.href.contains('#')
    }
}

/// Tables of all slices, in the order of the palette.
#[derive(Clone, Copy)]
pub struct Registry {
    /// By area and slice.
    pub places: &'static [&'static [&'static [Place]]],
    pub settings: &'static [Setting],
    pub finders: &'static [Finder],
}

static REGISTRY: OnceLock<Registry> = OnceLock::new();

impl Registry {
    /// Makes the tables available to the functions of this module. They are constants, so registering again changes nothing.
    pub fn register(self) {
        let _ = REGISTRY.set(self);
    }
}

fn registry() -> Registry {
    REGISTRY.get().copied().unwrap_or(Registry { places: &[], settings: &[], finders: &[] })
}

/// All places, in the order of the palette.
pub fn all() -> impl Iterator<Item = &'static Place> {
    registry().places.iter().copied().flatten().copied().flatten()
}

/// A place that the session may see.
pub fn by_id(id: &str) -> Option<&'static Place> {
    all().find(|p| p.id == id && p.needs.is_none_or(may))
}

/// The places of a list that the session may see, in the order of the list.
pub fn ordered(position: fn(&Place) -> Option<u8>) -> impl Iterator<Item = &'static Place> {
    (0..u8::MAX).filter_map(move |n| all().find(|p| position(p) == Some(n))).filter(|p| p.needs.is_none_or(may))
}

/// The settings that the session may see.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    registry().settings.iter().filter(|s| s.needs.is_none_or(may))
}

/// The kinds whose records sections of the settings page list.
#[cfg(feature = "ssr")]
pub fn listings() -> impl Iterator<Item = Listing> {
    registry().settings.iter().filter_map(|s| s.lists)
}

/// The finder that a search in the palette begins with, and the rest of the search.
pub fn finder(search: &str) -> Option<(&'static Finder, &str)> {
    registry().finders.iter().find_map(|f| Some((f, search.strip_prefix(f.prefix)?)))
}
