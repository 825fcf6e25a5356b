//! The columns of a list of offices, by their headings.

use shared::Language;
use shared::offices::OfficeKind;
use shared::table::Row;
use shared::text::search_key;

/// A column that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Code,
    Kind,
    Name,
    Parent,
    Reading,
    Phone,
    Address,
}

impl Column {
    const ALL: [Self; 7] = [
        Self::Code,
        Self::Kind,
        Self::Name,
        Self::Parent,
        Self::Reading,
        Self::Phone,
        Self::Address,
    ];

    /// Its heading, as it is named to operators.
    pub(super) fn heading(self) -> &'static str {
        self.headings()[0]
    }

    fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Code => &[
                "code",
                "コード",
                "機関コード",
                "団体コード",
                "全国地方公共団体コード",
            ],
            Self::Kind => &["kind", "種別", "機関種別", "区分"],
            Self::Name => &["name", "名称", "機関名", "団体名", "保健所名"],
            Self::Parent => &["parent", "上位", "上位機関", "上位コード", "上位機関コード"],
            Self::Reading => &["reading", "読み", "ふりがな", "フリガナ", "カナ"],
            Self::Phone => &["phone", "電話", "電話番号", "TEL"],
            Self::Address => &["address", "住所", "所在地"],
        }
    }
}

/// Where each column stands.
#[derive(Debug)]
pub(super) struct Columns {
    places: [Option<usize>; Column::ALL.len()],
    /// Headings that are not read.
    pub(super) unread: Vec<String>,
}

impl Columns {
    /// The columns, if this row is one of headings: it names the code, at least.
    pub(super) fn of(row: Row<'_>) -> Option<Self> {
        let mut places = [None; Column::ALL.len()];
        let mut unread = Vec::new();
        for (place, cell) in row.cells().enumerate() {
            let key = search_key(cell);
            let is = |column: &Column| column.headings().iter().any(|it| search_key(it) == key);
            match Column::ALL.iter().position(is) {
                Some(column) if places[column].is_none() => places[column] = Some(place),
                _ if key.is_empty() => {}
                _ => unread.push(cell.trim().to_owned()),
            }
        }
        places[Column::Code as usize]?;
        Some(Self { places, unread })
    }

    /// The text of a row in this column; blank where there is no such column.
    pub(super) fn cell<'a>(&self, row: Row<'a>, column: Column) -> &'a str {
        self.places[column as usize].map_or("", |place| row.cell(place).trim())
    }
}

/// The kind that a cell names, by the word of the command line or in Japanese.
///
/// # Errors
/// Says what is expected in place of any other text.
pub(super) fn kind(text: &str) -> Result<Option<OfficeKind>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let named = match text {
        "厚生労働省" => OfficeKind::Ministry,
        "ヘルプデスク" => OfficeKind::Helpdesk,
        "都道府県" => OfficeKind::Prefecture,
        "保健所設置市" | "特別区" | "市区町村" | "市町村" => {
            OfficeKind::Municipality
        }
        "保健所" => OfficeKind::HealthCentre,
        "医療機関" => OfficeKind::Institution,
        "宿泊療養施設" => OfficeKind::Facility,
        "フォローアップセンター" => OfficeKind::FollowUpCentre,
        "接種会場" => OfficeKind::Venue,
        "登録事業者" => OfficeKind::Business,
        other => other
            .parse::<OfficeKind>()
            .map_err(|refused| format!("kind “{other}”: {}", refused.sentence(Language::En)))?,
    };
    Ok(Some(named))
}
