//! By what entries are found.

use iced::widget::{Column, Id, Row};
use shared::Day;
use shared::accounts::Login;
use shared::audit::{AuditKind, AuditQuery};
use shared::offices::OfficeCode;
use uuid::Uuid;

use super::words;
use crate::language;
use crate::say;
use crate::screen::Context;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, check, field, text};

/// The name of the first field.
const FROM: &str = "audit.from";
const TO: &str = "audit.to";
const WHO: &str = "audit.who";
const WHOM: &str = "audit.whom";
const OFFICE: &str = "audit.office";
const RECORD: &str = "audit.record";

/// The filters as they were typed.
#[derive(Default)]
pub(super) struct Filter {
    from: String,
    to: String,
    who: String,
    whom: String,
    office: String,
    record: String,
    kind: Option<AuditKind>,
}

/// What happened in them.
#[derive(Clone)]
pub enum Message {
    /// A field was changed.
    Typed(Field, String),
    /// Keys left a field that holds a day.
    Left,
    /// A kind was turned on or off.
    Turned(AuditKind),
    /// Search with them.
    SearchPressed,
    /// Show everything again.
    ClearPressed,
}

/// The fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The first day.
    From,
    /// The last day.
    To,
    /// The name or login of whoever acted.
    Who,
    /// The login id of whom it was done to.
    Whom,
    /// The code of the office at which it was done.
    Office,
    /// The id of the record it was done to.
    Record,
}

/// What the screen must do.
pub(super) enum Outcome {
    /// Wait for more.
    Typed,
    /// This field cannot be understood.
    Wrong(Id),
    /// Search anew.
    Search,
}

impl Filter {
    pub(super) fn update(&mut self, message: Message, context: &Context) -> Outcome {
        match message {
            Message::Typed(field, text) => {
                *self.field_mut(field) = text;
                Outcome::Typed
            }
            Message::Left => {
                let today = context.world.today();
                for text in [&mut self.from, &mut self.to] {
                    if let Ok(day) = Day::parse_typed(text, today) {
                        *text = language::day(day);
                    }
                }
                Outcome::Typed
            }
            Message::Turned(kind) => {
                self.kind = (self.kind != Some(kind)).then_some(kind);
                Outcome::Search
            }
            Message::SearchPressed => match self.wrong(context) {
                Some((field, _)) => Outcome::Wrong(Id::new(name(field))),
                None => Outcome::Search,
            },
            Message::ClearPressed => {
                *self = Self::default();
                Outcome::Search
            }
        }
    }

    fn field_mut(&mut self, field: Field) -> &mut String {
        match field {
            Field::From => &mut self.from,
            Field::To => &mut self.to,
            Field::Who => &mut self.who,
            Field::Whom => &mut self.whom,
            Field::Office => &mut self.office,
            Field::Record => &mut self.record,
        }
    }

    /// Narrows to what was done to this record, and to nothing else.
    pub(super) fn only_record(&mut self, subject: Uuid) {
        *self = Self {
            record: subject.to_string(),
            ..Self::default()
        };
    }

    pub(super) fn is_narrow(&self) -> bool {
        let texts = [
            &self.from,
            &self.to,
            &self.who,
            &self.whom,
            &self.office,
            &self.record,
        ];
        self.kind.is_some() || texts.into_iter().any(|text| !text.trim().is_empty())
    }

    /// The first field that cannot be understood, and why.
    fn wrong(&self, context: &Context) -> Option<(Field, String)> {
        let today = context.world.today();
        let spoken = language::spoken();
        let day = |text: &String| match text.trim() {
            "" => None,
            typed => Day::parse_typed(typed, today).err(),
        };
        let office = |text: &String| match text.trim() {
            "" => None,
            typed => OfficeCode::parse(typed).err(),
        };
        if let Some(refused) = day(&self.from) {
            return Some((Field::From, refused.sentence(spoken)));
        }
        if let Some(refused) = day(&self.to) {
            return Some((Field::To, refused.sentence(spoken)));
        }
        let whom = self.whom.trim();
        if let Some(refused) = Login::parse(whom).err().filter(|_| !whom.is_empty()) {
            return Some((Field::Whom, refused.sentence(spoken)));
        }
        if let Some(refused) = office(&self.office) {
            return Some((Field::Office, refused.sentence(spoken)));
        }
        let record = self.record.trim();
        let is_wrong = !record.is_empty() && Uuid::parse_str(record).is_err();
        is_wrong.then(|| (Field::Record, say!("audit.filter.record_wrong")))
    }

