//! Reading a stored file row by row, in any of the encodings people's programs write, with limits on everything.

use super::quotes;
use app::AppError;
use domain::{FieldError, ImportId};
use store::{Actor, Database};

/// Longest single row: more is a file that is no CSV, or a quote that was never closed.
const ROW_BYTES: usize = 1024 * 1024;
/// Most columns.
pub const COLUMNS: usize = 500;

/// One row, or why it could not be read.
#[derive(Debug)]
pub enum Record {
    Row(Vec<String>),
    Bad(String),
}

/// A pull reader over the parts of an import.
pub struct CsvReader {
    db: Database,
    actor: Actor,
    import: ImportId,
    part: i32,
    decoder: encoding_rs::Decoder,
    core: csv_core::Reader,
    text: Vec<u8>,
    at: usize,
    ended: bool,
    /// Field bytes and ends of the row being read.
    output: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    fields: usize,
    bytes: usize,
    bad: Option<String>,
    finished: bool,
    /// The row being read as it stands in the file, as long as that can be a row.
    raw: Vec<u8>,
    delimiter: u8,
    /// Cells of the header.
    columns: Option<usize>,
}

pub fn encoding(label: &str) -> &'static encoding_rs::Encoding {
    encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8)
}

fn refuse(message: impl Into<String>) -> AppError {
    AppError::Invalid(vec![FieldError { field: "file".into(), code: "unreadable".into(), message: message.into() }])
}

impl CsvReader {
    pub fn new(db: Database, actor: Actor, import: ImportId, delimiter: u8, encoding_label: &str) -> Self {
        Self {
            db,
            actor,
            import,
            part: 0,
            decoder: encoding(encoding_label).new_decoder(),
            core: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            text: Vec::new(),
            at: 0,
            ended: false,
            output: vec![0; 64 * 1024],
            written: 0,
            ends: vec![0; COLUMNS + 1],
            fields: 0,
            bytes: 0,
            bad: None,
            finished: false,
            raw: Vec::new(),
            delimiter,
            columns: None,
        }
    }

    async fn fill(&mut self) -> Result<(), AppError> {
        self.at = 0;
        self.text.clear();
        let part = self.db.import_part(&self.actor, self.import, self.part).await?;
        self.part += 1;
        let (bytes, last) = match part {
            Some(bytes) => (bytes, false),
            None => (Vec::new(), true),
        };
        let mut decoded = String::with_capacity(self.decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3 + 16));
        let (_, _, replaced) = self.decoder.decode_to_string(&bytes, &mut decoded, last);
        if replaced {
            // Remembered for the row it falls into; the replacement sign stands where the bytes were.
            tracing::debug!("a part of an import has bytes that its encoding does not know");
        }
        self.text = decoded.into_bytes();
        self.ended = last;
        Ok(())
    }

    /// The next row; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Record>, AppError> {
        if self.finished {
            return Ok(None);
        }
        loop {
            if self.at == self.text.len() && !self.ended {
                self.fill().await?;
            }
            let input = &self.text[self.at..];
            let (result, read, wrote, ended) = self.core.read_record(input, &mut self.output[self.written..], &mut self.ends[self.fields..]);
            if self.raw.len() <= ROW_BYTES {
                self.raw.extend_from_slice(&input[..read]);
            }
            self.at += read;
            self.written += wrote;
            self.fields += ended;
            self.bytes += read;
            match result {
                csv_core::ReadRecordResult::InputEmpty => {
                    if self.ended && input.is_empty() {
                        // Told "no more", the reader ends the record it is in on its next call.
                        continue;
                    }
                }
                csv_core::ReadRecordResult::OutputFull => self.grow(),
                csv_core::ReadRecordResult::OutputEndsFull => {
                    self.bad.get_or_insert_with(|| format!("has more than {COLUMNS} columns"));
                    self.fields = 0;
                }
                csv_core::ReadRecordResult::Record => {
                    if let Some(line) = self.torn() {
                        return Ok(Some(self.take_line(line)));
                    }
                    return Ok(Some(self.take()));
                }
                csv_core::ReadRecordResult::End => {
                    self.finished = true;
                    return Ok(None);
                }
            }
            if self.bytes > ROW_BYTES && self.bad.is_none() {
                // Where a quotation mark opened in the first line, the row ends there for us, and reading goes on after it.
                if let Some(line) = quotes::unclosed_line(&self.raw, self.delimiter) {
                    return Ok(Some(self.take_line(line)));
                }
                self.bad = Some("is longer than a megabyte".into());
            }
            if self.bad.is_some() {
                // Nothing of a hopeless row is kept while its end is looked for.
                self.written = 0;
                self.fields = 0;
            }
            if self.bytes > 64 * ROW_BYTES {
                return Err(refuse("A row of this file is longer than 64 megabytes; a quotation mark was not closed, or it is no CSV file."));
            }
        }
    }

    fn grow(&mut self) {
        if self.output.len() < 2 * ROW_BYTES {
            let more = self.output.len() * 2;
            self.output.resize(more, 0);
        } else {
            self.bad.get_or_insert_with(|| "is longer than a megabyte".into());
            self.written = 0;
            self.fields = 0;
        }
    }

    /// Length of the row's first line, when the row goes on after it only because a quotation mark was not closed there.
    fn torn(&self) -> Option<usize> {
        (self.bad.is_none() && self.raw.len() <= ROW_BYTES).then(|| quotes::torn_line(&self.raw, self.delimiter, self.columns, self.fields)).flatten()
    }

    /// Gives up on the first `line` bytes of the row, and reads on after them: the rows that the quotation mark swallowed.
    fn take_line(&mut self, line: usize) -> Record {
        let mut text = self.raw.split_off(line.min(self.raw.len()));
        text.extend_from_slice(&self.text[self.at..]);
        self.text = text;
        self.at = 0;
        self.core.reset();
        self.bad = Some("has a quotation mark that is not closed".into());
        self.take()
    }

    fn take(&mut self) -> Record {
        // The ends of a row that was thrown away point into what is no longer there.
        self.raw.clear();
        if self.bad.is_none() {
            self.columns.get_or_insert(self.fields);
        }
        let record = match self.bad.take() {
            Some(why) => Record::Bad(why),
            None => {
                let starts = std::iter::once(0).chain(self.ends[..self.fields].iter().copied());
                let cells = starts.zip(&self.ends[..self.fields]).map(|(start, end)| String::from_utf8_lossy(&self.output[start..*end]).into_owned());
                Record::Row(cells.collect())
            }
        };
        self.written = 0;
        self.fields = 0;
        self.bytes = 0;
        record
    }
}
