//! Letters, as a reader that is not ours sees them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::*;

fn letters() -> Vec<Letter> {
    let letter = |office: &str| Letter {
        office: office.to_owned(),
        password: Zeroizing::new("ab2+-xyz9-k3mn-pqrs".to_owned()),
        id: "8057".to_owned(),
        date: "2022年9月26日(月) 9時00分".to_owned(),
        until: "2022年10月26日(水) 9時00分".to_owned(),
        help: "■ お問い合わせ：ヘルプデスク\nメール：helpdesk@example.jp".to_owned(),
    };
    vec![
        letter("見本県保健所"),
        letter(&"とても長い名前の".repeat(12)),
    ]
}

fn read(pdf: &[u8], program: &str, arguments: &[&str]) -> String {
    let mut reader = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("poppler-utils is needed: apt-get install poppler-utils");
    reader.stdin.take().unwrap().write_all(pdf).unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn each_letter_is_one_page_with_its_password_and_no_link() {
    let font = find_font().unwrap();
    for language in [Language::Ja, Language::En] {
        let pdf = print(&font, &letters(), language).unwrap();
        // In the order in which it was written.
        let text = read(&pdf, "pdftotext", &["-raw", "-", "-"]);
        let signs = "ab2+xyz9k3mnpqrs".chars();
        let password: String = signs
            .map(|sign| format!("{sign}{}", spoken(sign, language).replace(' ', "")))
            .collect();
        let pages: Vec<&str> = text
            .split('\u{c}')
            .filter(|page| !page.is_empty())
            .collect();
        assert_eq!(pages.len(), 2, "{text}");
        for page in pages {
            let plain: String = page.split_whitespace().collect();
            for part in [password.as_str(), "8057", "helpdesk@example.jp"] {
                assert!(plain.contains(part), "{part}: {page}");
            }
            assert!(!plain.contains("https") && !plain.contains("%{"), "{page}");
        }
    }
}

#[test]
fn a_letter_brings_its_font_along() {
    let pdf = print(&find_font().unwrap(), &letters(), Language::Ja).unwrap();
    let place = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(place.path(), &pdf).unwrap();
    let fonts = read(&[], "pdffonts", &[place.path().to_str().unwrap()]);
    let lines: Vec<&str> = fonts.lines().skip(2).collect();
    assert_eq!(lines.len(), 1, "{fonts}");
    // Columns: embedded, a subset, readable as text.
    assert_eq!(lines[0].matches("yes").count(), 3, "{fonts}");
    assert!(pdf.len() < 200_000, "{}", pdf.len());
}

#[test]
fn without_a_japanese_font_it_is_said_which_package_to_install() {
    let error = choose(&Database::new()).err().unwrap();
    assert!(error.to_string().contains("fonts-morisawa-bizud-gothic"));
}

#[test]
fn no_line_is_wider_than_the_page_and_none_loses_a_sign() {
    for line in ["あ".repeat(100), "word ".repeat(40), "x".repeat(300)] {
        let lines = wrap(&line, 20.0);
        assert_eq!(lines.concat(), line);
        for line in lines {
            let wide = line
                .trim_end()
                .chars()
                .map(|c| if c.is_ascii() { 0.56 } else { 1.0 });
            assert!(wide.sum::<f32>() <= 20.01, "{line}");
        }
    }
    assert_eq!(wrap("", 20.0), [""]);
}
