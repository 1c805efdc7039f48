//! Copies a JSON value without some of what is nested in it.

use crate::json::{Cursor, Flaw, unescape};
use crate::paths::inside;

/// How deep values are looked into; what is deeper is copied.
const DEEPEST: usize = 64;

/// Write an object without the members at these dotted paths, and, when `reserved`, without its own members that begin
/// with `_miroir_`. Objects and arrays that this leaves empty go too. False when nothing is left of what was there:
/// then nothing was written.
pub fn object(
    out: &mut Vec<u8>,
    text: &[u8],
    paths: &[&str],
    reserved: bool,
) -> Result<bool, Flaw> {
    prune_object(out, text, paths, reserved, 0)
}

fn prune_object(
    out: &mut Vec<u8>,
    text: &[u8],
    paths: &[&str],
    reserved: bool,
    depth: usize,
) -> Result<bool, Flaw> {
    let start = out.len();
    let mut cursor = Cursor::new(text);
    cursor.expect(b'{')?;
    out.push(b'{');
    let (mut first, mut pruned) = (true, false);
    while let Some(raw) = cursor.key(first)? {
        first = false;
        let member = out.len();
        if member > start + 1 {
            out.push(b',');
        }
        let value = cursor.value()?;
        if !prune_member(out, raw, value, paths, reserved, depth)? {
            pruned = true;
            out.truncate(member);
        }
    }
    close(out, start, b'}', pruned)
}

/// Write one member; false when it is to go.
pub fn prune_member(
    out: &mut Vec<u8>,
    raw: &[u8],
    value: &[u8],
    paths: &[&str],
    reserved: bool,
    depth: usize,
) -> Result<bool, Flaw> {
    let name = unescape(raw)?;
    let name = std::str::from_utf8(&name).unwrap_or_default();
    let rests: Vec<&str> = paths.iter().filter_map(|path| inside(path, name)).collect();
    if rests.contains(&"") || reserved && name.starts_with("_miroir_") {
        return Ok(false);
    }
    out.push(b'"');
    out.extend_from_slice(raw);
    out.extend_from_slice(b"\":");
    prune_value(out, value, &rests, depth + 1)
}

fn prune_value(out: &mut Vec<u8>, text: &[u8], paths: &[&str], depth: usize) -> Result<bool, Flaw> {
    match text {
        [b'{', ..] if !paths.is_empty() && depth < DEEPEST => {
            prune_object(out, text, paths, false, depth)
        }
        [b'[', ..] if !paths.is_empty() && depth < DEEPEST => prune_array(out, text, paths, depth),
        _ => {
            out.extend_from_slice(text);
            Ok(true)
        }
    }
}

fn prune_array(out: &mut Vec<u8>, text: &[u8], paths: &[&str], depth: usize) -> Result<bool, Flaw> {
    let start = out.len();
    let mut cursor = Cursor::new(text);
    cursor.expect(b'[')?;
    out.push(b'[');
    let (mut first, mut pruned) = (true, false);
    while cursor.element(first)? {
        first = false;
        let element = out.len();
        if element > start + 1 {
            out.push(b',');
        }
        if !prune_value(out, cursor.value()?, paths, depth + 1)? {
            pruned = true;
            out.truncate(element);
        }
    }
    close(out, start, b']', pruned)
}

fn close(out: &mut Vec<u8>, start: usize, bracket: u8, pruned: bool) -> Result<bool, Flaw> {
    if pruned && out.len() == start + 1 {
        out.truncate(start);
        return Ok(false);
    }
    out.push(bracket);
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pruned(text: &str, paths: &[&str]) -> Option<String> {
        let mut out = b"x".to_vec();
        let left = object(&mut out, text.as_bytes(), paths, true).unwrap();
        assert!(left || out == b"x");
        left.then(|| String::from_utf8(out[1..].to_vec()).unwrap())
    }

    #[test]
    fn only_leaves_go_and_what_they_leave_empty() {
        let text =
            r#"{"a":{"b":1,"c":2},"a.b":3,"d":[{"e":1},{"e":2,"f":3}],"g":{"h":{"i":1}},"j":{}}"#;
        let left = r#"{"a":{"c":2},"d":[{"f":3}],"j":{}}"#;
        assert_eq!(
            pruned(text, &["a.b", "d.e", "g.h.i", "j.k"]).as_deref(),
            Some(left)
        );
    }

    #[test]
    fn own_names_go_only_at_the_top() {
        let text = r#"{"_miroir_seq":"!","a":{"_miroir_seq":1},"\u005fmiroir_x":2}"#;
        assert_eq!(
            pruned(text, &[]).as_deref(),
            Some(r#"{"a":{"_miroir_seq":1}}"#)
        );
        assert_eq!(pruned(r#"{"_miroir_seq":1}"#, &[]), None);
        assert_eq!(pruned("{}", &["a"]).as_deref(), Some("{}"));
    }
}
