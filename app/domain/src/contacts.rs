//! Contacts: people (SPEC §2.1, CON-01).

use crate::{
    ContactId, EntityKind, FieldKind as K, FieldSpec, KindSpec, RecordId,
    fields::{DefaultValue as D, OnDelete},
    imports::{Identity, ImportSpec, MappedRow, target},
    kind_spec::ByName,
    paths,
};
use serde::{Deserialize, Serialize};

/// Seeded choices; the sources' exact values (SPEC C-30, C-39).
pub const RELATIONSHIPS: &[(&str, &str)] =
    &[("recruiter", "Recruiter"), ("hiring_manager", "Hiring manager"), ("peer", "Peer"), ("mentor", "Mentor"), ("referral", "Referral")];
pub const CONTACT_SOURCES: &[(&str, &str)] =
    &[("networking_event", "Networking event"), ("linkedin", "LinkedIn"), ("referral", "Referral"), ("cold_outreach", "Cold outreach")];
pub const SENIORITIES: &[(&str, &str)] = &[
    ("intern", "Intern"),
    ("junior", "Junior"),
    ("mid", "Mid level"),
    ("senior", "Senior"),
    ("lead", "Team lead"),
    ("manager", "Manager"),
    ("director", "Director"),
    ("vp", "Vice president"),
    ("c_level", "C-level"),
    ("founder", "Founder"),
];
pub const STRENGTHS: &[(&str, &str)] = &[("strong", "Strong"), ("medium", "Medium"), ("weak", "Weak"), ("new", "New")];
pub const STATUSES: &[(&str, &str)] =
    &[("lead", "Lead"), ("active", "Active"), ("inactive", "Inactive"), ("archived", "Archived"), ("do_not_contact", "Do not contact")];
pub const CUSTOMER_ROLES: &[(&str, &str)] = &[
    ("decision_maker", "Decision maker"),
    ("stakeholder", "Stakeholder"),
    ("champion", "Champion"),
    ("influencer", "Influencer"),
    ("user", "User"),
    ("blocker", "Blocker"),
    ("other", "Other"),
];
pub const METHODS: &[(&str, &str)] =
    &[("email", "E-mail"), ("phone", "Phone"), ("sms", "SMS"), ("linkedin", "LinkedIn"), ("in_person", "In person"), ("other", "Other")];

pub const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("firstName", "first_name", "First name", K::Text(200)).required(),
    FieldSpec::new("lastName", "last_name", "Last name", K::Text(200)).quick().default(D::Text("")),
    FieldSpec::new("emails", "", "E-mail", K::Emails).quick(),
    FieldSpec::new("phones", "", "Phone", K::Phones).quick(),
    FieldSpec::new("companyId", "company_id", "Company", K::Ref(EntityKind::Company)).quick(),
    FieldSpec::new("jobTitle", "job_title", "Job title", K::Text(200)).quick(),
    FieldSpec::new("location", "location", "Location", K::Text(200)),
    FieldSpec::new("status", "status", "Status", K::Choice(STATUSES)).default(D::Text("active")),
    FieldSpec::new("warmnessScore", "warmness_score", "Warmth", K::Int { min: 0, max: 10 }).default(D::Int(0)),
    FieldSpec::new("connectionStrength", "connection_strength", "Connection", K::Choice(STRENGTHS)),
    FieldSpec::new("relationship", "relationship", "Relationship", K::Suggest(RELATIONSHIPS)),
    FieldSpec::new("contactSource", "contact_source", "How we met", K::Suggest(CONTACT_SOURCES)),
    FieldSpec::new("source", "source", "Source", K::Suggest(&[("website", "Website"), ("referral", "Referral"), ("inbound", "Inbound")])),
    FieldSpec::new("industry", "industry", "Industry", K::Text(120)),
    FieldSpec::new("seniority", "seniority", "Seniority", K::Suggest(SENIORITIES)),
    FieldSpec::new("customerRole", "customer_role", "Role at the company", K::Choice(CUSTOMER_ROLES)),
    FieldSpec::new("isPrimaryContact", "is_primary_contact", "Main contact of the company", K::Bool).default(D::No),
    FieldSpec::new("preferredContactMethod", "preferred_contact_method", "Prefers", K::Choice(METHODS)),
    FieldSpec::new("meetingCadence", "meeting_cadence", "Keep in touch every (days)", K::Int { min: 0, max: 3650 }),
    FieldSpec::new("nextFollowUp", "next_follow_up", "Next follow-up", K::Date),
    FieldSpec::new("birthday", "birthday", "Birthday", K::Date),
    FieldSpec::new("favoriteTopics", "favorite_topics", "Favourite topics", K::List),
    FieldSpec::new("linkedinUrl", "linkedin_url", "LinkedIn", K::Url),
    FieldSpec::new("twitterUrl", "twitter_url", "X / Twitter", K::Url),
    FieldSpec::new("tags", "", "Tags", K::Tags),
    FieldSpec::new("ownerId", "owner_id", "Owner", K::Ref(EntityKind::Member)).on_delete(OnDelete::Restrict),
    FieldSpec::new("visibility", "visibility", "Visible to", K::Choice(crate::members::VISIBILITIES)).default(D::Text("workspace")),
    FieldSpec::new("professionalNotes", "professional_notes", "Professional notes", K::LongText(20_000)),
    FieldSpec::new("personalNotes", "personal_notes", "Personal notes", K::LongText(20_000)),
];

