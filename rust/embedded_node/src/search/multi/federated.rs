//! The searches of a federation, index by index. What becomes of their hits is in `answer`.

use std::collections::{BTreeMap, HashSet};

use milli_core::heed::{self, RoTxn};
use milli_core::score_details::ScoreDetails;
use milli_core::{DocumentId, MatchingWords};
use roaring::RoaringBitmap;

use super::super::prepared::{Extent, Prepared, criteria, max_total_hits};
use super::super::run::{self, Context};
use super::super::semantic::Kind;
use super::super::{distinct, facets, score};
use super::answer::{Answer, Federated};
use super::federation::Federation;
use super::merge::{Orders, Shown};
use super::order::{self, Key};
use super::query::Query;
use super::rules::Rules;
use super::{Shared, inside};
use crate::error::ApiError;

/// All queries of one index, which see it at one moment.
pub struct Part {
    pub context: Context,
    pub queries: Vec<(usize, Query)>,
    pub facets: Option<Vec<String>>,
}

/// A hit before it is built: where it comes from, and what it is compared by.
pub struct Entry {
    pub key: Key,
    pub part: usize,
    pub query: usize,
    pub id: DocumentId,
    pub details: Vec<ScoreDetails>,
}

/// What the queries of a part found together.
pub struct Found {
    pub entries: Vec<Entry>,
    pub total: usize,
    pub facets: Option<Shown>,
    pub words: Vec<MatchingWords>,
}

/// What the parts add to while they are searched one behind the other.
#[derive(Default)]
pub struct Gathered {
    pub rules: Option<Rules>,
    pub orders: Orders,
    pub semantic: bool,
    pub vectors: BTreeMap<usize, Vec<f32>>,
}

/// Errors: those of the first query that cannot run, which is named; those of the facets, which name their index.
pub fn run(
    shared: &Shared,
    queries: Vec<Query>,
    federation: &Federation,
) -> Result<Answer, ApiError> {
    federation.check()?;
    for (position, query) in queries.iter().enumerate() {
        let checked = federation.check_query(query, &shared.features);
        checked.map_err(|error| inside(position, error))?;
    }
    let shows_vectors = queries.iter().any(|query| query.search.retrieve_vectors);
    let parts = partition(shared, queries, federation)?;
    let transactions = parts.iter().map(|part| part.context.index.read_txn());
    let transactions = transactions.collect::<heed::Result<Vec<_>>>()?;
    let mut gathered = Gathered::default();
    let mut found = Vec::new();
    for (place, (part, rtxn)) in parts.iter().zip(&transactions).enumerate() {
        found.push(search(place, part, rtxn, federation, &mut gathered)?);
    }
    check_unused(shared, federation, &parts, &mut gathered.orders)?;
    let federated = Federated {
        parts: &parts,
        transactions: &transactions,
        federation,
        gathered,
    };
    federated.answer(shared, found, shows_vectors)
}

/// The queries by index, in the order of the indexes' names.
fn partition(
    shared: &Shared,
    queries: Vec<Query>,
    federation: &Federation,
) -> Result<Vec<Part>, ApiError> {
    let mut by_index: BTreeMap<String, Vec<(usize, Query)>> = BTreeMap::new();
    for (place, mut query) in queries.into_iter().enumerate() {
        let options = query.options.as_ref();
        let position = options
            .and_then(|options| options.query_position)
            .unwrap_or(place);
        if let Some(distinct) = &federation.distinct {
            query.search.distinct = Some(distinct.clone());
        }
        let queries = by_index.entry(query.index_uid.clone()).or_default();
        queries.push((position, query));
    }
    let parts = by_index.into_iter().map(|(uid, queries)| {
        let index = shared.index(&uid);
        let context = Context {
            index: index.map_err(|error| inside(queries[0].0, error))?,
            features: shared.features.clone(),
            include_metadata: shared.include_metadata,
            started: shared.started,
            uid: uid.clone(),
        };
        let facets = federation.facets_by_index.get(&uid).cloned().flatten();
        Ok(Part {
            context,
            queries,
            facets,
        })
    });
    parts.collect()
}

fn search(
    place: usize,
    part: &Part,
    rtxn: &RoTxn<'_>,
    federation: &Federation,
    gathered: &mut Gathered,
) -> Result<Found, ApiError> {
    let index = &part.context.index;
    let paging = federation.paging();
    let max_total_hits = max_total_hits(index, rtxn)?;
    let extent = Extent {
        needed: paging.needed(max_total_hits),
        max_total_hits,
        exhaustive: paging.is_exhaustive(),
    };
    let (mut lists, mut words) = (Vec::new(), Vec::new());
    let mut candidates = RoaringBitmap::new();
    for (slot, (position, query)) in part.queries.iter().enumerate() {
        let one = one(part, rtxn, query, *position, extent, gathered);
        let result = one.map_err(|error| inside(*position, error))?;
        let weight = query
            .options
            .as_ref()
            .map_or(1.0, |options| options.weight.0);
        let ranked = result.documents_ids.into_iter().zip(result.document_scores);
        let entries = ranked.map(|(id, details)| Entry {
            key: Key::new(&details, score::global(&details), weight, *position),
            part: place,
            query: slot,
            id,
            details,
        });
        lists.push(entries.collect());
        words.push(result.matching_words);
        candidates |= result.candidates;
    }
    let mut entries = order::merge(lists, |entry: &Entry| &entry.key);
    let mut seen = RoaringBitmap::new();
    entries.retain(|entry| seen.insert(entry.id));
    let rejected = match &federation.distinct {
        Some(name) => reject(&mut entries, |entry| values(part, rtxn, entry, name))?,
        None => Vec::new(),
    };
    candidates -= rejected
        .iter()
        .map(|entry| entry.id)
        .collect::<RoaringBitmap>();
    entries.truncate(extent.needed);
    let total = candidates.len() as usize;
    let facets = facets_of(part, rtxn, federation, candidates, gathered)
        .map_err(|error| inside(part.queries[0].0, error))?;
    Ok(Found {
        entries,
        total,
        facets,
        words,
    })
}

