//! Reading a backup's file. Entries are taken in the order they were written and under the names expected, so that there is
//! neither one too few nor one too many; nothing is ever unpacked to a path.

use super::{BackupError, CHECKSUM, FORMAT, MANIFEST, Manifest, Table, copy::Scan, hex};
use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

/// Manifests beyond this are none of ours.
const MANIFEST_BYTES: u64 = 4 * 1024 * 1024;
/// Deflate makes nothing smaller than to about a thousandth (zlib's "Technical Details"): a file that promises more lies.
const RATIO: u64 = 1_040;
/// Zeros that may follow the last entry: what tar fills its records with.
const PADDING: u64 = 20 * 512;

type Packed = tar::Archive<GzDecoder<BufReader<File>>>;
type Entry<'a> = tar::Entry<'a, GzDecoder<BufReader<File>>>;

/// Where in the file we are, and how its faults are said.
#[derive(Clone)]
struct Place {
    file: PathBuf,
    part: String,
}

impl Place {
    fn at(&self, part: impl Into<String>) -> Self {
        Self { file: self.file.clone(), part: part.into() }
    }

    fn damaged(&self, why: impl Into<String>) -> BackupError {
        BackupError::Damaged { file: self.file.clone(), place: self.part.clone(), why: why.into() }
    }

    fn foreign(&self) -> BackupError {
        BackupError::Unfit(format!("{} is no backup of Rapport, or damaged in its first bytes", self.file.display()))
    }

    /// A failing disk is no damaged file; all else that reading says is.
    fn reading(&self, e: io::Error) -> BackupError {
        if e.raw_os_error().is_some() { e.into() } else { self.damaged("its bytes do not fit together") }
    }
}

pub(super) fn in_table(name: &str) -> String {
    format!("in the table “{}”", shown(name))
}

/// A name out of a file, so that it does no harm to the terminal it is shown on.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// A backup's file, opened once: what is restored is what was checked.
pub(super) struct Archive {
    file: File,
    place: Place,
}

