//! Files that are what they say, and files that lie.

use std::io::Cursor;

use proptest::prelude::*;
use zhengtong_blob::kind::{check, inspect, sniff};
use zhengtong_blob::{Blobs, FileKind, Refusal};

/// One entry of an archive: what is stored and what is declared may differ.
#[derive(Clone)]
struct Part {
    name: String,
    data: Vec<u8>,
    method: u16,
    flags: u16,
    unpacked: u32,
}

fn part(name: &str) -> Part {
    let data = b"<xml/>".to_vec();
    Part { name: name.to_owned(), unpacked: 6, data, method: 0, flags: 0 }
}

fn packed(name: &str, packed: usize, unpacked: u32) -> Part {
    Part { data: vec![0; packed], unpacked, method: 8, ..part(name) }
}

fn header(part: &Part, central: Option<u32>) -> Vec<u8> {
    let size = u32::try_from(part.data.len()).unwrap();
    let name = u16::try_from(part.name.len()).unwrap();
    let mut bytes = Vec::new();
    bytes.extend(if central.is_some() {
        b"PK\x01\x02\x14\0\x14\0".as_slice()
    } else {
        b"PK\x03\x04\x14\0"
    });
    bytes.extend(part.flags.to_le_bytes());
    bytes.extend(part.method.to_le_bytes());
    bytes.extend([0; 8]);
    bytes.extend(size.to_le_bytes());
    bytes.extend(part.unpacked.to_le_bytes());
    bytes.extend(name.to_le_bytes());
    bytes.extend([0; 2]);
    if let Some(offset) = central {
        bytes.extend([0; 10]);
        bytes.extend(offset.to_le_bytes());
    }
    bytes.extend(part.name.as_bytes());
    bytes
}

/// An archive of parts; every entry of the directory points to `places` when it is given.
fn archive(parts: &[Part], places: Option<u32>) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let offset = u32::try_from(bytes.len()).unwrap();
        directory.extend(header(part, Some(places.unwrap_or(offset))));
        bytes.extend(header(part, None));
        bytes.extend(&part.data);
    }
    let offset = u32::try_from(bytes.len()).unwrap();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
    bytes.extend(count);
    bytes.extend(count);
    bytes.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

fn docx(more: &[Part]) -> Vec<u8> {
    let mut parts = vec![part("[Content_Types].xml"), part("word/document.xml")];
    parts.extend_from_slice(more);
    archive(&parts, None)
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\x02\0\0\0crc!\0\0\0\0IEND\xae\x42\x60\x82");
    bytes
}

fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes =
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xff\xc2\0\x11\x08".to_vec();
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend(b"\x03\x01\x22\0\xff\xd9");
    bytes
}

fn pdf() -> Vec<u8> {
    b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n".to_vec()
}

fn samples() -> Vec<(FileKind, Vec<u8>)> {
    let xlsx = archive(&[part("[Content_Types].xml"), part("xl/workbook.xml")], None);
    let ofd = archive(&[part("OFD.xml"), part("Doc_0/Document.xml")], None);
    vec![
        (FileKind::Pdf, pdf()),
        (FileKind::Png, png(640, 480)),
        (FileKind::Jpeg, jpeg(640, 480)),
        (FileKind::Docx, docx(&[packed("word/styles.xml", 1_000, 90_000)])),
        (FileKind::Xlsx, xlsx),
        (FileKind::Ofd, ofd),
    ]
}

fn refusal(bytes: &[u8]) -> Refusal {
    inspect(&mut Cursor::new(bytes)).unwrap_err()
}

#[test]
fn files_that_are_what_they_say() {
    for (kind, bytes) in samples() {
        assert_eq!(sniff(&bytes), Some(kind));
        let name = format!("材料.{}", kind.extension().to_uppercase());
        for mime in [None, Some(kind.mime()), Some("application/octet-stream"), Some("")] {
            let found = check(&mut Cursor::new(&bytes), &name, mime, &FileKind::ALL).unwrap();
            assert_eq!(found, kind);
        }
    }
    let found = check(&mut Cursor::new(jpeg(1, 1)), "a.jpeg", Some("image/jpg"), &[FileKind::Jpeg]);
    assert!(matches!(found, Ok(FileKind::Jpeg)));
}

#[test]
fn names_and_types_that_lie() {
    for (kind, bytes) in samples() {
        for (other, _) in samples() {
            if other == kind {
                continue;
            }
            let name = format!("a.{}", other.extension());
            let refused = check(&mut Cursor::new(&bytes), &name, None, &FileKind::ALL);
            assert!(matches!(refused, Err(Refusal::Mismatch { .. })), "{kind:?} as {name}");
            let name = format!("a.{}", kind.extension());
            let refused =
                check(&mut Cursor::new(&bytes), &name, Some(other.mime()), &FileKind::ALL);
            assert!(
                matches!(refused, Err(Refusal::Mismatch { .. })),
                "{kind:?} as {}",
                other.mime()
            );
            let refused = check(&mut Cursor::new(&bytes), &name, None, &[other]);
            assert!(matches!(refused, Err(Refusal::NotWanted { .. })));
        }
        let refused = check(&mut Cursor::new(&bytes), "noending", None, &FileKind::ALL);
        assert!(matches!(refused, Err(Refusal::Mismatch { .. })));
    }
}

