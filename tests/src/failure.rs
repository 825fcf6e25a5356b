//! Why something could not be started or did not end well, as text for the person who reads it.

use std::fmt;

/// A sentence that says what failed, and what the failing program itself said.
pub struct Failure(String);

/// What most of this library returns.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A failure with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

// A test that unwraps a failure prints its text as it is, without quotes and escapes.
impl fmt::Debug for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// Says what was being done when an error came up.
pub trait Because<T> {
    /// Puts `doing` before the error's own text.
    ///
    /// # Errors
    /// The same error, with its circumstances.
    fn because(self, doing: &str) -> Outcome<T>;
}

impl<T, E: fmt::Display> Because<T> for Result<T, E> {
    fn because(self, doing: &str) -> Outcome<T> {
        self.map_err(|error| Failure(format!("{doing}: {error}")))
    }
}
