//! Opening the window.

use std::any::Any;
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
            // Plain office screens are often no higher than that, and the desktop's bars are theirs.
            maximized: true,
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
/// Why there is no window: the desktop cannot be reached, or one of its libraries is missing.
pub fn run(
    world: World,
    preferences: Preferences,
    link: Option<String>,
    family: &'static str,
) -> Result<(), String> {
    until_closed(|has_desktop| {
        let boot = move || {
            has_desktop.store(true, Ordering::Relaxed);
            App::new(world.clone(), preferences.clone(), link.clone())
        };
        program(boot, family).run()
    })
}

/// Runs a window, which says when it has found its desktop. Where it finds none, or misses one of
/// the desktop's libraries, the toolkit panics: of that only the reason is left. Any later panic is
/// one as ever.
fn until_closed<E: Display>(
    window: impl FnOnce(Arc<AtomicBool>) -> Result<(), E>,
) -> Result<(), String> {
    let has_desktop = Arc::new(AtomicBool::new(false));
    let report: Arc<dyn Fn(&PanicHookInfo) + Send + Sync> = panic::take_hook().into();
    panic::set_hook(Box::new({
        let (has_desktop, report) = (Arc::clone(&has_desktop), Arc::clone(&report));
        move |panic| {
            if has_desktop.load(Ordering::Relaxed) {
                report(panic);
            }
        }
    }));
    let closed = panic::catch_unwind(AssertUnwindSafe(|| window(Arc::clone(&has_desktop))));
    panic::set_hook(Box::new(move |panic| report(panic)));
    match closed {
        Ok(closed) => closed.map_err(|error| error.to_string()),
        Err(panic) if has_desktop.load(Ordering::Relaxed) => panic::resume_unwind(panic),
        Err(panic) => Err(reason(&*panic)),
    }
}

fn reason(panic: &(dyn Any + Send)) -> String {
    let fixed = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let made = || panic.downcast_ref::<String>().cloned();
    fixed.or_else(made).unwrap_or_default()
}

/// A window that says which package is missing, in whatever face there is.
///
/// # Errors
/// As [`run`].
pub fn without_a_font(message: String) -> Result<(), String> {
    /// The message, and nothing that could happen to it.
    struct Notice(String);

    fn view(Notice(message): &Notice) -> Element<'_, ()> {
        iced::widget::center(text::body(message.as_str()))
            .padding(space::XXL)
            .into()
    }

    until_closed(|has_desktop| {
        iced::application(
            move || {
                has_desktop.store(true, Ordering::Relaxed);
                Notice(message.clone())
            },
            |_: &mut Notice, (): ()| {},
            view,
        )
        .title("Mimamori")
        .theme(|_: &Notice| Theme::of(Default::default()))
        .window_size((720.0, 200.0))
        .run()
    })
}
