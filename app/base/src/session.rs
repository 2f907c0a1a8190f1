//! Who is signed in, where, and when: what every page needs before it shows anything.

use crate::{browser_store, whose::Whose};
use chrono::{DateTime, Utc};
use domain::{Currency, MemberId, Permission, Role, WorkspaceId, zone::Offsets};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionInfo {
    pub workspace: String,
    pub workspace_id: WorkspaceId,
    pub user: String,
    pub email: String,
    pub member: MemberId,
    pub role: Role,
    pub currency: Currency,
    /// Hue of the workspace's colour, 0–359.
    pub hue: i16,
    /// Key of the start that was chosen: it says which pages stand in the tab bar.
    #[serde(default)]
    pub template: String,
    /// Hash of the workspace's picture, if it has one.
    #[serde(default)]
    pub logo: Option<String>,
    /// The server's clock, in whole milliseconds: the browser's first render must not have another.
    #[serde(with = "millis")]
    pub now: DateTime<Utc>,
    /// What clocks show where the person is.
    #[serde(default)]
    pub offsets: Offsets,
    /// Live messages after this are news to the page.
    pub position: i64,
}

/// An instant as milliseconds since 1970: chrono's parser of RFC 3339 would be part of every first load. Anything else, such as
/// the text in sessions that earlier versions stored, is the epoch; the start from a stored session sets the time itself.
mod millis {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.timestamp_millis())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(value.as_i64().and_then(DateTime::from_timestamp_millis).unwrap_or_default())
    }
}

/// The hue of the style sheet.
pub const HUE: i16 = 274;

impl Default for SessionInfo {
    fn default() -> Self {
        Self {
            workspace: String::new(),
            workspace_id: WorkspaceId(uuid::Uuid::nil()),
            user: String::new(),
            email: String::new(),
            member: MemberId(uuid::Uuid::nil()),
            role: Role::Viewer,
            currency: Currency::USD,
            hue: HUE,
            template: String::new(),
            logo: None,
            now: DateTime::UNIX_EPOCH,
            offsets: Offsets::default(),
            position: 0,
        }
    }
}

/// The session that the server found behind the request; in the browser the page brings it along.
fn from_request() -> SessionInfo {
    #[cfg(feature = "ssr")]
    if let Some(session) = use_context::<http::request::Parts>().and_then(|p| p.extensions.get::<SessionInfo>().cloned()) {
        return session;
    }
    #[cfg(feature = "hydrate")]
    if let Some(session) = KEPT.with_borrow(Clone::clone) {
        return session;
    }
    SessionInfo::default()
}

#[cfg(feature = "hydrate")]
thread_local! {
    /// As whom the program was started without the server.
    static KEPT: std::cell::RefCell<Option<SessionInfo>> = const { std::cell::RefCell::new(None) };
    /// In the browser a page has one zone from start to end, also where nobody asks on behalf of a page.
    static OFFSETS: std::cell::RefCell<Offsets> = const { std::cell::RefCell::new(Offsets(Vec::new())) };
}

thread_local! {
    /// The session of this page, forgotten by the browser.
    static ENDED: std::cell::RefCell<Option<String>> = const { std::cell::RefCell::new(None) };
}

/// Where this browser keeps as whom it was last signed in, for starting without a network. Nothing secret stands in it.
pub const STORE: &str = "rapport:session";

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Keeps the session for a start without a network.
pub fn keep(session: &SessionInfo) {
    // The time is the browser's when it starts, so none is kept; writing one would bring a calendar into every first load.
    let SessionInfo { workspace, workspace_id, user, email, member, role, currency, hue, position, template, offsets, .. } = session;
    let kept = serde_json::json!({
        "workspace": workspace, "workspace_id": workspace_id, "user": user, "email": email, "member": member, "role": role, "currency": currency, "hue": hue, "template": template,
        "position": position, "offsets": offsets, "now": "1970-01-01T00:00:00Z",
    });
    if let Some(storage) = storage() {
        let _ = storage.set_item(STORE, &kept.to_string());
    }
}