impl Archive {
    /// Opens the file of a backup.
    ///
    /// # Errors
    /// `File`: the file cannot be opened. `Unfit`: it is no regular file.
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(BackupError::Unfit(format!("{} is no file", path.display())));
        }
        Ok(Self { file, place: Place { file: path.to_owned(), part: String::new() } })
    }

    pub fn damaged(&self, place: String, why: impl Into<String>) -> BackupError {
        self.place.at(place).damaged(why)
    }

    /// The archive in the file, from its beginning.
    ///
    /// # Errors
    /// `File`: the file cannot be read. `Unfit`: it is not compressed by gzip.
    pub fn packed(&self) -> Result<Packed, BackupError> {
        let mut file = self.file.try_clone()?;
        io::Seek::rewind(&mut file)?;
        let mut file = BufReader::with_capacity(256 * 1024, file);
        if !file.fill_buf()?.starts_with(&[0x1f, 0x8b, 8]) {
            return Err(self.place.foreign());
        }
        Ok(tar::Archive::new(GzDecoder::new(file)))
    }

    /// Reads the whole file and compares it with its manifest, without any database.
    ///
    /// # Errors
    /// `File`: the file cannot be read. `Unfit`: it is no backup of Rapport. `Damaged`: its parts, checksums or counts differ.
    pub fn check(&self) -> Result<Manifest, BackupError> {
        let mut packed = self.packed()?;
        let mut walk = self.walk(&mut packed)?;
        while let Some(mut table) = walk.table()? {
            while table.next()?.is_some() {}
        }
        let manifest = std::mem::take(&mut walk.manifest);
        drop(walk);
        self.ends(packed)?;
        Ok(manifest)
    }

    /// Begins to read; the manifest is read and checked.
    ///
    /// # Errors
    /// `File`: the file cannot be read. `Unfit`: it is no backup of Rapport. `Damaged`: its manifest.
    pub fn walk<'a>(&self, packed: &'a mut Packed) -> Result<Walk<'a>, BackupError> {
        let place = self.place.at("in its list of contents");
        let mut walk = Walk {
            entries: packed.entries().map_err(|e| place.reading(e))?.raw(true),
            place: place.clone(),
            manifest: Manifest::default(),
            budget: self.file.metadata()?.len().saturating_mul(RATIO),
            ahead: None,
            at: 0,
        };
        let text = walk.text(MANIFEST)?.ok_or_else(|| place.foreign())?;
        let manifest = serde_json::from_slice::<Manifest>(&text).ok();
        let sum = walk.text(CHECKSUM)?;
        if sum.as_ref().is_some_and(|s| *s != hex(&Sha256::digest(&text)).as_bytes()) {
            return Err(place.damaged("its checksum is another"));
        }
        let manifest = manifest.filter(|m| m.format == FORMAT).ok_or_else(|| place.foreign())?;
        let names: BTreeSet<&str> = manifest.tables.iter().map(|t| t.name.as_str()).collect();
        if names.len() < manifest.tables.len() {
            return Err(place.damaged("it names a table twice"));
        }
        // Versions before had neither this checksum nor those of the tables; there is no half of it.
        if manifest.tables.iter().any(|t| t.sha256.is_some() != sum.is_some() || t.bytes.is_some() != sum.is_some()) {
            return Err(place.damaged("checksums are missing"));
        }
        walk.manifest = manifest;
        Ok(walk)
    }

    /// Checks that nothing follows the last table.
    ///
    /// # Errors
    /// `File`: the file cannot be read. `Damaged`: more follows, or its end is broken.
    pub fn ends(&self, packed: Packed) -> Result<(), BackupError> {
        let place = self.place.at("after its last table");
        let mut unpacked = packed.into_inner();
        let (mut buffer, mut left) = (vec![0; 16 * 1024], PADDING);
        loop {
            match unpacked.read(&mut buffer).map_err(|e| place.reading(e))? {
                0 => break,
                n if buffer[..n].iter().all(|b| *b == 0) && n as u64 <= left => left -= n as u64,
                _ => return Err(place.damaged("more follows")),
            }
        }
        if unpacked.into_inner().fill_buf()?.is_empty() { Ok(()) } else { Err(place.damaged("more follows")) }
    }
}

/// A way through the entries, one after the other.
pub(super) struct Walk<'a> {
    entries: tar::Entries<'a, GzDecoder<BufReader<File>>>,
    place: Place,
    pub manifest: Manifest,
    /// Bytes that the rest can hold at most.
    budget: u64,
    /// An entry that was looked at and belongs to what comes next.
    ahead: Option<Entry<'a>>,
    /// The next table.
    at: usize,
}

