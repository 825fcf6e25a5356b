//! Reading a request's body within its limits of size and time.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use shared::{Problem, ProblemCode};

/// Time limits for bodies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// From the head of a request to the end of its body.
    pub(super) time: Duration,
}

impl Limits {
    /// Reads `body`, at most `most` octets of it.
    ///
    /// # Errors
    /// `too-large`, or `invalid-request` for a body that stops arriving.
    pub(super) async fn read(self, body: Body, most: usize) -> Result<Bytes, Problem> {
        match tokio::time::timeout(self.time, Limited::new(body, most).collect()).await {
            Ok(Ok(whole)) => Ok(whole.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                Err(Problem::new(ProblemCode::TooLarge))
            }
            Ok(Err(error)) => Err(Problem::new(ProblemCode::InvalidRequest)
                .because(format!("body broke off: {error}"))),
            Err(_) => Err(Problem::new(ProblemCode::InvalidRequest).because("body took too long")),
        }
    }
}
