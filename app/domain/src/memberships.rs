//! Members of a workspace, their roles, invitations and sessions, as pages show them.

use crate::{MemberId, Role};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Somebody in a workspace, or a placeholder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberView {
    pub id: MemberId,
    pub name: String,
    pub email: Option<String>,
    pub office: Option<String>,
    /// None: nobody has joined as this member.
    pub role: Option<Role>,
    pub is_me: bool,
    /// The membership has ended. An invitation can name this member again.
    pub left: bool,
}

/// An open invitation. Its link was shown once and is not kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    pub id: Uuid,
    pub role: Role,
    /// The placeholder that whoever accepts becomes.
    pub joins_as: Option<String>,
    pub expires_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MembersView {
    pub members: Vec<MemberView>,
    pub invitations: Vec<Invitation>,
}

/// What a link invites to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitedTo {
    pub workspace: String,
    pub role: Role,
}

/// One signed-in browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionLine {
    /// Names the session in the request to end it; opens nothing.
    pub key: String,
    pub device: String,
    pub since: DateTime<Utc>,
    pub is_this: bool,
}

/// Browser and system in words, out of a User-Agent header.
pub fn device(agent: &str) -> String {
    let first = |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, words)| *words);
    let browser = first(&[("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system =
        first(&[("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux")]);
    match (browser, system) {
        (Some(b), Some(s)) => format!("{b} on {s}"),
        (Some(b), None) => b.into(),
        (None, Some(s)) => s.into(),
        (None, None) => "Unknown device".into(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn devices_are_recognised_in_words() {
        let chrome = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36";
        assert_eq!(super::device(chrome), "Chrome on Android");
        assert_eq!(super::device("curl/8"), "Unknown device");
    }
}
