//! Rows torn by a quotation mark: it opens a cell, is not closed, and swallows the lines that follow until the next one.
//!
//! A quoted cell may hold line breaks (RFC 4180 §2.6), so a row of several lines is no fault by itself. It is one when the
//! quotation marks cannot be right, or when the first line alone is a whole row and all of it together is not.

/// How the quotation marks of a row read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    /// All are closed before a separator or the end.
    Fine,
    /// One is closed in the middle of a cell: `"Ana" Silva`.
    Misplaced,
    /// The last one is open at the end.
    Unclosed,
}

fn quotes(row: &[u8], delimiter: u8) -> Quotes {
    let mut found = Quotes::Fine;
    let (mut at, mut start) = (0, true);
    while at < row.len() {
        let byte = row[at];
        at += 1;
        if byte != b'"' || !start {
            start = byte == delimiter || byte == b'\n' || byte == b'\r';
            continue;
        }
        start = false;
        loop {
            let Some(length) = row[at..].iter().position(|b| *b == b'"') else { return Quotes::Unclosed };
            at += length + 1;
            match row.get(at) {
                Some(b'"') => at += 1,
                Some(b) if *b != delimiter && !matches!(b, b'\n' | b'\r') => {
                    found = Quotes::Misplaced;
                    break;
                }
                _ => break,
            }
        }
    }
    found
}

/// Length of the first line that is no blank, line break included; `None` when nothing follows it.
fn first_line(row: &[u8]) -> Option<usize> {
    let begins = row.iter().position(|b| !matches!(b, b'\n' | b'\r'))?;
    let mut end = begins + row[begins..].iter().position(|b| matches!(b, b'\n' | b'\r'))? + 1;
    if row[end - 1] == b'\r' && row.get(end) == Some(&b'\n') {
        end += 1;
    }
    row[end..].iter().any(|b| !b.is_ascii_whitespace()).then_some(end)
}

/// Cells of a line whose quotation marks are taken as they are.
fn cells(line: &[u8], delimiter: u8) -> usize {
    line.iter().filter(|b| **b == delimiter).count() + 1
}

/// Where the first line of a torn row ends. `columns`: cells of the header; `fields`: cells of the row as it was read.
pub fn torn_line(row: &[u8], delimiter: u8, columns: Option<usize>, fields: usize) -> Option<usize> {
    if !row.contains(&b'"') {
        return None;
    }
    let unclosed = quotes(row, delimiter) == Quotes::Unclosed;
    let Some(line) = first_line(row) else {
        // The last line of the file.
        return unclosed.then_some(row.len());
    };
    // A mark that is closed within its own line tore nothing.
    if quotes(&row[..line], delimiter) != Quotes::Unclosed {
        return None;
    }
    // Swallowed lines make a row shorter; a row with a cell too many is one of its own.
    let shorter = columns.is_some_and(|c| fields < c && c == cells(&row[..line], delimiter));
    let torn = unclosed || quotes(row, delimiter) == Quotes::Misplaced || shorter;
    torn.then_some(line)
}

/// Where the first line of a row without an end ends, if a quotation mark is open there.
pub fn unclosed_line(row: &[u8], delimiter: u8) -> Option<usize> {
    let line = first_line(row)?;
    (quotes(&row[..line], delimiter) == Quotes::Unclosed).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn torn(row: &str, fields: usize) -> Option<usize> {
        torn_line(row.as_bytes(), b',', Some(3), fields)
    }

    #[test]
    fn quoted_cells_of_several_lines_are_no_fault() {
        for (row, fields) in [
            ("Ana,\"one\ntwo\",c\n", 3),
            ("Ana,\"one\n\"\"two\"\"\n\",c\n", 3),
            ("\"a\r\nb\",\"c\r\nd\",\"e\r\nf\"\r\n", 3),
            // A cell too many.
            ("Ana,b,\"one\ntwo\",d\n", 4),
            // Cells that are left out at the end.
            ("Ana,\"one\ntwo\"\n", 2),
            ("Ana \"Nan\" Silva,b,c\n", 3),
            ("\"Ana\" Silva,b,c\n", 3),
            ("5\" pipe,b,c\n", 3),
        ] {
            assert_eq!(torn(row, fields), None, "{row:?}");
        }
    }

    #[test]
    fn a_mark_that_is_not_closed_ends_its_row_at_its_line() {
        for (row, fields, line) in [
            // Open to the end of the file.
            ("\"Ana,b,c\nX,Y,z\n", 1, "\"Ana,b,c\n"),
            ("a,b,\"c", 3, "a,b,\"c"),
            ("a,b,\"c\n", 3, "a,b,\"c\n"),
            // Closed by the first mark of a later row.
            ("\"Ana,b,c\nX,\"Y\",z\n", 2, "\"Ana,b,c\n"),
            ("a,\"b,c\n\"X\",Y,z\n", 4, "a,\"b,c\n"),
            // Closed by the last mark of a later row, as if on purpose.
            ("a,\"b,c\nX,Y,z\"\n", 2, "a,\"b,c\n"),
            // With the line breaks of other systems.
            ("\"Ana,b,c\r\nX,Y,z\r\n", 1, "\"Ana,b,c\r\n"),
            ("\"Ana,b,c\rX,Y,z\r", 1, "\"Ana,b,c\r"),
            // After blank lines.
            ("\n\r\n\"Ana,b,c\nX,Y,z\n", 1, "\n\r\n\"Ana,b,c\n"),
        ] {
            assert_eq!(torn(row, fields), Some(line.len()), "{row:?}");
        }
    }
}
