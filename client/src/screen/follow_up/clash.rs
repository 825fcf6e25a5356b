//! Two versions of one record side by side, and what shall become of each field.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container};
use iced::{Center, Fill, Length};

use super::words;
use crate::say;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, check, page, text};

/// Which of two versions is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// What was typed here.
    Mine,
    /// What someone else saved in between.
    Theirs,
}

/// One field that the two versions say differently.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference<F> {
    pub(super) field: F,
    mine: String,
    theirs: String,
    choice: Option<Choice>,
}

/// The fields that differ, with what was chosen for each.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clash<F> {
    by: String,
    differences: Vec<Difference<F>>,
    cursor: usize,
}

/// What happened on the comparison.
#[derive(Clone, Copy, Debug)]
pub(super) enum Message {
    Chosen(usize, Choice),
    ChosenHere(Choice),
    AllChosen(Choice),
    Up,
    Down,
}

/// One field in three versions: as it was seen, as it was typed here, as it stands now.
pub(super) struct Versions<F> {
    pub(super) field: F,
    pub(super) seen: String,
    pub(super) mine: String,
    pub(super) theirs: String,
}

impl<F: Copy + PartialEq> Clash<F> {
    /// Compares; a field that only one side changed is decided for the side that changed it.
    /// `by` is who wrote in between.
    pub(super) fn new(by: String, fields: impl IntoIterator<Item = Versions<F>>) -> Self {
        let differences = fields
            .into_iter()
            .filter(|field| field.mine != field.theirs)
            .map(|field| Difference {
                choice: if field.seen == field.mine {
                    Some(Choice::Theirs)
                } else if field.seen == field.theirs {
                    Some(Choice::Mine)
                } else {
                    None
                },
                field: field.field,
                mine: field.mine,
                theirs: field.theirs,
            })
            .collect();
        let mut clash = Self {
            by,
            differences,
            cursor: 0,
        };
        clash.cursor = clash.undecided().unwrap_or(0);
        clash
    }

    pub(super) fn update(&mut self, message: Message) {
        match message {
            Message::Chosen(at, choice) => {
                if let Some(difference) = self.differences.get_mut(at) {
                    difference.choice = Some(choice);
                    self.cursor = at;
                }
            }
            Message::ChosenHere(choice) => {
                self.update(Message::Chosen(self.cursor, choice));
                self.cursor = self.undecided().unwrap_or(self.cursor);
            }
            Message::AllChosen(choice) => {
                for difference in &mut self.differences {
                    difference.choice = Some(choice);
                }
            }
            Message::Up => self.cursor = self.cursor.saturating_sub(1),
            Message::Down => {
                self.cursor = (self.cursor + 1).min(self.differences.len().saturating_sub(1));
            }
        }
    }

    /// Who wrote in between.
    pub(super) fn by(&self) -> &str {
        &self.by
    }

    /// Whether every difference is decided.
    pub(super) fn is_settled(&self) -> bool {
        self.undecided().is_none()
    }

    /// Which version of this field is taken; the typed one where the two say the same.
    pub(super) fn choice(&self, field: F) -> Choice {
        self.differences
            .iter()
            .find(|difference| difference.field == field)
            .and_then(|difference| difference.choice)
            .unwrap_or(Choice::Mine)
    }

    fn undecided(&self) -> Option<usize> {
        self.differences
            .iter()
            .position(|difference| difference.choice.is_none())
    }

