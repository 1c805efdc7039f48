//! A scanner over an array of objects that looks at 64 bytes at a time and only for quotes, backslashes and brackets.

use super::{BROKEN, CUT_OFF, Flaw, trimmed};

/// One object of the array: where it begins and ends, and which of the array's `nested` are its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    pub start: u32,
    pub end: u32,
    nested: (u32, u32),
}

/// The objects of one array, and the objects and arrays directly inside them, as (start, end) in the text.
#[derive(Debug, Default)]
pub struct Elements {
    pub elements: Vec<Element>,
    nested: Vec<(u32, u32)>,
}

impl Elements {
    /// What is directly inside an element, in order.
    pub fn nested(&self, element: &Element) -> &[(u32, u32)] {
        &self.nested[element.nested.0 as usize..element.nested.1 as usize]
    }

    /// Read the array that begins at `at`, with its bracket; return its objects, and where it ends.
    pub fn read(text: &[u8], at: usize) -> Result<(Self, usize), Flaw> {
        if u32::try_from(text.len()).is_err() {
            return Err("it is larger than 4 GB");
        }
        let mut scan = Scan::new(at + 1);
        let mut blocks = Blocks::default();
        let mut base = at + 1;
        while base < text.len() {
            let (mut brackets, opens) = blocks.brackets(text, base);
            while brackets != 0 {
                let bit = brackets.trailing_zeros();
                brackets &= brackets - 1;
                if scan.bracket(text, base + bit as usize, opens >> bit & 1 == 1)? {
                    return Ok((scan.found, base + bit as usize + 1));
                }
            }
            base += 64;
        }
        Err(CUT_OFF)
    }
}

/// How deep below how many kinds of brackets are remembered; deeper ones are not compared.
const REMEMBERED: u32 = 64;

struct Scan {
    found: Elements,
    depth: u32,
    deepest: u32,
    /// One bit per open bracket: whether it is a brace.
    kinds: u64,
    start: usize,
    nested_start: usize,
    first_nested: usize,
    last_end: usize,
}

impl Scan {
    fn new(at: usize) -> Self {
        let found = Elements::default();
        Self {
            found,
            depth: 0,
            deepest: 0,
            kinds: 0,
            start: 0,
            nested_start: 0,
            first_nested: 0,
            last_end: at,
        }
    }

    /// Take one bracket; true when it closes the array.
    fn bracket(&mut self, text: &[u8], at: usize, open: bool) -> Result<bool, Flaw> {
        let brace = text[at] & 0x20 != 0;
        if open {
            self.open(text, at, brace).map(|()| false)
        } else {
            self.close(text, at, brace)
        }
    }

    fn open(&mut self, text: &[u8], at: usize, brace: bool) -> Result<(), Flaw> {
        match self.depth {
            0 => self.begin(text, at, brace)?,
            1 => self.nested_start = at,
            _ => {}
        }
        self.kinds = self.kinds << 1 | u64::from(brace);
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        Ok(())
    }

    fn begin(&mut self, text: &[u8], at: usize, brace: bool) -> Result<(), Flaw> {
        let comma: &[u8] = if self.found.elements.is_empty() {
            b""
        } else {
            b","
        };
        if !brace || trimmed(&text[self.last_end..at]) != comma {
            return Err("a hit is no object");
        }
        self.start = at;
        self.first_nested = self.found.nested.len();
        self.deepest = 0;
        Ok(())
    }

    fn close(&mut self, text: &[u8], at: usize, brace: bool) -> Result<bool, Flaw> {
        if self.depth == 0 {
            let clean = !brace && trimmed(&text[self.last_end..at]).is_empty();
            return if clean {
                Ok(true)
            } else {
                Err("a hit is no object")
            };
        }
        if self.deepest <= REMEMBERED && (self.kinds & 1 == 1) != brace {
            return Err(BROKEN);
        }
        self.kinds >>= 1;
        self.depth -= 1;
        match self.depth {
            0 => self.end(at + 1),
            1 => self
                .found
                .nested
                .push((self.nested_start as u32, at as u32 + 1)),
            _ => {}
        }
        Ok(false)
    }

