//! What kind of file is this: encoding, delimiter, header, kind of record, number of rows.

use super::reader::{COLUMNS, CsvReader, Record, encoding};
use app::AppError;
use domain::{
    FieldError, ImportId,
    imports::{ColumnMapping, ImportKind, guess_mapping, sniff_kind, targets},
};
use std::{future::Future, pin::Pin};
use store::{Actor, Database, NewImport};

/// Rows shown as samples.
const SAMPLES: usize = 20;

fn refuse(message: impl Into<String>) -> AppError {
    AppError::Invalid(vec![FieldError { field: "file".into(), code: "unreadable".into(), message: message.into() }])
}

/// The encoding by its mark, else UTF-8 if it is valid, else the one Western spreadsheets write.
fn sniff_encoding(head: &[u8]) -> Result<&'static str, AppError> {
    if head.starts_with(b"PK\x03\x04") {
        return Err(refuse("This is a zip or spreadsheet file, not CSV. Save it as CSV (comma separated) and upload that."));
    }
    if let Some((found, _)) = encoding_rs::Encoding::for_bom(head) {
        return Ok(found.name());
    }
    // UTF-16 without a mark: every other byte of plain text is zero.
    let zeros = |from: usize| head.iter().skip(from).step_by(2).take(200).filter(|b| **b == 0).count();
    // Both halves zero is no text at all.
    let (high, low, many) = (zeros(1), zeros(0), 100.min(head.len() / 4));
    if head.len() > 20 && high > many && low < high / 4 {
        return Ok("UTF-16LE");
    }
    if head.len() > 20 && low > many && high < low / 4 {
        return Ok("UTF-16BE");
    }
    // Text has no control characters to speak of, whatever its encoding.
    let start = &head[..head.len().min(8192)];
    let controls = start.iter().filter(|b| **b < 32 && !matches!(b, b'\t' | b'\n' | b'\r' | 12 | 27)).count();
    if controls > 8.max(start.len() / 100) {
        return Err(refuse("This file holds binary data, not text. Save it as CSV and upload that."));
    }
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character cut in half at the end of the part is no fault.
        Err(e) => e.error_len().is_none(),
    };
    Ok(if valid { "UTF-8" } else { "windows-1252" })
}

/// The separator that cuts the first lines into the same number of columns, outside of quotes.
fn sniff_delimiter(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).take(10).collect();
    let count = |line: &str, d: char| {
        let mut quoted = false;
        line.chars()
            .filter(|c| {
                if *c == '"' {
                    quoted = !quoted;
                }
                *c == d && !quoted
            })
            .count()
    };
    let score = |d: char| {
        let first = lines.first().map_or(0, |l| count(l, d));
        let same = lines.iter().filter(|l| count(l, d) == first).count();
        if first == 0 { 0 } else { same * 100 + first.min(99) }
    };
    let best = [',', ';', '\t', '|'].into_iter().rev().max_by_key(|d| score(*d)).unwrap_or(',');
    if score(best) == 0 { b',' } else { best as u8 }
}

/// Reads the file once: its shape, samples, and how many rows it has. `kind` and `targets` are a person's word.
pub async fn describe(db: &Database, actor: &Actor, import: ImportId, kind: Option<ImportKind>, chosen: Option<Vec<String>>) -> Result<(), AppError> {
    let head = db.import_part(actor, import, 0).await?.unwrap_or_default();
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(refuse("This file is empty."));
    }
    let label = sniff_encoding(&head)?;
    let (text, _, _) = encoding(label).decode(&head[..head.len().min(64 * 1024)]);
    let delimiter = sniff_delimiter(&text);
    let mut reader = CsvReader::new(db.clone(), actor.clone(), import, delimiter, label);
    let headers = match reader.next().await? {
        Some(Record::Row(row)) => row,
        Some(Record::Bad(why)) => return Err(refuse(format!("The first line {why}."))),
        None => return Err(refuse("This file is empty.")),
    };
    check_headers(&headers)?;
    let headers: Vec<String> = headers.iter().enumerate().map(|(i, h)| name_of(h, i)).collect();
    let (mut samples, mut rows): (Vec<Vec<String>>, i64) = (Vec::new(), 0);
    while let Some(record) = reader.next().await? {
        rows += 1;
        if let Record::Row(row) = record
            && samples.len() < SAMPLES
        {
            samples.push(row.into_iter().map(|c| c.chars().filter(|c| *c != '\0').take(80).collect()).collect());
        }
    }
    if rows == 0 {
        return Err(refuse("This file has a header and no rows."));
    }
    let kind = kind.unwrap_or_else(|| sniff_kind(&headers));
    let mut mapping = guess_mapping(kind, &headers, &samples);
    if let Some(chosen) = chosen {
        apply_choice(kind, &mut mapping, &chosen)?;
    }
    let bytes = head.len() as i64;
    let new = NewImport { file_name: String::new(), kind, delimiter, encoding: label.into(), mapping, rows_total: rows, file_bytes: bytes };
    Ok(db.describe_import(actor, import, &new).await?)
}

