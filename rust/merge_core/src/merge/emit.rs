//! Writes the hits of the page: their bytes, without what the client did not ask for and what is Miroir's own.

use super::body::Body;
use super::deep::Contents;
use super::harmony::{Harmony, Scale};
use super::order::Chosen;
use super::plan::MergePlan;
use super::{MergeError, prune};
use crate::json::{Cursor, Flaw, unescape};
use crate::paths::inside;

/// A member of a hit: its raw name, its value, and both with what is between them.
#[derive(Clone, Copy)]
struct Member<'a> {
    name: &'a [u8],
    value: &'a [u8],
    whole: &'a [u8],
}

/// Write hits with commas between them; `contents` holds their documents, where the bodies do not.
pub fn hits<'a>(
    out: &mut Vec<u8>,
    bodies: &[Body<'a>],
    contents: Option<&Contents<'a, '_>>,
    plan: &MergePlan,
    harmony: &Harmony,
    chosen: &Chosen,
) -> Result<(), MergeError> {
    let mut writer = Writer::new(plan);
    let mut members = Vec::with_capacity(32);
    for (position, place) in chosen.page.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        let body = &bodies[place.body];
        writer.scale = harmony.scale(bodies, *place)?;
        writer.similarity = chosen.similarities.get(place).copied();
        let members_read = match contents {
            None => read(body, place.hit, &mut members),
            Some(contents) => read_apart(body, place.hit, contents, &mut members),
        };
        let written = members_read.and_then(|()| writer.hit(out, &members));
        written.map_err(|what| MergeError {
            position: place.body,
            what,
        })?;
        members.clear();
    }
    Ok(())
}

/// The document from its contents, what the ranking rules say of it from the body that ranks it.
fn read_apart<'a>(
    body: &Body<'a>,
    hit: usize,
    contents: &Contents<'a, '_>,
    members: &mut Vec<Member<'a>>,
) -> Result<(), Flaw> {
    let (holder, place) = contents.of(body, hit)?;
    read(holder, place, members)?;
    let mut ranked = Vec::with_capacity(8);
    read(body, hit, &mut ranked)?;
    for name in [&b"_rankingScore"[..], b"_rankingScoreDetails"] {
        let last = |list: &[Member]| list.iter().rposition(|member| member.name == name);
        if let Some(at) = last(&ranked) {
            members.push(ranked[at]);
        }
    }
    Ok(())
}

/// What an engine puts behind a hit's document.
const BEHIND: [&[u8]; 4] = [
    b"_formatted",
    b"_matchesPosition",
    b"_rankingScore",
    b"_rankingScoreDetails",
];

/// Write one hit with one member more, between its document and what stands behind that. Where the document has a field
/// of that name itself, ours takes its place, as an engine's does.
pub fn hit_with(
    out: &mut Vec<u8>,
    body: &Body,
    plan: &MergePlan,
    hit: usize,
    (name, value): (&[u8], &[u8]),
) -> Result<(), Flaw> {
    let mut members = Vec::with_capacity(32);
    read(body, hit, &mut members)?;
    members.retain(|member| member.name != name);
    let whole = [b"\"", name, b"\":", value].concat();
    let ours = Member {
        name,
        value,
        whole: &whole,
    };
    let behind = members
        .iter()
        .position(|member| BEHIND.contains(&member.name))
        .unwrap_or(members.len());
    members.insert(behind, ours);
    Writer::new(plan).hit(out, &members)
}

fn read<'a>(body: &Body<'a>, hit: usize, members: &mut Vec<Member<'a>>) -> Result<(), Flaw> {
    let text = body.text();
    let mut cursor = body.members(hit);
    let mut first = true;
    while let Some(name) = cursor.key(first)? {
        first = false;
        let value_start = cursor.at();
        let value = cursor.value()?;
        // A name lies in the text in front of its value; its opening quote is one byte before it.
        let start = value_start
            - (text[..value_start].as_ptr_range().end as usize - name.as_ptr() as usize)
            - 1;
        members.push(Member {
            name,
            value,
            whole: &text[start..cursor.at()],
        });
    }
    Ok(())
}

