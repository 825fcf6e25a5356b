//! What a list remembers: how far it is scrolled, what was shown, what was clicked.

use std::ops::Range;

use iced::advanced::mouse;
use iced::advanced::widget::operation::Focusable;
use iced::advanced::widget::tree::Tree;

use crate::ui::token::ROW;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) offset: f32,
    pub(super) height: f32,
    /// The cursor that was last brought into view.
    pub(super) shown: Option<usize>,
    /// The rows that were made last.
    pub(super) made: Range<usize>,
    /// The rows last reported by `on_view`.
    pub(super) reported: Range<usize>,
    pub(super) focused: bool,
    /// Where on the handle it was taken hold of.
    pub(super) dragging: Option<f32>,
    pub(super) last_click: Option<mouse::Click>,
}

impl State {
    /// Scrolls so that the row at this index is in view.
    pub(super) fn reveal(&mut self, index: usize) {
        let top = index as f32 * ROW;
        // A list lower than one row shows the top of the marked one.
        let lowest = (top + ROW - self.height).clamp(0.0, top);
        self.offset = self.offset.clamp(lowest, top);
    }
}

impl Focusable for State {
    fn is_focused(&self) -> bool {
        self.focused
    }

    fn focus(&mut self) {
        self.focused = true;
    }

    fn unfocus(&mut self) {
        self.focused = false;
    }
}

/// Lets the state of each row that stays in view go along with it. Without this every scrolled
/// step would give each row its neighbour's state, and all text would be shaped anew.
pub(super) fn follow(children: &mut Vec<Tree>, before: &Range<usize>, now: &Range<usize>) {
    if now.start >= before.start {
        let gone = (now.start - before.start).min(children.len());
        children.drain(..gone);
    } else {
        let new = (before.start - now.start).min(now.len());
        children.splice(..0, std::iter::repeat_with(Tree::empty).take(new));
    }
    children.truncate(now.len());
}

#[cfg(test)]
mod tests {
    use iced::advanced::widget::tree;

    use super::*;

    /// The trees of these rows, each remembering its row.
    fn trees(rows: Range<usize>) -> Vec<Tree> {
        rows.map(|row| Tree {
            tag: tree::Tag::of::<usize>(),
            state: tree::State::new(row),
            children: Vec::new(),
        })
        .collect()
    }

    #[test]
    fn the_state_of_a_row_goes_with_its_row() {
        let place = |tree: &Tree| match tree.state {
            tree::State::None => None,
            tree::State::Some(_) => Some(*tree.state.downcast_ref::<usize>()),
        };
        for (before, now, kept) in [
            (0..4, 1..5, vec![Some(1), Some(2), Some(3)]),
            (3..7, 1..5, vec![None, None, Some(3), Some(4)]),
            (0..4, 90..94, vec![]),
            (90..94, 0..4, vec![None; 4]),
            (0..4, 0..2, vec![Some(0), Some(1)]),
        ] {
            let mut children = trees(before.clone());
            follow(&mut children, &before, &now);
            let places: Vec<_> = children.iter().map(place).collect();
            assert_eq!(places, kept, "{before:?} to {now:?}");
        }
    }
}
