//! What a list remembers: how far it is scrolled, what was shown, what was clicked.

use std::ops::Range;

use iced::Rectangle;
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
    /// How far it was scrolled when it was last laid out.
    laid: f32,
    /// How often it was scrolled, counted round.
    turn: u8,
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

    /// Remembers that it is laid out as it is scrolled now.
    pub(super) fn lay(&mut self) {
        if self.offset != self.laid {
            self.laid = self.offset;
            self.turn = (self.turn + 1) % TURNS;
        }
    }

    /// Where it is drawn: in `clip`, and a hair beyond that nobody sees. A hair less could cost a row of
    /// pixels where an edge falls between two.
    ///
    /// The software renderer draws anew what differs from the frame before: of a layer that is
    /// where it was each text by itself, in dozens of regions, and each of them means clearing the
    /// mask of the whole window once for every layer. A layer that is not where it was it draws at
    /// once. So a list that was scrolled is never exactly where it was.
    pub(super) fn layer(&self, clip: Rectangle) -> Rectangle {
        Rectangle {
            height: clip.height + f32::from(self.turn) * HAIR,
            ..clip
        }
    }
}

/// A renderer may compare with a frame that is several frames old.
const TURNS: u8 = 16;
/// In logical pixels; sixteen of them are less than a sixtieth of one.
const HAIR: f32 = 1.0 / 1024.0;

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
    fn a_list_that_was_scrolled_is_drawn_on_another_layer_and_else_on_the_same() {
        let clip = Rectangle {
            x: 200.0,
            y: 120.0,
            width: 1_700.0,
            height: 900.0,
        };
        let mut state = State::default();
        state.lay();
        assert_eq!(state.layer(clip), clip);
        let mut former = vec![clip];
        for step in 1..=5 {
            state.offset = step as f32 * 19.0 * ROW;
            state.lay();
            let layer = state.layer(clip);
            assert!(!former.contains(&layer), "{layer:?}");
            assert!(layer.height - clip.height < 0.02, "{layer:?}");
            state.lay();
            assert_eq!(state.layer(clip), layer, "nothing was scrolled");
            former.push(layer);
        }
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
