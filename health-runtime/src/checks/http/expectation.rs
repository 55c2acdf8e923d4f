//! The evaluation of a response.

use std::error::Error;

use hyper::body::Bytes;

use crate::checks::shared::outcome_from_error;
use crate::core::model::outcome::Outcome;

/// The maximum number of bytes that are read of a body.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;

/// What a response must have.
#[derive(Debug)]
pub(super) struct Expectation {
    pub(super) codes: Vec<u16>,
    pub(super) text: Option<String>,
}

/// A body that arrives in chunks.
pub(super) trait ResponseBody {
    type Error: Error + 'static;

    /// Returns the next chunk, or `None` at the end.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Bytes>, Self::Error>> + Send;
}

impl Expectation {
    /// Evaluates a response and reads no more of its body than that needs: nothing without an expected text, else up to the first
    /// match. A response other than the expected one is an error.
    pub(super) async fn evaluate(&self, code: u16, body: &mut impl ResponseBody) -> Result<Outcome, Outcome> {
        if !self.codes.contains(&code) {
            return Err(Outcome::down(format!("answered {code}")).with("code", code));
        }
        if let Some(text) = &self.text
            && !contains(body, text.as_bytes()).await.map_err(|error| outcome_from_error(&error))?
        {
            return Err(Outcome::down("body does not contain the expected text").with("code", code));
        }
        Ok(Outcome::up().with("code", code))
    }
}

/// Reads up to the first match of a text that is not empty, or up to the maximum, and returns whether the text matches.
async fn contains<B: ResponseBody>(body: &mut B, text: &[u8]) -> Result<bool, B::Error> {
    let mut read = Vec::new();
    while read.len() < MAX_BODY_BYTES
        && let Some(chunk) = body.chunk().await?
    {
        // A match may begin in an earlier chunk.
        let begin = read.len().saturating_sub(text.len() - 1);
        read.extend_from_slice(&chunk);
        read.truncate(MAX_BODY_BYTES);
        if read.get(begin..).is_some_and(|new| new.windows(text.len()).any(|window| window == text)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads the rest of a body, at most the maximum.
pub(super) async fn drain(mut body: impl ResponseBody) {
    let mut read = 0;
    while read < MAX_BODY_BYTES
        && let Ok(Some(chunk)) = body.chunk().await
    {
        read += chunk.len();
    }
}
