//! A place in a JSON text that moves over members and values.

use memchr::memchr2;

use super::{BROKEN, CUT_OFF, Flaw, is_space};

/// So many words of a string are searched for its end before a search in blocks begins.
const SHORT: usize = 3;

/// Reads objects and arrays member by member. `spans` may hold the nested objects and arrays of the one that is being
/// read, as (start, end) in order, which are then passed in one step.
#[derive(Debug, Clone)]
pub struct Cursor<'a, 's> {
    text: &'a [u8],
    at: usize,
    spans: &'s [(u32, u32)],
}

impl<'a, 's> Cursor<'a, 's> {
    pub fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            spans: &[],
        }
    }

    pub fn with_spans(text: &'a [u8], at: usize, spans: &'s [(u32, u32)]) -> Self {
        Self { text, at, spans }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn move_to(&mut self, at: usize) {
        self.at = at;
    }

    /// The next byte that is no white space, without moving over it.
    pub fn peek(&mut self) -> Result<u8, Flaw> {
        while let Some(&byte) = self.text.get(self.at) {
            if !is_space(byte) {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(CUT_OFF)
    }

    /// Move over one byte that must come next.
    pub fn expect(&mut self, byte: u8) -> Result<(), Flaw> {
        if self.peek()? != byte {
            return Err(BROKEN);
        }
        self.at += 1;
        Ok(())
    }

    /// Whether only white space is left.
    pub fn is_over(&mut self) -> bool {
        self.peek().is_err()
    }

    /// Inside an object, the next member's raw name; the cursor is then at its value. None behind the closing brace.
    pub fn key(&mut self, first: bool) -> Result<Option<&'a [u8]>, Flaw> {
        if !self.more(first, b'}')? {
            return Ok(None);
        }
        let name = self.string()?;
        self.expect(b':')?;
        self.peek()?;
        Ok(Some(name))
    }

    /// Inside an array, whether there is another element, which the cursor is then at.
    pub fn element(&mut self, first: bool) -> Result<bool, Flaw> {
        self.more(first, b']')
    }

    fn more(&mut self, first: bool, close: u8) -> Result<bool, Flaw> {
        let byte = self.peek()?;
        if byte == close {
            self.at += 1;
            return Ok(false);
        }
        if !first {
            self.expect(b',')?;
            self.peek()?;
        }
        Ok(true)
    }

    /// A string, as it stands between its quotes.
    pub fn string(&mut self) -> Result<&'a [u8], Flaw> {
        self.expect(b'"')?;
        let start = self.at;
        self.at = string_end(self.text, start).ok_or(CUT_OFF)?;
        Ok(&self.text[start..self.at - 1])
    }

    /// Any value, as it is written.
    pub fn value(&mut self) -> Result<&'a [u8], Flaw> {
        let first = self.peek()?;
        let start = self.at;
        self.at = match first {
            b'"' => string_end(self.text, start + 1).ok_or(CUT_OFF)?,
            b'{' | b'[' => self.nested_end()?,
            _ => scalar_end(self.text, start)?,
        };
        Ok(&self.text[start..self.at])
    }

    fn nested_end(&mut self) -> Result<usize, Flaw> {
        if let [(start, end), rest @ ..] = self.spans
            && *start as usize == self.at
        {
            self.spans = rest;
            return Ok(*end as usize);
        }
        nested_end(self.text, self.at)
    }
}

/// Where the string ends that begins at `at`, behind its quote: behind the closing one.
fn string_end(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + near(text.get(at..)?);
    loop {
        at += match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => 2,
            _ => memchr2(b'"', b'\\', &text[at..])?,
        };
    }
}

/// How many bytes at the beginning are surely neither a quote nor a backslash: most strings are short, so the first
/// few words are looked at directly.
fn near(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero_bytes = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let words = text.as_chunks::<8>().0.iter().take(SHORT);
    let mut passed = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let found = zero_bytes(word ^ (ONES * u64::from(b'"')))
            | zero_bytes(word ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            return passed + (found.trailing_zeros() / 8) as usize;
        }
        passed += 8;
    }
    passed
}

/// A number or one of the three names: checked by its first byte, taken up to what ends it.
fn scalar_end(text: &[u8], at: usize) -> Result<usize, Flaw> {
    let rest = &text[at..];
    let length = rest
        .iter()
        .position(|byte| matches!(byte, b',' | b'}' | b']') || is_space(*byte))
        .ok_or(CUT_OFF)?;
    match &rest[..length] {
        b"null" | b"true" | b"false" => Ok(at + length),
        [b'-' | b'0'..=b'9', rest @ ..]
            if rest
                .iter()
                .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(byte)) =>
        {
            rest.last()
                .unwrap_or(&text[at])
                .is_ascii_digit()
                .then_some(at + length)
                .ok_or(BROKEN)
        }
        _ => Err(BROKEN),
    }
}

/// Where the object or array ends that begins at `at`.
fn nested_end(text: &[u8], at: usize) -> Result<usize, Flaw> {
    let mut kinds: Vec<u8> = Vec::new();
    let mut at = at;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => at = string_end(text, at).ok_or(CUT_OFF)?,
            b'{' | b'[' => kinds.push(byte + 2),
            b'}' | b']' if kinds.pop() != Some(byte) => return Err(BROKEN),
            b'}' | b']' if kinds.is_empty() => return Ok(at),
            _ => {}
        }
    }
    Err(CUT_OFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_with_any_white_space() {
        let mut cursor = Cursor::new(b" { \"a\\\"b\" : [ {\"]\":1} ] ,\n\"c\":-1.5e3 } ");
        cursor.expect(b'{').unwrap();
        assert_eq!(cursor.key(true), Ok(Some(&b"a\\\"b"[..])));
        assert_eq!(cursor.value(), Ok(&b"[ {\"]\":1} ]"[..]));
        assert_eq!(cursor.key(false), Ok(Some(&b"c"[..])));
        assert_eq!(cursor.value(), Ok(&b"-1.5e3"[..]));
        assert_eq!(cursor.key(false), Ok(None));
        assert!(cursor.is_over());
    }

    #[test]
    fn what_is_broken_is_an_error_and_never_a_panic() {
        for text in [
            "", "{", "[", "\"", "\"\\", "{]", "[}", "nul", "nulx,", "-,", "{\"a\"", "[\"\\\"",
        ] {
            assert!(Cursor::new(text.as_bytes()).value().is_err(), "{text}");
        }
    }
}
