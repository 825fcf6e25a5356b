//! What is bound to a statement: numbers, texts and bytes, each of which may be absent. An absent
//! one has its type all the same; PostgreSQL wants to know it.

use std::borrow::Cow;

/// A value to bind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'q> {
    /// Also yes (1) and no (0), and an instant in milliseconds.
    Number(Option<i64>),
    Text(Option<Cow<'q, str>>),
    Bytes(Option<Cow<'q, [u8]>>),
}

impl Value<'_> {
    /// The same, borrowing from nobody.
    pub(super) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Number(number) => Value::Number(number),
            Self::Text(text) => Value::Text(text.map(|text| Cow::Owned(text.into_owned()))),
            Self::Bytes(bytes) => Value::Bytes(bytes.map(|bytes| Cow::Owned(bytes.into_owned()))),
        }
    }
}

macro_rules! from {
    ($($type:ty => $kind:ident, $value:ident => $cow:expr;)+) => {
        $(
            impl<'q> From<$type> for Value<'q> {
                fn from($value: $type) -> Self {
                    Self::$kind(Some($cow))
                }
            }
            impl<'q> From<Option<$type>> for Value<'q> {
                fn from(value: Option<$type>) -> Self {
                    Self::$kind(value.map(|$value| $cow))
                }
            }
        )+
    };
}

from! {
    i64 => Number, number => number;
    &'q str => Text, text => Cow::Borrowed(text);
    String => Text, text => Cow::Owned(text);
    Cow<'q, str> => Text, text => text;
    &'q [u8] => Bytes, bytes => Cow::Borrowed(bytes);
    &'q [u8; 16] => Bytes, bytes => Cow::Borrowed(&bytes[..]);
    &'q [u8; 32] => Bytes, bytes => Cow::Borrowed(&bytes[..]);
    Vec<u8> => Bytes, bytes => Cow::Owned(bytes);
}
