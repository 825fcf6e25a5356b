//! Lists for a spreadsheet: UTF-8 with its mark, every cell in quotes, CRLF.

/// What stands first, without which spreadsheets take the file for CP932.
pub(super) const MARK: &str = "\u{feff}";

/// One line of these cells, with its end.
pub(super) fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell, in quotes. What a spreadsheet would take for a formula gets an apostrophe before it, so
/// that nothing that somebody typed is ever carried out.
fn quoted(cell: &str) -> String {
    let begins = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠'
        )
    };
    let guard = match cell.trim_start_matches(' ').starts_with(begins) {
        true => "'",
        false => "",
    };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_a_formula_or_ends_it() {
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("＝1"), "\"'＝1\"");
        assert_eq!(quoted(" @SUM(A1)"), "\"' @SUM(A1)\"");
        assert_eq!(quoted("-2"), "\"'-2\"");
        assert_eq!(
            quoted("見本 \"花子\", 太郎\n"),
            "\"見本 \"\"花子\"\", 太郎\n\""
        );
        assert_eq!(line(&["a".to_owned(), "b".to_owned()]), "\"a\",\"b\"\r\n");
    }
}
