//! A window without a display: widgets keep their state from one picture to the next, tasks run,
//! focus moves, as on a desk.

use std::collections::VecDeque;
use std::path::Path;

use futures_util::StreamExt;
use iced::advanced::renderer::{Headless, Style};
use iced::advanced::widget::operation::{Operation, Outcome, focusable};
use iced::advanced::{InputMethod, clipboard, input_method, mouse};
use iced::keyboard::{Key, Modifiers, key};
use iced::theme::Base;
use iced::{Event, Renderer, Size, Task, time, window};
use iced_test::runtime::clipboard::Action::Write;
use iced_test::runtime::user_interface::Cache;
use iced_test::runtime::{Action, UserInterface, task, user_interface};
use iced_test::selector::{Selector, Text};

use crate::picture::Picture;
use crate::screen::Context;
use crate::ui::Element;
use crate::ui::keys::{Binding, keys};
use crate::ui::theme::{Appearance, Theme};

/// A screen, as the window drives it.
pub(crate) trait Driven {
    type Message: Clone + Send + 'static;
    fn take_in(&mut self, message: Self::Message, context: &Context) -> Task<Self::Message>;
    fn look<'a>(&'a self, context: &'a Context) -> Element<'a, Self::Message>;
    fn keys(&self) -> Vec<Binding<Self::Message>>;
}

/// A screen in its window.
pub(crate) struct Window<S: Driven> {
    pub(crate) screen: S,
    pub(crate) context: Context,
    cache: Cache,
    renderer: Renderer,
    size: Size,
    cursor: mouse::Cursor,
    waiting: VecDeque<Task<S::Message>>,
    /// Nothing that was asked for is answered while this is on.
    pub(crate) held: bool,
    /// What was put on the clipboard last.
    pub(crate) clipped: Option<String>,
    /// The colours of its pictures.
    pub(crate) appearance: Appearance,
}

impl<S: Driven> Window<S> {
    /// Opens a window of this many logical pixels and runs what the screen asks for.
    pub(crate) fn open(
        (screen, task): (S, Task<S::Message>),
        context: Context,
        size: (f32, f32),
    ) -> Self {
        let renderer = crate::picture::renderer();
        let mut window = Self {
            screen,
            context,
            cache: Cache::default(),
            renderer,
            size: Size::new(size.0, size.1),
            cursor: mouse::Cursor::Unavailable,
            waiting: VecDeque::from([task]),
            held: false,
            clipped: None,
            appearance: Appearance::Light,
        };
        window.settle();
        window
    }

    /// Runs what is waiting until nothing more happens.
    pub(crate) fn settle(&mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .expect("a runtime");
        for _ in 0..20 {
            while let Some(task) = (!self.held).then(|| self.waiting.pop_front()).flatten() {
                let Some(mut stream) = task::into_stream(task) else {
                    continue;
                };
                while let Some(action) = runtime.block_on(stream.next()) {
                    match action {
                        Action::Output(message) => {
                            let next = self.screen.take_in(message, &self.context);
                            self.waiting.push_back(next);
                        }
                        Action::Widget(operation) => self.operate(operation),
                        Action::Clipboard(Write { contents, .. }) => {
                            self.clipped = Some(contents);
                        }
                        _ => {}
                    }
                }
            }
            // A drawing tells the screen which rows are in view.
            let now = time::Instant::now();
            self.send(&[Event::Window(window::Event::RedrawRequested(now))]);
            if self.held || self.waiting.is_empty() {
                return;
            }
        }
        panic!("the screen never comes to rest");
    }

    fn with<T>(&mut self, work: impl FnOnce(&mut Interface<'_, S>, &mut Renderer) -> T) -> T {
        let element = keys(self.screen.look(&self.context), self.screen.keys());
        let cache = std::mem::take(&mut self.cache);
        let mut interface = UserInterface::build(element, self.size, cache, &mut self.renderer);
        let result = work(&mut interface, &mut self.renderer);
        self.cache = interface.into_cache();
        result
    }

    fn operate(&mut self, operation: Box<dyn Operation>) {
        self.with(|interface, renderer| {
            let mut next = Some(operation);
            while let Some(mut operation) = next.take() {
                interface.operate(renderer, operation.as_mut());
                if let Outcome::Chain(chained) = operation.finish() {
                    next = Some(chained);
                }
            }
        });
    }

    fn send(&mut self, events: &[Event]) {
        let mut messages = Vec::new();
        let cursor = self.cursor;
        self.with(|interface, renderer| {
            let _ = interface.update(
                events,
                cursor,
                renderer,
                &mut clipboard::Null,
                &mut messages,
            );
        });
        for message in messages {
            let task = self.screen.take_in(message, &self.context);
            self.waiting.push_back(task);
        }
    }

    /// What happens at the window, one after the other.
    pub(crate) fn happens(&mut self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            self.send(&[event]);
            self.settle();
        }
    }

