//! Reading other people's files: what kind of record they hold, which column is which field, what each row says.

use crate::{EntityKind, FieldKind, FieldMap, fields::one_line};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

mod commands;
mod views;
pub use commands::{ImportCommand, ImportInternal};
pub use views::{FindingView, ImportOptions, ImportView, KnownRows, PreviewRow, SampleView, Suggestion, UndoPreview};

/// What a file holds, one record a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    Contacts,
    Companies,
    Products,
    /// Sales agents with their managers and offices; they become placeholder members.
    Members,
    Deals,
}

impl ImportKind {
    pub const ALL: [Self; 5] = [Self::Contacts, Self::Companies, Self::Products, Self::Members, Self::Deals];

    pub fn entity(self) -> EntityKind {
        match self {
            Self::Contacts => EntityKind::Contact,
            Self::Companies => EntityKind::Company,
            Self::Products => EntityKind::Product,
            Self::Members => EntityKind::Member,
            Self::Deals => EntityKind::Deal,
        }
    }

    pub fn code(self) -> &'static str {
        self.entity().plural()
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Contacts => "People",
            Self::Companies => "Companies",
            Self::Products => "Products",
            Self::Members => "Team members",
            Self::Deals => "Deals",
        }
    }
}

/// Where a column goes: a field key of the kind, or one of the special targets.
pub mod target {
    /// The id the row has in the other system; the same id is never imported twice.
    pub const EXTERNAL_ID: &str = "externalId";
    /// Names of other records, found or made.
    pub const COMPANY: &str = "company";
    pub const PARENT: &str = "parent";
    pub const PRODUCT: &str = "product";
    pub const OWNER: &str = "owner";
    pub const MANAGER: &str = "manager";
    pub const STAGE: &str = "stage";
    pub const OPENED: &str = "openedAt";
    pub const CLOSED: &str = "closedAt";
    /// First and last name in one.
    pub const FULL_NAME: &str = "fullName";
    /// No field for it: kept on the record as it is, and shown.
    pub const KEEP: &str = "keep";
    pub const IGNORE: &str = "ignore";
}

/// One column of the file and what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ColumnMapping {
    pub header: String,
    pub target: String,
    /// 0–100: how sure the guess is; 100 when a person chose it.
    pub confidence: u8,
    pub samples: Vec<String>,
}

