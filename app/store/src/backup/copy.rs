//! Reading Postgres's binary COPY form without a Postgres: whether it is whole, and how many rows it holds.
//! (PostgreSQL manual, COPY, "Binary Format".)

/// Eleven bytes of signature, four of flags, four for the length of an extension; we write the last two as nought.
const HEAD: [u8; 19] = *b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Where in the form the next byte is.
enum At {
    Head(usize),
    /// The number of fields of the next row, or -1 at the end.
    Count,
    Length,
    Value(usize),
    End,
}

/// Reads on, piece by piece.
pub(super) struct Scan {
    columns: usize,
    at: At,
    /// Bytes of a number that came so far.
    number: Vec<u8>,
    fields_left: usize,
    rows: u64,
}

impl Scan {
    pub fn new(columns: usize) -> Self {
        Self { columns, at: At::Head(0), number: Vec::with_capacity(4), fields_left: 0, rows: 0 }
    }

    /// Big-endian bytes of a number of `width`, once they are all there.
    fn number(&mut self, bytes: &mut &[u8], width: usize) -> Option<i64> {
        let take = (width - self.number.len()).min(bytes.len());
        self.number.extend_from_slice(&bytes[..take]);
        *bytes = &bytes[take..];
        if self.number.len() < width {
            return None;
        }
        let sign = if self.number[0] & 0x80 == 0 { 0 } else { -1 };
        let value = self.number.iter().fold(sign, |n, b| (n << 8) | i64::from(*b));
        self.number.clear();
        Some(value)
    }

    fn next_field(&mut self) {
        self.at = if self.fields_left == 0 { At::Count } else { At::Length };
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// A sentence: why the bytes are no table of this number of columns.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while !bytes.is_empty() {
            match self.at {
                At::Head(n) => {
                    if bytes[0] != HEAD[n] {
                        return Err("it does not begin like a table");
                    }
                    bytes = &bytes[1..];
                    self.at = if n + 1 == HEAD.len() { At::Count } else { At::Head(n + 1) };
                }
                At::Count => match self.number(&mut bytes, 2) {
                    None => {}
                    Some(-1) => self.at = At::End,
                    Some(n) if n == self.columns as i64 => {
                        self.rows += 1;
                        self.fields_left = self.columns;
                        self.next_field();
                    }
                    Some(_) => return Err("a row has another number of fields than the table has columns"),
                },
                At::Length => match self.number(&mut bytes, 4) {
                    None => {}
                    Some(n) if n >= -1 => {
                        self.fields_left -= 1;
                        if n > 0 { self.at = At::Value(n as usize) } else { self.next_field() }
                    }
                    Some(_) => return Err("a value has an impossible length"),
                },
                At::Value(left) => {
                    let take = left.min(bytes.len());
                    bytes = &bytes[take..];
                    if take == left { self.next_field() } else { self.at = At::Value(left - take) }
                }
                At::End => return Err("there is more after its end"),
            }
        }
        Ok(())
    }

    /// The number of rows, once the end was reached.
    ///
    /// # Errors
    /// A sentence: the end is missing.
    pub fn rows(&self) -> Result<u64, &'static str> {
        if matches!(self.at, At::End) { Ok(self.rows) } else { Err("it is cut short") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Vec<u8> {
        let mut bytes = HEAD.to_vec();
        for row in [[Some(&b"ab"[..]), None], [Some(b""), Some(b"xyz")]] {
            bytes.extend(2i16.to_be_bytes());
            for value in row {
                bytes.extend(value.map_or(-1, |v| v.len() as i32).to_be_bytes());
                bytes.extend(value.unwrap_or_default());
            }
        }
        bytes.extend((-1i16).to_be_bytes());
        bytes
    }

    fn read(bytes: &[u8], columns: usize, piece: usize) -> Result<u64, &'static str> {
        let mut scan = Scan::new(columns);
        bytes.chunks(piece).try_for_each(|c| scan.feed(c))?;
        scan.rows()
    }

    #[test]
    fn rows_are_counted_whatever_the_pieces() {
        let whole = table();
        for piece in 1..=whole.len() {
            assert_eq!(read(&whole, 2, piece), Ok(2), "{piece}");
        }
    }

    #[test]
    fn what_is_cut_or_changed_is_no_table() {
        let whole = table();
        for n in 0..whole.len() {
            assert!(read(&whole[..n], 2, 7).is_err(), "{n}");
        }
        assert!(read(&whole, 3, 7).is_err() && read(&whole, 1, 7).is_err());
        assert!(read(&[&whole[..], b"x"].concat(), 2, 7).is_err());
        let mut negative = whole.clone();
        negative[21] = 0xfe;
        assert!(read(&negative, 2, 7).is_err());
    }
}