    fn end(&mut self, at: usize) {
        let nested = (self.first_nested as u32, self.found.nested.len() as u32);
        self.found.elements.push(Element {
            start: self.start as u32,
            end: at as u32,
            nested,
        });
        self.last_end = at;
    }
}

/// What one block hands to the next: whether it ends inside a string, and right behind a backslash.
#[derive(Default)]
struct Blocks {
    in_string: u64,
    escaping: u64,
}

impl Blocks {
    /// Bits of the brackets outside strings in the 64 bytes at `base`, and bits of all opening ones.
    fn brackets(&mut self, text: &[u8], base: usize) -> (u64, u64) {
        let masks = match text[base..].first_chunk::<64>() {
            Some(block) => Masks::of(block),
            None => {
                let mut block = [b' '; 64];
                block[..text.len() - base].copy_from_slice(&text[base..]);
                Masks::of(&block)
            }
        };
        let quotes = masks.quotes & !self.escaped(masks.backslashes);
        let inside = prefix_xor(quotes) ^ self.in_string;
        self.in_string = ((inside as i64) >> 63) as u64;
        ((masks.opens | masks.closes) & !inside, masks.opens)
    }

    /// Bits of the bytes that stand behind a backslash that is not escaped itself. A run of backslashes escapes what
    /// follows it when it is of odd length; adding carries a run's start to its end, without a loop over its bytes.
    fn escaped(&mut self, backslashes: u64) -> u64 {
        const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
        if backslashes == 0 {
            return std::mem::take(&mut self.escaping);
        }
        let starts = backslashes & !self.escaping;
        let carried = ((starts << 1) | ODD).wrapping_sub(starts);
        let codes = carried ^ ODD;
        let escaped = codes ^ (backslashes | self.escaping);
        self.escaping = (codes & backslashes) >> 63;
        escaped
    }
}

/// Each bit becomes the parity of all bits up to and with it: ones from an opening quote up to its closing one.
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// Where in 64 bytes the characters of interest are, one bit for each byte.
struct Masks {
    quotes: u64,
    backslashes: u64,
    opens: u64,
    closes: u64,
}

/// This bit is the difference between brackets and braces.
const BRACE: u8 = 0x20;

impl Masks {
    #[cfg(target_arch = "x86_64")]
    fn of(block: &[u8; 64]) -> Self {
        use std::arch::x86_64::{
            __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128,
            _mm_set1_epi8,
        };
        let mut masks = Self {
            quotes: 0,
            backslashes: 0,
            opens: 0,
            closes: 0,
        };
        for (place, part) in block.as_chunks::<16>().0.iter().enumerate() {
            // SAFETY: SSE2 is part of every x86_64, and an unaligned load of the 16 bytes of `part` is in bounds.
            unsafe {
                let bytes = _mm_loadu_si128(part.as_ptr().cast::<__m128i>());
                let folded = _mm_or_si128(bytes, _mm_set1_epi8(BRACE as i8));
                let find = |bytes: __m128i, wanted: u8| {
                    let equal = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(wanted as i8));
                    u64::from(_mm_movemask_epi8(equal) as u32) << (16 * place)
                };
                masks.quotes |= find(bytes, b'"');
                masks.backslashes |= find(bytes, b'\\');
                masks.opens |= find(folded, b'{');
                masks.closes |= find(folded, b'}');
            }
        }
        masks
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn of(block: &[u8; 64]) -> Self {
        Self::portable(block)
    }

    #[cfg(any(test, not(target_arch = "x86_64")))]
    fn portable(block: &[u8; 64]) -> Self {
        let find = |wanted: u8, fold: u8| {
            let bits = block
                .iter()
                .enumerate()
                .map(|(place, byte)| u64::from(byte | fold == wanted) << place);
            bits.fold(0, |bits, bit| bits | bit)
        };
        Self {
            quotes: find(b'"', 0),
            backslashes: find(b'\\', 0),
            opens: find(b'{', BRACE),
            closes: find(b'}', BRACE),
        }
    }
}

#[cfg(test)]
mod tests;
