//! The columns of the list: as wide as what they hold. Where there is room for all of them an office
//! stands whole if its name is of usual length, and what was done always does.

use std::collections::BTreeSet;

use iced::{Fill, Length};
use shared::Language;
use shared::audit::AuditEntry;

use super::words;
use crate::language;
use crate::say;
use crate::ui::table::BAR;
use crate::ui::text::cell_width;
use crate::ui::token::space;

/// From this width on the account that something was done to and the office have columns of their own.
pub(super) const WIDE: f32 = 900.0;

/// The width of a moment.
const AT: f32 = 168.0;

/// How wide what the entries say is, in the columns that are as wide as that; 0 where they say
/// nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Held {
    who: f32,
    what: f32,
    whom: f32,
    office: f32,
    /// Words of another language have other widths.
    spoken: Language,
}

impl Held {
    /// What these entries take.
    pub(super) fn by(entries: &[AuditEntry]) -> Self {
        let column = |name, said: &dyn Fn(&AuditEntry) -> Option<String>| {
            // Few different words stand in many rows; each is measured once.
            let said: BTreeSet<String> = entries.iter().filter_map(said).collect();
            if said.is_empty() {
                return 0.0;
            }
            let heading = heading(name);
            let all = said.iter().chain([&heading]);
            // Nothing is cut for a fraction of a pixel.
            let widest = all.map(|words| cell_width(words)).fold(0.0, f32::max);
            widest.ceil() + 2.0 * space::S
        };
        Self {
            who: column("who", &|entry| Some(words::who(entry))),
            what: column("what", &|entry| Some(words::deed(entry))),
            whom: column("whom", &words::whom),
            office: column("office", &|entry| Some(words::offices(entry))),
            spoken: language::spoken(),
        }
    }

    /// With these entries besides.
    pub(super) fn and(self, more: &[AuditEntry]) -> Self {
        let other = Self::by(more);
        Self {
            who: self.who.max(other.who),
            what: self.what.max(other.what),
            whom: self.whom.max(other.whom),
            office: self.office.max(other.office),
            spoken: other.spoken,
        }
    }

    /// The same in the language that is spoken now; these are the entries.
    pub(super) fn now(self, entries: &[AuditEntry]) -> Self {
        match self.spoken == language::spoken() {
            true => self,
            false => Self::by(entries),
        }
    }
}

/// What stands above a column.
pub(super) fn heading(name: &str) -> String {
    say!(format!("audit.column.{name}"))
}

/// The columns of a list of this width over entries that take so much. One that would be empty is
/// not there; where there is too little room for all, the widest of the names give way.
pub(super) fn columns(width: f32, held: Held) -> Vec<(&'static str, Length)> {
    let at = ("at", Length::Fixed(AT));
    if width < WIDE {
        return vec![
            at,
            ("who", Length::FillPortion(3)),
            ("what", Length::FillPortion(5)),
        ];
    }
    let names = [held.who, held.whom, held.office];
    let [who, whom, _] = shared_out(width - BAR - AT - held.what, names);
    let columns = [
        at,
        ("who", Length::Fixed(who)),
        ("what", Length::Fixed(held.what)),
        ("whom", Length::Fixed(whom)),
        // What is left over stands at the end of the row, and not between two of its words.
        ("office", Fill),
    ];
    let is_empty = |name: &str| name == "whom" && held.whom == 0.0;
    columns
        .into_iter()
        .filter(|(name, _)| !is_empty(name))
        .collect()
}

/// So much room for those who want so much: what is too little for all is the same for the widest.
fn shared_out(room: f32, wanted: [f32; 3]) -> [f32; 3] {
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let (mut left, mut got) = (room.max(0.0), [0.0; 3]);
    for (place, nth) in order.into_iter().enumerate() {
        let fair = left / (order.len() - place) as f32;
        got[nth] = wanted[nth].min(fair);
        left -= got[nth];
    }
    got
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_is_room_everybody_has_what_they_want_and_else_the_widest_give_way() {
        assert_eq!(shared_out(700.0, [100.0, 0.0, 350.0]), [100.0, 0.0, 350.0]);
        assert_eq!(
            shared_out(500.0, [100.0, 300.0, 350.0]),
            [100.0, 200.0, 200.0]
        );
        assert_eq!(shared_out(-1.0, [100.0, 300.0, 350.0]), [0.0; 3]);
    }
}