    /// What happens before the window is drawn anew.
    pub(crate) fn happens_at_once(&mut self, events: &[Event]) {
        self.send(events);
        self.settle();
    }

    /// Runs a task that the screen gave outside of its own events.
    pub(crate) fn runs(&mut self, task: Task<S::Message>) {
        self.waiting.push_back(task);
        self.settle();
    }

    /// Gives the keys to this while nothing that was asked for is answered.
    pub(crate) fn focus(&mut self, name: &'static str) {
        self.operate(Box::new(focusable::focus(name.into())));
    }

    /// Types characters.
    pub(crate) fn types(&mut self, text: &str) {
        for c in text.chars() {
            let key = Key::Character(c.to_lowercase().to_string().into());
            let text = Some(c.to_string().into());
            self.happens([iced_test::simulator::press_key(key, text)]);
        }
    }

    /// Presses a key that has a name.
    pub(crate) fn key(&mut self, named: key::Named) {
        let text = (named == key::Named::Space).then(|| " ".into());
        self.happens([iced_test::simulator::press_key(Key::Named(named), text)]);
    }

    /// Presses a key with these held down.
    pub(crate) fn chord(&mut self, key: Key, held: Modifiers) {
        use iced::keyboard::Event::KeyPressed;
        let mut event = iced_test::simulator::press_key(key, None);
        if let Event::Keyboard(KeyPressed { modifiers, .. }) = &mut event {
            *modifiers = held;
        }
        self.happens([event]);
    }

    /// Clicks on what bears these words.
    pub(crate) fn click(&mut self, words: &str) {
        let found = self.find(words);
        let bounds = found.unwrap_or_else(|| panic!("nothing says {words}"));
        self.cursor = mouse::Cursor::Available(bounds.center());
        self.happens(iced_test::simulator::click());
    }

    /// Whether these words can be seen.
    pub(crate) fn shows(&mut self, words: &str) -> bool {
        self.find(words).is_some()
    }

    /// Whether these words can be seen with nothing of them cut off.
    pub(crate) fn shows_whole(&mut self, words: &str) -> bool {
        let found = self.target(words);
        let whole = |found: Text| {
            let (seen, all) = (found.visible_bounds(), found.bounds());
            seen.is_some_and(|seen| all.width - seen.width + all.height - seen.height < 1.0)
        };
        found.is_some_and(whole)
    }

    fn find(&mut self, words: &str) -> Option<iced::Rectangle> {
        self.target(words)?.visible_bounds()
    }

    fn target(&mut self, words: &str) -> Option<Text> {
        self.with(|interface, renderer| {
            let mut operation = Selector::find(words);
            let mut hidden = iced::advanced::widget::operation::black_box(&mut operation);
            interface.operate(renderer, &mut hidden);
            drop(hidden);
            match operation.finish() {
                Outcome::Some(found) => found,
                _ => None,
            }
        })
    }

    /// Leaves a picture of the window and compares it with the one that was looked at. A caret,
    /// which comes and goes with time, is left out.
    pub(crate) fn looks_as_kept(&mut self, name: &str) {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("pictures.txt");
        self.send(&[Event::Window(window::Event::Unfocused)]);
        self.picture(name).is_as_kept(&kept);
        self.send(&[Event::Window(window::Event::Focused)]);
    }

    /// Which widget has the keys, counted in reading order.
    pub(crate) fn focused(&mut self) -> Option<usize> {
        self.with(|interface, renderer| {
            let mut operation = focusable::count();
            let mut hidden = iced::advanced::widget::operation::black_box(&mut operation);
            interface.operate(renderer, &mut hidden);
            drop(hidden);
            match operation.finish() {
                Outcome::Some(count) => count.focused,
                _ => None,
            }
        })
    }