#[test]
fn programs_and_others_are_refused_under_any_name() {
    let mut program = b"MZ\x90\0\x03\0\0\0".to_vec();
    program.extend(pdf());
    for bytes in [
        program.as_slice(),
        b"\x7fELF\x02\x01\x01",
        b"#!/bin/sh\n",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"GIF89a",
        b"Rar!\x1a\x07",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"%PDF",
        b" %PDF-1.7\n%%EOF",
        b"\0",
    ] {
        let refused =
            check(&mut Cursor::new(bytes), "a.pdf", Some("application/pdf"), &FileKind::ALL);
        assert!(matches!(refused, Err(Refusal::Unknown)), "{bytes:?}");
    }
    assert!(matches!(refusal(b""), Refusal::Empty));
    assert!(matches!(refusal(&archive(&[part("a.txt")], None)), Refusal::Unknown));
}

#[test]
fn bombs_are_refused() {
    let bomb = |parts: &[Part]| assert!(matches!(refusal(&docx(parts)), Refusal::Bomb(_)));
    bomb(&[packed("word/media/a.bin", 10_000, 10_000_000)]);
    bomb(&[packed("word/media/a.bin", 2_000_000, 300 * 1024 * 1024)]);
    let many: Vec<Part> =
        (0..200).map(|number| packed(&format!("word/{number}.xml"), 900, 1_000_000)).collect();
    bomb(&many);
    let crowd: Vec<Part> = (0..10_000).map(|number| part(&format!("word/{number}.xml"))).collect();
    bomb(&crowd);
    // One core of packed bytes that every entry points to.
    let same = vec![part("OFD.xml"); 50];
    assert!(matches!(refusal(&archive(&same, Some(0))), Refusal::Bomb("entries that overlap")));
    assert!(matches!(refusal(&png(20_000, 20_000)), Refusal::Bomb(_)));
    assert!(matches!(refusal(&jpeg(65_000, 65_000)), Refusal::Bomb(_)));
    // Just below the limits.
    assert_eq!(sniff(&docx(&[packed("word/a.xml", 10_000, 2_000_000)])), Some(FileKind::Docx));
}

#[test]
fn what_must_not_be_inside() {
    for name in [
        "word/vbaProject.bin",
        "word/embeddings/a.ZIP",
        "word/embeddings/a.exe",
        "../../etc/cron.d/x",
        "/etc/passwd",
        "word\\..\\x",
        "C:/x",
    ] {
        assert!(matches!(refusal(&docx(&[part(name)])), Refusal::Inside(_)), "{name}");
    }
    let encrypted = Part { flags: 1, ..part("word/a.xml") };
    assert!(matches!(refusal(&docx(&[encrypted])), Refusal::Inside(_)));
    let unusual = Part { method: 14, ..part("word/a.xml") };
    assert!(matches!(refusal(&docx(&[unusual])), Refusal::Inside(_)));
    // A workbook inside a document is usual.
    assert_eq!(sniff(&docx(&[part("word/embeddings/a.xlsx")])), Some(FileKind::Docx));
}

#[test]
fn damaged_files_are_refused() {
    let damaged = |bytes: &[u8]| {
        let refused = refusal(bytes);
        assert!(matches!(refused, Refusal::Damaged(_)), "{refused}");
    };
    damaged(&pdf()[..20]);
    damaged(&png(640, 480)[..30]);
    damaged(&png(0, 480));
    damaged(&[png(640, 480), b"MZ".to_vec()].concat());
    damaged(&jpeg(640, 480)[..22]);
    damaged(b"\xff\xd8\xff\xda\0\x02");
    let whole = docx(&[]);
    damaged(&whole[..whole.len() - 1]);
    damaged(&[whole.clone(), b"x".to_vec()].concat());
    let mut lying = whole.clone();
    lying[22] ^= 1;
    damaged(&lying);
    let stored = Part { unpacked: 5_000, ..part("word/a.xml") };
    damaged(&docx(&[stored]));
    for length in 1..whole.len() {
        assert_eq!(sniff(&whole[..length]), None, "length {length}");
    }
}

#[tokio::test]
async fn a_stored_file_tells_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path()).await.unwrap();
    for (kind, bytes) in samples() {
        let stored = blobs.put(bytes.as_slice(), 1_000_000).await.unwrap();
        assert_eq!(blobs.kind(stored.digest).await.unwrap(), kind);
    }
    let program = blobs.put(b"MZ".as_slice(), 100).await.unwrap();
    let refused = blobs.kind(program.digest).await.unwrap_err();
    assert_eq!(zhengtong_base::Failure::kind(&refused), zhengtong_base::Kind::Unsupported);
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(
        sample in 0..6_usize, edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut bytes = samples().swap_remove(sample).1;
        for (position, byte) in edits {
            let position = position.index(bytes.len());
            bytes[position] = byte;
        }
        // Either answer is right; it must be given.
        drop(inspect(&mut Cursor::new(&bytes)));
    }
}