impl<'a> Walk<'a> {
    fn entry(&mut self) -> Result<Option<Entry<'a>>, BackupError> {
        let entry = match self.ahead.take() {
            Some(entry) => return Ok(Some(entry)),
            None => self.entries.next().transpose().map_err(|e| self.place.reading(e))?,
        };
        let Some(entry) = entry else { return Ok(None) };
        // Links, devices, folders, and the marks by which an entry can be another than its name says.
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(self.place.damaged("it holds something that is no file"));
        }
        match self.budget.checked_sub(entry.size()) {
            Some(left) => self.budget = left,
            None => return Err(self.place.damaged("it says that more is in it than can be")),
        }
        Ok(Some(entry))
    }

    /// The whole of a short entry, if it is the next one.
    fn text(&mut self, name: &str) -> Result<Option<Vec<u8>>, BackupError> {
        let Some(mut entry) = self.entry()? else { return Ok(None) };
        if *entry.path_bytes() != *name.as_bytes() {
            self.ahead = Some(entry);
            return Ok(None);
        }
        if entry.size() > MANIFEST_BYTES {
            return Err(self.place.damaged("it is too long"));
        }
        let mut text = Vec::new();
        entry.read_to_end(&mut text).map_err(|e| self.place.reading(e))?;
        if text.len() as u64 == entry.size() { Ok(Some(text)) } else { Err(self.place.damaged("it is cut short")) }
    }

    /// The next table of the manifest; `None` after the last.
    ///
    /// # Errors
    /// `File`: the file cannot be read. `Damaged`: the table is missing or of another size, or more follows the last.
    pub fn table(&mut self) -> Result<Option<Reader<'a>>, BackupError> {
        let Some(table) = self.manifest.tables.get(self.at).cloned() else {
            self.place = self.place.at("after its last table");
            return match self.entry()? {
                None => Ok(None),
                Some(entry) => {
                    let name = shown(&String::from_utf8_lossy(&entry.path_bytes()));
                    Err(self.place.damaged(format!("it holds “{name}”, which its list of contents does not name once")))
                }
            };
        };
        self.at += 1;
        self.place = self.place.at(in_table(&table.name));
        let place = self.place.clone();
        let Some(entry) = self.entry()? else { return Err(place.damaged("it is missing")) };
        if *entry.path_bytes() != *format!("tables/{}", table.name).as_bytes() {
            let found = shown(&String::from_utf8_lossy(&entry.path_bytes()));
            return Err(place.damaged(format!("“{found}” is in its place")));
        }
        if table.bytes.is_some_and(|b| b != entry.size()) {
            return Err(place.damaged("its size is another"));
        }
        let scan = Scan::new(table.columns.len());
        Ok(Some(Reader { entry, place, table, scan, hash: Sha256::new(), size: 0, buffer: vec![0; 256 * 1024] }))
    }
}

/// One table's rows, checked while they are read.
pub(super) struct Reader<'a> {
    entry: Entry<'a>,
    place: Place,
    pub table: Table,
    scan: Scan,
    hash: Sha256,
    size: u64,
    buffer: Vec<u8>,
}

impl Reader<'_> {
    /// The next bytes; `None` at the end, once size, checksum and number of rows are right.
    ///
    /// # Errors
    /// `File`: the file cannot be read. `Damaged`: the table differs from the manifest.
    pub fn next(&mut self) -> Result<Option<&[u8]>, BackupError> {
        let n = self.entry.read(&mut self.buffer).map_err(|e| self.place.reading(e))?;
        let bytes = &self.buffer[..n];
        self.scan.feed(bytes).map_err(|why| self.place.damaged(why))?;
        if n > 0 {
            self.size += n as u64;
            self.hash.update(bytes);
            return Ok(Some(bytes));
        }
        if self.size != self.entry.size() {
            return Err(self.place.damaged("it is cut short"));
        }
        let sum = hex(&std::mem::take(&mut self.hash).finalize());
        if self.table.sha256.as_ref().is_some_and(|s| *s != sum) {
            return Err(self.place.damaged("its checksum is another"));
        }
        let rows = self.scan.rows().map_err(|why| self.place.damaged(why))?;
        if rows != self.table.rows {
            return Err(self.place.damaged(format!("it has {rows} rows of {}", self.table.rows)));
        }
        Ok(None)
    }
}

/// Reads a whole backup, checks its checksums and counts, and returns its manifest.
///
/// # Errors
/// `File`: the file cannot be read. `Unfit`: it is no backup of Rapport. `Damaged`: its parts, checksums or counts differ.
pub fn check(file: &Path) -> Result<Manifest, BackupError> {
    Archive::open(file)?.check()
}

/// Reads a backup's manifest alone, unchecked but for the manifest's own checksum.
///
/// # Errors
/// `File`: the file cannot be read. `Unfit`: it is no backup of Rapport. `Damaged`: its manifest.
pub fn read_manifest(file: &Path) -> Result<Manifest, BackupError> {
    let archive = Archive::open(file)?;
    let mut packed = archive.packed()?;
    Ok(archive.walk(&mut packed)?.manifest)
}
