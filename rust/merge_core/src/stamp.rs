//! The two fields that Miroir adds to every document: its shard, and its place in the index's order of arrival.
//!
//! They are always the last two and of fixed width, so that a piece that was cut before its sequence numbers were
//! known can be stamped by rewriting digits in place.

use crate::digits::{self, SEQUENCE_WIDTH, SEQUENCES, SHARD_WIDTH};

/// What stands behind the digits of the sequence in a line of a piece.
const TAIL: &[u8] = b"\"}\n";

/// What cannot be stamped: offsets that do not fit the data, or a sequence number too large.
#[derive(Debug, PartialEq, Eq)]
pub enum StampError {
    Damaged,
    Overflow,
}

/// Close a document's line: the two fields and the newline, after everything but its final brace was written.
pub fn close(line: &mut Vec<u8>, shard: u32, sequence: u64) {
    line.extend_from_slice(b",\"_miroir_shard\":\"");
    line.extend_from_slice(&digits::encode::<SHARD_WIDTH>(u64::from(shard)));
    line.extend_from_slice(b"\",\"_miroir_seq\":\"");
    line.extend_from_slice(&digits::encode::<SEQUENCE_WIDTH>(sequence));
    line.extend_from_slice(TAIL);
}

/// Add `base` to the sequence of each document. `ends` are the offsets after each newline, little-endian u32.
pub fn stamp(data: &mut [u8], ends: &[u8], base: u64) -> Result<(), StampError> {
    let (offsets, rest) = ends.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(StampError::Damaged);
    }
    for end in offsets {
        let end = u32::from_le_bytes(*end) as usize;
        stamp_one(data.get_mut(..end).ok_or(StampError::Damaged)?, base)?;
    }
    Ok(())
}

fn stamp_one(upto: &mut [u8], base: u64) -> Result<(), StampError> {
    let line = upto.strip_suffix_mut(TAIL).ok_or(StampError::Damaged)?;
    let text = line
        .last_chunk_mut::<SEQUENCE_WIDTH>()
        .ok_or(StampError::Damaged)?;
    let relative = digits::decode(text).ok_or(StampError::Damaged)?;
    let sequence = relative
        .checked_add(base)
        .filter(|&sum| sum < SEQUENCES)
        .ok_or(StampError::Overflow)?;
    *text = digits::encode(sequence);
    Ok(())
}

/// `slice::strip_suffix` for a mutable slice.
trait StripSuffixMut {
    fn strip_suffix_mut(&mut self, suffix: &[u8]) -> Option<&mut [u8]>;
}

impl StripSuffixMut for [u8] {
    fn strip_suffix_mut(&mut self, suffix: &[u8]) -> Option<&mut [u8]> {
        let keep = self.len().checked_sub(suffix.len())?;
        let (head, tail) = self.split_at_mut(keep);
        (tail == suffix).then_some(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(sequence: u64) -> Vec<u8> {
        let mut line = b"{\"id\":1".to_vec();
        close(&mut line, 7, sequence);
        line
    }

    #[test]
    fn stamping_adds_the_base_and_changes_nothing_else() {
        let (mut data, wanted) = ([line(0), line(9)].concat(), [line(500), line(509)].concat());
        let ends: Vec<u8> = [line(0).len() as u32, data.len() as u32]
            .into_iter()
            .flat_map(u32::to_le_bytes)
            .collect();
        assert_eq!(stamp(&mut data, &ends, 500), Ok(()));
        assert_eq!(data, wanted);
    }

    #[test]
    fn what_is_no_piece_is_refused() {
        let mut data = line(0);
        for end in [
            0,
            1,
            5,
            data.len() as u32 - 1,
            data.len() as u32 + 1,
            u32::MAX,
        ] {
            assert_eq!(
                stamp(&mut data, &end.to_le_bytes(), 1),
                Err(StampError::Damaged)
            );
        }
        assert_eq!(stamp(&mut data, &[1, 2, 3], 1), Err(StampError::Damaged));
    }

    #[test]
    fn sequences_end_somewhere() {
        let mut data = line(1);
        let end = (data.len() as u32).to_le_bytes();
        assert_eq!(
            stamp(&mut data, &end, SEQUENCES - 1),
            Err(StampError::Overflow)
        );
        assert_eq!(stamp(&mut data, &end, u64::MAX), Err(StampError::Overflow));
    }
}
