//! Teams and members. A member may be a placeholder (an agent named in an import) that a real person joins later.

use crate::{EntityKind, FieldKind as K, FieldSpec, KindSpec, MemberId, Permission, RecordId};

pub const VISIBILITIES: &[(&str, &str)] = &[("workspace", "Everyone"), ("team", "Owner's team"), ("private", "Owner only")];

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
pub const MEMBER: KindSpec = KindSpec::setup("member", "members", Permission::ManageMembers).counted("{n} team members").stays();

impl RecordId for MemberId {
    const KIND: EntityKind = EntityKind::Member;
}

/// What members may set of themselves, whatever their role.
pub const OWN_FIELDS: [&str; 3] = ["name", "office", "timeZone"];