pub const KIND: KindSpec = KindSpec::record("contact", "contacts")
    .title("full_name")
    .title_fields(&["firstName", "lastName"])
    .label("Contact")
    .counted("{n} people")
    .feed(2, "People")
    .at(paths::PEOPLE)
    .assigned()
    .person()
    .by_name(ByName::AtOnce);

pub const IMPORT: ImportSpec = ImportSpec::new("People", Identity::EmailOrName)
    .special(&[(target::FULL_NAME, "Full name"), (target::COMPANY, "Company"), (target::OWNER, "Owner")])
    .complete(named)
    .headers(&[
        ("firstName", &["firstname", "givenname", "vorname", "forename"]),
        ("lastName", &["lastname", "surname", "familyname", "nachname"]),
        (target::FULL_NAME, &["fullname", "name", "contact", "contactname", "person"]),
        ("emails", &["email", "emailaddress", "mail", "email1value", "workemail"]),
        ("phones", &["phone", "phonenumber", "mobile", "telephone", "tel", "mobilephone"]),
        (target::COMPANY, &["company", "organisation", "organization", "employer", "account", "companyname"]),
        ("jobTitle", &["jobtitle", "title", "position", "role"]),
        ("location", &["location", "city", "country", "address"]),
        ("linkedinUrl", &["linkedin", "linkedinurl", "profileurl", "url"]),
        ("birthday", &["birthday", "dateofbirth", "birthdate"]),
        ("professionalNotes", &["notes", "note", "comments"]),
        (target::OWNER, &["owner", "assignedto", "salesagent"]),
        (target::EXTERNAL_ID, &["id", "contactid", "externalid"]),
    ]);

/// Fallback for a row without a first name: the last name, else the local part of the e-mail address.
pub(crate) fn named(row: &mut MappedRow) {
    if row.fields.contains_key("firstName") {
        return;
    }
    let address = |row: &MappedRow| row.fields.get("emails").or_else(|| row.fields.get("email"))?.as_str()?.split('@').next().map(Into::into);
    if let Some(name) = row.fields.remove("lastName").or_else(|| address(row)) {
        row.fields.insert("firstName".into(), name);
    }
}

impl RecordId for ContactId {
    const KIND: EntityKind = EntityKind::Contact;
}

/// A row of the people list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContactRow {
    pub id: ContactId,
    pub version: i64,
    pub full_name: String,
    pub job_title: Option<String>,
    pub company_id: Option<crate::CompanyId>,
    pub company: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub owner: Option<String>,
    pub status: String,
    /// 0–10 (SPEC C-09).
    pub warmness_score: i32,
    pub last_contacted: Option<chrono::DateTime<chrono::Utc>>,
    /// Where the list stands in groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<crate::lists::RowGroup>,
}
