//! Everything that can be done from anywhere: the palette lists it, keys call it, the sheet of shortcuts explains it.

use crate::{
    i18n::t,
    place::{self, Place},
};
use domain::Permission;

/// Section of the palette and of the shortcut sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Here,
    Create,
    Go,
    General,
}

impl Group {
    pub const ALL: [Self; 4] = [Self::Here, Self::Create, Self::Go, Self::General];

    pub fn words(self) -> &'static str {
        match self {
            Self::Here => "On this page",
            Self::Create => "Create",
            Self::Go => "Go to",
            Self::General => "General",
        }
    }
}

/// What an action does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    Go(&'static Place),
    /// Presses the first thing on the page that the selector finds.
    Press(&'static str),
    /// Puts the cursor into the first thing on the page that the selector finds.
    Focus(&'static str),
    /// To the next (1) or previous (-1) row of the page.
    Walk(i32),
    /// Chooses the row that has the focus.
    Mark,
    /// Looks at the row that has the focus, beside the list.
    Peek,
    Palette,
    Shortcuts,
    Add,
    Undo,
    Redo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// Stable: customised shortcuts are stored under it.
    pub id: &'static str,
    pub words: &'static str,
    pub group: Group,
    /// Default shortcut: `mod` is Ctrl or Cmd; two keys with a space follow each other.
    pub keys: &'static str,
    pub icon: &'static str,
    pub does: Does,
    pub needs: Option<Permission>,
}

const fn action(id: &'static str, group: Group, words: &'static str, keys: &'static str, icon: &'static str, does: Does) -> Action {
    Action { id, words, group, keys, icon, does, needs: None }
}

const fn edits(of: Action) -> Action {
    Action { needs: Some(Permission::EditRecords), ..of }
}

impl Action {
    fn to(place: &'static Place) -> Self {
        let group = if place.creates { Create } else { Go };
        Self { needs: place.needs, ..action(place.id, group, place.words, place.keys, place.icon, Does::Go(place)) }
    }
}

use Group::{Create, General, Go, Here};

/// Actions that lead to no place.
const ACTIONS: &[Action] = &[
    edits(action("edit", Here, "Edit this record", "e", "settings", Does::Press("main a[href^='/edit/']"))),
    action("find", Here, "Search in this list", "/", "search", Does::Focus("main input[type=search]")),
    action("filter", Here, "Filter this list", "f", "filter", Does::Press("main [data-filter]")),
    action("peek", Here, "Look beside the list", "space", "search", Does::Peek),
    action("next", Here, "Next row", "j", "arrow", Does::Walk(1)),
    action("previous", Here, "Previous row", "k", "arrow", Does::Walk(-1)),
    edits(action("select", Here, "Select the row", "x", "check", Does::Mark)),
    edits(action("select_all", Here, "Select all on this page", "mod+a", "check", Does::Press("main .table__check [data-all]"))),
    edits(action("quick", Create, "Add something quickly", "n", "plus", Does::Add)),
    action("palette", General, "Search and commands", "mod+k", "search", Does::Palette),
    action("shortcuts", General, "Keyboard shortcuts", "?", "help", Does::Shortcuts),
    action("undo", General, "Undo", "mod+z", "back", Does::Undo),
    action("redo", General, "Redo", "mod+shift+z", "arrow", Does::Redo),
];

/// All actions, in the order of the lists within their groups.
pub fn actions() -> impl Iterator<Item = Action> {
    place::all().filter(|p| !p.external).map(Action::to).chain(ACTIONS.iter().copied())
}

/// Keys as people read them: `mod+k` is "Ctrl K", `g t` is "G then T".
pub fn key_words(keys: &str) -> String {
    let one = |key: &str| match key {
        "mod" => t("Ctrl").to_owned(),
        "shift" => t("Shift").to_owned(),
        "space" => t("Space").to_owned(),
        k if k.chars().count() == 1 => k.to_uppercase(),
        k => k.to_owned(),
    };
    let chord = |part: &str| part.split('+').map(one).collect::<Vec<_>>().join(" ");
    keys.split(' ').map(chord).collect::<Vec<_>>().join(" → ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_key_and_none_begins_another() {
        let keyed: Vec<Action> = actions().filter(|a| !a.keys.is_empty()).collect();
        for a in &keyed {
            for b in &keyed {
                let clash = a.id != b.id && (a.keys == b.keys || b.keys.starts_with(&format!("{} ", a.keys)));
                assert!(!clash, "{} and {}", a.id, b.id);
            }
        }
        assert_eq!((key_words("mod+shift+z").as_str(), key_words("g t").as_str(), key_words("/").as_str()), ("Ctrl Shift Z", "G → T", "/"));
    }
}