/// All targets of a kind with their labels, for the mapping step.
pub fn targets(kind: ImportKind) -> Vec<(String, &'static str)> {
    let mut out: Vec<(String, &'static str)> = kind
        .entity()
        .fields()
        .iter()
        .filter(|f| !matches!(f.kind, FieldKind::Ref(_) | FieldKind::Contacts | FieldKind::Tags | FieldKind::LocalTime))
        .map(|f| (f.key.to_owned(), f.label))
        .collect();
    let special: &[(&str, &'static str)] = match kind {
        ImportKind::Contacts => &[(target::FULL_NAME, "Full name"), (target::COMPANY, "Company"), (target::OWNER, "Owner")],
        ImportKind::Companies => &[(target::PARENT, "Parent company"), (target::OWNER, "Owner")],
        ImportKind::Products => &[],
        ImportKind::Members => &[(target::MANAGER, "Manager")],
        ImportKind::Deals => &[
            (target::COMPANY, "Company"),
            (target::PRODUCT, "Product"),
            (target::OWNER, "Owner"),
            (target::STAGE, "Stage"),
            (target::OPENED, "Opened on"),
            (target::CLOSED, "Closed on"),
        ],
    };
    out.extend(special.iter().map(|(k, l)| ((*k).to_owned(), *l)));
    out.push((target::EXTERNAL_ID.into(), "Id in the other system"));
    out.push((target::KEEP.into(), "Keep as extra information"));
    out.push((target::IGNORE.into(), "Leave out"));
    out
}

/// Header words that mean a target, most telling first. Compared without case, spaces and punctuation.
const SYNONYMS: &[(ImportKind, &str, &[&str])] = &[
    (ImportKind::Contacts, "firstName", &["firstname", "givenname", "vorname", "forename"]),
    (ImportKind::Contacts, "lastName", &["lastname", "surname", "familyname", "nachname"]),
    (ImportKind::Contacts, target::FULL_NAME, &["fullname", "name", "contact", "contactname", "person"]),
    (ImportKind::Contacts, "emails", &["email", "emailaddress", "mail", "email1value", "workemail"]),
    (ImportKind::Contacts, "phones", &["phone", "phonenumber", "mobile", "telephone", "tel", "mobilephone"]),
    (ImportKind::Contacts, target::COMPANY, &["company", "organisation", "organization", "employer", "account", "companyname"]),
    (ImportKind::Contacts, "jobTitle", &["jobtitle", "title", "position", "role"]),
    (ImportKind::Contacts, "location", &["location", "city", "country", "address"]),
    (ImportKind::Contacts, "linkedinUrl", &["linkedin", "linkedinurl", "profileurl", "url"]),
    (ImportKind::Contacts, "birthday", &["birthday", "dateofbirth", "birthdate"]),
    (ImportKind::Contacts, "professionalNotes", &["notes", "note", "comments"]),
    (ImportKind::Contacts, target::OWNER, &["owner", "assignedto", "salesagent"]),
    (ImportKind::Contacts, target::EXTERNAL_ID, &["id", "contactid", "externalid"]),
    (ImportKind::Companies, "name", &["account", "company", "companyname", "accountname", "organisation", "organization", "name"]),
    (ImportKind::Companies, "industry", &["sector", "industry", "branch"]),
    (ImportKind::Companies, "website", &["website", "domain", "url", "web"]),
    (ImportKind::Companies, "yearEstablished", &["yearestablished", "founded", "established", "foundedyear"]),
    (ImportKind::Companies, "revenue", &["revenue", "annualrevenue", "turnover"]),
    (ImportKind::Companies, "employeeCount", &["employees", "employeecount", "headcount", "numberofemployees", "size"]),
    (ImportKind::Companies, "location", &["officelocation", "location", "country", "city", "headquarters", "address"]),
    (ImportKind::Companies, target::PARENT, &["subsidiaryof", "parent", "parentcompany", "parentaccount"]),
    (ImportKind::Companies, target::OWNER, &["owner", "accountowner", "assignedto"]),
    (ImportKind::Companies, "description", &["description", "about"]),
    (ImportKind::Companies, target::EXTERNAL_ID, &["accountid", "companyid", "externalid", "id"]),
    (ImportKind::Products, "name", &["product", "productname", "name", "item"]),
    (ImportKind::Products, "series", &["series", "family", "category", "line"]),
    (ImportKind::Products, "listPrice", &["salesprice", "listprice", "price", "unitprice"]),
    (ImportKind::Products, target::EXTERNAL_ID, &["productid", "sku", "externalid", "id"]),
    (ImportKind::Members, "name", &["salesagent", "agent", "member", "salesrep", "rep", "name", "fullname"]),
    (ImportKind::Members, target::MANAGER, &["manager", "supervisor", "lead"]),
    (ImportKind::Members, "office", &["regionaloffice", "office", "region", "location"]),
    (ImportKind::Members, "email", &["email", "emailaddress", "mail"]),
    (ImportKind::Members, target::EXTERNAL_ID, &["agentid", "memberid", "externalid", "id"]),
    (ImportKind::Deals, target::EXTERNAL_ID, &["opportunityid", "dealid", "externalid", "id"]),
    (ImportKind::Deals, "title", &["title", "dealname", "opportunityname", "name", "deal"]),
    (ImportKind::Deals, target::OWNER, &["salesagent", "owner", "agent", "assignedto", "salesrep"]),
    (ImportKind::Deals, target::PRODUCT, &["product", "productname", "item"]),
    (ImportKind::Deals, target::COMPANY, &["account", "company", "accountname", "organisation", "organization", "customer"]),
    (ImportKind::Deals, target::STAGE, &["dealstage", "stage", "status"]),
    (ImportKind::Deals, target::OPENED, &["engagedate", "openedat", "created", "createdate", "opendate"]),
    (ImportKind::Deals, target::CLOSED, &["closedate", "closedat", "actualclose"]),
    (ImportKind::Deals, "value", &["closevalue", "value", "amount", "dealvalue", "price"]),
    (ImportKind::Deals, "currency", &["currency"]),
    (ImportKind::Deals, "probability", &["probability", "probabilitypercent"]),
    (ImportKind::Deals, "expectedCloseDate", &["expectedclose", "expectedclosedate"]),
    (ImportKind::Deals, "source", &["source", "leadsource"]),
];

/// Letters and digits only, lower case: how names and headers are compared loosely ("GTX Pro" = "GTXPro").
pub fn squash(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The kind of record these headers speak of, with how many columns it would understand.
pub fn sniff_kind(headers: &[String]) -> ImportKind {
    let squashed: Vec<String> = headers.iter().map(|h| squash(h)).collect();
    let score = |kind: ImportKind| -> usize {
        let mut total = 0;
        for (_, _, words) in SYNONYMS.iter().filter(|s| s.0 == kind) {
            if let Some(at) = words.iter().position(|w| squashed.iter().any(|h| h == w)) {
                total += if at == 0 { 3 } else { 2 };
            }
        }
        // The first column usually names the thing itself.
        let names = |t: &str| SYNONYMS.iter().any(|s| s.0 == kind && s.1 == t && squashed.first().is_some_and(|h| s.2.contains(&h.as_str())));
        total + if names("name") || names("firstName") || names(target::FULL_NAME) || names("title") { 2 } else { 0 }
    };
    ImportKind::ALL.into_iter().max_by_key(|k| (score(*k), *k == ImportKind::Contacts)).unwrap_or(ImportKind::Contacts)
}

/// A guess for every column. No target is given twice, except `keep`.
pub fn guess_mapping(kind: ImportKind, headers: &[String], samples: &[Vec<String>]) -> Vec<ColumnMapping> {
    let mut taken: Vec<&str> = Vec::new();
    let mut out: Vec<ColumnMapping> = Vec::new();
    let goals: Vec<String> = targets(kind).into_iter().map(|(goal, _)| goal).collect();
    for (i, header) in headers.iter().enumerate() {
        let word = squash(header);
        let mut best: (u8, &str) = (0, target::KEEP);
        for (_, goal, words) in SYNONYMS.iter().filter(|s| s.0 == kind && !taken.contains(&s.1)) {
            for known in *words {
                let sure = if word == *known {
                    100
                } else {
                    let close = strsim::jaro_winkler(&word, known);
                    if close > 0.92 && word.len() > 4 { (close * 90.0) as u8 } else { 0 }
                };
                if sure > best.0 {
                    best = (sure, goal);
                }
            }
        }
        // The names that the fields have here.
        let own = kind.entity().fields().iter().find(|f| word == squash(f.label) || word == squash(f.key)).map(|f| f.key);
        if let Some(goal) = own.filter(|goal| best.0 < 100 && !taken.contains(goal) && goals.iter().any(|g| g == goal)) {
            best = (100, goal);
        }
        if best.1 != target::KEEP {
            taken.push(best.1);
        }
        out.push(ColumnMapping {
            header: header.clone(),
            target: best.1.into(),
            confidence: best.0,
            samples: samples.iter().filter_map(|r| r.get(i)).filter(|s| !s.is_empty()).take(3).cloned().collect(),
        });
    }
    out
}

/// What a row says, with the names of other records still as names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MappedRow {
    pub fields: FieldMap,
    pub unmapped: FieldMap,
    pub external_id: Option<String>,
    pub company: Option<String>,
    pub parent: Option<String>,
    pub product: Option<String>,
    pub owner: Option<String>,
    pub manager: Option<String>,
    /// Key of the template stage the source's word stands for, or the word itself.
    pub stage: Option<String>,
    pub opened_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
}

impl MappedRow {
    /// Name of the record that a reference field points at.
    pub fn name_of(&self, field: &str) -> Option<&String> {
        match field {
            "companyId" => self.company.as_ref(),
            "parentId" => self.parent.as_ref(),
            "productId" => self.product.as_ref(),
            "ownerId" => self.owner.as_ref(),
            "managerId" => self.manager.as_ref(),
            _ => None,
        }
    }
}

/// Words of other systems for our stages (issue: `Engaging` → Qualification, `Won`/`Lost` close).
pub fn stage_key(word: &str) -> String {
    match squash(word).as_str() {
        "won" | "closedwon" => "closed_won".into(),
        "lost" | "closedlost" => "closed_lost".into(),
        "engaging" | "engaged" => "qualification".into(),
        other => other.into(),
    }
}

/// A day as people write it: ISO first, then `31.12.2016`, `12/31/2016` (or `31/12/2016` when the first is over 12).
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let head = text.get(..10).unwrap_or(text);
    if let Ok(day) = head.parse::<NaiveDate>() {
        return Some(day);
    }
    let parts: Vec<&str> = text.split(['.', '/', '-']).map(str::trim).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    let (a, b): (u32, u32) = (a.parse().ok()?, b.parse().ok()?);
    let year: i32 = c.get(..4).filter(|_| c.len() >= 4)?.parse().ok()?;
    let dotted = text.contains('.');
    let (day, month) = if dotted || a > 12 { (a, b) } else { (b, a) };
    NaiveDate::from_ymd_opt(year, month, day)
}

fn day_start(text: &str) -> Result<Option<DateTime<Utc>>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = parse_day(text).ok_or_else(|| format!("“{}” is not a date", clip(text)))?;
    Ok(day.and_hms_opt(0, 0, 0).map(|t| t.and_utc()))
}

