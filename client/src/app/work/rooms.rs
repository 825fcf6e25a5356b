//! The rooms of the navigation, each opened when somebody first enters it and kept until they log
//! out. The follow-up is not among them: what is typed there is kept on the terminal, and an
//! import may stand in front of it.

use std::path::PathBuf;

use iced::Task;

use crate::screen::accounts::AccountsScreen;
use crate::screen::audit::AuditScreen;
use crate::screen::contacts::Contacts;
use crate::screen::desk::Desk;
use crate::screen::issuing::Issuing;
use crate::screen::mail::MailRoom;
use crate::screen::office::OfficeScreen;
use crate::screen::today::Today;
use crate::screen::{Context, InView, Room, Screen, Step};
use crate::ui::Element;
use crate::ui::keys::Binding;

/// One line a room: its name in the navigation, and the screen behind it.
macro_rules! rooms {
    ($($(#[$doc:meta])* $room:ident = $field:ident: $screen:ty),+ $(,)?) => {
        /// Their screens; `None` where nobody was yet.
        #[derive(Default)]
        pub(in super::super) struct Rooms {
            $($(#[$doc])* pub(super) $field: Option<$screen>),+
        }

        /// What happened in one of them.
        #[derive(Clone)]
        pub enum Message {
            $($(#[$doc])* $room(<$screen as Screen>::Message)),+
        }

        impl Rooms {
            /// Opens this room, or comes back to it.
            pub(super) fn enter(&mut self, room: Room, context: &Context) -> Task<Message> {
                match room {
                    $(Room::$room => match &mut self.$field {
                        Some(screen) => screen.entered(context).map(Message::$room),
                        place @ None => {
                            let (screen, task) = <$screen>::new(context);
                            *place = Some(screen);
                            task.map(Message::$room)
                        }
                    },)+
                    Room::FollowUp => Task::none(),
                }
            }

            /// Asks again for what this room shows, if anybody was in it; the keys stay where they
            /// are.
            pub(super) fn reload(&mut self, room: Room, context: &Context) -> Task<Message> {
                match room {
                    $(Room::$room => match &mut self.$field {
                        Some(screen) => screen.reload(context).map(Message::$room),
                        None => Task::none(),
                    },)+
                    Room::FollowUp => Task::none(),
                }
            }

            /// Takes in what happened.
            pub(super) fn update(&mut self, message: Message, context: &Context) -> Step<Message> {
                match message {
                    $(Message::$room(message) => match &mut self.$field {
                        Some(screen) => screen.update(message, context).map(Message::$room),
                        None => Step::None,
                    },)+
                }
            }

            /// This room is in front no longer.
            pub(super) fn left(&mut self, room: Room) {
                match room {
                    $(Room::$room => {
                        if let Some(screen) = &mut self.$field {
                            screen.left();
                        }
                    })+
                    Room::FollowUp => {}
                }
            }

            /// A file was dropped while this room was in front; `None` where it takes none.
            pub(super) fn dropped(
                &mut self,
                room: Room,
                path: PathBuf,
                context: &Context,
            ) -> Option<Step<Message>> {
                match room {
                    $(Room::$room => {
                        let step = self.$field.as_mut()?.dropped(path, context)?;
                        Some(step.map(Message::$room))
                    })+
                    Room::FollowUp => None,
                }
            }

            /// A second passed while this room was in front, whoever sees it.
            pub(super) fn passed(&mut self, room: Room, context: &Context) {
                match room {
                    $(Room::$room => {
                        if let Some(screen) = &mut self.$field {
                            screen.passed(context);
                        }
                    })+
                    Room::FollowUp => {}
                }
            }

            /// A second passed while somebody could see this room: it may ask the server.
            pub(super) fn ticked(&mut self, room: Room, context: &Context) -> Task<Message> {
                match room {
                    $(Room::$room => match &mut self.$field {
                        Some(screen) => screen.ticked(context).map(Message::$room),
                        None => Task::none(),
                    },)+
                    Room::FollowUp => Task::none(),
                }
            }

            /// This room as it looks.
            pub(super) fn view<'a>(
                &'a self,
                room: Room,
                context: &'a Context,
            ) -> Option<Element<'a, Message>> {
                match room {
                    $(Room::$room => {
                        let screen = self.$field.as_ref()?;
                        Some(screen.view(context).map(Message::$room))
                    })+
                    Room::FollowUp => None,
                }
            }

            /// This room's keys.
            pub(super) fn bindings(&self, room: Room) -> Vec<Binding<Message>> {
                match room {
                    $(Room::$room => {
                        let own = self.$field.iter().flat_map(Screen::bindings);
                        own.map(|it| it.map(Message::$room)).collect()
                    })+
                    Room::FollowUp => Vec::new(),
                }
            }

            /// Which password this room shows.
            pub(super) fn in_view(&self, room: Room) -> Option<InView> {
                match room {
                    $(Room::$room => self.$field.as_ref().and_then(Screen::in_view),)+
                    Room::FollowUp => None,
                }
            }

            /// Which of them has a password that can be shown this once.
            pub(super) fn with_a_password(&self) -> impl Iterator<Item = Room> {
                let all = Room::ALL.into_iter();
                all.filter(|room| self.in_view(*room) == Some(InView::Once))
            }

            /// How much was typed in them that the server does not have yet.
            pub(super) fn unsaved_count(&self) -> usize {
                0 $(+ self.$field.as_ref().map_or(0, Screen::unsaved_count))+
            }
        }
    };
}

rooms! {
    /// 今日の仕事
    Today = today: Today,
    /// ヘルプデスク
    Desk = desk: Desk,
    /// 発行・一括処理
    Issuing = issuing: Issuing,
    /// 機関・端末
    Office = office: OfficeScreen,
    /// 記録
    Audit = audit: AuditScreen,
    /// 連絡先
    Contacts = contacts: Contacts,
    /// 送信状況
    Mail = mail: MailRoom,
    /// 利用者の管理
    Accounts = accounts: AccountsScreen,
}
