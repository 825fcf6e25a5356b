//! Opening the window.

use iced::Task;

use super::preferences::Preferences;
use super::{App, Message};
use crate::ui::theme::Theme;
use crate::ui::token::space;
use crate::ui::{Element, text};
use crate::world::World;

/// The window as a program that can be run, or driven by a script.
pub(super) fn program(
    boot: impl Fn() -> (App, Task<Message>) + 'static,
    family: &'static str,
) -> iced::Application<impl iced::Program<State = App, Message = Message, Theme = Theme>> {
    iced::application(boot, App::update, App::view)
        .title(App::title)
        .theme(App::theme)
        .scale_factor(App::scale)
        .subscription(App::subscription)
        .default_font(iced::Font::with_name(family))
        .window(iced::window::Settings {
            size: iced::Size::new(1280.0, 720.0),
            min_size: Some(iced::Size::new(640.0, 480.0)),
            // Asked first while something is not saved.
            exit_on_close_request: false,
            #[cfg(target_os = "linux")]
            platform_specific: iced::window::settings::PlatformSpecific {
                application_id: "mimamori".to_owned(),
                ..Default::default()
            },
            ..iced::window::Settings::default()
        })
}

/// Opens the window and stays until it is closed. `family` is the typeface that
/// [`crate::ui::font::prepare`] found.
///
/// # Errors
/// When there is no display to open it on.
pub fn run(
    world: World,
    preferences: Preferences,
    link: Option<String>,
    family: &'static str,
) -> iced::Result {
    let boot = move || App::new(world.clone(), preferences.clone(), link.clone());
    program(boot, family).run()
}

/// A window that says which package is missing, in whatever face there is.
///
/// # Errors
/// When there is no display to open it on.
pub fn without_a_font(message: String) -> iced::Result {
    /// The message, and nothing that could happen to it.
    struct Notice(String);

    fn view(Notice(message): &Notice) -> Element<'_, ()> {
        iced::widget::center(text::body(message.as_str()))
            .padding(space::XXL)
            .into()
    }

    iced::application(
        move || Notice(message.clone()),
        |_: &mut Notice, (): ()| {},
        view,
    )
    .title("Mimamori")
    .theme(|_: &Notice| Theme::of(Default::default()))
    .window_size((720.0, 200.0))
    .run()
}