    /// The two versions side by side. `label` names a field.
    pub(super) fn view<'a, Outer: Clone + 'a>(
        &'a self,
        label: fn(F) -> String,
        own: fn(Message) -> Outer,
        save: Outer,
        back: Outer,
    ) -> Element<'a, Outer> {
        let head = Row::new()
            .push(text::strong("").width(Length::FillPortion(2)))
            .push(text::strong(say!("follow_up.clash.mine")).width(Length::FillPortion(3)))
            .push(
                text::strong(say!("follow_up.clash.theirs", name = self.by))
                    .width(Length::FillPortion(3)),
            )
            .spacing(space::M);
        let rows = self.differences.iter().enumerate().map(|(at, difference)| {
            let side = |words: &str, side| {
                let words = if words.is_empty() {
                    words::blank()
                } else {
                    words.to_owned()
                };
                let on = difference.choice == Some(side);
                container(check::toggle(words, on, own(Message::Chosen(at, side))).width(Fill))
                    .width(Length::FillPortion(3))
            };
            let mark = match (at == self.cursor, difference.choice) {
                (true, None) => "▶？ ",
                (true, Some(_)) => "▶ ",
                (false, None) => "？ ",
                (false, Some(_)) => "",
            };
            Row::new()
                .push(
                    text::strong(format!("{mark}{}", label(difference.field)))
                        .width(Length::FillPortion(2)),
                )
                .push(side(&difference.mine, Choice::Mine))
                .push(side(&difference.theirs, Choice::Theirs))
                .spacing(space::M)
                .align_y(Center)
                .into()
        });
        let all = Row::new()
            .push(
                button::keyed(say!("follow_up.clash.all_mine"), "M")
                    .on_press(own(Message::AllChosen(Choice::Mine))),
            )
            .push(
                button::keyed(say!("follow_up.clash.all_theirs"), "T")
                    .on_press(own(Message::AllChosen(Choice::Theirs))),
            )
            .spacing(space::M);
        let end = Row::new()
            .push(
                button::primary(say!("follow_up.clash.save"))
                    .on_press_maybe(self.is_settled().then_some(save)),
            )
            .push(button::quiet(say!("follow_up.clash.back")).on_press(back))
            .push((!self.is_settled()).then(|| text::hint(say!("follow_up.clash.choose"))))
            .spacing(space::M)
            .align_y(Center);
        Column::new()
            .push(
                banner(Tone::Warning, say!("follow_up.clash.title", name = self.by))
                    .line(say!("follow_up.clash.what")),
            )
            .push(head)
            .push(page::line())
            .push(Column::with_children(rows).spacing(space::S))
            .push(page::line())
            .push(all.wrap().vertical_spacing(space::S))
            .push(end.wrap().vertical_spacing(space::S))
            .spacing(space::M)
            .into()
    }
}

/// The keys of the comparison.
pub(super) fn bindings<Outer: Clone>(
    own: fn(Message) -> Outer,
    save: Outer,
    back: Outer,
) -> Vec<Binding<Outer>> {
    let named = |key, words: &str, message| binding(Shortcut::named(key), say!(words), message);
    vec![
        named(Named::ArrowUp, "follow_up.clash.key.up", own(Message::Up)),
        named(
            Named::ArrowDown,
            "follow_up.clash.key.down",
            own(Message::Down),
        ),
        named(
            Named::ArrowLeft,
            "follow_up.clash.key.mine",
            own(Message::ChosenHere(Choice::Mine)),
        ),
        named(
            Named::ArrowRight,
            "follow_up.clash.key.theirs",
            own(Message::ChosenHere(Choice::Theirs)),
        ),
        binding(
            Shortcut::character("m"),
            say!("follow_up.clash.all_mine"),
            own(Message::AllChosen(Choice::Mine)),
        ),
        binding(
            Shortcut::character("t"),
            say!("follow_up.clash.all_theirs"),
            own(Message::AllChosen(Choice::Theirs)),
        ),
        named(Named::Enter, "follow_up.clash.save", save.clone()),
        binding(Shortcut::command("s"), say!("follow_up.clash.save"), save),
        named(Named::Escape, "follow_up.clash.back", back),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(field: u8, seen: &str, mine: &str, theirs: &str) -> Versions<u8> {
        Versions {
            field,
            seen: seen.into(),
            mine: mine.into(),
            theirs: theirs.into(),
        }
    }

    #[test]
    fn a_field_that_one_side_changed_is_decided_for_that_side() {
        let clash = Clash::new(
            "見本".into(),
            [
                versions(1, "a", "a", "b"),
                versions(2, "a", "b", "a"),
                versions(3, "a", "b", "b"),
            ],
        );
        assert!(clash.is_settled());
        assert_eq!(clash.choice(1), Choice::Theirs);
        assert_eq!(clash.choice(2), Choice::Mine);
        assert_eq!(
            clash.differences.len(),
            2,
            "what both say alike needs no decision"
        );
    }

    #[test]
    fn a_field_that_both_changed_waits_for_a_decision() {
        let mut clash = Clash::new(
            "見本".into(),
            [
                versions(1, "a", "a", "b"),
                versions(2, "a", "b", "c"),
                versions(3, "a", "d", "e"),
            ],
        );
        assert_eq!(clash.cursor, 1);
        clash.update(Message::ChosenHere(Choice::Theirs));
        assert!(!clash.is_settled());
        clash.update(Message::ChosenHere(Choice::Mine));
        assert!(clash.is_settled());
        assert_eq!(
            [1, 2, 3].map(|field| clash.choice(field)),
            [Choice::Theirs, Choice::Theirs, Choice::Mine]
        );
    }
}
