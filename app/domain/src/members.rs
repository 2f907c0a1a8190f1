//! Teams and members. A member may be a placeholder (an agent named in an import) that a real person joins later.

use crate::{
    Currency, EntityKind, FieldKind as K, FieldSpec, KindSpec, MemberId, Permission, RecordId,
    commands::SliceInternal,
    fields::check,
    imports::{Identity, ImportSpec, target},
};
use serde::{Deserialize, Serialize};

/// Visible to the owner's team.
pub const TO_TEAM: &str = "team";

pub const VISIBILITIES: &[(&str, &str)] = &[("workspace", "Everyone"), (TO_TEAM, "Owner's team"), ("private", "Owner only")];

pub const TEAM_FIELDS: &[FieldSpec] = &[
    FieldSpec::new("name", "name", "Name", K::Text(120)).required(),
    FieldSpec::new("office", "office", "Office", K::Text(120)).quick(),
    FieldSpec::new("managerId", "manager_id", "Manager", K::Ref(EntityKind::Member)),
];

pub const MEMBER_FIELDS: &[FieldSpec] = &[
    FieldSpec::new("name", "name", "Name", K::Text(200)).required(),
    FieldSpec::new("email", "email", "E-mail", K::Email).quick(),
    FieldSpec::new("office", "office", "Office", K::Text(120)).quick(),
    FieldSpec::new("managerId", "manager_id", "Manager", K::Ref(EntityKind::Member)),
    FieldSpec::new("teamId", "team_id", "Team", K::Ref(EntityKind::Team)),
    FieldSpec::new("timeZone", "time_zone", "Time zone", K::TimeZone),
];

pub const TEAM: KindSpec = KindSpec::setup("team", "teams", Permission::ManageMembers).stays();
pub const MEMBER: KindSpec =
    KindSpec::setup("member", "members", Permission::ManageMembers).counted("{n} team members").stays().own_fields(&["name", "office", "timeZone"]);

/// Sales agents with their managers and offices; they become placeholder members.
pub const IMPORT: ImportSpec = ImportSpec::new("Team members", Identity::Name).special(&[(target::MANAGER, "Manager")]).headers(&[
    ("name", &["salesagent", "agent", "member", "salesrep", "rep", "name", "fullname"]),
    (target::MANAGER, &["manager", "supervisor", "lead"]),
    ("office", &["regionaloffice", "office", "region", "location"]),
    ("email", &["email", "emailaddress", "mail"]),
    (target::EXTERNAL_ID, &["agentid", "memberid", "externalid", "id"]),
]);

impl RecordId for MemberId {
    const KIND: EntityKind = EntityKind::Member;
}

/// Internal commands on members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum MemberInternal {
    /// Transfers a leaving member's records to another member: a step of removing a member.
    HandOver { from: MemberId, to: MemberId },
}

impl SliceInternal for MemberInternal {
    const NAMES: &'static [&'static str] = &["hand_over"];

    fn permission(&self) -> Permission {
        Permission::ManageMembers
    }
}

/// Whether a new member can have this name, and this e-mail address where it is given.
pub fn is_valid(name: &str, email: Option<&str>) -> bool {
    let fields = [("name", Some(name)), ("email", email)];
    let set = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.into()))).collect();
    !name.is_empty() && check(EntityKind::Member, &set, true, Currency::USD).is_ok()
}