fn clip(text: &str) -> String {
    if text.chars().count() > 60 { format!("{}…", text.chars().take(60).collect::<String>()) } else { text.into() }
}

/// Reads one row. Errors name the column as the file calls it.
pub fn map_row(kind: ImportKind, mapping: &[ColumnMapping], cells: &[String]) -> Result<MappedRow, Vec<(String, String)>> {
    let mut row = MappedRow::default();
    let mut errors: Vec<(String, String)> = Vec::new();
    if cells.len() > mapping.len() {
        errors.push(("row".into(), format!("has {} cells, the header has {}", cells.len(), mapping.len())));
    }
    for (column, cell) in mapping.iter().zip(cells) {
        let cell = cell.trim();
        if cell.contains('\0') {
            errors.push((column.header.clone(), "contains a NUL character".into()));
            continue;
        }
        if cell.is_empty() {
            continue;
        }
        let named = || Some(one_line(cell).into_owned());
        match column.target.as_str() {
            target::IGNORE => {}
            target::KEEP => {
                row.unmapped.insert(column.header.clone(), cell.chars().take(5_000).collect::<String>().into());
            }
            target::EXTERNAL_ID => row.external_id = named(),
            target::COMPANY => row.company = named(),
            target::PARENT => row.parent = named(),
            target::PRODUCT => row.product = named(),
            target::OWNER => row.owner = named(),
            target::MANAGER => row.manager = named(),
            target::STAGE => row.stage = Some(stage_key(cell)),
            target::OPENED | target::CLOSED => match day_start(cell) {
                Ok(at) if column.target == target::OPENED => row.opened_at = at,
                Ok(at) => row.closed_at = at,
                Err(message) => errors.push((column.header.clone(), message)),
            },
            target::FULL_NAME => {
                let (first, last) = cell.split_once(' ').unwrap_or((cell, ""));
                row.fields.insert("firstName".into(), first.into());
                row.fields.insert("lastName".into(), last.trim().into());
            }
            field => {
                let is_date = kind.entity().field(field).is_some_and(|f| f.kind == FieldKind::Date);
                let value = match parse_day(cell).filter(|_| is_date) {
                    Some(day) => day.to_string(),
                    None => cell.to_owned(),
                };
                row.fields.insert(field.into(), value.into());
            }
        }
    }
    for (name, limit) in
        [(&row.company, 300), (&row.parent, 300), (&row.product, 200), (&row.owner, 200), (&row.manager, 200), (&row.external_id, 300)]
    {
        if name.as_ref().is_some_and(|n| n.chars().count() > limit) {
            errors.push(("row".into(), format!("has a name of more than {limit} characters")));
        }
    }
    if let (Some(opened), Some(closed)) = (row.opened_at, row.closed_at)
        && closed < opened
    {
        errors.push(("row".into(), "was closed before it was opened".into()));
    }
    if kind == ImportKind::Deals && !row.fields.contains_key("title") {
        let title = match (&row.company, &row.product) {
            (Some(company), Some(product)) => format!("{company} – {product}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => row.external_id.clone().unwrap_or_default(),
        };
        row.fields.insert("title".into(), title.into());
    }
    if kind == ImportKind::Contacts && !row.fields.contains_key("firstName") {
        // A row with only an address or a family name still names somebody.
        let fallback = row.fields.remove("lastName").or_else(|| {
            let mail = row.fields.get("emails")?.as_str()?;
            Some(mail.split('@').next()?.into())
        });
        if let Some(name) = fallback {
            row.fields.insert("firstName".into(), name);
        }
    }
    if errors.is_empty() { Ok(row) } else { Err(errors) }
}

/// The known name most like `name`, if it is like enough to suggest: (index, likeness 0–1).
pub fn suggest(name: &str, known: &[String]) -> Option<(usize, f64)> {
    let wanted = squash(name);
    known
        .iter()
        .enumerate()
        .map(|(i, k)| {
            let k = squash(k);
            (i, if k == wanted { 1.0 } else { strsim::jaro_winkler(&k, &wanted) })
        })
        .filter(|(_, likeness)| *likeness >= 0.93)
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn the_real_headers_are_understood() {
        for (headers, kind, expected) in [
            (
                "account,sector,year_established,revenue,employees,office_location,subsidiary_of",
                ImportKind::Companies,
                "name,industry,yearEstablished,revenue,employeeCount,location,parent",
            ),
            ("product,series,sales_price", ImportKind::Products, "name,series,listPrice"),
            ("sales_agent,manager,regional_office", ImportKind::Members, "name,manager,office"),
            (
                "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value",
                ImportKind::Deals,
                "externalId,owner,product,company,stage,openedAt,closedAt,value",
            ),
            (
                "First Name,Last Name,E-mail Address,Company,Job Title,Shoe size",
                ImportKind::Contacts,
                "firstName,lastName,emails,company,jobTitle,keep",
            ),
        ] {
            let headers = words(headers);
            assert_eq!(sniff_kind(&headers), kind, "{headers:?}");
            let targets: Vec<String> = guess_mapping(kind, &headers, &[]).into_iter().map(|m| m.target).collect();
            assert_eq!(targets, words(expected));
        }
    }

    #[test]
    fn gtxpro_is_suggested_to_be_gtx_pro() {
        let known = words("GTX Basic,GTX Pro,GTX Plus Pro");
        assert_eq!(suggest("GTXPro", &known), Some((1, 1.0)));
        assert_eq!(suggest("Quantum Lamp", &known), None);
    }

    #[test]
    fn impossible_dates_are_findings() {
        let mapping = guess_mapping(ImportKind::Deals, &words("opportunity_id,engage_date,close_date"), &[]);
        let errors = map_row(ImportKind::Deals, &mapping, &words("A,2017-02-30,2017-03-01")).unwrap_err();
        assert_eq!(errors, [("engage_date".to_owned(), "“2017-02-30” is not a date".to_owned())]);
        let errors = map_row(ImportKind::Deals, &mapping, &words("A,2017-03-02,2017-03-01")).unwrap_err();
        assert_eq!(errors[0].1, "was closed before it was opened");
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        let day = NaiveDate::from_ymd_opt(2016, 12, 31);
        for text in ["2016-12-31", "31.12.2016", "12/31/2016", "31/12/2016", "2016-12-31T10:00:00Z"] {
            assert_eq!(parse_day(text), day, "{text}");
        }
        for text in ["", "soon", "2016-13-01", "99/99/2016", "1/1/16"] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }
}