    /// Whether the widget of this name has the keys.
    pub(crate) fn keys_are_at(&mut self, name: &'static str) -> bool {
        self.with(|interface, renderer| {
            let mut operation = focusable::is_focused(name.into());
            let mut hidden = iced::advanced::widget::operation::black_box(&mut operation);
            interface.operate(renderer, &mut hidden);
            drop(hidden);
            matches!(operation.finish(), Outcome::Some(true))
        })
    }

    /// An input method shows these characters, not committed yet. Gives what is drawn in place,
    /// and where the caret stands; `None` where no field has the keys.
    pub(crate) fn composes(&mut self, text: &str) -> Option<(String, iced::Rectangle)> {
        self.happens([
            Event::InputMethod(input_method::Event::Opened),
            Event::InputMethod(input_method::Event::Preedit(text.into(), None)),
        ]);
        let cursor = self.cursor;
        let redraw = Event::Window(window::Event::RedrawRequested(time::Instant::now()));
        let asked = self.with(|interface, renderer| {
            let mut unheard = Vec::new();
            let clipboard = &mut clipboard::Null;
            let (state, _) = interface.update(&[redraw], cursor, renderer, clipboard, &mut unheard);
            match state {
                user_interface::State::Updated { input_method, .. } => Some(input_method),
                user_interface::State::Outdated => None,
            }
        });
        match asked {
            Some(InputMethod::Enabled {
                cursor,
                preedit: Some(preedit),
                ..
            }) => Some((preedit.content, cursor)),
            _ => None,
        }
    }

    /// Walks through every widget that takes keys; into each that an input method can type into,
    /// something is composed, Enter pressed on it, and thrown away again. Gives how many there
    /// are.
    ///
    /// # Panics
    /// The preedit is not drawn within the window, or the Enter did anything.
    pub(crate) fn composes_in_every_field(&mut self, asked: impl Fn() -> usize) -> usize {
        let mut fields = std::collections::BTreeSet::new();
        for _ in 0..80 {
            self.key(key::Named::Tab);
            let at = self.focused();
            let before = asked();
            if let Some((drawn, caret)) = self.composes("へんかん") {
                assert_eq!(drawn, "へんかん");
                let window = iced::Rectangle::with_size(self.size);
                assert!(window.contains(caret.center()), "{at:?}: {caret:?}");
                self.key(key::Named::Enter);
                self.key(key::Named::Escape);
                assert_eq!(asked(), before, "{at:?}: Enter belongs to the conversion");
                assert_eq!(self.focused(), at, "Enter and Esc belong to the conversion");
                fields.insert(at);
            }
            self.happens([
                Event::InputMethod(input_method::Event::Preedit(String::new(), None)),
                Event::InputMethod(input_method::Event::Closed),
            ]);
        }
        fields.len()
    }

    /// Leaves a picture of the window in `target/pictures/NAME.png`, at one and a half times its
    /// logical size.
    pub(crate) fn picture(&mut self, name: &str) -> Picture {
        let theme = Theme::of(self.appearance);
        let (cursor, size) = (self.cursor, self.size);
        let scale = 1.5;
        let whole = Size::new((size.width * scale) as u32, (size.height * scale) as u32);
        self.settle();
        let rgba = self.with(|interface, renderer| {
            // Widgets learn how they stand from a drawing before they can show it.
            let now = Event::Window(window::Event::RedrawRequested(time::Instant::now()));
            let mut unheard = Vec::new();
            let _ = interface.update(&[now], cursor, renderer, &mut clipboard::Null, &mut unheard);
            let style = Style {
                text_color: theme.base().text_color,
            };
            interface.draw(renderer, &theme, &style, cursor);
            renderer.screenshot(whole, scale, theme.base().background_color)
        });
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pictures");
        std::fs::create_dir_all(&folder).expect("folder for pictures");
        let path = folder.join(format!("{name}.png"));
        let file = std::fs::File::create(&path).expect("a file");
        let mut encoder = png::Encoder::new(file, whole.width, whole.height);
        encoder.set_color(png::ColorType::Rgba);
        let mut writer = encoder.write_header().expect("a picture");
        writer.write_image_data(&rgba).expect("a whole picture");
        drop(writer);
        Picture::of(path, rgba)
    }
}

type Interface<'a, S> = UserInterface<'a, <S as Driven>::Message, Theme, Renderer>;
