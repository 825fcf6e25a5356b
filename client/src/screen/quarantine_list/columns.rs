//! What the columns of a list hold, corrected by hand.

use std::sync::Arc;

use shared::quarantine_list::{Field, Mapping, Remembered};

use super::tried::Tried;

/// How many rows from the top may be taken as headings.
const SEARCHED: usize = 30;

/// The columns on the desk.
pub(super) struct Columns {
    pub(super) tried: Arc<Tried>,
    /// The marked column.
    pub(super) cursor: usize,
    /// What may stand in it, in front while one is chosen: the place in [`options`].
    pub(super) choosing: Option<usize>,
    before: (Mapping, usize, usize),
}

/// What happened on the columns.
#[derive(Clone, Copy, Debug)]
pub(super) enum Message {
    /// The mark went to this column.
    Moved(usize),
    /// A meaning is to be chosen for this column.
    Opened(usize),
    /// The mark went to this meaning.
    OptionMoved(usize),
    /// This meaning was chosen.
    Chosen(usize),
    /// The marked column is not to be read.
    Cleared,
    /// The headings stand a row further up.
    HeadingsUp,
    /// The headings stand a row further down.
    HeadingsDown,
    /// The headings take this many rows.
    LevelsChosen(usize),
}

/// What a column may hold, in the order of the choice: nothing first.
pub(super) fn options() -> impl Iterator<Item = Option<Field>> {
    std::iter::once(None).chain(Field::ALL.into_iter().map(Some))
}

impl Columns {
    pub(super) fn new(tried: Arc<Tried>) -> Self {
        let layout = tried.list.layout();
        let before = (
            tried.list.mapping().clone(),
            layout.first(),
            layout.levels(),
        );
        Self {
            tried,
            cursor: 0,
            choosing: None,
            before,
        }
    }

    /// How many columns there are.
    pub(super) fn count(&self) -> usize {
        self.tried.list.layout().headings().len()
    }

    pub(super) fn update(&mut self, message: Message, remembered: &Remembered) {
        match message {
            Message::Moved(at) => self.cursor = at.min(self.count().saturating_sub(1)),
            Message::Opened(at) => {
                self.cursor = at;
                let held = self.tried.list.mapping().field(at);
                self.choosing = options().position(|option| option == held);
            }
            Message::OptionMoved(at) => self.choosing = Some(at),
            Message::Chosen(at) => {
                if let Some(field) = options().nth(at) {
                    self.assign(field);
                }
                self.choosing = None;
            }
            Message::Cleared => self.assign(None),
            Message::HeadingsUp => self.headings(-1, 0, remembered),
            Message::HeadingsDown => self.headings(1, 0, remembered),
            Message::LevelsChosen(levels) => {
                let now = self.tried.list.layout().levels();
                self.headings(0, levels as isize - now as isize, remembered);
            }
        }
    }

    fn assign(&mut self, field: Option<Field>) {
        // Nobody else holds the list now, so nothing is copied.
        let tried = Arc::make_mut(&mut self.tried);
        tried.list.mapping_mut().assign(self.cursor, field);
    }

    fn headings(&mut self, rows: isize, levels: isize, remembered: &Remembered) {
        let layout = self.tried.list.layout();
        let most = self.tried.list.table().len().min(SEARCHED) - 1;
        let first = layout.first().saturating_add_signed(rows).min(most);
        let levels = layout.levels().saturating_add_signed(levels);
        let tried = Arc::make_mut(&mut self.tried);
        tried.list.headings_at(first, levels, remembered);
        self.cursor = 0;
    }

    /// Whether anything differs from how it was.
    pub(super) fn is_changed(&self) -> bool {
        let layout = self.tried.list.layout();
        let (mapping, first, levels) = &self.before;
        (layout.first(), layout.levels()) != (*first, *levels)
            || self.tried.list.mapping() != mapping
    }

    /// The list as it was before.
    pub(super) fn undone(mut self) -> Arc<Tried> {
        if self.is_changed() {
            let (mapping, first, levels) = self.before;
            let list = &mut Arc::make_mut(&mut self.tried).list;
            list.headings_at(first, levels, &Remembered::default());
            *list.mapping_mut() = mapping;
        }
        self.tried
    }
}
