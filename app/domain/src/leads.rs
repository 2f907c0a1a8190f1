//! Leads: people and firms that may become customers, until they are converted or given up (SPEC §2.6, LEA-01…03).

use crate::{
    CompanyId, ContactId, DealId, EntityKind, FieldKind as K, FieldSpec, KindSpec, Permission, RecordId, StageId, Subject,
    changes::{Change, Versioned, put},
    commands::{SliceCommand, SliceInternal},
    contacts,
    fields::{DefaultValue as D, OnDelete, email_of, phone_of},
    imports::{Identity, ImportSpec, target},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Path of the list.
pub const LEADS: &str = "/leads";

/// SPEC LEA-02.
pub const STATUSES: &[(&str, &str)] = &[
    ("new", "New"),
    ("contacted", "Contacted"),
    ("qualified", "Qualified"),
    ("unqualified", "Unqualified"),
    ("nurturing", "Nurturing"),
    ("converted", "Converted"),
    ("lost", "Lost"),
];
pub const QUALITIES: &[(&str, &str)] = &[("hot", "Hot"), ("warm", "Warm"), ("cold", "Cold")];
/// The shared list of sources (SPEC C-39).
pub const SOURCES: &[(&str, &str)] = &[
    ("website", "Website"),
    ("referral", "Referral"),
    ("networking_event", "Networking event"),
    ("linkedin", "LinkedIn"),
    ("cold_outreach", "Cold outreach"),
    ("inbound", "Inbound"),
];

pub const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("firstName", "first_name", "First name", K::Text(200)).required(),
    FieldSpec::new("lastName", "last_name", "Last name", K::Text(200)).quick().default(D::Text("")),
    FieldSpec::new("companyName", "company_name", "Company", K::Text(300)).quick(),
    FieldSpec::new("email", "email", "E-mail", K::Email).quick(),
    FieldSpec::new("phone", "phone", "Phone", K::Phone).quick(),
    FieldSpec::new("source", "source", "Source", K::Suggest(SOURCES)).quick(),
    FieldSpec::new("quality", "quality", "Quality", K::Choice(QUALITIES)).quick(),
    FieldSpec::new("status", "status", "Status", K::Choice(STATUSES)).default(D::Text("new")),
    FieldSpec::new("followUpDate", "follow_up_date", "Follow-up", K::Date).quick(),
    FieldSpec::new("jobTitle", "job_title", "Job title", K::Text(200)),
    FieldSpec::new("website", "website", "Website", K::Url),
    FieldSpec::new("value", "value_minor", "Expected value", K::Money),
    FieldSpec::new("currency", "currency", "Currency", K::Currency).default(D::HomeCurrency),
    FieldSpec::new("industry", "industry", "Industry", K::Text(120)),
    FieldSpec::new("location", "location", "Location", K::Text(200)),
    FieldSpec::new("tags", "", "Tags", K::Tags),
    FieldSpec::new("ownerId", "owner_id", "Owner", K::Ref(EntityKind::Member)).on_delete(OnDelete::Restrict),
    FieldSpec::new("visibility", "visibility", "Visible to", K::Choice(crate::members::VISIBILITIES)).default(D::Text("workspace")),
    FieldSpec::new("description", "description", "Description", K::LongText(20_000)),
];

pub const KIND: KindSpec = KindSpec::record("lead", "leads")
    .title("full_name")
    .title_fields(&["firstName", "lastName"])
    .label("Lead")
    .counted("{n} leads")
    .feed(4, "Leads")
    .at(LEADS)
    .assigned()
    .icon("filter")
    .read_only(&[
        ("convertedAt", "converted_at"),
        ("convertedBy", "converted_by"),
        ("convertedContactId", "converted_contact_id"),
        ("convertedCompanyId", "converted_company_id"),
        ("convertedDealId", "converted_deal_id"),
    ])
    .phrases(&[("converted", "converted the lead {title}"), ("unconverted", "took back the conversion of the lead {title}")]);

pub const IMPORT: ImportSpec = ImportSpec::new("Leads", Identity::Email)
    .special(&[(target::FULL_NAME, "Full name"), (target::OWNER, "Owner")])
    .complete(contacts::named)
    // Contacts have a lead source as well.
    .only_with(&["leadid", "leadstatus", "leadowner", "leadname", "lead", "isconverted"])
    .headers(&[
        (target::EXTERNAL_ID, &["leadid", "externalid", "id"]),
        ("status", &["leadstatus", "status"]),
        ("source", &["leadsource", "source", "origin"]),
        ("quality", &["rating", "quality", "temperature"]),
        (target::OWNER, &["leadowner", "owner", "assignedto"]),
        ("firstName", &["firstname", "givenname", "vorname", "forename"]),
        ("lastName", &["lastname", "surname", "familyname", "nachname"]),
        (target::FULL_NAME, &["leadname", "fullname", "name"]),
        ("email", &["email", "emailaddress", "mail"]),
        ("phone", &["phone", "phonenumber", "mobile", "telephone", "mobilephone"]),
        ("companyName", &["company", "companyname", "organisation", "organization", "account"]),
        ("jobTitle", &["jobtitle", "title", "position"]),
        ("website", &["website", "url", "web"]),
        ("industry", &["industry", "sector", "branch"]),
        ("location", &["location", "city", "country"]),
        ("value", &["value", "amount", "annualrevenue"]),
        ("description", &["description", "notes", "comments"]),
    ]);

