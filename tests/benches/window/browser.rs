//! The yardstick: Chromium with a table in a file.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use harness::display::Display;
use harness::process::Running;

/// Writes a static page with a table like the work list's, of this many made-up people.
pub(crate) fn page(file: &Path, rows: usize) -> PathBuf {
    let mut text = String::from("<!doctype html><meta charset=utf-8><title>table</title><table>");
    for row in 0..rows {
        write!(
            text,
            "<tr><td>見本 第{row}号<td>ミホン ダイ<td>2026-11-18<td>{}<td>■■■■▲□□□□□□□□□<td>未連絡<td>36.5<td>花子",
            row % 14
        )
        .expect("a text takes everything");
    }
    fs::write(file, text).unwrap();
    file.to_owned()
}

/// Opens it as an application window.
pub(crate) fn open(display: &Display, profile: &Path, page: &Path) -> Running {
    let mut command = Command::new("chromium");
    command.args([
        "--no-sandbox",
        "--no-first-run",
        "--disable-sync",
        "--window-position=0,0",
        "--window-size=1920,1080",
    ]);
    command
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--app=file://{}", page.display()));
    Running::start(
        display.enter(&mut command).stdin(Stdio::null()),
        &profile.with_extension("log"),
    )
    .unwrap()
}
