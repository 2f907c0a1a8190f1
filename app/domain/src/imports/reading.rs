//! What the columns and rows of a file mean. Only the server reads files.

use super::{ColumnMapping, ImportKind, MappedRow, parse_day, squash, stage_key, target, targets};
use crate::{FieldKind, fields::one_line};
use chrono::{DateTime, Utc};

/// The kind whose header words fit these headers best.
pub fn sniff_kind(headers: &[String]) -> ImportKind {
    let squashed: Vec<String> = headers.iter().map(|h| squash(h)).collect();
    let score = |kind: ImportKind| -> usize {
        let mut total = 0;
        for (_, words) in kind.spec().words {
            if let Some(at) = words.iter().position(|w| squashed.iter().any(|h| h == w)) {
                total += if at == 0 { 3 } else { 2 };
            }
        }
        // The first column usually names the thing itself.
        let names = |t: &str| kind.spec().words.iter().any(|s| s.0 == t && squashed.first().is_some_and(|h| s.1.contains(&h.as_str())));
        total + if names("name") || names("firstName") || names(target::FULL_NAME) || names("title") { 2 } else { 0 }
    };
    // The last maximum wins: in a tie that is the kind declared first.
    let fits = |kind: &ImportKind| {
        let needed = kind.spec().only_with;
        needed.is_empty() || squashed.iter().any(|h| needed.contains(&h.as_str()))
    };
    ImportKind::all().filter(fits).rev().max_by_key(|k| score(*k)).unwrap_or_default()
}

/// A guess for every column. No target is given twice, except `keep`.
pub fn guess_mapping(kind: ImportKind, headers: &[String], samples: &[Vec<String>]) -> Vec<ColumnMapping> {
    let mut taken: Vec<&str> = Vec::new();
    let mut out: Vec<ColumnMapping> = Vec::new();
    let goals: Vec<String> = targets(kind).into_iter().map(|(goal, _)| goal).collect();
    for (i, header) in headers.iter().enumerate() {
        let word = squash(header);
        let mut best: (u8, &str) = (0, target::KEEP);
        for (goal, words) in kind.spec().words.iter().filter(|s| !taken.contains(&s.0)) {
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
    (kind.spec().complete)(&mut row);
    if errors.is_empty() { Ok(row) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EntityKind, imports::suggest};
    use chrono::NaiveDate;

    fn of(kind: EntityKind) -> ImportKind {
        ImportKind::of(kind).unwrap()
    }

    fn words(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn the_real_headers_are_understood() {
        for (headers, kind, expected) in [
            (
                "account,sector,year_established,revenue,employees,office_location,subsidiary_of",
                of(EntityKind::Company),
                "name,industry,yearEstablished,revenue,employeeCount,location,parent",
            ),
            ("product,series,sales_price", of(EntityKind::Product), "name,series,listPrice"),
            ("sales_agent,manager,regional_office", of(EntityKind::Member), "name,manager,office"),
            (
                "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value",
                of(EntityKind::Deal),
                "externalId,owner,product,company,stage,openedAt,closedAt,value",
            ),
            (
                "First Name,Last Name,E-mail Address,Company,Job Title,Shoe size",
                of(EntityKind::Contact),
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
    fn leads_are_recognised_by_a_word_of_their_own() {
        let lead = of(EntityKind::Lead);
        for headers in ["First Name,Last Name,Company,Email,Lead Status", "LeadID,Name,Email,Status", "Lead Name,E-Mail,Telefon"] {
            assert_eq!(sniff_kind(&words(headers)), lead, "{headers}");
        }
        for headers in ["name,industry", "First Name,Last Name,Email,Phone,Lead Source"] {
            assert_ne!(sniff_kind(&words(headers)), lead, "{headers}");
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
        let mapping = guess_mapping(of(EntityKind::Deal), &words("opportunity_id,engage_date,close_date"), &[]);
        let errors = map_row(of(EntityKind::Deal), &mapping, &words("A,2017-02-30,2017-03-01")).unwrap_err();
        assert_eq!(errors, [("engage_date".to_owned(), "“2017-02-30” is not a date".to_owned())]);
        let errors = map_row(of(EntityKind::Deal), &mapping, &words("A,2017-03-02,2017-03-01")).unwrap_err();
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
