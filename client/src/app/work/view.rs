//! How the work looks: the bar, the navigation, the present screen, and what is in front of it.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, responsive, scrollable, space as gap};
use iced::{Border, Center, Fill};
use shared::ProblemCode;

use super::super::{self as app, frame};
use super::keeping::Trouble;
use super::{Message, Work};
use crate::say;
use crate::screen::today::Today;
use crate::screen::{Room, helpdesk};
use crate::ui::chip::Tone;
use crate::ui::dialog::{Behind, over};
use crate::ui::focus::Ring;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::press::{Face, Status, press};
use crate::ui::token::{self, space};
use crate::ui::{Element, banner, button, font, page, text};

/// The width of the navigation.
const WIDTH: f32 = 200.0;
/// Below this height of it there is little room left for the rooms above its foot.
const LOW: f32 = 360.0;

impl Work {
    pub(in super::super) fn view(&self) -> Element<'_, app::Message> {
        let standing = frame::Standing {
            terminal: &self.context.terminal,
            line: self.context.api.line(),
            now: self.context.world.now(),
            unsaved: self.unsaved_count(),
        };
        let name = self.context.person.name.as_str();
        let bar = frame::bar(Some(standing), move || frame::person(name));
        let present = match self.import() {
            Some(import) => import.view(&self.context).map(Message::QuarantineList),
            None if !self.context.may_enter(self.room) => no_room(),
            None => match self.rooms.view(self.room, &self.context) {
                Some(room) => room.map(Message::Room),
                None => self.follow_up.view(&self.context).map(Message::FollowUp),
            },
        };
        // The place of the notice is always taken: if it came and went, the screen
        // below it would lose its scroll position and its keys.
        let notice = match (self.refused, self.keeping.trouble()) {
            (Some(code), _) if !self.withdrawn => self.notice(code),
            (None, Some(trouble)) => drafts_notice(trouble),
            _ => gap::vertical().height(0).into(),
        };
        // What is hidden stays where it was, for when the terminal is let in again.
        let withdrawn = self.refused.filter(|_| self.withdrawn);
        let instead = withdrawn.map(|code| self.instead(code));
        let present = over(present, instead, Behind::Hidden);
        let present = Column::new().push(notice).push(present);
        let navigation = responsive(|size| self.navigation(size.height < LOW)).width(WIDTH);
        let body = Row::new().push(navigation).push(
            container(Element::from(present).map(app::Message::Work))
                .width(Fill)
                .height(Fill),
        );
        let page = Column::new().push(bar).push(body);
        let lock = self.lock.as_ref().map(|lock| {
            lock.view(&self.context.terminal, &self.context.world)
                .map(|message| app::Message::Work(Message::Lock(message)))
        });
        let question = self.leaving.as_ref().map(|leaving| self.question(leaving));
        let password = self.password.as_ref().map(|dialog| {
            dialog
                .view()
                .map(|message| app::Message::Work(Message::Password(message)))
        });
        // A password that was handed over opens nothing but the way to one's own.
        let behind = match &self.password {
            Some(dialog) if dialog.is_first() => Behind::Hidden,
            _ => Behind::Dimmed,
        };
        let page = over(page, password, behind);
        let page = over(page, lock, Behind::Hidden);
        over(page, question, Behind::Dimmed).into()
    }

    /// What a terminal shows that was taken back, in place of everything else.
    fn instead(&self, code: &str) -> Element<'_, Message> {
        let typed = self.unsaved_count() > 0;
        let is_closed = code == ProblemCode::OfficeClosed.as_str();
        let [title, why, keeping, next] = match is_closed {
            // It gets no link of its own any more.
            true => [
                say!("frame.closed.title"),
                say!("frame.closed.why"),
                say!("frame.closed.kept"),
                say!("frame.closed.next"),
            ],
            false => [
                say!("frame.refused"),
                say!("frame.withdrawn_why"),
                say!("frame.withdrawn_kept"),
                say!("frame.withdrawn_next"),
            ],
        };
        let mut why = banner::banner(Tone::Error, title).line(why);
        // Only a closing passes: nobody comes back to what was typed at a terminal that is revoked.
        if typed && is_closed {
            why = why.line(say!("frame.closed.typed"));
        }
        if typed && self.keeps() {
            why = why.line(keeping);
        }
        let why = why.line(next);
        let facts = helpdesk::facts(
            Some(&self.context.terminal),
            Some(code),
            self.context.world.now(),
        );
        page::form([
            why.into(),
            helpdesk::card(
                &self.context.world,
                facts,
                self.copied,
                Message::CopyPressed,
            ),
        ])
    }

    /// This terminal is let in no longer.
    fn notice(&self, code: &str) -> Element<'_, Message> {
        let copy = if self.copied {
            say!("helpdesk.copied")
        } else {
            say!("helpdesk.copy")
        };
        let mut notice = banner::banner(Tone::Error, say!("frame.refused"))
            .line(say!("frame.refused_why"))
            .line(say!("failure.code", code = code));
        for way in helpdesk::ways(&self.context.world) {
            notice = notice.line(way);
        }
        let notice = notice.action(button::secondary(copy).on_press(Message::CopyPressed));
        container(notice).padding(space::L).into()
    }

    fn navigation(&self, low: bool) -> Element<'_, app::Message> {
        let mut rooms = Column::new().spacing(space::XS);
        for room in self.open_rooms() {
            let due = if room == Room::Today {
                self.rooms.today.as_ref().and_then(Today::due)
            } else {
                None
            };
            let leads = !self.withdrawn;
            rooms = rooms.push(item(room, self.room == room, due, leads));
        }
        let foot = Column::new()
            .push(
                button::quiet(say!("frame.lock"))
                    .on_press(app::Message::Work(Message::LockPressed)),
            )
            .push(
                button::quiet(say!("frame.other_language")).on_press(app::Message::LanguageTurned),
            )
            .push(button::quiet(say!("frame.appearance")).on_press(app::Message::AppearanceTurned))
            .push(button::quiet(say!("frame.help_hint")).on_press(app::Message::HelpToggled));
        let rooms = container(rooms).padding(space::S);
        let foot = container(foot).padding(space::S);
        // Where both have no room one below the other, all of it scrolls.
        let navigation = if low {
            Column::new().push(scrollable(Column::new().push(rooms).push(foot)).height(Fill))
        } else {
            Column::new()
                .push(scrollable(rooms).height(Fill))
                .push(foot)
        };
        page::raised(navigation).width(WIDTH).height(Fill).into()
    }

    /// The keys of what is in front.
    pub(in super::super) fn bindings(&self) -> Vec<Binding<Message>> {
        if let Some(leaving) = &self.leaving {
            return vec![binding(
                app::escape(),
                self.stay_words(leaving),
                Message::StayPressed,
            )];
        }
        if let Some(lock) = &self.lock {
            return lock
                .bindings()
                .into_iter()
                .map(|it| it.map(Message::Lock))
                .collect();
        }
        if let Some(dialog) = &self.password {
            let own = dialog.bindings().into_iter();
            return own.map(|it| it.map(Message::Password)).collect();
        }
        match self.import() {
            _ if self.withdrawn => Vec::new(),
            Some(import) => import
                .bindings()
                .into_iter()
                .map(|it| it.map(Message::QuarantineList))
                .collect(),
            None if !self.context.may_enter(self.room) => Vec::new(),
            None if self.room == Room::FollowUp => {
                let own = self.follow_up.bindings().into_iter();
                own.map(|it| it.map(Message::FollowUp)).collect()
            }
            None => {
                let own = self.rooms.bindings(self.room).into_iter();
                own.map(|it| it.map(Message::Room)).collect()
            }
        }
    }

    /// The keys of the frame. They rest, as those to the rooms do, while something is in front of
    /// every room.
    pub(in super::super) fn frame_bindings(&self) -> Vec<Binding<Message>> {
        if self.is_covered() {
            return Vec::new();
        }
        let lock = binding(
            Shortcut::command("l"),
            say!("frame.lock"),
            Message::LockPressed,
        );
        let log_out = binding(
            Shortcut::named(Named::F12),
            say!("frame.log_out"),
            Message::LogOutPressed,
        );
        vec![lock, log_out]
    }

    /// The keys to the rooms, in the order of the navigation.
    pub(in super::super) fn to_rooms(&self) -> Vec<Binding<Message>> {
        if self.is_covered() || self.withdrawn {
            return Vec::new();
        }
        let rooms = (1..).zip(self.open_rooms()).map(|(place, room)| {
            let key = Shortcut::command(&format!("{place}"));
            binding(key, room.name(), Message::Went(room))
        });
        rooms.collect()
    }

    /// Whether something is in front of every room and has all keys.
    fn is_covered(&self) -> bool {
        self.leaving.is_some() || self.lock.is_some() || self.password.is_some()
    }

    /// The rooms of the navigation, in its order.
    fn open_rooms(&self) -> impl Iterator<Item = Room> {
        let all = Room::ALL.into_iter();
        all.filter(|room| self.context.may_enter(*room))
    }
}

