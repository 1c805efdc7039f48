//! Building hits: the displayed and retrieved part of each document, and what the request wants shown beside it.

use milli_core::score_details::ScoreDetails;
use milli_core::tokenizer::TokenizerBuilder;
use milli_core::{
    DocumentId, FieldId, FieldsIdsMap, Index, MatcherBuilder, MatchingWords, Object,
    all_obkv_to_json, heed::RoTxn,
};
use serde::Serialize;
use serde_json::Value;

use super::format::{self, Formatter, Positions};
use super::request::SearchRequest;
use super::{fields, geo, score, vectors};

/// One hit, in the order in which clients see its parts.
#[derive(Debug, Serialize)]
pub struct Hit {
    #[serde(flatten)]
    pub document: Object,
    #[serde(rename = "_formatted", skip_serializing_if = "Option::is_none")]
    pub formatted: Option<Object>,
    #[serde(rename = "_matchesPosition", skip_serializing_if = "Option::is_none")]
    pub positions: Option<Positions>,
    #[serde(rename = "_rankingScore", skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    #[serde(
        rename = "_rankingScoreDetails",
        skip_serializing_if = "Option::is_none"
    )]
    pub details: Option<Object>,
}

/// A page of the engine's answer: internal ids with their scores.
pub type Scored<'a> = (&'a DocumentId, &'a Vec<ScoreDetails>);

/// Builds the hits of one page. Errors are the engine's.
pub fn build<'a>(
    index: &Index,
    rtxn: &RoTxn<'_>,
    request: &SearchRequest,
    matching_words: MatchingWords,
    page: impl Iterator<Item = Scored<'a>>,
) -> milli_core::Result<Vec<Hit>> {
    let map = index.fields_ids_map(rtxn)?;
    let visible = Visible::new(index, rtxn, &map, request.attributes_to_retrieve.as_deref())?;
    let dictionary = index.dictionary(rtxn)?;
    let separators = index.allowed_separators(rtxn)?;
    let words: Vec<&str> = dictionary.iter().flatten().map(String::as_str).collect();
    let separators: Option<Vec<&str>> = separators
        .as_ref()
        .map(|set| set.iter().map(String::as_str).collect());
    let mut tokenizer = TokenizerBuilder::<Vec<u8>>::new();
    tokenizer.create_char_map(true);
    if !words.is_empty() {
        tokenizer.words_dict(&words);
    }
    if let Some(separators) = &separators {
        tokenizer.separators(separators);
    }
    let builder = MatcherBuilder::new(matching_words, tokenizer.build());
    let formatter = formatter(index, rtxn, request, &map, &visible, builder)?;
    let maker = Maker {
        index,
        rtxn,
        request,
        map: &map,
        visible: &visible,
        formatter: &formatter,
    };
    page.map(|(id, scores)| maker.hit(*id, scores)).collect()
}

fn formatter<'t>(
    index: &Index,
    rtxn: &RoTxn<'_>,
    request: &SearchRequest,
    map: &FieldsIdsMap,
    visible: &Visible,
    mut builder: MatcherBuilder<'t>,
) -> milli_core::Result<Formatter<'t>> {
    builder.crop_marker(request.crop_marker.clone());
    builder.highlight_prefix(request.highlight_pre_tag.clone());
    builder.highlight_suffix(request.highlight_post_tag.clone());
    let options = format::options(request, map, &visible.displayed, &visible.retrieved);
    let named = options
        .keys()
        .filter_map(|id| Some((*id, map.name(*id)?.to_owned())));
    let locales = request
        .locales
        .as_ref()
        .map(|list| list.iter().map(|locale| locale.0).collect());
    Ok(Formatter {
        builder,
        names: named.collect(),
        options,
        locales,
        rules: index.localized_attributes_rules(rtxn)?.unwrap_or_default(),
        positions: request.show_matches_position,
    })
}

/// Which fields may be seen, and which of them the request wants.
struct Visible {
    displayed: Vec<FieldId>,
    retrieved: Vec<FieldId>,
    /// No need to select anything: every field is displayed.
    all_displayed: bool,
    all_retrieved: bool,
}

impl Visible {
    fn new(
        index: &Index,
        rtxn: &RoTxn<'_>,
        map: &FieldsIdsMap,
        wanted: Option<&[String]>,
    ) -> milli_core::Result<Self> {
        let listed = index.displayed_fields_ids(rtxn)?;
        let all_displayed = listed.is_none();
        let displayed: Vec<FieldId> = listed.unwrap_or_else(|| map.ids().collect());
        let all_retrieved = wanted.is_none_or(|names| names.iter().any(|name| name == "*"));
        let retrieved = match wanted {
            Some(names) if !all_retrieved => {
                let known = names.iter().filter_map(|name| map.id(name));
                known.filter(|id| displayed.contains(id)).collect()
            }
            _ => displayed.clone(),
        };
        Ok(Self {
            displayed,
            retrieved,
            all_displayed,
            all_retrieved,
        })
    }

    fn displayed_part(&self, document: Object, map: &FieldsIdsMap) -> Object {
        if self.all_displayed {
            return document;
        }
        fields::select(
            &document,
            self.displayed.iter().filter_map(|id| map.name(*id)),
        )
    }

    fn retrieved_part(&self, displayed: &Object, map: &FieldsIdsMap) -> Object {
        if self.all_retrieved {
            return displayed.clone();
        }
        fields::select(
            displayed,
            self.retrieved.iter().filter_map(|id| map.name(*id)),
        )
    }
}

struct Maker<'a> {
    index: &'a Index,
    rtxn: &'a RoTxn<'a>,
    request: &'a SearchRequest,
    map: &'a FieldsIdsMap,
    visible: &'a Visible,
    formatter: &'a Formatter<'a>,
}

impl Maker<'_> {
    fn hit(&self, id: DocumentId, scores: &[ScoreDetails]) -> milli_core::Result<Hit> {
        let stored = all_obkv_to_json(self.index.document(self.rtxn, id)?, self.map)?;
        let displayed = self.visible.displayed_part(stored, self.map);
        let mut document = self.visible.retrieved_part(&displayed, self.map);
        let given = document.remove(vectors::FIELD);
        if self.request.retrieve_vectors {
            let all = vectors::of_document(self.index, self.rtxn, id, given)?;
            document.insert(vectors::FIELD.to_owned(), Value::Object(all));
        }
        let (formatted, positions) = self.formatter.format(&displayed);
        if let Some(distance) = geo::distance(self.request.sort.as_deref(), &document) {
            document.insert("_geoDistance".to_owned(), distance.into());
        }
        let score = self
            .request
            .show_ranking_score
            .then(|| score::global(scores));
        let details = self
            .request
            .show_ranking_score_details
            .then(|| ScoreDetails::to_json_map(scores.iter()));
        Ok(Hit {
            document,
            formatted,
            positions,
            score,
            details,
        })
    }
}