    /// What is asked; `None` while something cannot be understood.
    pub(super) fn query(&self, context: &Context) -> Option<AuditQuery> {
        if self.wrong(context).is_some() {
            return None;
        }
        let today = context.world.today();
        let day = |text: &str| Day::parse_typed(text.trim(), today).ok();
        let who = self.who.trim();
        Some(AuditQuery {
            from: day(&self.from),
            to: day(&self.to),
            who: (!who.is_empty()).then(|| who.to_owned()),
            account: Login::parse(&self.whom).ok(),
            kind: self.kind,
            office: OfficeCode::parse(&self.office).ok(),
            subject: Uuid::parse_str(self.record.trim()).ok(),
            ..AuditQuery::default()
        })
    }

    pub(super) fn view<'a>(&'a self, context: &Context) -> Element<'a, Message> {
        let wrong = self.wrong(context);
        let one = |field: Field, value: &'a str, example: String, width: f32| {
            let is_wrong = wrong.as_ref().is_some_and(|(at, _)| *at == field);
            field::field(say!(format!("audit.filter.{}", key(field))), value)
                .id(name(field))
                .example(example)
                .on_input(move |text| Message::Typed(field, text))
                .on_submit(Message::SearchPressed)
                .on_leave(Message::Left)
                .wrong(is_wrong)
                .width(width)
        };
        // The helpdesk sees nothing of accounts.
        let whom = words::may_see(context.role, AuditKind::Accounts).then(|| {
            one(
                Field::Whom,
                &self.whom,
                say!("audit.filter.whom_example"),
                130.0,
            )
        });
        let fields = Row::new()
            .push(one(
                Field::From,
                &self.from,
                say!("audit.filter.day_example"),
                120.0,
            ))
            .push(one(
                Field::To,
                &self.to,
                say!("audit.filter.day_example"),
                120.0,
            ))
            .push(one(
                Field::Who,
                &self.who,
                say!("audit.filter.who_example"),
                170.0,
            ))
            .push(whom)
            .push(one(Field::Office, &self.office, "131016".to_owned(), 120.0))
            .push(one(
                Field::Record,
                &self.record,
                say!("audit.filter.record_example"),
                230.0,
            ))
            .spacing(space::S)
            .wrap()
            .vertical_spacing(space::S);
        let mut kinds = Row::new().spacing(space::XS);
        let shown = AuditKind::ALL
            .iter()
            .copied()
            .filter(|kind| words::may_see(context.role, *kind));
        for kind in shown {
            let on = self.kind == Some(kind);
            kinds = kinds.push(check::toggle(words::kind(kind), on, Message::Turned(kind)));
        }
        let clear = self
            .is_narrow()
            .then(|| button::quiet(say!("audit.filter.clear")).on_press(Message::ClearPressed));
        let kinds = kinds.push(clear).wrap().vertical_spacing(space::XS);
        // A narrow field would break the sentence after every other letter: it stands below all.
        let sentence = wrong.map(|(field, words)| {
            let label = say!(format!("audit.filter.{}", key(field)));
            Row::new()
                .push(text::error(format!("▲ {label}: {words}")))
                .push(text::hint(say!("audit.filter.wrong")))
                .spacing(space::M)
                .wrap()
        });
        Column::new()
            .push(fields)
            .push(sentence)
            .push(kinds)
            .spacing(space::S)
            .into()
    }

    pub(super) fn bindings(&self) -> Vec<Binding<Message>> {
        Vec::from([binding(
            Shortcut::command_named(iced::keyboard::key::Named::Enter),
            say!("audit.search"),
            Message::SearchPressed,
        )])
    }
}

fn key(field: Field) -> &'static str {
    match field {
        Field::From => "from",
        Field::To => "to",
        Field::Who => "who",
        Field::Whom => "whom",
        Field::Office => "office",
        Field::Record => "record",
    }
}

fn name(field: Field) -> &'static str {
    match field {
        Field::From => FROM,
        Field::To => TO,
        Field::Who => WHO,
        Field::Whom => WHOM,
        Field::Office => OFFICE,
        Field::Record => RECORD,
    }
}
