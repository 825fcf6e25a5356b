//! Workbooks that promise or unpack to more than any machine has: what reading them costs, seen
//! by the system. A program of its own, because the highest mark of its memory is what counts.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test reports by panicking")]
#![allow(missing_docs, reason = "tests are named as facts")]

use std::io::{Cursor, Write as _};

use shared::table::{ReadError, Table};
use zip::write::{SimpleFileOptions, ZipWriter};

/// The parts that are held whole may take 96 MiB, and what is made of them some more.
const MOST: u64 = 320 << 20;

/// The highest mark of this program's memory so far, in octets.
fn highest() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kibibytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kibibytes.parse::<u64>().unwrap() * 1024
}

/// A zip of these parts, each of so many mebibytes of this text over and over.
fn bomb(parts: &[(&str, &str, usize)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text, mebibytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        let block = text.repeat((1 << 20) / text.len());
        for _ in 0..*mebibytes {
            zip.write_all(block.as_bytes()).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn bombs_cost_no_more_memory_than_a_large_list_may() {
    let sheet = "xl/worksheets/sheet1.xml";
    let strings = "xl/sharedStrings.xml";
    let many: Vec<String> = (0..40).map(|n| format!("xl/worksheets/s{n}.xml")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), " ", 10)).collect();
    for (what, parts) in [
        ("one part", vec![(sheet, " ", 400)]),
        ("strings", vec![(strings, "<si><t>x</t></si>", 200)]),
        ("styles", vec![("xl/styles.xml", "<xf/>", 200)]),
        ("many parts", many),
    ] {
        let bomb = bomb(&parts);
        assert!(bomb.len() < 4 << 20, "{what}: {}", bomb.len());
        assert_eq!(
            Table::read(&bomb, &|_| 0).err(),
            Some(ReadError::TooLarge),
            "{what}"
        );
        assert!(highest() < MOST, "{what}: {} MiB", highest() >> 20);
    }
    // Just under what may be held: taken or refused, but never at a multiple of it.
    let cells = r#"<row><c t="inlineStr"><is><t>x</t></is></c></row>"#;
    for parts in [
        vec![(strings, "<si><t>xxxxxxxxxxxx</t></si>", 90)],
        vec![(sheet, cells, 90)],
    ] {
        let _ = Table::read(&bomb(&parts), &|_| 0);
        assert!(highest() < MOST, "{} MiB", highest() >> 20);
    }
}
