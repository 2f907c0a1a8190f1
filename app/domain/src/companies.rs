//! Companies: customers and prospects (SPEC §2.2).

use crate::{
    CompanyId, EntityKind, FieldKind as K, FieldSpec, KindSpec, RecordId,
    fields::{DefaultValue as D, OnDelete},
    imports::{Identity, ImportSpec, target},
    kind_spec::ByName,
    paths,
};
use serde::{Deserialize, Serialize};

pub const LIFECYCLE: &[(&str, &str)] = &[
    ("subscriber", "Subscriber"),
    ("lead", "Lead"),
    ("mql", "Marketing qualified"),
    ("sql", "Sales qualified"),
    ("opportunity", "Opportunity"),
    ("customer", "Customer"),
    ("evangelist", "Evangelist"),
    ("churned", "Churned"),
    ("other", "Other"),
];
pub const ENGAGEMENT: &[(&str, &str)] = &[("high", "High"), ("medium", "Medium"), ("low", "Low"), ("none", "None")];
/// Bands of SPEC C-41.
pub const SIZES: &[(&str, &str)] =
    &[("1-10", "1–10"), ("11-50", "11–50"), ("51-200", "51–200"), ("201-500", "201–500"), ("501-1000", "501–1000"), ("1000+", "1000+")];

pub const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("name", "name", "Name", K::Text(300)).required(),
    FieldSpec::new("website", "website", "Website", K::Url).quick(),
    FieldSpec::new("industry", "industry", "Industry", K::Text(120)).quick(),
    FieldSpec::new("location", "location", "Location", K::Text(200)).quick(),
    FieldSpec::new("employeeCount", "employee_count", "Employees", K::Int { min: 0, max: 100_000_000 }).quick(),
    FieldSpec::new("size", "size", "Size", K::Choice(SIZES)),
    FieldSpec::new("revenue", "revenue_minor", "Revenue", K::Money),
    FieldSpec::new("currency", "currency", "Currency", K::Currency).default(D::HomeCurrency),
    FieldSpec::new("yearEstablished", "year_established", "Founded", K::Int { min: 1000, max: 2100 }),
    FieldSpec::new("parentId", "parent_id", "Parent company", K::Ref(EntityKind::Company)),
    FieldSpec::new("lifecycleStage", "lifecycle_stage", "Lifecycle", K::Choice(LIFECYCLE)),
    FieldSpec::new("engagementLevel", "engagement_level", "Engagement", K::Choice(ENGAGEMENT)),
    FieldSpec::new("linkedinUrl", "linkedin_url", "LinkedIn", K::Url),
    FieldSpec::new("tags", "", "Tags", K::Tags),
    FieldSpec::new("ownerId", "owner_id", "Owner", K::Ref(EntityKind::Member)).on_delete(OnDelete::Restrict),
    FieldSpec::new("visibility", "visibility", "Visible to", K::Choice(crate::members::VISIBILITIES)).default(D::Text("workspace")),
    FieldSpec::new("description", "description", "Description", K::LongText(20_000)),
    FieldSpec::new("notes", "notes", "Notes", K::LongText(20_000)),
];

pub const KIND: KindSpec = KindSpec::record("company", "companies")
    .title("name")
    .title_fields(&["name"])
    .label("Company")
    .counted("{n} companies")
    .feed(3, "Companies")
    .at(paths::COMPANIES)
    .assigned()
    .icon("company")
    .by_name(ByName::AtOnce)
    .typed_by_name();

pub const IMPORT: ImportSpec =
    ImportSpec::new("Companies", Identity::Name).special(&[(target::PARENT, "Parent company"), (target::OWNER, "Owner")]).headers(&[
        ("name", &["account", "company", "companyname", "accountname", "organisation", "organization", "name"]),
        ("industry", &["sector", "industry", "branch"]),
        ("website", &["website", "domain", "url", "web"]),
        ("yearEstablished", &["yearestablished", "founded", "established", "foundedyear"]),
        ("revenue", &["revenue", "annualrevenue", "turnover"]),
        ("employeeCount", &["employees", "employeecount", "headcount", "numberofemployees", "size"]),
        ("location", &["officelocation", "location", "country", "city", "headquarters", "address"]),
        (target::PARENT, &["subsidiaryof", "parent", "parentcompany", "parentaccount"]),
        (target::OWNER, &["owner", "accountowner", "assignedto"]),
        ("description", &["description", "about"]),
        (target::EXTERNAL_ID, &["accountid", "companyid", "externalid", "id"]),
    ]);

impl RecordId for CompanyId {
    const KIND: EntityKind = EntityKind::Company;
}

/// The band of a head count (SPEC C-41: either input fills the other).
pub fn size_of(employees: i64) -> &'static str {
    match employees {
        ..=10 => "1-10",
        11..=50 => "11-50",
        51..=200 => "51-200",
        201..=500 => "201-500",
        501..=1000 => "501-1000",
        _ => "1000+",
    }
}

/// A row of the company list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CompanyRow {
    pub id: CompanyId,
    pub version: i64,
    pub name: String,
    pub industry: Option<String>,
    pub location: Option<String>,
    pub employee_count: Option<i32>,
    pub contacts: i64,
    pub open_deals: i64,
    pub owner: Option<String>,
    /// Where the list stands in groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<crate::lists::RowGroup>,
}
