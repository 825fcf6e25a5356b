//! How the screen looks, and its keys.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, responsive, rule, space as gap};
use iced::{Center, Fill};

use super::super::Context;
use super::{
    FollowUp, Front, Happened, Message, form, on_form, on_list, on_opened, on_record, opened,
    record, work_list,
};
use crate::say;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, page, text};

/// Below this width the day under the pen has the whole screen, without the list beside it.
const SIDE_BY_SIDE: f32 = 960.0;
/// The width of the list while a day is recorded beside it: who it is and how today stands.
const LIST_BESIDE: f32 = 280.0;

impl FollowUp {
    /// The screen as it looks.
    pub fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        let body: Element<'a, Message> = match &self.front {
            None => self.list_view(context, false),
            Some(Front::Opened(opened)) => {
                return self.under_unsaved(opened::view(opened, context).map(on_opened));
            }
            Some(Front::Form(form)) => {
                return self.under_unsaved(form::view(form, context).map(on_form));
            }
            Some(Front::Record(record)) => responsive(move |size| {
                let pen = record::view(record, context).map(on_record);
                if size.width < SIDE_BY_SIDE {
                    return pen;
                }
                let list = container(self.list_view(context, true)).width(LIST_BESIDE);
                let line = rule::vertical(1);
                Row::new()
                    .push(list)
                    .push(line)
                    .push(container(pen).width(Fill))
                    .into()
            })
            .into(),
        };
        Column::new()
            .push(self.head())
            .push(self.under_unsaved(body))
            .spacing(space::S)
            .height(Fill)
            .into()
    }

    fn under_unsaved<'a>(&self, body: Element<'a, Message>) -> Element<'a, Message> {
        Column::new()
            .push(page::slot(self.unsaved()))
            .push(body)
            .height(Fill)
            .into()
    }

    fn head<'a>(&self) -> Element<'a, Message> {
        let notice = match &self.notice {
            Some(notice) => notice.view(),
            None => gap::horizontal().into(),
        };
        container(
            Row::new()
                .push(text::title(say!("follow_up.title")))
                .push(notice)
                .push(
                    button::keyed(say!("follow_up.new"), "F2")
                        .on_press(Message(Happened::NewPressed)),
                )
                .push(
                    button::keyed(say!("follow_up.import"), "F6")
                        .on_press(Message(Happened::ImportPressed)),
                )
                .spacing(space::M)
                .align_y(Center),
        )
        .padding(iced::Padding {
            top: space::M,
            ..iced::Padding::from([0.0, space::L])
        })
        .into()
    }

    fn list_view<'a>(&'a self, context: &'a Context, narrow: bool) -> Element<'a, Message> {
        let deeds = work_list::Deeds {
            open: |index| Message(Happened::OpenPressed(index)),
            own: on_list,
        };
        work_list::view(&self.list, context, narrow, deeds, move |id| self.mark(id))
    }

    /// The screen's keys.
    pub fn bindings(&self) -> Vec<Binding<Message>> {
        let mut bindings = match &self.front {
            Some(Front::Record(record)) => {
                let own = record::bindings(record).into_iter();
                own.map(|it| it.map(on_record))
                    .chain(head_bindings())
                    .collect()
            }
            Some(Front::Opened(opened)) => opened::bindings(opened)
                .into_iter()
                .map(|it| it.map(on_opened))
                .collect(),
            Some(Front::Form(form)) => form::bindings(form)
                .into_iter()
                .map(|it| it.map(on_form))
                .collect(),
            None => {
                let [new, import] = head_bindings();
                let pressed = match self.list.awaits_search() {
                    true => Some(on_list(work_list::Message::RecordPressed)),
                    false => self.list.marked().map(|_| Message(Happened::RecordPressed)),
                };
                let record = pressed.map(|pressed| {
                    binding(
                        Shortcut::named(Named::Space),
                        say!("follow_up.key.record"),
                        pressed,
                    )
                });
                let mut bindings = vec![new];
                bindings.extend(record);
                bindings.push(import);
                bindings.extend(
                    work_list::bindings(&self.list)
                        .into_iter()
                        .map(|it| it.map(on_list)),
                );
                bindings
            }
        };
        if self.has_come_back() {
            bindings.push(binding(
                Shortcut::named(Named::F4),
                say!("follow_up.unsaved.open"),
                Message(Happened::UnsavedPressed),
            ));
        }
        bindings
    }
}

/// The keys that the head of the screen names.
fn head_bindings() -> [Binding<Message>; 2] {
    let named =
        |key, words: &str, happened| binding(Shortcut::named(key), say!(words), Message(happened));
    [
        named(Named::F2, "follow_up.new", Happened::NewPressed),
        named(Named::F6, "follow_up.import", Happened::ImportPressed),
    ]
}
