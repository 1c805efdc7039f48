//! Bytes of the fuzzer as choices. Where they end, every choice is the first one.

pub struct Choices<'d> {
    left: &'d [u8],
}

impl<'d> Choices<'d> {
    pub fn new(left: &'d [u8]) -> Self {
        Self { left }
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.left.split_first() else {
            return 0;
        };
        self.left = rest;
        *first
    }

    pub fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// A number below `end`, which is at most 256.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    pub fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
}

/// The first line, of which choices are made, and what is behind it: so inputs can be read and written by hand.
pub fn first_line(data: &[u8]) -> (Choices<'_>, &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (Choices::new(&data[..end]), &data[end + 1..]),
        None => (Choices::new(data), &[]),
    }
}
