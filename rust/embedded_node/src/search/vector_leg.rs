//! Ranking by vectors: where the relevancy rules would stand, the similarity to one vector orders the documents. The
//! sort rules around it are the engine's; documents that are equally near form one bucket for those behind it.

use std::collections::HashMap;

use milli_core::heed::RoTxn;
use milli_core::score_details::{ScoreDetails, ScoringStrategy, Vector};
use milli_core::{
    AscDesc, Criterion, DefaultSearchLogger, DocumentId, Index, Member, SearchContext,
    SearchResult, TermsMatchingStrategy, TimeBudget, execute_search,
};
use roaring::RoaringBitmap;

use super::distinct;
use super::nearest::Near;

/// What the leg ranks, and how.
pub struct Leg<'s> {
    pub index: &'s Index,
    pub rtxn: &'s RoTxn<'s>,
    pub universe: RoaringBitmap,
    pub sort: &'s Option<Vec<AscDesc>>,
    pub distinct: Option<u16>,
    pub threshold: Option<f64>,
    pub budget: TimeBudget,
    /// How many hits are wanted.
    pub needed: usize,
    /// How many hits are looked for, so that what the threshold drops is counted.
    pub examined: usize,
}

type Ranked = (DocumentId, Vec<ScoreDetails>);

impl Leg<'_> {
    /// Ranks the universe; `near` holds its documents that have vectors, nearest first. Errors are the engine's.
    pub fn rank(&self, near: &[Near]) -> milli_core::Result<SearchResult> {
        let place = self.place()?;
        let ranked = match place {
            None => self.sorted(self.universe.clone(), self.length())?,
            Some(0) => self.by_vector_first(near)?,
            Some(place) => self.inside_runs(place, near)?,
        };
        let selected = self.select(ranked, place)?;
        let (documents_ids, document_scores) = selected.hits.into_iter().take(self.needed).unzip();
        Ok(SearchResult {
            candidates: selected.candidates,
            documents_ids,
            document_scores,
            ..SearchResult::default()
        })
    }

    /// How many sort rules stand before the vector rule; nothing where no rule gives way to it.
    fn place(&self) -> milli_core::Result<Option<usize>> {
        let rules = self.index.criteria(self.rtxn)?;
        let relevancy = rules.iter().position(|rule| {
            !matches!(
                rule,
                Criterion::Sort | Criterion::Asc(_) | Criterion::Desc(_)
            )
        });
        let Some(end) = relevancy else {
            return Ok(None);
        };
        let mut fields = Vec::new();
        let mut points = 0;
        for rule in &rules[..end] {
            match rule {
                Criterion::Asc(name) | Criterion::Desc(name) => fields.push(name.as_str()),
                _ => {
                    for criterion in self.sort.iter().flatten() {
                        match criterion.member() {
                            Member::Field(name) => fields.push(name),
                            Member::Geo(_) => points += 1,
                        }
                    }
                }
            }
        }
        fields.sort_unstable();
        fields.dedup();
        Ok(Some(fields.len() + points))
    }

    /// Everything where the distinct rule may pass over any number of documents.
    fn length(&self) -> usize {
        match self.distinct {
            Some(_) => self.universe.len() as usize,
            None => self.examined,
        }
    }

    /// The order of the sort rules alone.
    fn sorted(&self, universe: RoaringBitmap, length: usize) -> milli_core::Result<Vec<Ranked>> {
        let mut context = SearchContext::new(self.index, self.rtxn)?;
        let distinct = self.distinct.map(|_| distinct::NOTHING.to_owned());
        let found = execute_search(
            &mut context,
            None,
            TermsMatchingStrategy::default(),
            ScoringStrategy::Detailed,
            false,
            universe,
            self.sort,
            &distinct,
            Default::default(),
            0,
            length,
            None,
            &mut DefaultSearchLogger,
            &mut DefaultSearchLogger,
            self.budget.clone(),
            None,
            None,
        )?;
        let ids = found.documents_ids.into_iter();
        Ok(ids.zip(found.document_scores).collect())
    }

    /// Nothing stands before the vectors: only the nearest have to be ranked at all, then those without any.
    fn by_vector_first(&self, near: &[Near]) -> milli_core::Result<Vec<Ranked>> {
        let length = self.length();
        let last = near.get(length.saturating_sub(1)).map(|last| last.distance);
        let head = last.map_or(near.len(), |last| {
            near.partition_point(|one| one.distance <= last)
        });
        let ids: RoaringBitmap = near[..head].iter().map(|one| one.id).collect();
        let mut ranked = self.sorted(ids, head)?;
        place_vectors(&mut ranked, 0, &by_id(&near[..head]));
        if head == near.len() && head < length {
            let with: RoaringBitmap = near.iter().map(|one| one.id).collect();
            let mut without = self.sorted(&self.universe - with, length - head)?;
            place_vectors(&mut without, 0, &HashMap::new());
            ranked.append(&mut without);
        }
        Ok(ranked)
    }

    /// Sort rules stand before the vectors: these order only what those leave equal.
    fn inside_runs(&self, place: usize, near: &[Near]) -> milli_core::Result<Vec<Ranked>> {
        let everything = self.universe.len() as usize;
        let mut ranked = self.sorted(self.universe.clone(), everything)?;
        let near = by_id(near);
        let equal = |left: &Ranked, right: &Ranked| left.1.get(..place) == right.1.get(..place);
        let runs = ranked.chunk_by_mut(equal);
        for run in runs {
            place_vectors(run, place, &near);
        }
        Ok(ranked)
    }

    /// Applies threshold and distinct rule down the ranked list, until enough is found.
    fn select(&self, ranked: Vec<Ranked>, place: Option<usize>) -> milli_core::Result<Selected> {
        let mut hits: Vec<Ranked> = Vec::new();
        let mut low = RoaringBitmap::new();
        let mut equals = RoaringBitmap::new();
        for (id, details) in ranked {
            if hits.len() >= self.examined {
                break;
            }
            if self.is_low(&details, place) {
                low.insert(id);
                continue;
            }
            if equals.contains(id) {
                continue;
            }
            if let Some(field) = self.distinct {
                distinct::add_equals(self.index, self.rtxn, field, id, &mut equals)?;
            }
            hits.push((id, details));
        }
        let found: RoaringBitmap = hits.iter().map(|(id, _)| *id).collect();
        let candidates = match place {
            // Behind the first that is too far there are only others that are.
            Some(0) if !low.is_empty() => found,
            _ => (&self.universe - (low | equals)) | found,
        };
        Ok(Selected { hits, candidates })
    }

    fn is_low(&self, details: &[ScoreDetails], place: Option<usize>) -> bool {
        let entry = place.and_then(|place| details.get(place));
        let (Some(threshold), Some(ScoreDetails::Vector(vector))) = (self.threshold, entry) else {
            return false;
        };
        vector.similarity.map_or(0.0, f64::from) < threshold
    }
}

struct Selected {
    hits: Vec<Ranked>,
    candidates: RoaringBitmap,
}

fn by_id(near: &[Near]) -> HashMap<DocumentId, Near> {
    near.iter().map(|one| (one.id, *one)).collect()
}

/// Orders documents by their vectors, equal ones as they were, those without last; and tells it in their details.
fn place_vectors(ranked: &mut [Ranked], place: usize, near: &HashMap<DocumentId, Near>) {
    let distance = |id: &DocumentId| near.get(id).map_or(f32::INFINITY, |one| one.distance);
    ranked.sort_by(|left, right| distance(&left.0).total_cmp(&distance(&right.0)));
    for (id, details) in ranked {
        let similarity = near.get(id).map(|one| one.similarity);
        let entry = ScoreDetails::Vector(Vector { similarity });
        details.insert(place.min(details.len()), entry);
    }
}
