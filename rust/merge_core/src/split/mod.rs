//! One payload in, its documents by shard out, in chunks of any size.
//!
//! `frame` finds where a document ends, `fields` reads it, `document` judges it, `error` words what is wrong as
//! Meilisearch does. This file keeps what there is between chunks: the unfinished document, and the place in the payload.

mod document;
mod error;
mod fields;
mod frame;

use std::mem;

pub use error::SplitError;

use crate::placement;
use crate::stamp;
use document::{Judge, Verdict};
use error::Place;
use frame::Frame;

/// A document that is still open is checked again whenever it has doubled beyond this, so that a payload that is
/// broken early is refused early.
const FIRST_CHECK: usize = 1 << 20;

/// Documents of one shard as NDJSON, each closed by its shard and its place in the payload.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Piece {
    pub shard: u32,
    pub data: Vec<u8>,
    /// Offsets after each document's newline, as little-endian u32.
    pub ends: Vec<u8>,
}

/// What may come next in the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// JSON: nothing but white space so far.
    Start,
    /// Array: behind `[`, where an element or `]` may stand.
    First,
    /// Array: behind a comma.
    Element,
    /// Array: behind an element.
    Separator,
    /// NDJSON: between objects.
    Stream,
    /// JSON: behind the array or the one object.
    End,
    /// Inside a document; then go on with what is told here.
    Inside(After),
    /// At a value that is no object, and that may not be complete yet.
    Misfit(Where),
}

/// Whether a value is the whole payload or one of its documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Payload,
    Document,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Separator,
    Stream,
    End,
}

/// Reads one payload in chunks and hands out its documents by shard.
///
/// Whatever is wrong with the JSON, or a reserved field, is reported at once. A document whose id is wrong is reported
/// when the payload is over and is otherwise in order, since a node too looks at ids only when all could be read; from
/// then on nothing is handed out. After an error the same error is given for ever.
pub struct Splitter {
    ndjson: bool,
    shards: u32,
    judge: Judge,
    state: State,
    frame: Frame,
    /// From the first byte of the unfinished document; empty between documents.
    pending: Vec<u8>,
    next_check: usize,
    /// Where `pending` begins in the payload.
    place: Place,
    seen: u64,
    handed_out: u64,
    deferred: Option<SplitError>,
    failed: Option<SplitError>,
    pieces: Vec<Piece>,
    /// For each shard, one more than its position in `pieces`; 0 when it has none yet.
    slots: Vec<u32>,
}

impl Splitter {
    /// `shards` is 1 to `placement::MAX_SHARDS`; without a primary key it is inferred from the first document.
    pub fn new(ndjson: bool, shards: u32, primary_key: Option<&str>) -> Self {
        Self {
            ndjson,
            shards,
            judge: Judge::new(primary_key),
            state: if ndjson { State::Stream } else { State::Start },
            frame: Frame::default(),
            pending: Vec::new(),
            next_check: FIRST_CHECK,
            place: Place::default(),
            seen: 0,
            handed_out: 0,
            deferred: None,
            failed: None,
            pieces: Vec::new(),
            slots: vec![0; shards as usize],
        }
    }

    /// How many documents were handed out.
    pub fn documents(&self) -> u64 {
        self.handed_out
    }

    /// How many complete documents there were, with those that were not handed out because of a bad id.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// As given, or as inferred from the first document.
    pub fn primary_key(&self) -> Option<&str> {
        self.judge.primary_key()
    }