struct Writer<'p> {
    plan: &'p MergePlan,
    strip: Vec<&'p str>,
    strip_formatted: Vec<&'p str>,
    /// What the hit's scores become.
    scale: Option<Scale>,
    /// What the hit that is being written shows instead of the node's similarity.
    similarity: Option<f32>,
}

impl<'p> Writer<'p> {
    fn new(plan: &'p MergePlan) -> Self {
        let formatted = plan.strip_formatted.as_ref().unwrap_or(&plan.strip);
        Self {
            plan,
            strip: plan.strip.iter().map(String::as_str).collect(),
            strip_formatted: formatted.iter().map(String::as_str).collect(),
            scale: None,
            similarity: None,
        }
    }

    fn hit(&mut self, out: &mut Vec<u8>, members: &[Member]) -> Result<(), Flaw> {
        let last = |name: &[u8]| members.iter().rposition(|member| member.name == name);
        let (score, details) = (last(b"_rankingScore"), last(b"_rankingScoreDetails"));
        let distance = if self.strip.contains(&"_geo") {
            last(b"_geoDistance")
        } else {
            None
        };
        let start = out.len();
        out.push(b'{');
        for (position, member) in members.iter().enumerate() {
            let mark = out.len();
            if mark > start + 1 {
                out.push(b',');
            }
            let position = Some(position);
            let kept = match () {
                () if position == score => self.plan.show_score && self.score(out, member),
                () if position == details => {
                    self.plan.show_details && self.details(out, member.value)?
                }
                () if position == distance => false,
                () => self.member(out, member)?,
            };
            if !kept {
                out.truncate(mark);
            }
        }
        out.push(b'}');
        Ok(())
    }

    /// A member that is the document's own, or shows parts of the document.
    fn member(&self, out: &mut Vec<u8>, member: &Member) -> Result<bool, Flaw> {
        let plain = !matches!(member.name.first(), Some(b'_' | b'\\'));
        if plain && self.strip.is_empty() {
            return Ok(whole(out, member));
        }
        match member.name {
            b"_formatted" => self.formatted(out, member),
            b"_matchesPosition" => match &self.plan.displayed {
                None => self.nested(out, member, &[]),
                Some(displayed) => positions(out, member.value, displayed),
            },
            _ if self.strip.is_empty() && !is_reserved(member.name)? => Ok(whole(out, member)),
            _ => prune::prune_member(out, member.name, member.value, &self.strip, true, 0),
        }
    }

    /// A node writes no `_formatted` without a field in it: where nothing is left, there is none.
    fn formatted(&self, out: &mut Vec<u8>, member: &Member) -> Result<bool, Flaw> {
        self.nested(out, member, &self.strip_formatted)?;
        let inside = out.strip_suffix(b"}").unwrap_or(out);
        Ok(!inside.trim_ascii_end().ends_with(b"{"))
    }

    /// An object that names fields of the document: it stays, even if nothing is left in it.
    fn nested(&self, out: &mut Vec<u8>, member: &Member, strip: &[&str]) -> Result<bool, Flaw> {
        let untouched =
            strip.is_empty() && memchr::memmem::find(member.value, b"miroir_").is_none();
        if untouched || !member.value.starts_with(b"{") {
            return Ok(whole(out, member));
        }
        out.push(b'"');
        out.extend_from_slice(member.name);
        out.extend_from_slice(b"\":");
        if !prune::object(out, member.value, strip, true)? {
            out.extend_from_slice(b"{}");
        }
        Ok(true)
    }

    fn score(&self, out: &mut Vec<u8>, member: &Member) -> bool {
        let anew = self.similarity.map(f64::from);
        let Some(score) = anew.or(self.scale.map(|scale| scale.score)) else {
            return whole(out, member);
        };
        out.extend_from_slice(b"\"_rankingScore\":");
        out.extend_from_slice(&written(score));
        true
    }

