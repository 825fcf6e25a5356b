//! A key with what is held down beside it, and what it does on a screen.

use iced::keyboard::{Key, Modifiers, key};

/// A key with what is held down beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortcut {
    key: Key,
    command: bool,
    /// As it is printed on the key, for example `F2` or `Ctrl+S`.
    name: String,
}

impl Shortcut {
    /// A key with a name: F2, Escape, Enter.
    pub fn named(key: key::Named) -> Self {
        Self {
            key: Key::Named(key),
            command: false,
            name: printed(key),
        }
    }

    /// A key with a name while Ctrl (or ⌘) is held down.
    pub fn command_named(key: key::Named) -> Self {
        Self {
            key: Key::Named(key),
            command: true,
            name: format!("Ctrl+{}", printed(key)),
        }
    }

    /// A character, in lower case, while Ctrl (or ⌘) is held down.
    pub fn command(character: &str) -> Self {
        Self {
            key: Key::Character(character.into()),
            command: true,
            name: format!("Ctrl+{}", character.to_uppercase()),
        }
    }

    /// A bare character; it only counts where no field takes it.
    pub fn character(character: &str) -> Self {
        Self {
            key: Key::Character(character.into()),
            command: false,
            name: character.to_uppercase(),
        }
    }

    /// As it is printed on the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is(&self, key: &Key, modifiers: Modifiers) -> bool {
        self.command == modifiers.command() && !modifiers.alt() && self.key == *key
    }

    /// Whether a key held down means it again and again; only what moves does. A key
    /// that confirms would confirm whatever comes up next, unread.
    pub(super) fn repeats(&self) -> bool {
        use key::Named::{ArrowDown, ArrowLeft, ArrowRight, ArrowUp, PageDown, PageUp};
        matches!(
            self.key,
            Key::Named(ArrowDown | ArrowLeft | ArrowRight | ArrowUp | PageDown | PageUp)
        )
    }

    /// Whether the key belongs to the screen even while a field has the focus:
    /// F-keys, Esc and everything with Ctrl.
    pub(super) fn comes_first(&self) -> bool {
        let function = match self.key {
            Key::Named(key::Named::Escape) => true,
            Key::Named(named) => {
                let name = format!("{named:?}");
                name.starts_with('F') && name[1..].parse::<u8>().is_ok()
            }
            _ => false,
        };
        self.command || function
    }
}

/// What is printed on a key with a name.
fn printed(key: key::Named) -> String {
    match key {
        key::Named::Escape => "Esc".to_owned(),
        key::Named::ArrowUp => "↑".to_owned(),
        key::Named::ArrowDown => "↓".to_owned(),
        key::Named::ArrowLeft => "←".to_owned(),
        key::Named::ArrowRight => "→".to_owned(),
        other => format!("{other:?}"),
    }
}

/// A key of the present screen, what it does, and the words for it.
#[derive(Debug, Clone)]
pub struct Binding<Message> {
    /// The key.
    pub shortcut: Shortcut,
    /// What it does, in words, for the list that F1 shows.
    pub words: String,
    /// What it does.
    pub message: Message,
}

/// A key that does `message`, described by `words`.
pub fn binding<Message>(
    shortcut: Shortcut,
    words: impl Into<String>,
    message: Message,
) -> Binding<Message> {
    Binding {
        shortcut,
        words: words.into(),
        message,
    }
}

impl<Message> Binding<Message> {
    /// The same key for a parent's messages.
    pub fn map<Outer>(self, into: impl Fn(Message) -> Outer) -> Binding<Outer> {
        Binding {
            shortcut: self.shortcut,
            words: self.words,
            message: into(self.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use iced::keyboard::key::Named;

    use super::*;

    #[test]
    fn arrows_are_named_as_they_are_printed_on_their_keys() {
        let name = |key| Shortcut::named(key).name().to_owned();
        assert_eq!(
            [
                Named::ArrowUp,
                Named::ArrowDown,
                Named::ArrowLeft,
                Named::ArrowRight,
                Named::Escape,
                Named::F5,
            ]
            .map(name),
            ["↑", "↓", "←", "→", "Esc", "F5"]
        );
        assert_eq!(Shortcut::command_named(Named::ArrowDown).name(), "Ctrl+↓");
    }
}
