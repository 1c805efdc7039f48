//! Vectors as they stand in a document: `{"embeddings":[[0.1,...],...],"regenerate":false}`, or a bare list.

use crate::json::{BROKEN, Cursor, Flaw};

/// Powers of ten that are exact in double precision.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Do something with each vector of one embedder's entry in `_vectors`; `buffer` is used again for all of them.
pub fn each_vector(
    entry: &[u8],
    buffer: &mut Vec<f32>,
    mut take: impl FnMut(&mut [f32]),
) -> Result<(), Flaw> {
    let mut cursor = Cursor::new(entry);
    let list = match cursor.peek()? {
        b'{' => member(&mut cursor, b"embeddings")?,
        b'[' => Some(cursor.value()?),
        _ => None,
    };
    let Some(list) = list.filter(|list| list.starts_with(b"[")) else {
        return Ok(());
    };
    let mut cursor = Cursor::new(list);
    cursor.expect(b'[')?;
    if cursor.peek()? != b'[' {
        numbers(list, buffer)?;
        if !buffer.is_empty() {
            take(buffer);
        }
        return Ok(());
    }
    let mut first = true;
    while cursor.element(first)? {
        first = false;
        numbers(cursor.value()?, buffer)?;
        take(buffer);
    }
    Ok(())
}

fn member<'a>(cursor: &mut Cursor<'a, '_>, wanted: &[u8]) -> Result<Option<&'a [u8]>, Flaw> {
    cursor.expect(b'{')?;
    let (mut first, mut found) = (true, None);
    while let Some(name) = cursor.key(first)? {
        first = false;
        let value = cursor.value()?;
        if name == wanted {
            found = Some(value);
        }
    }
    Ok(found)
}

/// Read an array of numbers in place of what the buffer held.
pub fn numbers(array: &[u8], buffer: &mut Vec<f32>) -> Result<(), Flaw> {
    buffer.clear();
    let inside = array
        .strip_prefix(b"[")
        .and_then(|rest| rest.strip_suffix(b"]"))
        .ok_or(BROKEN)?;
    if inside.trim_ascii().is_empty() {
        return Ok(());
    }
    for number in inside.split(|byte| *byte == b',') {
        buffer.push(single(number.trim_ascii())?);
    }
    Ok(())
}

/// A number in single precision. Those with few digits, as engines write them, are read without the general parser:
/// digits and power of ten are both exact, so that their quotient is rounded once.
fn single(text: &[u8]) -> Result<f32, Flaw> {
    let (digits, sign) = match text {
        [b'-', rest @ ..] => (rest, -1.0),
        rest => (rest, 1.0),
    };
    let (mut value, mut places, mut point) = (0u64, 0usize, false);
    for byte in digits {
        match byte {
            b'0'..=b'9' => {
                value = value * 10 + u64::from(byte - b'0');
                places += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return general(text),
        }
        if value >= 1 << 53 {
            return general(text);
        }
    }
    let ends = [digits.first(), digits.last()];
    let is_whole = ends.iter().all(|end| end.is_some_and(u8::is_ascii_digit));
    if !is_whole || places >= TENS.len() {
        return general(text);
    }
    Ok((sign * value as f64 / TENS[places]) as f32)
}

fn general(text: &[u8]) -> Result<f32, Flaw> {
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse::<f32>().ok())
        .filter(|value| value.is_finite())
        .ok_or(BROKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entry: &str) -> Vec<Vec<f32>> {
        let (mut found, mut buffer) = (Vec::new(), Vec::new());
        each_vector(entry.as_bytes(), &mut buffer, |vector| {
            found.push(vector.to_vec())
        })
        .unwrap();
        found
    }

    #[test]
    fn every_shape_of_vectors_is_read() {
        let two = vec![vec![1.0, -0.5], vec![2e-3, 0.0]];
        assert_eq!(
            read(r#"{"regenerate":false,"embeddings":[[1.0,-0.5],[2e-3,0]]}"#),
            two
        );
        assert_eq!(read("[[1,-0.5],[ 0.002 , -0.0 ]]"), two);
        assert_eq!(read("[3.5]"), [[3.5]]);
        for nothing in [
            "null",
            "{}",
            "[]",
            r#"{"embeddings":null}"#,
            r#"{"embeddings":[]}"#,
        ] {
            assert!(read(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn numbers_are_those_that_the_general_parser_reads() {
        let mut state = 1u32;
        for _ in 0..20_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = f32::from_bits(state);
            if value.is_finite() {
                let text = format!("{value}");
                assert_eq!(single(text.as_bytes()), Ok(value), "{text}");
            }
            let small = (state >> 8) as f32 / 16_777_216.0 - 0.5;
            assert_eq!(single(small.to_string().as_bytes()), Ok(small));
        }
    }

    #[test]
    fn what_is_no_number_is_broken() {
        for text in [
            "", "-", "1.2.3", "x", "1,", ".", "1e", "1e99", "nan", "inf", "--1", "[1",
        ] {
            let whole = format!("[{text}]");
            let mut buffer = Vec::new();
            let read = numbers(whole.as_bytes(), &mut buffer);
            assert!(read.is_err() || text.is_empty(), "{text} {buffer:?}");
        }
    }
}
