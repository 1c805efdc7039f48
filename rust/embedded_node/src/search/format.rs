//! `_formatted` and `_matchesPosition`: which fields are highlighted or cropped, and applying that to a document.

use std::collections::BTreeMap;

use milli_core::tokenizer::Language;
use milli_core::{
    FieldId, FieldsIdsMap, FormatOptions, LocalizedAttributesRule, MatchBounds, MatcherBuilder,
    Object, PatternMatch, is_faceted_by,
};
use serde_json::Value;

use super::fields;
use super::request::SearchRequest;

/// How each field is to be formatted; a field with neither highlight nor crop is only carried over.
pub type Options = BTreeMap<FieldId, FormatOptions>;

/// Positions of the query's words, by dotted field name.
pub type Positions = BTreeMap<String, Vec<MatchBounds>>;

/// The options of a request. Empty when it neither highlights nor crops a known field: then hits have no `_formatted`.
pub fn options(
    request: &SearchRequest,
    map: &FieldsIdsMap,
    displayed: &[FieldId],
    retrieved: &[FieldId],
) -> Options {
    let mut options = Options::new();
    add_highlights(&mut options, request, map, displayed);
    add_crops(&mut options, request, map, displayed);
    if !options.is_empty() {
        for id in retrieved {
            options.entry(*id).or_default();
        }
    }
    options
}

fn add_highlights(
    options: &mut Options,
    request: &SearchRequest,
    map: &FieldsIdsMap,
    displayed: &[FieldId],
) {
    let wanted = request
        .attributes_to_highlight
        .as_deref()
        .unwrap_or_default();
    for name in wanted {
        for id in ids_of(name, map, displayed) {
            options.entry(id).or_default().highlight = true;
        }
    }
}

fn add_crops(
    options: &mut Options,
    request: &SearchRequest,
    map: &FieldsIdsMap,
    displayed: &[FieldId],
) {
    let wanted = request.attributes_to_crop.as_deref().unwrap_or_default();
    for sent in wanted {
        let (name, length) = match sent.split_once(':') {
            Some((name, length)) => (name, length.parse().unwrap_or(request.crop_length)),
            None => (sent.as_str(), request.crop_length),
        };
        for id in ids_of(name, map, displayed) {
            options.entry(id).or_default().crop = Some(length);
        }
    }
}

fn ids_of(name: &str, map: &FieldsIdsMap, displayed: &[FieldId]) -> Vec<FieldId> {
    if name == "*" {
        return displayed.to_vec();
    }
    map.id(name)
        .filter(|id| displayed.contains(id))
        .into_iter()
        .collect()
}

/// Formats documents of one search.
pub struct Formatter<'a> {
    pub builder: MatcherBuilder<'a>,
    pub options: Options,
    pub names: BTreeMap<FieldId, String>,
    pub locales: Option<Vec<Language>>,
    pub rules: Vec<LocalizedAttributesRule>,
    pub positions: bool,
}

impl Formatter<'_> {
    /// `_formatted` of the displayed part of a document (none when nothing asks for it) and the positions, if asked for.
    pub fn format(&self, displayed: &Object) -> (Option<Object>, Option<Positions>) {
        if self.options.is_empty() && !self.positions {
            return (None, None);
        }
        let mut document = displayed.clone();
        let mut positions = Positions::new();
        fields::visit_leaves(&mut document, &mut |name, indices, value| {
            self.format_leaf(name, indices, value, &mut positions);
        });
        let names = self
            .options
            .keys()
            .filter_map(|id| self.names.get(id).map(String::as_str));
        let formatted = (!self.options.is_empty()).then(|| fields::select(&document, names));
        (
            formatted.filter(|document| !document.is_empty()),
            self.positions.then_some(positions),
        )
    }

    fn format_leaf(
        &self,
        name: &str,
        indices: &[usize],
        value: &mut Value,
        positions: &mut Positions,
    ) {
        let text = match value {
            Value::String(text) => std::mem::take(text),
            Value::Number(number) => number.to_string(),
            _ => return,
        };
        let mut matcher = self.builder.build(&text, self.locales_of(name));
        if self.positions {
            let found = matcher.matches(indices);
            if !found.is_empty() {
                // In an array of several matching elements the last one stands for all, as on a stock node.
                positions.insert(name.to_owned(), found);
            }
        }
        let formatted = self
            .options_of(name)
            .map(|options| matcher.format(options).into_owned());
        *value = Value::String(formatted.unwrap_or(text));
    }

    /// All options that concern a leaf, merged: those of the field itself, of a parent, or of something below it.
    fn options_of(&self, leaf: &str) -> Option<FormatOptions> {
        let concerned = self.options.iter().filter(|(id, options)| {
            let name = self.names.get(id).map(String::as_str).unwrap_or_default();
            options.should_format() && (is_faceted_by(name, leaf) || is_faceted_by(leaf, name))
        });
        concerned
            .map(|(_, options)| *options)
            .reduce(FormatOptions::merge)
    }

    fn locales_of(&self, leaf: &str) -> Option<&[Language]> {
        if let Some(locales) = &self.locales {
            return Some(locales);
        }
        let rule = self
            .rules
            .iter()
            .find(|rule| rule.match_str(leaf) == PatternMatch::Match);
        rule.map(LocalizedAttributesRule::locales)
    }
}
