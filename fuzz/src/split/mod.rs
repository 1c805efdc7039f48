//! Splitting payloads of any bytes.

mod reference;
mod tree;

use std::collections::BTreeMap;

use merge_core::digits::{SEQUENCE_WIDTH, decode};
use merge_core::split::{Piece, SplitError, Splitter};
use merge_core::stamp::stamp;

use crate::choices::{Choices, first_line};
use crate::memory::most;

/// So many bytes for each byte of the payload, and so many anyway, may be held at once.
const BYTES_PER_BYTE: usize = 64;
const BYTES_ANYWAY: usize = 128 * 1024;
const BASE: u64 = 1 << 40;

/// What is asked of the splitter.
pub struct Wish {
    pub ndjson: bool,
    pub shards: u32,
    pub primary_key: Option<&'static str>,
}

/// What comes out: the documents of each shard, and the primary key.
pub type Split = (BTreeMap<u32, Vec<u8>>, Option<String>);

/// The first line says how to split, and how to cut; behind it stands the payload.
pub fn check(data: &[u8]) {
    let (mut choices, payload) = first_line(data);
    let wish = Wish {
        ndjson: choices.flag(),
        shards: *choices.pick(&[1, 3, 4096]),
        primary_key: *choices.pick(&[None, Some("id"), Some("a.b"), Some("a"), Some("")]),
    };
    let (whole, held) = most(|| split(&wish, &[payload]));
    let allowed = BYTES_ANYWAY + BYTES_PER_BYTE * payload.len();
    assert!(
        held <= allowed,
        "{held} bytes were held for a payload of {} bytes",
        payload.len()
    );
    let chunks = cut(&mut choices, payload);
    assert_eq!(split(&wish, &chunks), whole, "cuts: {chunks:?}");
    let judged = whole.map_err(|error| error.code);
    assert_eq!(judged, reference::split(&wish, payload));
}

fn cut<'p>(choices: &mut Choices, payload: &'p [u8]) -> Vec<&'p [u8]> {
    let (mut chunks, mut left) = (Vec::new(), payload);
    while !choices.is_over() && !left.is_empty() {
        let (chunk, rest) = left.split_at(choices.below(left.len().min(255) + 1));
        chunks.push(chunk);
        left = rest;
    }
    chunks.push(left);
    chunks
}

fn split(wish: &Wish, chunks: &[&[u8]]) -> Result<Split, SplitError> {
    let mut splitter = Splitter::new(wish.ndjson, wish.shards, wish.primary_key);
    let mut lines = BTreeMap::new();
    let mut documents = 0;
    for chunk in chunks {
        for piece in splitter.feed(chunk)? {
            check_piece(&piece);
            documents += piece.ends.len() as u64 / 4;
            let line: &mut Vec<u8> = lines.entry(piece.shard).or_default();
            line.extend_from_slice(&piece.data);
        }
        assert_eq!(splitter.documents(), documents);
    }
    splitter.finish()?;
    Ok((lines, splitter.primary_key().map(str::to_owned)))
}

/// A piece can be stamped, and then says where its documents are in the index's order.
fn check_piece(piece: &Piece) {
    let mut stamped = piece.data.clone();
    stamp(&mut stamped, &piece.ends, BASE).expect("a piece can be stamped");
    let ends = piece
        .ends
        .as_chunks::<4>()
        .0
        .iter()
        .map(|end| u32::from_le_bytes(*end) as usize);
    let mut last = None;
    for end in ends {
        let [before, now] = [&piece.data, &stamped].map(|data| sequence(&data[..end]));
        assert_eq!(now, before + BASE);
        assert!(
            last.is_none_or(|last| last < before),
            "the documents of a shard stay in order"
        );
        last = Some(before);
    }
}

fn sequence(upto: &[u8]) -> u64 {
    let digits = &upto[upto.len() - SEQUENCE_WIDTH - 3..upto.len() - 3];
    decode(digits).expect("a sequence")
}