    /// Take the next bytes; return what became complete, in order within each shard.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<Vec<Piece>, SplitError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match self.advance(chunk) {
            Ok(()) => Ok(self.hand_out()),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// The payload is over. What was complete has been handed out by `feed`.
    pub fn finish(&mut self) -> Result<(), SplitError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let pending = mem::take(&mut self.pending);
        let ended = match self.state {
            State::Inside(_) => Err(self.syntax(&pending, 0)),
            State::Misfit(_) => self.misfit(&pending, 0, true).map_or(Ok(()), Err),
            State::Start => Err(self.ended("EOF while parsing a value")),
            State::First | State::Separator => Err(self.ended("EOF while parsing a list")),
            State::Element => Err(self.ended("EOF while parsing a value")),
            State::Stream | State::End => self.deferred.take().map_or(Ok(()), Err),
        };
        ended.map_err(|error| self.fail(error))
    }

    fn advance(&mut self, chunk: &[u8]) -> Result<(), SplitError> {
        if self.pending.is_empty() {
            let used = self.walk(chunk)?;
            self.place.pass(&chunk[..used]);
            self.pending.extend_from_slice(&chunk[used..]);
            return Ok(());
        }
        let mut buffer = mem::take(&mut self.pending);
        buffer.extend_from_slice(chunk);
        let used = self.walk(&buffer)?;
        self.place.pass(&buffer[..used]);
        buffer.drain(..used);
        self.pending = buffer;
        Ok(())
    }

    /// Go through the buffer as far as it holds complete documents; return how much was used.
    fn walk(&mut self, buffer: &[u8]) -> Result<usize, SplitError> {
        let mut at = 0;
        loop {
            match self.state {
                State::Inside(after) => match self.frame.scan(&buffer[at..]) {
                    Some(length) => {
                        self.take(buffer, at, length)?;
                        at += length;
                        self.state = after.state();
                    }
                    None => return self.check_open(buffer, at).map(|()| at),
                },
                State::Misfit(_) => match self.misfit(buffer, at, false) {
                    Some(error) => return Err(error),
                    None => return Ok(at),
                },
                between => {
                    at += buffer[at..]
                        .iter()
                        .take_while(|byte| is_space(**byte))
                        .count();
                    let Some(&byte) = buffer.get(at) else {
                        return Ok(at);
                    };
                    let (state, used) = self
                        .step(between, byte)
                        .map_err(|what| self.wrong(what, &buffer[..at]))?;
                    self.state = state;
                    at += used;
                }
            }
        }
    }

    /// What a byte between documents leads to, and how many bytes that takes.
    fn step(&self, state: State, byte: u8) -> Result<(State, usize), &'static str> {
        match (state, byte) {
            (State::Start, b'[') => Ok((State::First, 1)),
            (State::Start, b'{') => Ok((State::Inside(After::End), 0)),
            (State::Stream, b'{') => Ok((State::Inside(After::Stream), 0)),
            (State::First | State::Element, b'{') => Ok((State::Inside(After::Separator), 0)),
            (State::First | State::Separator, b']') => Ok((State::End, 1)),
            (State::Element, b']') => Err("trailing comma"),
            (State::Separator, b',') => Ok((State::Element, 1)),
            (State::Separator, _) => Err("expected `,` or `]`"),
            (State::End, _) => Err("trailing characters"),
            (State::Start, _) => Ok((State::Misfit(Where::Payload), 0)),
            _ => Ok((State::Misfit(Where::Document), 0)),
        }
    }

    /// Judge one complete document and put it in its piece.
    fn take(&mut self, buffer: &[u8], at: usize, length: usize) -> Result<(), SplitError> {
        let document = &buffer[at..at + length];
        self.frame = Frame::default();
        self.next_check = FIRST_CHECK;
        let position = self.seen;
        self.seen += 1;
        match self.judge.judge(document, self.deferred.is_none()) {
            Verdict::Good(id) => {
                let shard = placement::shard_of(&id, self.shards);
                self.keep(document, shard, position);
            }
            Verdict::Unread => {}
            Verdict::Wrong { code, message } => {
                self.deferred = Some(SplitError {
                    code,
                    message,
                    position,
                })
            }
            Verdict::Reserved(name) => return Err(error::reserved(&name, position)),
            Verdict::Malformed(error) => return Err(self.malformed(&error, &buffer[..at])),
            Verdict::NotText(valid) => {
                return Err(self.wrong("invalid unicode code point", &buffer[..at + valid]));
            }
        }
        Ok(())
    }

    fn keep(&mut self, document: &[u8], shard: u32, position: u64) {
        let piece = self.piece(shard, document.len() + 64);
        piece
            .data
            .extend_from_slice(&document[..document.len() - 1]);
        stamp::close(&mut piece.data, shard, position);
        piece
            .ends
            .extend_from_slice(&(piece.data.len() as u32).to_le_bytes());
        self.handed_out += 1;
    }

    /// The open piece of a shard; a new one where the next document would not fit 32-bit offsets.
    fn piece(&mut self, shard: u32, room: usize) -> &mut Piece {
        let slot = self.slots[shard as usize] as usize;
        if slot > 0 && self.pieces[slot - 1].data.len() + room <= u32::MAX as usize {
            return &mut self.pieces[slot - 1];
        }
        self.pieces.push(Piece {
            shard,
            ..Piece::default()
        });
        let slot = self.pieces.len();
        self.slots[shard as usize] = slot as u32;
        &mut self.pieces[slot - 1]
    }

    fn hand_out(&mut self) -> Vec<Piece> {
        for piece in &self.pieces {
            self.slots[piece.shard as usize] = 0;
        }
        mem::take(&mut self.pieces)
    }

    /// Refuse a document that is wrong already although it is not complete.
    fn check_open(&mut self, buffer: &[u8], at: usize) -> Result<(), SplitError> {
        let open = &buffer[at..];
        if open.len() < self.next_check {
            return Ok(());
        }
        self.next_check = open.len() * 2;
        match serde_json::from_slice::<serde::de::IgnoredAny>(open) {
            Err(error) if !error.is_eof() => Err(self.malformed(&error, &buffer[..at])),
            _ => Ok(()),
        }
    }
}

impl After {
    fn state(self) -> State {
        match self {
            Self::Separator => State::Separator,
            Self::Stream => State::Stream,
            Self::End => State::End,
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