    fn details(&self, out: &mut Vec<u8>, details: &[u8]) -> Result<bool, Flaw> {
        out.extend_from_slice(b"\"_rankingScoreDetails\":{");
        let mut cursor = Cursor::new(details);
        cursor.expect(b'{')?;
        let (mut first, mut written) = (true, false);
        while let Some(raw) = cursor.key(first)? {
            first = false;
            let value = cursor.value()?;
            let name = unescape(raw)?;
            if name.starts_with(b"_miroir_") {
                continue;
            }
            if written {
                out.push(b',');
            }
            written = true;
            let hidden = self
                .plan
                .hidden_rules
                .iter()
                .any(|rule| rule.as_bytes() == &*name);
            let entry = match (self.scale, self.similarity) {
                _ if hidden => hidden_entry(value)?,
                (Some(scale), _) if &*name == b"typo" => typo_entry(value, scale)?,
                (_, Some(near)) if &*name == b"vectorSort" => vector_entry(value, near)?,
                _ => [b"\"", raw, b"\":", value].concat(),
            };
            out.extend_from_slice(&entry);
        }
        out.push(b'}');
        Ok(true)
    }
}

/// Where words matched, without the fields that the client may not see: the names are flat (`a.b`).
fn positions(out: &mut Vec<u8>, matches: &[u8], displayed: &[String]) -> Result<bool, Flaw> {
    out.extend_from_slice(b"\"_matchesPosition\":{");
    let mut cursor = Cursor::new(matches);
    cursor.expect(b'{')?;
    let (mut first, mut written) = (true, false);
    while let Some(raw) = cursor.key(first)? {
        first = false;
        let value = cursor.value()?;
        let name = unescape(raw)?;
        let name = std::str::from_utf8(&name).unwrap_or_default();
        let shown = displayed.iter().any(|shown| inside(name, shown).is_some());
        if !shown || name.starts_with("_miroir_") {
            continue;
        }
        if written {
            out.push(b',');
        }
        written = true;
        out.extend_from_slice(&[b"\"", raw, b"\":", value].concat());
    }
    out.push(b'}');
    Ok(true)
}

fn whole(out: &mut Vec<u8>, member: &Member) -> bool {
    out.extend_from_slice(member.whole);
    true
}

fn is_reserved(raw: &[u8]) -> Result<bool, Flaw> {
    Ok(unescape(raw)?.starts_with(b"_miroir_"))
}

/// What the rule for typos says, on another scale.
fn typo_entry(value: &[u8], scale: Scale) -> Result<Vec<u8>, Flaw> {
    let mut out = b"\"typo\":{".to_vec();
    let mut cursor = Cursor::new(value);
    cursor.expect(b'{')?;
    let mut first = true;
    while let Some(name) = cursor.key(first)? {
        if !first {
            out.push(b',');
        }
        first = false;
        let field = cursor.value()?;
        out.extend_from_slice(&[b"\"", name, b"\":"].concat());
        match name {
            b"maxTypoCount" => out.extend_from_slice(format!("{}", scale.most_typos).as_bytes()),
            b"score" => out.extend_from_slice(&written(scale.typo_score)),
            _ => out.extend_from_slice(field),
        }
    }
    out.push(b'}');
    Ok(out)
}

/// A score as an engine writes it.
fn written(score: f64) -> Vec<u8> {
    serde_json::Value::from(score).to_string().into_bytes()
}

/// What an engine shows of a sort rule that the client may not see.
fn hidden_entry(value: &[u8]) -> Result<Vec<u8>, Flaw> {
    let order = order_of(value)?;
    let name = [b"\"<hidden-rule-", order, b">\":"].concat();
    Ok([
        &name,
        &b"{\"order\":"[..],
        order,
        b",\"value\":\"<hidden>\"}",
    ]
    .concat())
}

/// The entry of the rule by vectors with another similarity.
fn vector_entry(value: &[u8], similarity: f32) -> Result<Vec<u8>, Flaw> {
    let order = std::str::from_utf8(order_of(value)?).unwrap_or_default();
    let similarity = serde_json::to_string(&similarity).unwrap_or_default();
    Ok(format!("\"vectorSort\":{{\"order\":{order},\"similarity\":{similarity}}}").into_bytes())
}

fn order_of(value: &[u8]) -> Result<&[u8], Flaw> {
    let mut cursor = Cursor::new(value);
    cursor.expect(b'{')?;
    let mut first = true;
    while let Some(name) = cursor.key(first)? {
        first = false;
        let field = cursor.value()?;
        if name == b"order" {
            return Ok(field);
        }
    }
    Err("a ranking detail has no order")
}
