//! Places of settings and help in the navigation; pages and sections of the settings.

use crate::place::{Place, Setting};
use domain::{Permission, paths};

pub const PLACES: &[Place] = &[
    Place::page("settings", paths::SETTINGS, "Settings", "settings").keys("g s").sidebar(100),
    Place::page("help", paths::HELP, "Help", "help").sidebar(110).external(),
];

pub const PROFILE: Setting = Setting::new(
    "Your profile",
    "Password, light or dark, signed-in browsers",
    paths::PROFILE,
    "name e-mail time zone session sign out language account delete leave theme dark mode appearance density compact workspaces",
);

pub const PEOPLE: Setting = Setting::new(
    "People and rights",
    "Members, roles, invitations",
    paths::PEOPLE_SETTINGS,
    "invite link owner admin manager viewer remove leave user permission",
);

pub const WORKSPACE: Setting = Setting::new(
    "Workspace",
    "Name, time zone, colour, deleting it",
    paths::WORKSPACE_SETTINGS,
    "company name zone delete brand branding colour color hue",
);

pub const SHARES: Setting =
    Setting::new("Share links", "Dashboards for people without an account", paths::SHARES, "public link dashboard revoke token")
        .needs(Permission::Share);

pub const TOKENS: Setting =
    Setting::new("API tokens", "Programs that act for you", paths::TOKENS, "token api rest key program integration script revoke expire");

pub const PIPELINES: Setting = Setting::new("Pipelines", "Stages and their probability", "/settings#pipelines", "stage order won lost percent");