fn one(
    part: &Part,
    rtxn: &RoTxn<'_>,
    query: &Query,
    position: usize,
    extent: Extent,
    gathered: &mut Gathered,
) -> Result<milli_core::SearchResult, ApiError> {
    let (context, request) = (&part.context, &query.search);
    let kind = Kind::of(request, &context.index, rtxn)?;
    run::check_media(request, &context.features)?;
    let sort = request.sort.as_deref().map(criteria).transpose()?;
    let words = request
        .q
        .as_deref()
        .is_some_and(|text| !text.trim().is_empty());
    let vectors = matches!(kind, Kind::Vectors(_));
    let rules = Rules::new(
        &context.index.criteria(rtxn)?,
        sort.as_deref().unwrap_or_default(),
        words || vectors,
        vectors,
        position,
    );
    gathered.rules = Some(rules.agreeing(gathered.rules.take())?);
    let found = kind.execute(&Prepared::new(context, rtxn, request, extent)?)?;
    gathered.semantic |= found.semantic;
    if let Some(vector) = found.vector.filter(|_| request.retrieve_vectors) {
        gathered.vectors.insert(position, vector);
    }
    Ok(found.result)
}

/// Takes out the hits that share a value with an earlier one.
pub fn reject(
    entries: &mut Vec<Entry>,
    values: impl Fn(&Entry) -> milli_core::Result<Vec<distinct::Value>>,
) -> milli_core::Result<Vec<Entry>> {
    let mut seen = HashSet::new();
    let (mut kept, mut rejected) = (Vec::new(), Vec::new());
    for entry in std::mem::take(entries) {
        let values = values(&entry)?;
        match values.iter().any(|value| seen.contains(value)) {
            true => rejected.push(entry),
            false => {
                seen.extend(values);
                kept.push(entry);
            }
        }
    }
    *entries = kept;
    Ok(rejected)
}

pub fn values(
    part: &Part,
    rtxn: &RoTxn<'_>,
    entry: &Entry,
    name: &str,
) -> milli_core::Result<Vec<distinct::Value>> {
    let index = &part.context.index;
    match index.fields_ids_map(rtxn)?.id(name) {
        Some(field) => distinct::values(index, rtxn, field, entry.id),
        None => Ok(Vec::new()),
    }
}

fn facets_of(
    part: &Part,
    rtxn: &RoTxn<'_>,
    federation: &Federation,
    candidates: RoaringBitmap,
    gathered: &mut Gathered,
) -> Result<Option<Shown>, ApiError> {
    let Some(names) = &part.facets else {
        return Ok(None);
    };
    let uid = &part.context.uid;
    let shown = shown(
        part,
        rtxn,
        names,
        candidates,
        federation,
        &mut gathered.orders,
    );
    shown
        .map(Some)
        .map_err(|error| inside_facets(uid, error, ""))
}

fn shown(
    part: &Part,
    rtxn: &RoTxn<'_>,
    names: &[String],
    candidates: RoaringBitmap,
    federation: &Federation,
    orders: &mut Orders,
) -> Result<Shown, ApiError> {
    let index = &part.context.index;
    let facets = facets::compute(index, rtxn, names, candidates)?;
    if federation.merge_facets.is_some() {
        let by = index.sort_facet_values_by(rtxn)?;
        for facet in facets.distribution.keys() {
            orders.add(facet, &part.context.uid, by.get(facet))?;
        }
    }
    Ok(facets.into())
}

fn inside_facets(uid: &str, error: ApiError, note: &str) -> ApiError {
    let message = format!(
        "Inside `.federation.facetsByIndex.{uid}`: {}{note}",
        error.message
    );
    ApiError::new(error.code, message)
}

/// Facets of an index that no query searches are checked like the others, and shown nowhere.
fn check_unused(
    shared: &Shared,
    federation: &Federation,
    parts: &[Part],
    orders: &mut Orders,
) -> Result<(), ApiError> {
    let used = |uid: &str| parts.iter().any(|part| part.context.uid == uid);
    for (uid, names) in &federation.facets_by_index {
        if used(uid) {
            continue;
        }
        let note = format!("\n - Note: index `{uid}` is not used in queries");
        let checked = check_unused_one(shared, uid, names.as_deref(), federation, orders);
        checked.map_err(|error| inside_facets(uid, error, &note))?;
    }
    Ok(())
}

fn check_unused_one(
    shared: &Shared,
    uid: &str,
    names: Option<&[String]>,
    federation: &Federation,
    orders: &mut Orders,
) -> Result<(), ApiError> {
    let part = Part {
        context: Context {
            index: shared.index(uid)?,
            uid: uid.to_owned(),
            features: shared.features.clone(),
            include_metadata: false,
            started: shared.started,
        },
        queries: Vec::new(),
        facets: None,
    };
    let rtxn = part.context.index.read_txn()?;
    let names = names.unwrap_or_default();
    shown(
        &part,
        &rtxn,
        names,
        RoaringBitmap::new(),
        federation,
        orders,
    )
    .map(drop)
}
