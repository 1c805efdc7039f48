//! Finds where an object ends, without judging it: braces outside strings. Goes on where it stopped.

use memchr::memchr2;

/// How far the current object was read. The default is before its first byte.
#[derive(Debug, Default, Clone, Copy)]
pub struct Frame {
    at: usize,
    depth: usize,
    string: bool,
}

impl Frame {
    /// The length of the object that `text` begins with; None when its end is not there yet.
    ///
    /// `text` must begin with `{` and, when called again, with what it held before. Where the object is no correct
    /// JSON, the length covers at least its first error.
    pub fn scan(&mut self, text: &[u8]) -> Option<usize> {
        loop {
            if self.string && !self.leave_string(text) {
                return None;
            }
            while let Some(&byte) = text.get(self.at) {
                self.at += 1;
                match byte {
                    b'"' => {
                        self.string = true;
                        break;
                    }
                    b'{' => self.depth += 1,
                    b'}' => {
                        self.depth -= 1;
                        if self.depth == 0 {
                            return Some(self.at);
                        }
                    }
                    _ => {}
                }
            }
            if !self.string {
                return None;
            }
        }
    }

    /// Go behind the closing quote; false when it is not there yet.
    fn leave_string(&mut self, text: &[u8]) -> bool {
        while let Some(found) = text
            .get(self.at..)
            .and_then(|rest| memchr2(b'"', b'\\', rest))
        {
            let position = self.at + found;
            if text[position] == b'"' {
                self.at = position + 1;
                self.string = false;
                return true;
            }
            if position + 1 >= text.len() {
                self.at = position;
                return false;
            }
            self.at = position + 2;
        }
        self.at = text.len();
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_cut_finds_the_same_end() {
        let text = br#"{"a\\":"}\"{","b":{"c":["\\\"}"]}} {"#;
        let end = Frame::default().scan(text);
        assert_eq!(end, Some(text.len() - 2));
        for cut in 0..text.len() - 2 {
            let mut frame = Frame::default();
            assert_eq!(frame.scan(&text[..cut]), None);
            assert_eq!(frame.scan(text), end, "cut at {cut}");
        }
    }
}
