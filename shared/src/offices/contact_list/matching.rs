//! Which known office a line means. Names are normalised for this comparison only.

use std::collections::{BTreeSet, HashMap};

use super::super::{Office, OfficeCode, OfficeKind};
use super::line::{Line, Section};
use super::problem::LineProblem;
use crate::text::{fold_width, search_key};

/// The offices that may be meant, by the forms in which they are compared.
pub(super) struct Directory<'a> {
    by_name: HashMap<String, Vec<&'a Office>>,
    by_code: HashMap<String, &'a Office>,
}

/// What a line's names came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No office.
    None,
    /// None, but the only one whose name has this beginning or end.
    Perhaps(OfficeCode),
    /// Exactly one.
    One(OfficeCode),
    /// Several of the same name.
    Ambiguous(Vec<OfficeCode>),
    /// Different ones.
    Different(Vec<OfficeCode>),
}

impl Found {
    /// What is said when this is not one office.
    pub(super) fn problem(self, line: &Line) -> LineProblem {
        let name = || line.names.first().cloned().unwrap_or_default();
        match self {
            Self::Ambiguous(several) => LineProblem::Ambiguous(several),
            Self::Different(several) => LineProblem::TwoOffices(several),
            Self::Perhaps(office) => LineProblem::UnknownOffice {
                name: name(),
                perhaps: Some(office),
            },
            Self::None | Self::One(_) => LineProblem::UnknownOffice {
                name: name(),
                perhaps: None,
            },
        }
    }
}

impl<'a> Directory<'a> {
    pub(super) fn new(offices: &'a [Office]) -> Self {
        let mut by_name: HashMap<String, Vec<&Office>> = HashMap::new();
        for office in offices {
            let key = search_key(office.name.as_str());
            by_name.entry(key).or_default().push(office);
        }
        let by_code = offices
            .iter()
            .map(|office| (office.code.as_str().to_ascii_lowercase(), office))
            .collect();
        Self { by_name, by_code }
    }

    /// Whether this office may be meant.
    pub(super) fn knows(&self, office: &OfficeCode) -> bool {
        self.by_code
            .contains_key(&office.as_str().to_ascii_lowercase())
    }

    /// The office that a line means: by its whole cells or, where none of them is a name, by their
    /// words. A code decides between offices of one name; so does the heading above, if only one
    /// is of its kind.
    pub(super) fn find(&self, line: &Line, section: Section) -> Found {
        let by_code = |text: &String| self.by_code.get(&fold_width(text).to_ascii_lowercase());
        let coded: BTreeSet<&OfficeCode> = line
            .names
            .iter()
            .chain(&line.words)
            .filter_map(by_code)
            .map(|office| &office.code)
            .collect();
        let by_names = |texts: &[String]| -> Vec<Vec<&Office>> {
            let mut keys: Vec<String> = texts.iter().map(|text| search_key(text)).collect();
            keys.dedup();
            keys.iter()
                .filter_map(|key| self.by_name.get(key).cloned())
                .collect()
        };
        let mut named = by_names(&line.names);
        if named.is_empty() {
            named = by_names(&line.words);
        }
        let is_coded = |office: &&Office| coded.is_empty() || coded.contains(&office.code);
        for offices in &mut named {
            let narrowed = |keep: &dyn Fn(&&Office) -> bool| -> Vec<&'a Office> {
                offices
                    .iter()
                    .copied()
                    .filter(|office| keep(office))
                    .collect()
            };
            let fitting = narrowed(&|office| section.holds(office.kind));
            let meant = narrowed(&|office| is_coded(office));
            if coded.is_empty() && fitting.len() == 1 {
                *offices = fitting;
            } else if !meant.is_empty() {
                *offices = meant;
            }
        }
        let all: BTreeSet<&OfficeCode> = named
            .iter()
            .flatten()
            .map(|office| &office.code)
            .chain(coded)
            .collect();
        let codes = || all.iter().map(|code| (*code).clone()).collect::<Vec<_>>();
        match all.len() {
            0 => self.perhaps(&line.names),
            1 => Found::One(codes().remove(0)),
            _ if named.len() == 1 && named[0].len() == all.len() => Found::Ambiguous(codes()),
            _ => Found::Different(codes()),
        }
    }

    /// The only office whose name begins or ends with one of `names`, such as 東保健所 of
    /// 見本県東保健所. It is proposed, never taken.
    fn perhaps(&self, names: &[String]) -> Found {
        let keys: Vec<String> = names
            .iter()
            .take(8)
            .map(|name| search_key(name))
            .filter(|key| key.chars().count() >= 3)
            .collect();
        let is_part = |name: &String| {
            keys.iter().any(|key| {
                name.ends_with(key.as_str())
                    || name.starts_with(key.as_str())
                    || key.ends_with(name.as_str())
            })
        };
        let mut likely = self.by_name.iter().filter(|(name, _)| is_part(name));
        match (likely.next(), likely.next()) {
            (Some((_, offices)), None) if offices.len() == 1 => {
                Found::Perhaps(offices[0].code.clone())
            }
            _ => Found::None,
        }
    }
}

impl Section {
    fn holds(self, kind: OfficeKind) -> bool {
        match self {
            Self::Body => matches!(kind, OfficeKind::Prefecture | OfficeKind::Municipality),
            Self::HealthCentres => kind == OfficeKind::HealthCentre,
            Self::None | Self::Other => false,
        }
    }
}
