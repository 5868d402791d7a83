//! Archives that carry documents (DOCX, XLSX, OFD), judged by their central directory alone: nothing is
//! unpacked here, and nothing that is accepted can surprise whoever unpacks it within what it declares.

use std::io::{Read, Seek};

use crate::kind::{FileKind, Refusal, read_at};

/// Most entries.
const ENTRIES_MAX: u16 = 10_000;
/// Most bytes of the central directory.
const DIRECTORY_BYTES_MAX: u32 = 4 * 1024 * 1024;
/// Most bytes of all entries unpacked.
const UNPACKED_BYTES_MAX: u64 = 300 * 1024 * 1024;
/// Most bytes of one entry unpacked for each packed byte, for entries above the free size.
const RATIO_MAX: u64 = 200;
/// Entries below this size may have any ratio.
const RATIO_FREE_BYTES: u64 = 1024 * 1024;

/// Archives that must not be inside; a document inside a document counts with its size.
const ARCHIVES: [&str; 12] =
    [".zip", ".rar", ".7z", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".jar", ".cab", ".iso", ".zst"];
/// Programs that must not be inside.
const PROGRAMS: [&str; 11] =
    [".exe", ".dll", ".com", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".msi", ".lnk"];

/// The end of the central directory.
struct End {
    position: u64,
    entries: u16,
    directory_size: u32,
    directory_offset: u32,
}

/// One entry as the central directory tells it.
struct Entry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    packed: u32,
    unpacked: u32,
    offset: u32,
}

/// Reads little-endian numbers one after the other.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }
}

/// The kind of an archive of `size` bytes that begins with a local header.
pub(crate) fn inspect(reader: &mut (impl Read + Seek), size: u64) -> Result<FileKind, Refusal> {
    let end = find_end(reader, size)?;
    if end.entries == u16::MAX || end.directory_offset == u32::MAX {
        return Err(Refusal::Bomb("an archive of more than 4 GB"));
    }
    if end.entries > ENTRIES_MAX || end.directory_size > DIRECTORY_BYTES_MAX {
        return Err(Refusal::Bomb("an archive of too many entries"));
    }
    let begin = u64::from(end.directory_offset);
    if begin + u64::from(end.directory_size) != end.position {
        return Err(Refusal::Damaged("an archive whose directory is elsewhere"));
    }
    let directory = read_at(reader, begin, end.directory_size.into())?;
    let entries = parse_directory(&directory, end.entries)
        .ok_or(Refusal::Damaged("an archive with a broken directory"))?;
    check_sizes(&entries)?;
    for entry in &entries {
        check_entry(entry)?;
    }
    check_places(reader, &entries, begin)?;
    kind_of(&entries)
}

/// The end record stands at the very end, before a comment of the length that it tells.
fn find_end(reader: &mut (impl Read + Seek), size: u64) -> Result<End, Refusal> {
    const RECORD: usize = 22;
    let begin = size.saturating_sub(22 + u64::from(u16::MAX));
    let tail = read_at(reader, begin, size - begin)?;
    for start in (0..tail.len().saturating_sub(RECORD - 1)).rev() {
        let record = tail.get(start..).unwrap_or_default();
        if let Some(mut end) = parse_end(record) {
            end.position = begin + u64::try_from(start).unwrap_or(0);
            return Ok(end);
        }
    }
    Err(Refusal::Damaged("an archive without its directory"))
}

fn parse_end(record: &[u8]) -> Option<End> {
    let mut fields = Fields(record);
    if fields.take(4)? != b"PK\x05\x06" {
        return None;
    }
    let (disk, directory_disk) = (fields.u16()?, fields.u16()?);
    let (entries_here, entries) = (fields.u16()?, fields.u16()?);
    let (directory_size, directory_offset) = (fields.u32()?, fields.u32()?);
    let comment = fields.u16()?;
    let whole = disk == 0 && directory_disk == 0 && entries_here == entries;
    let at_end = fields.0.len() == usize::from(comment);
    (whole && at_end).then_some(End { position: 0, entries, directory_size, directory_offset })
}

fn parse_directory(directory: &[u8], count: u16) -> Option<Vec<Entry>> {
    let mut fields = Fields(directory);
    let mut entries = Vec::new();
    for _ in 0..count {
        if fields.take(4)? != b"PK\x01\x02" {
            return None;
        }
        // Version made by, version needed.
        fields.take(4)?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        // Time, date, checksum.
        fields.take(8)?;
        let (packed, unpacked) = (fields.u32()?, fields.u32()?);
        let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
        // Disk, attributes.
        fields.take(8)?;
        let offset = fields.u32()?;
        let name = fields.take(name.into())?.to_vec();
        fields.take(usize::from(extra) + usize::from(comment))?;
        entries.push(Entry { name, flags, method, packed, unpacked, offset });
    }
    fields.0.is_empty().then_some(entries)
}

