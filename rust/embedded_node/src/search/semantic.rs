//! Which kind of search a request is (words, vectors or both), and running it so.

use std::time::Instant;

use milli_core::heed::RoTxn;
use milli_core::vector::Error;
use milli_core::{Index, SearchResult, UserError};
use roaring::RoaringBitmap;

use super::hybrid;
use super::nearest::Vectors;
use super::prepared::Prepared;
use super::request::{Hybrid, SearchRequest};
use crate::error::{ApiError, codes};

const MISSING_HYBRID: &str =
    "Invalid request: missing `hybrid` parameter when `vector` or `media` are present.";
const MEDIA_AND_VECTOR: &str = "Invalid request: both `media` and `vector` parameters are present.";

/// How a search finds its hits.
pub enum Kind {
    Words,
    Vectors(Query),
    Both(Query, f32),
}

/// What is looked for by vectors: the client's own vector, or the text to make one of.
pub struct Query {
    vectors: Vectors,
    given: Option<Vec<f32>>,
    text: String,
}

/// What a search found.
pub struct Found {
    pub result: SearchResult,
    /// The vector that took part, given or made.
    pub vector: Option<Vec<f32>>,
    /// Whether the search was one by vectors, even if words were enough in the end.
    pub semantic: bool,
}

impl Kind {
    /// Errors: vectors without `hybrid`, media beside a vector, an embedder that the index lacks.
    pub fn of(request: &SearchRequest, index: &Index, rtxn: &RoTxn<'_>) -> Result<Self, ApiError> {
        if request.media.is_some() && request.vector.is_some() {
            return Err(ApiError::new(
                codes::INVALID_SEARCH_MEDIA_AND_VECTOR,
                MEDIA_AND_VECTOR,
            ));
        }
        let Some(hybrid) = &request.hybrid else {
            return match request.media.is_some() || request.vector.is_some() {
                true => Err(ApiError::new(codes::MISSING_SEARCH_HYBRID, MISSING_HYBRID)),
                false => Ok(Self::Words),
            };
        };
        let has_words = request
            .q
            .as_deref()
            .is_some_and(|query| !query.trim().is_empty());
        let ratio = hybrid.semantic_ratio.0 as f32;
        if ratio == 0.0 || (!has_words && request.vector.is_none()) {
            return Ok(Self::Words);
        }
        let query = Query::new(request, hybrid, index, rtxn)?;
        Ok(if ratio == 1.0 || !has_words {
            Self::Vectors(query)
        } else {
            Self::Both(query, ratio)
        })
    }

    /// Runs a prepared search. Errors: those of the ranking; a text that cannot be embedded, where words are no help.
    pub fn execute(&self, search: &Prepared<'_>) -> Result<Found, ApiError> {
        match self {
            Self::Words => Ok(Found {
                result: search.words()?,
                vector: None,
                semantic: false,
            }),
            Self::Vectors(query) => {
                let vector = query.vector(search.deadline())?;
                let result = search.vectors(&query.vectors, &vector)?;
                Ok(Found {
                    result,
                    vector: Some(vector),
                    semantic: true,
                })
            }
            Self::Both(query, ratio) => both(query, *ratio, search),
        }
    }

    /// Whether vectors take part, so that every document is a candidate. Errors: a text that has to be embedded and cannot be.
    pub fn needs_vectors(&self, search: &Prepared<'_>) -> Result<bool, ApiError> {
        match self {
            Self::Words => Ok(false),
            Self::Vectors(query) => query.vector(search.deadline()).map(|_| true),
            Self::Both(..) => Ok(true),
        }
    }
}

/// Words first; vectors where these are not good enough and the text can be embedded.
fn both(query: &Query, ratio: f32, search: &Prepared<'_>) -> Result<Found, ApiError> {
    let needed = search.extent.needed;
    let mut found = Found {
        result: search.words()?,
        vector: None,
        semantic: true,
    };
    if hybrid::good_enough(&found.result, ratio, needed) {
        return Ok(found);
    }
    let Ok(vector) = query.vector(search.deadline()) else {
        return Ok(found);
    };
    let near = search.vectors(&query.vectors, &vector)?;
    let equals = |id, equals: &mut RoaringBitmap| search.add_equals(id, equals);
    found.result = hybrid::merge(found.result, near, ratio, needed, equals)
        .map_err(|error| search.told(error))?;
    found.vector = Some(vector);
    Ok(found)
}

impl Query {
    /// Errors: an embedder that the index lacks, a vector of another size than the embedder's.
    fn new(
        request: &SearchRequest,
        hybrid: &Hybrid,
        index: &Index,
        rtxn: &RoTxn<'_>,
    ) -> Result<Self, ApiError> {
        let missing = || UserError::InvalidSearchEmbedder(hybrid.embedder.clone());
        let vectors = Vectors::of(index, rtxn, &hybrid.embedder, missing)?;
        let expected = vectors.embedder.dimensions();
        if let Some(found) = request.vector.as_ref().map(Vec::len)
            && found != expected
        {
            let error = UserError::InvalidVectorDimensions { expected, found };
            return Err(milli_core::Error::from(error).into());
        }
        Ok(Self {
            vectors,
            given: request.vector.clone(),
            text: request.q.clone().unwrap_or_default(),
        })
    }

    fn vector(&self, deadline: Instant) -> Result<Vec<f32>, ApiError> {
        match &self.given {
            Some(vector) => Ok(vector.clone()),
            None => self
                .vectors
                .embedder
                .embed_search(&self.text, Some(deadline))
                .map_err(|error| {
                    ApiError::new(
                        codes::VECTOR_EMBEDDING_ERROR,
                        Error::from(error).to_string(),
                    )
                }),
        }
    }
}