fn name_of(header: &str, i: usize) -> String {
    let clean: String = header.trim().chars().filter(|c| !c.is_control()).take(120).collect();
    if clean.is_empty() { format!("Column {}", i + 1) } else { clean }
}

fn check_headers(headers: &[String]) -> Result<(), AppError> {
    if headers.len() > COLUMNS {
        return Err(refuse(format!("This file has {} columns; at most {COLUMNS} can be read.", headers.len())));
    }
    let mut seen: Vec<String> = Vec::new();
    for (i, header) in headers.iter().enumerate() {
        let key = header.trim().to_lowercase();
        if !key.is_empty() && seen.contains(&key) {
            return Err(refuse(format!(
                "Two columns are called “{}” (the second is column {}). Rename one and upload again.",
                name_of(header, i),
                i + 1
            )));
        }
        seen.push(key);
    }
    Ok(())
}

fn apply_choice(kind: ImportKind, mapping: &mut [ColumnMapping], chosen: &[String]) -> Result<(), AppError> {
    let known = targets(kind);
    if chosen.len() != mapping.len() {
        return Err(refuse("The choice does not fit the columns of the file."));
    }
    for (i, (column, target)) in mapping.iter_mut().zip(chosen).enumerate() {
        if !known.iter().any(|(k, _)| k == target) {
            return Err(refuse(format!("“{}” is not a field of {}.", target.chars().take(40).collect::<String>(), kind.label())));
        }
        let shared = matches!(target.as_str(), "keep" | "ignore");
        if !shared && chosen[..i].contains(target) {
            return Err(refuse(format!("Two columns go to the same field; the second is “{}”.", column.header)));
        }
        if *target != column.target {
            column.confidence = 100;
        }
        column.target.clone_from(target);
    }
    Ok(())
}

/// [`describe`] for the wizard's server functions, which know it as a function pointer.
pub fn describe_later(
    db: Database,
    actor: Actor,
    import: ImportId,
    kind: Option<ImportKind>,
    targets: Option<Vec<String>>,
) -> Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>> {
    Box::pin(async move { describe(&db, &actor, import, kind, targets).await })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_seen_through_quotes() {
        assert_eq!(sniff_delimiter("a,b,c\n1,\"x;y;z\",3\n"), b',');
        assert_eq!(sniff_delimiter("a;b;c\n\"1,5\";2;3\n"), b';');
        assert_eq!(sniff_delimiter("a\tb\n1\t2\n"), b'\t');
        assert_eq!(sniff_delimiter("name\nAna\n"), b',');
    }

    #[test]
    fn encodings_are_recognised_and_other_files_refused() {
        assert_eq!(sniff_encoding("ä,ö\n".as_bytes()).ok(), Some("UTF-8"));
        assert_eq!(sniff_encoding(b"M\xfcller,x\n").ok(), Some("windows-1252"));
        assert_eq!(sniff_encoding(b"\xff\xfea\0,\0b\0").ok(), Some("UTF-16LE"));
        assert!(sniff_encoding(b"PK\x03\x04rest").is_err());
        let noise: Vec<u8> = (0..300u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert!(sniff_encoding(&noise).is_err());
    }
}
