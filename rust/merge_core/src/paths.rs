//! Dotted paths: `a.b` is the field `a.b`, or the field `b` of the object `a`.

/// What is left of a path inside a field of this name: empty when the field is what the path names, None when the path
/// does not lead into it.
pub fn inside<'p>(path: &'p str, field: &str) -> Option<&'p str> {
    match path.strip_prefix(field)? {
        _ if field.is_empty() => None,
        "" => Some(""),
        rest => rest.strip_prefix('.'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_literal_names() {
        assert_eq!(inside("a.b.c", "a"), Some("b.c"));
        assert_eq!(inside("a.b.c", "a.b"), Some("c"));
        assert_eq!(inside("a.b.c", "a.b.c"), Some(""));
        assert_eq!(inside("a.b", "a.bc"), None);
        assert_eq!(inside("ab", "a"), None);
        assert_eq!(inside(".a", ""), None);
    }
}