/// The id of a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct LeadId(pub Uuid);

impl From<LeadId> for Uuid {
    fn from(id: LeadId) -> Self {
        id.0
    }
}

impl RecordId for LeadId {
    const KIND: EntityKind = EntityKind::Lead;
}

/// Orders of the list: by name, by the day of the follow-up, newest first.
pub const SORTS: [(&str, &str); 3] = [("", "A–Z"), ("followUp", "Follow-up"), ("-created", "Newest")];
/// Columns of the list that can be left out: code and heading.
pub const COLUMNS: [(&str, &str); 6] =
    [("companyName", "Company"), ("status", "Status"), ("quality", "Quality"), ("source", "Source"), ("followUp", "Follow-up"), ("owner", "Owner")];

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LeadRow {
    pub id: LeadId,
    pub version: i64,
    pub full_name: String,
    pub company_name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub status: String,
    pub quality: Option<String>,
    pub source: Option<String>,
    pub follow_up_date: Option<NaiveDate>,
    pub owner: Option<String>,
    /// Where the list stands in groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<crate::lists::RowGroup>,
}

impl Versioned for LeadRow {
    fn id(&self) -> Uuid {
        self.id.0
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn apply(&mut self, change: &Change) {
        put(&mut self.full_name, change.title.clone());
        put(&mut self.company_name, change.text("companyName"));
        put(&mut self.email, change.first("email", email_of));
        put(&mut self.phone, change.first("phone", phone_of));
        put(&mut self.status, change.text("status").flatten());
        put(&mut self.quality, change.text("quality"));
        put(&mut self.source, change.text("source"));
        put(&mut self.follow_up_date, change.number("followUpDate"));
        if let Some(owner) = change.reference("ownerId") {
            self.owner = owner.map(|o| o.1);
        }
    }
}

/// A record that a conversion links: a new one under this id, or one that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Linked<Id> {
    New(Id),
    Existing(Id),
}

impl<Id: Copy> Linked<Id> {
    pub fn id(self) -> Id {
        match self {
            Self::New(id) | Self::Existing(id) => id,
        }
    }
}

/// The deal that a conversion opens, with the lead's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewDeal {
    pub id: DealId,
    pub title: String,
    /// `None`: the first stage of the first pipeline.
    #[serde(default)]
    pub stage: Option<StageId>,
}

/// Commands on leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum LeadCommand {
    /// Makes or links a contact, a company and a deal (LEA-03).
    ConvertLead {
        lead: LeadId,
        contact: Linked<ContactId>,
        #[serde(default)]
        company: Option<Linked<CompanyId>>,
        #[serde(default)]
        deal: Option<NewDeal>,
    },
}

impl SliceCommand for LeadCommand {
    const NAMES: &'static [&'static str] = &["convert_lead"];

    fn permission(&self) -> Permission {
        Permission::EditRecords
    }

    fn subject(&self) -> Subject {
        let Self::ConvertLead { lead, .. } = self;
        Subject::Record(EntityKind::Lead, lead.0)
    }
}

/// What a conversion did: enough to take it back, and to do it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Done {
    pub at: DateTime<Utc>,
    pub by: Uuid,
    pub contact: ContactId,
    pub company: Option<CompanyId>,
    pub deal: Option<DealId>,
    /// Status before it.
    pub status: String,
    /// Records that it created, in this order, with their versions since.
    pub made: Vec<Made>,
}

/// A record that a conversion created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    pub kind: EntityKind,
    pub id: Uuid,
    /// Version that the conversion, its undo or its redo left.
    pub version: i64,
}

/// Internal commands on leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum LeadInternal {
    /// Deletes what the conversion made, and gives the lead its status back.
    UnconvertLead { lead: LeadId, done: Done },
    /// Brings back what the undo deleted.
    ReconvertLead { lead: LeadId, done: Done },
}

impl SliceInternal for LeadInternal {
    const NAMES: &'static [&'static str] = &["unconvert_lead", "reconvert_lead"];

    fn permission(&self) -> Permission {
        let (Self::UnconvertLead { done, .. } | Self::ReconvertLead { done, .. }) = self;
        if done.made.is_empty() { Permission::EditRecords } else { Permission::DeleteRecords }
    }
}

/// What a lead was converted to, as far as the reader sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Converted {
    pub at: Option<DateTime<Utc>>,
    /// Name of the member.
    pub by: Option<String>,
    pub contact: Option<(ContactId, String)>,
    pub company: Option<(CompanyId, String)>,
    pub deal: Option<(DealId, String)>,
}

/// What a conversion can be made from: records that may be the lead's own, and the stages of a new deal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Convertible {
    /// Contacts with the lead's address, then those of its name.
    pub contacts: Vec<(ContactId, String)>,
    /// Companies of the lead's company name.
    pub companies: Vec<(CompanyId, String)>,
    /// Open stages of all pipelines: id, pipeline and stage.
    pub stages: Vec<(StageId, String)>,
}

/// A name for the deal of a lead: that of the firm, else of the person.
pub fn deal_title(company: &str, name: &str) -> String {
    if company.trim().is_empty() { name.trim().to_owned() } else { company.trim().to_owned() }
}
