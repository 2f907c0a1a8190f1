//! The addresses of pages. Links between slices are made here and nowhere else.

use crate::{EntityKind, RecordId};
use uuid::Uuid;

pub const TODAY: &str = "/";
pub const TASKS: &str = "/tasks";
pub const INTERACTIONS: &str = "/interactions";
pub const NOTES: &str = "/notes";
pub const LOG: &str = "/log";

/// The form to log something with a person, or to plan it.
pub fn log(contact: Uuid, plan: bool) -> String {
    format!("{LOG}?contact={contact}{}", if plan { "&plan=yes" } else { "" })
}

pub const DEALS: &str = "/deals";
pub const PEOPLE: &str = "/people";
pub const COMPANIES: &str = "/companies";
pub const FEED: &str = "/feed";
pub const ANALYTICS: &str = "/analytics";
pub const IMPORT: &str = "/import";
pub const SETTINGS: &str = "/settings";
pub const PEOPLE_SETTINGS: &str = "/settings/people";
pub const PROFILE: &str = "/settings/profile";
/// Cards of the profile, whose forms are answered there.
pub const PROFILE_PASSWORD: &str = "/settings/profile#password";
pub const PROFILE_EMAIL: &str = "/settings/profile#email";
pub const PROFILE_DELETION: &str = "/settings/profile#delete";
pub const TOKENS: &str = "/settings/tokens";
pub const TAGS: &str = "/settings/tags";
pub const NOTIFICATIONS: &str = "/notifications";
pub const NOTIFICATION_SETTINGS: &str = "/settings/notifications";
pub const SHARES: &str = "/settings/shares";
pub const DASHBOARD: &str = "/dashboard";
pub const HELP: &str = "/help";
pub const WORKSPACE_SETTINGS: &str = "/settings/workspace";
pub const FORGOT: &str = "/forgot";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_UP: &str = "/sign-up";

/// The page of a record; setup records live on their settings page.
pub fn record(kind: EntityKind, id: Uuid) -> String {
    match kind.spec().records_at {
        Some(page) => format!("{page}/{id}"),
        None => format!("{SETTINGS}/{}/{id}", kind.plural()),
    }
}

/// The page of the record with a typed id.
pub fn page_of<I: RecordId>(id: I) -> String {
    record(I::KIND, id.into())
}

/// The page that records of a kind are listed on.
pub fn list(kind: EntityKind) -> &'static str {
    kind.spec().listed_at
}

/// The record whose page a path is, if it is one.
pub fn record_of(path: &str) -> Option<(EntityKind, Uuid)> {
    let path = path.split('?').next().unwrap_or(path);
    let id: Uuid = path.rsplit('/').next()?.parse().ok()?;
    EntityKind::ALL.into_iter().map(|kind| (kind, id)).find(|(kind, id)| record(*kind, *id) == path)
}

/// The form that makes a record.
pub fn create(kind: EntityKind) -> String {
    format!("/new/{}", kind.noun())
}

/// Percent-encoding of a value in a query (RFC 3986 unreserved characters stay), the same on both sides.
pub fn query_value(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// A path with those parameters that have a value.
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let parts: Vec<String> = parameters.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{k}={}", query_value(v))).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

/// The link that writes to an address. What would begin a subject or a second recipient is part of the address (RFC 6068 §2).
pub fn mailto(address: &str) -> String {
    format!("mailto:{}", query_value(address).replace("%40", "@").replace("%2B", "+"))
}

/// A path of our own, from something a request said. Anything else becomes `/`.
pub fn local(text: &str) -> &str {
    let plain = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\') && !text.contains(char::is_control);
    if plain { text } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_its_record() {
        let id = Uuid::now_v7();
        for kind in EntityKind::ALL {
            let found = record_of(&format!("{}?tab=details", record(kind, id)));
            assert_eq!(found, Some((kind, id)));
        }
        for other in ["/", "/people", "/people/x", "/edit/contact/01a1fea8-4c40-778d-a8f0-a16dacb7d0f6"] {
            assert_eq!(record_of(other), None, "{other}");
        }
    }

    #[test]
    fn an_address_is_all_that_a_link_to_it_says() {
        assert_eq!(mailto("ana+crm@example.com"), "mailto:ana+crm@example.com");
        assert_eq!(mailto("ana?bcc=eve&subject=x#y%0d@example.com"), "mailto:ana%3Fbcc%3Deve%26subject%3Dx%23y%250d@example.com");
    }

    #[test]
    fn only_our_own_paths_are_followed() {
        assert_eq!(local("/deals?x=1"), "/deals?x=1");
        for bad in ["//evil.org", "https://evil.org", "/\\evil.org", "javascript:alert(1)", "", "/a\r\nLocation: x", "/a\tb", "/a\u{1}", "/a\u{7f}"] {
            assert_eq!(local(bad), "/", "{bad}");
        }
    }
}
