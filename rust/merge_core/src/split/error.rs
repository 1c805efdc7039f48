//! What is wrong with a payload, in Meilisearch's words.

use serde::Deserialize;

use super::document::Object;
use super::{Splitter, State, Where};

/// Why a payload cannot be split. `position` is the document's place in the payload, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitError {
    pub code: &'static str,
    pub message: String,
    pub position: u64,
}

/// A place in the payload as the JSON parser counts it: lines from 1, and bytes since the line began.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    line: usize,
    column: usize,
}

impl Default for Place {
    fn default() -> Self {
        Self { line: 1, column: 0 }
    }
}

impl Place {
    /// Move over text.
    pub fn pass(&mut self, text: &[u8]) {
        match memchr::memrchr(b'\n', text) {
            Some(last) => {
                self.line += memchr::memchr_iter(b'\n', text).count();
                self.column = text.len() - last - 1;
            }
            None => self.column += text.len(),
        }
    }

    fn after(mut self, text: &[u8]) -> Self {
        self.pass(text);
        self
    }
}

pub fn reserved(name: &str, position: u64) -> SplitError {
    let message =
        format!("Document field `{name}` is reserved: no field may begin with `_miroir_`.");
    SplitError {
        code: "miroir_reserved_field",
        message,
        position,
    }
}

impl Splitter {
    pub(super) fn fail(&mut self, error: SplitError) -> SplitError {
        self.pieces.clear();
        self.failed = Some(error.clone());
        error
    }

    /// A byte behind `before` that may not stand there.
    pub(super) fn wrong(&self, what: &str, before: &[u8]) -> SplitError {
        let place = self.place.after(before);
        self.payload_error(what, place.line, place.column + 1)
    }

    /// The end of the payload where more must come.
    pub(super) fn ended(&self, what: &str) -> SplitError {
        self.payload_error(what, self.place.line, self.place.column)
    }

    /// What the parser found wrong in a text that begins behind `before`.
    pub(super) fn malformed(&self, error: &serde_json::Error, before: &[u8]) -> SplitError {
        let start = self.place.after(before);
        let (line, column) = match error.line() {
            0 | 1 => (start.line, start.column + error.column()),
            below => (start.line + below - 1, error.column()),
        };
        let whole = error.to_string();
        let suffix = format!(" at line {} column {}", error.line(), error.column());
        self.payload_error(whole.strip_suffix(&suffix).unwrap_or(&whole), line, column)
    }

    /// What is wrong with a document that the payload's end cut off.
    pub(super) fn syntax(&self, open: &[u8], at: usize) -> SplitError {
        match serde_json::from_slice::<serde::de::IgnoredAny>(&open[at..]) {
            Err(error) => self.malformed(&error, &open[..at]),
            Ok(_) => self.wrong("trailing characters", open),
        }
    }

    /// What is wrong with a value that is no object; None when that cannot be told before more of it is there.
    pub(super) fn misfit(&self, buffer: &[u8], at: usize, last: bool) -> Option<SplitError> {
        let text = &buffer[at..];
        let may_wait = !last && text.len() < super::FIRST_CHECK;
        let number = text
            .first()
            .is_some_and(|byte| matches!(byte, b'-' | b'0'..=b'9'));
        if may_wait
            && number
            && text
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
        {
            return None;
        }
        let mut parser = serde_json::Deserializer::from_slice(text);
        match Object::deserialize(&mut parser) {
            Err(error) if error.is_eof() && may_wait => None,
            Err(error) if error.is_data() && self.state == State::Misfit(Where::Payload) => {
                Some(self.refused("data are neither an object nor a list of objects"))
            }
            Err(error) => Some(self.malformed(&error, &buffer[..at])),
            Ok(_) => Some(self.wrong("expected value", &buffer[..at])),
        }
    }

    fn payload_error(&self, what: &str, line: usize, column: usize) -> SplitError {
        self.refused(&format!("{what} at line {line} column {column}"))
    }

    fn refused(&self, why: &str) -> SplitError {
        let kind = if self.ndjson { "ndjson" } else { "json" };
        let reason = format!("`Couldn't serialize document value: {why}`");
        let message = format!("The `{kind}` payload provided is malformed. {reason}.");
        SplitError {
            code: "malformed_payload",
            message,
            position: self.seen,
        }
    }
}
