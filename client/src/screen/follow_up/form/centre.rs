//! The responsible health centre: typed by code or name, chosen from those that match.

use std::sync::Arc;

use shared::offices::Office;
use shared::text::{fold_width, search_key};

/// How many that match are offered at once.
const OFFERED: usize = 5;

/// Those that may be chosen, shared by every form.
pub(in super::super) type Centres = Arc<[Office]>;

/// The choice while it is being typed.
#[derive(Debug, Default)]
pub(super) struct Choosing {
    /// Somebody is typing in the field.
    pub(super) open: bool,
    /// Which of those offered Enter takes.
    pub(super) marked: usize,
}

impl Choosing {
    /// Begins anew, because something was typed.
    pub(super) fn begin(&mut self) {
        *self = Self {
            open: true,
            marked: 0,
        };
    }

    /// Moves the mark down or up among so many.
    pub(super) fn step(&mut self, down: bool, offered: usize) {
        self.marked = match down {
            true => (self.marked + 1).min(offered.saturating_sub(1)),
            false => self.marked.saturating_sub(1),
        };
    }
}

/// Those whose name holds what was typed, in any width and kana, or whose code begins with it.
pub(in super::super) fn matching<'a>(centres: &'a [Office], typed: &str) -> Vec<&'a Office> {
    let (code, name) = (fold_width(typed).trim().to_owned(), search_key(typed));
    let matches = |office: &&Office| {
        office.code.as_str().starts_with(&code) || search_key(office.name.as_str()).contains(&name)
    };
    centres.iter().filter(matches).take(OFFERED).collect()
}

/// The one that was meant: by its whole code or name, or because no other matches.
pub(in super::super) fn meant<'a>(centres: &'a [Office], typed: &str) -> Option<&'a Office> {
    let (code, name) = (fold_width(typed).trim().to_owned(), search_key(typed));
    let whole = centres
        .iter()
        .find(|office| office.code.as_str() == code || search_key(office.name.as_str()) == name);
    whole.or_else(|| match matching(centres, typed)[..] {
        [only] => Some(only),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::stage::made;

    fn centres() -> Vec<Office> {
        [
            ("131016", "見本保健所"),
            ("131024", "例示保健所"),
            ("131024-2", "例示保健所 分室"),
        ]
        .map(|(code, name)| {
            made(serde_json::json!({ "code": code, "kind": "health-centre", "name": name }))
        })
        .to_vec()
    }

    fn names(typed: &str) -> Vec<String> {
        let all = centres();
        let found = matching(&all, typed);
        found.iter().map(|office| office.name.to_string()).collect()
    }

    #[test]
    fn part_of_a_name_or_the_beginning_of_a_code_finds_a_centre() {
        assert_eq!(names("例示"), ["例示保健所", "例示保健所 分室"]);
        assert_eq!(names("１３１０１"), ["見本保健所"]);
        assert_eq!(names("どこにも"), Vec::<String>::new());
    }

    #[test]
    fn a_whole_name_or_code_means_one_even_where_others_begin_like_it() {
        let all = centres();
        let code = |typed| meant(&all, typed).map(|office| office.code.to_string());
        assert_eq!(code("131024").as_deref(), Some("131024"));
        assert_eq!(code("例示保健所").as_deref(), Some("131024"));
        assert_eq!(code("見本").as_deref(), Some("131016"));
        assert_eq!(code("例示"), None, "two match");
        assert_eq!(code("13"), None);
    }
}