fn check_sizes(entries: &[Entry]) -> Result<(), Refusal> {
    let unpacked: u64 = entries.iter().map(|entry| u64::from(entry.unpacked)).sum();
    if unpacked > UNPACKED_BYTES_MAX {
        return Err(Refusal::Bomb("an archive of more than 300 MB unpacked"));
    }
    let is_bomb = |entry: &Entry| {
        let (packed, unpacked) = (u64::from(entry.packed), u64::from(entry.unpacked));
        unpacked > RATIO_FREE_BYTES && unpacked / packed.max(1) > RATIO_MAX
    };
    if entries.iter().any(is_bomb) {
        return Err(Refusal::Bomb("an archive packed more than 200 to 1"));
    }
    // Many small entries together are judged as one.
    let packed: u64 = entries.iter().map(|entry| u64::from(entry.packed)).sum();
    if unpacked > RATIO_FREE_BYTES && unpacked / packed.max(1) > RATIO_MAX {
        return Err(Refusal::Bomb("an archive packed more than 200 to 1"));
    }
    Ok(())
}

fn check_entry(entry: &Entry) -> Result<(), Refusal> {
    if entry.flags & 0x2041 != 0 {
        return Err(Refusal::Inside("encrypted entries"));
    }
    match entry.method {
        0 if entry.packed != entry.unpacked => {
            return Err(Refusal::Damaged("an entry whose sizes disagree"));
        }
        0 | 8 => {}
        _ => return Err(Refusal::Inside("entries packed in an unusual way")),
    }
    // Some writers separate folders the other way.
    let name = String::from_utf8_lossy(&entry.name).to_lowercase().replace('\\', "/");
    let leaves = name.starts_with('/')
        || name.contains(['\0', ':'])
        || name.split('/').any(|part| part == "..");
    if name.is_empty() || leaves {
        return Err(Refusal::Inside("a path that leaves the folder"));
    }
    if ARCHIVES.iter().any(|ending| name.ends_with(ending)) {
        return Err(Refusal::Inside("an archive"));
    }
    if PROGRAMS.iter().any(|ending| name.ends_with(ending)) {
        return Err(Refusal::Inside("a program"));
    }
    if name.ends_with("vbaproject.bin") {
        return Err(Refusal::Inside("macros"));
    }
    Ok(())
}

/// Every entry has bytes of its own before the directory, and its own header says the same: overlapping
/// entries are how a small archive declares little and unpacks to petabytes.
fn check_places(
    reader: &mut (impl Read + Seek),
    entries: &[Entry],
    directory: u64,
) -> Result<(), Refusal> {
    let mut places = Vec::new();
    for entry in entries {
        let begin = u64::from(entry.offset);
        let header = read_at(reader, begin, 30 + u64::try_from(entry.name.len()).unwrap_or(0))?;
        let length = header_length(&header, entry)
            .ok_or(Refusal::Damaged("an entry whose headers disagree"))?;
        places.push((begin, begin + length + u64::from(entry.packed)));
    }
    places.sort_unstable();
    let ends = places.iter().map(|place| place.1);
    let nexts = places.iter().skip(1).map(|place| place.0).chain([directory]);
    if ends.zip(nexts).any(|(end, next)| end > next) {
        return Err(Refusal::Bomb("entries that overlap"));
    }
    if places.first().is_none_or(|place| place.0 != 0) {
        return Err(Refusal::Damaged("an archive with something before it"));
    }
    Ok(())
}

/// The length of a local header that agrees with the directory.
fn header_length(header: &[u8], entry: &Entry) -> Option<u64> {
    let mut fields = Fields(header);
    if fields.take(4)? != b"PK\x03\x04" {
        return None;
    }
    // Version needed.
    fields.take(2)?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    // Time, date, checksum.
    fields.take(8)?;
    let (packed, unpacked) = (fields.u32()?, fields.u32()?);
    let (name, extra) = (fields.u16()?, fields.u16()?);
    // Bit 3: the sizes follow the data.
    let follow = flags & 0x0008 != 0 && packed == 0 && unpacked == 0;
    let agrees = flags == entry.flags
        && method == entry.method
        && (follow || (packed, unpacked) == (entry.packed, entry.unpacked))
        && fields.take(name.into())? == entry.name;
    agrees.then_some(30 + u64::from(name) + u64::from(extra))
}

fn kind_of(entries: &[Entry]) -> Result<FileKind, Refusal> {
    let has = |name: &str| entries.iter().any(|entry| entry.name == name.as_bytes());
    let is_office = has("[Content_Types].xml");
    match () {
        () if is_office && has("word/document.xml") => Ok(FileKind::Docx),
        () if is_office && has("xl/workbook.xml") => Ok(FileKind::Xlsx),
        () if has("OFD.xml") => Ok(FileKind::Ofd),
        () => Err(Refusal::Unknown),
    }
}
