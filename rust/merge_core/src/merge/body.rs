//! One node's answer, taken apart as far as the merge needs.

use crate::json::{CUT_OFF, Cursor, Elements, Flaw, number};

/// Where in an answer what is. Hits stay bytes.
pub struct Body<'a> {
    text: &'a [u8],
    hits: Elements,
    /// `estimatedTotalHits` or `totalHits`.
    pub total: u64,
    /// The query as the node echoes it, as JSON.
    pub query: Option<&'a [u8]>,
    pub facets: Option<&'a [u8]>,
    pub stats: Option<&'a [u8]>,
    /// The vector that was searched for.
    pub query_vector: Option<&'a [u8]>,
}

impl<'a> Body<'a> {
    pub fn read(text: &'a [u8]) -> Result<Self, Flaw> {
        let mut cursor = Cursor::new(text);
        cursor.expect(b'{').map_err(|_| "it is no JSON object")?;
        let (mut hits, mut total) = (None, None);
        let (mut query, mut facets, mut stats, mut query_vector) = (None, None, None, None);
        let mut first = true;
        while let Some(key) = cursor.key(first)? {
            first = false;
            match key {
                b"hits" => hits = Some(read_hits(text, &mut cursor)?),
                b"estimatedTotalHits" | b"totalHits" => total = Some(count(cursor.value()?)?),
                b"query" => query = Some(cursor.value()?),
                b"facetDistribution" => facets = Some(cursor.value()?),
                b"facetStats" => stats = Some(cursor.value()?),
                b"queryVector" => query_vector = Some(cursor.value()?),
                _ => drop(cursor.value()?),
            }
        }
        if !cursor.is_over() {
            return Err("something follows its end");
        }
        let hits = hits.ok_or("it has no hits")?;
        let total = total.ok_or("it has no total of hits")?;
        Ok(Self {
            text,
            hits,
            total,
            query,
            facets,
            stats,
            query_vector,
        })
    }

    /// How many hits it has.
    pub fn len(&self) -> usize {
        self.hits.elements.len()
    }

    /// A hit as it is written. Positions come from this body's own list.
    pub fn hit(&self, position: usize) -> &'a [u8] {
        let hit = &self.hits.elements[position];
        &self.text[hit.start as usize..hit.end as usize]
    }

    /// A cursor behind a hit's opening brace, which knows what is nested in the hit.
    pub fn members(&self, position: usize) -> Cursor<'a, '_> {
        let hit = &self.hits.elements[position];
        Cursor::with_spans(
            &self.text[..hit.end as usize],
            hit.start as usize + 1,
            self.hits.nested(hit),
        )
    }

    /// The nested value of a hit's last member of this name, found from the hit's end.
    pub fn last_nested(&self, position: usize, name: &[u8]) -> Option<&'a [u8]> {
        let hit = &self.hits.elements[position];
        let spans = self.hits.nested(hit).iter().rev();
        spans
            .map(|span| (span.0 as usize, span.1 as usize))
            .find_map(|(start, end)| {
                is_named(&self.text[hit.start as usize..start], name)
                    .then(|| &self.text[start..end])
            })
    }

    pub fn text(&self) -> &'a [u8] {
        self.text
    }
}

/// Whether the text before a value ends with this member's name. A quote that is not part of a string's text follows
/// an opening brace, a comma or white space.
fn is_named(before: &[u8], name: &[u8]) -> bool {
    let stripped = before
        .trim_ascii_end()
        .strip_suffix(b":")
        .map(<[u8]>::trim_ascii_end);
    let rest = stripped.and_then(|text| {
        text.strip_suffix(b"\"")?
            .strip_suffix(name)?
            .strip_suffix(b"\"")
    });
    rest.and_then(<[u8]>::last)
        .is_some_and(|byte| matches!(byte, b',' | b'{' | b' ' | b'\n' | b'\r' | b'\t'))
}

fn read_hits(text: &[u8], cursor: &mut Cursor) -> Result<Elements, Flaw> {
    if cursor.peek()? != b'[' {
        return Err("its hits are no array");
    }
    let (hits, end) = Elements::read(text, cursor.at())?;
    if end > text.len() {
        return Err(CUT_OFF);
    }
    cursor.move_to(end);
    Ok(hits)
}

/// A number of hits or documents.
pub fn count(text: &[u8]) -> Result<u64, Flaw> {
    match number(text)? {
        value if value >= 0.0 && value.fract() == 0.0 && value < 1e18 => Ok(value as u64),
        _ => Err("a count is no whole number"),
    }
}