/// The session has ended: without a network the program does not start as this person any more, and what was read is gone
/// from this browser. What waits to be sent stays until they sign in again. If somebody else is signed in by now, it was
/// theirs that the server answered about, and nothing is forgotten.
pub fn ended(whose: Whose) {
    let Some(storage) = storage().filter(|_| !is_another(whose)) else { return };
    if let Ok(Some(text)) = storage.get_item(STORE) {
        ENDED.set(Some(text));
    }
    let _ = storage.remove_item(STORE);
    browser_store::forget(whose);
}

/// The server answers this page as its person: if their session was taken for ended, it was not, or they signed in again.
pub fn goes_on() {
    if let (Some(text), Some(storage)) = (ENDED.take(), storage())
        && storage.get_item(STORE).ok().flatten().is_none()
    {
        let _ = storage.set_item(STORE, &text);
    }
}

/// Whether the browser was last signed in as somebody else, or in another workspace.
pub fn is_another(whose: Whose) -> bool {
    let text = storage().and_then(|s| s.get_item(STORE).ok().flatten());
    text.is_some_and(|t| !t.contains(&whose.member.to_string()) || !t.contains(&whose.workspace.to_string()))
}

impl SessionInfo {
    pub fn whose(&self) -> Whose {
        Whose { workspace: self.workspace_id, member: self.member }
    }
}

/// Starts as whom the browser was last signed in; the time is the browser's.
#[cfg(feature = "hydrate")]
pub fn take_up_kept() -> bool {
    let text = storage().and_then(|s| s.get_item(STORE).ok().flatten());
    let Some(mut session) = text.and_then(|t| serde_json::from_str::<SessionInfo>(&t).ok()) else { return false };
    session.now = DateTime::from_timestamp_millis(js_sys::Date::now() as i64).unwrap_or(session.now);
    KEPT.set(Some(session));
    true
}

/// Gives the page the colour of the workspace that it was started for.
#[cfg(feature = "hydrate")]
pub fn paint() {
    use wasm_bindgen::JsCast;
    let hue = KEPT.with_borrow(|s| s.as_ref().map(|s| s.hue)).unwrap_or(HUE);
    if let Some(root) = document().document_element().and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = root.style().set_property("--brand-h", &hue.to_string());
    }
}

/// Makes the session known to all parts: from the request on the server, from the page in the browser.
pub fn provide_session() -> SessionInfo {
    let session = SharedValue::new(from_request).into_inner();
    #[cfg(feature = "hydrate")]
    OFFSETS.set(session.offsets.clone());
    provide_context(session.clone());
    session
}

/// The session, for parts inside the shell.
pub fn use_session() -> SessionInfo {
    expect_context::<SessionInfo>()
}

/// Reckons with the zone of whoever is signed in; UTC for whoever is not.
pub fn with_offsets<T>(reckon: impl FnOnce(&Offsets) -> T) -> T {
    #[cfg(feature = "hydrate")]
    return OFFSETS.with_borrow(reckon);
    #[cfg(not(feature = "hydrate"))]
    match use_context::<SessionInfo>() {
        Some(session) => reckon(&session.offsets),
        None => reckon(&Offsets::default()),
    }
}

/// Whether to show controls that need `permission`. The server checks again.
pub fn may(permission: Permission) -> bool {
    use_session().role.allows(permission)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_travels_in_milliseconds_and_older_stored_sessions_are_read() {
        let now = DateTime::from_timestamp_millis(1_796_000_000_123).unwrap();
        let session = SessionInfo { now, ..SessionInfo::default() };
        let mut stored = serde_json::to_value(&session).unwrap();
        assert_eq!(stored["now"], 1_796_000_000_123_i64);
        assert_eq!(serde_json::from_value::<SessionInfo>(stored.clone()).unwrap(), session);
        stored["now"] = "1970-01-01T00:00:00Z".into();
        assert_eq!(serde_json::from_value::<SessionInfo>(stored).unwrap().now, DateTime::UNIX_EPOCH);
    }
}