/// For a role that enters no room, such as another system's.
fn no_room<'a>() -> Element<'a, Message> {
    page::form([
        text::section(say!("frame.no_room")).into(),
        text::body(say!("frame.no_room_why")).into(),
    ])
}

/// What was left behind the last time is not there.
fn drafts_notice<'a>(trouble: Trouble) -> Element<'a, Message> {
    let notice = match trouble {
        Trouble::Unread(code) => banner::banner(Tone::Warning, say!("frame.drafts.unread"))
            .line(say!("frame.drafts.unread_why"))
            .line(say!("failure.code", code = code))
            .action(
                button::secondary(say!("frame.drafts.again")).on_press(Message::LookAgainPressed),
            ),
        Trouble::PutAside => banner::banner(Tone::Warning, say!("frame.drafts.put_aside"))
            .line(say!("frame.drafts.put_aside_why"))
            .action(button::secondary(say!("frame.drafts.noted")).on_press(Message::NotedPressed)),
    };
    container(notice).padding(space::L).into()
}

/// A line of the navigation; where it leads nowhere, all rooms are hidden.
fn item<'a>(room: Room, here: bool, due: Option<u64>, leads: bool) -> Element<'a, app::Message> {
    let name = text::body(room.name()).width(Fill);
    let name = if here { name.font(font::BOLD) } else { name };
    let due = due
        .filter(|due| *due > 0)
        .map(|due| text::strong(due.to_string()));
    press(Row::new().push(name).push(due).align_y(Center))
        .width(Fill)
        .height(token::TARGET)
        .padding([0.0, space::M])
        .ring(Ring::Inside)
        .on_press_maybe(leads.then_some(app::Message::Work(Message::Went(room))))
        .look(move |theme, status| {
            let roles = &theme.roles;
            let over = matches!(status, Status::Hovered | Status::Held);
            Face {
                surface: match (here, over) {
                    (true, _) => Some(roles.primary),
                    (false, true) => Some(roles.primary_surface),
                    (false, false) => None,
                },
                text: match (here, status) {
                    (true, _) => roles.on_primary,
                    (false, Status::Disabled) => roles.disabled,
                    (false, _) => roles.text,
                },
                border: Border::default().rounded(token::radius::CONTROL),
            }
        })
        .into()
}
