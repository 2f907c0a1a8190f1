//! Keyset pages: a list is cut by the sort key of its last row, never by an offset.

use serde::{Deserialize, Serialize};

/// Rows and where to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass it back to get the rows after these; `None` at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts one row too many into a page; `key` names the sort key of the last row kept.
    pub fn cut(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(|r| key(r).encode()) } else { None };
        Self { items: rows, next }
    }
}

/// The sort key and id of a row: rows after it follow. It reveals nothing that the row itself does not show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub key: String,
    pub id: uuid::Uuid,
}

impl Cursor {
    /// Hex text of the key, then the id: safe in a URL.
    pub fn encode(&self) -> String {
        let key: String = self.key.bytes().map(|b| format!("{b:02x}")).collect();
        format!("{}{key}", self.id.simple())
    }

    pub fn decode(text: &str) -> Option<Self> {
        let (id, key) = text.split_at_checked(32)?;
        let id = uuid::Uuid::try_parse(id).ok()?;
        let bytes: Option<Vec<u8>> = (0..key.len() / 2).map(|i| u8::from_str_radix(key.get(i * 2..i * 2 + 2)?, 16).ok()).collect();
        let key = String::from_utf8(bytes?).ok().filter(|_| key.len() % 2 == 0)?;
        Some(Self { key, id })
    }
}

/// Most rows one page may have (SPEC C-16).
pub const MAX_LIMIT: i64 = 200;
/// Rows of a page when nobody says (UX §8: first 50 rows by the server).
pub const PAGE_ROWS: i64 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_the_url_and_reject_rubbish() {
        let cursor = Cursor { key: "Ämter & Söhne|".into(), id: uuid::Uuid::now_v7() };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        for rubbish in ["", "zz", "0123456789abcdef0123456789abcde", "é".repeat(40).as_str(), "0123456789abcdef0123456789abcdefe"] {
            assert_eq!(Cursor::decode(rubbish), None, "{rubbish}");
        }
    }
}
