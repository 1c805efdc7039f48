//! How near the documents of a set are to a vector: all of them, exactly, as a stock node that scans its vectors tells.
//! The engine's own search asks its forest of random trees, which passes over near ones, and after some updates over most.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use milli_core::arroy::distances::{BinaryQuantizedCosine, Cosine};
use milli_core::arroy::{self, Distance, Reader};
use milli_core::heed::RoTxn;
use milli_core::vector::{Embedder, arroy_db_range_for_embedder};
use milli_core::{DocumentId, Index, UserError};
use roaring::RoaringBitmap;

use crate::error::{ApiError, codes};

/// Vectors of bits are kept in words of this many.
const WORD: usize = 64;

/// One document that has vectors, by its nearest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    pub id: DocumentId,
    pub distance: f32,
    /// Between 0 and 1, shifted as the embedder's distribution says.
    pub similarity: f32,
}

/// The vectors of one embedder.
#[derive(Clone)]
pub struct Vectors {
    pub name: String,
    pub embedder: Arc<Embedder>,
    pub quantized: bool,
}

impl Vectors {
    /// The embedder of this name; `missing` says what its absence is.
    pub fn of(
        index: &Index,
        rtxn: &RoTxn<'_>,
        name: &str,
        missing: impl Fn() -> UserError,
    ) -> Result<Self, ApiError> {
        let configs = index.embedding_configs(rtxn)?.into_iter();
        let Some(found) = configs.into_iter().find(|config| config.name == name) else {
            return Err(milli_core::Error::from(missing()).into());
        };
        let quantized = found.config.quantized();
        let embedder = Embedder::new(found.config.embedder_options, 0)
            .map_err(|error| ApiError::new(codes::VECTOR_EMBEDDING_ERROR, error.to_string()))?;
        Ok(Self {
            name: found.name,
            embedder: Arc::new(embedder),
            quantized,
        })
    }

    /// The documents of `universe` that have vectors, nearest first, equal ones by their internal id.
    pub fn near_vector(
        &self,
        index: &Index,
        rtxn: &RoTxn<'_>,
        target: &[f32],
        universe: &RoaringBitmap,
    ) -> milli_core::Result<Vec<Near>> {
        let found = match self.quantized {
            true => self.bits(index, rtxn)?.scan(target, universe)?,
            false => self.numbers(index, rtxn)?.scan(target, universe)?,
        };
        Ok(self.sorted(found))
    }

    /// The same around the vectors of a document: its first among the first vectors of the others, its second among the
    /// second ones, and so on, as the engine has them in stores.
    pub fn near_document(
        &self,
        index: &Index,
        rtxn: &RoTxn<'_>,
        id: DocumentId,
        universe: &RoaringBitmap,
    ) -> milli_core::Result<Vec<Near>> {
        let found = match self.quantized {
            true => self.bits(index, rtxn)?.scan_around(id, universe)?,
            false => self.numbers(index, rtxn)?.scan_around(id, universe)?,
        };
        Ok(self.sorted(found))
    }

    fn numbers<'t>(
        &self,
        index: &Index,
        rtxn: &'t RoTxn<'t>,
    ) -> milli_core::Result<Stores<'t, Cosine>> {
        Stores::open(index, rtxn, &self.name, angle)
    }

    fn bits<'t>(
        &self,
        index: &Index,
        rtxn: &'t RoTxn<'t>,
    ) -> milli_core::Result<Stores<'t, BinaryQuantizedCosine>> {
        Stores::open(index, rtxn, &self.name, differing_bits)
    }

    fn sorted(&self, mut found: Vec<(DocumentId, f32)>) -> Vec<Near> {
        found.sort_by(nearest_first);
        let mut seen = HashSet::new();
        found.retain(|(id, _)| seen.insert(*id));
        let shift = self.embedder.distribution();
        let near = found.into_iter().map(|(id, distance)| Near {
            id,
            distance,
            similarity: shift.map_or(1.0 - distance, |shift| shift.shift(1.0 - distance)),
        });
        near.collect()
    }
}

fn nearest_first(left: &(DocumentId, f32), right: &(DocumentId, f32)) -> Ordering {
    left.1.total_cmp(&right.1).then(left.0.cmp(&right.0))
}

/// The stores of an embedder: the first vectors of all documents, their second ones, and so on.
struct Stores<'t, D: Distance> {
    rtxn: &'t RoTxn<'t>,
    readers: Vec<Reader<'t, D>>,
    distance: fn(&[f32], &[f32]) -> f32,
}

type Distances = Vec<(DocumentId, f32)>;

impl<'t, D: Distance> Stores<'t, D> {
    fn open(
        index: &Index,
        rtxn: &'t RoTxn<'t>,
        embedder: &str,
        distance: fn(&[f32], &[f32]) -> f32,
    ) -> milli_core::Result<Self> {
        let mut stores = Self {
            rtxn,
            readers: Vec::new(),
            distance,
        };
        let Some(number) = index.embedder_category_id.get(rtxn, embedder)? else {
            return Ok(stores);
        };
        for store in arroy_db_range_for_embedder(number) {
            match Reader::open(rtxn, store, index.vector_arroy.remap_data_type()) {
                Ok(reader) if !reader.item_ids().is_empty() => stores.readers.push(reader),
                Ok(_) | Err(arroy::Error::MissingMetadata(_)) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(stores)
    }

    fn scan(&self, target: &[f32], universe: &RoaringBitmap) -> Result<Distances, arroy::Error> {
        let mut found = Vec::new();
        for reader in &self.readers {
            self.scan_store(reader, target, universe, &mut found)?;
        }
        Ok(found)
    }

    fn scan_around(
        &self,
        id: DocumentId,
        universe: &RoaringBitmap,
    ) -> Result<Distances, arroy::Error> {
        let mut found = Vec::new();
        for reader in &self.readers {
            let Some(target) = reader.item_vector(self.rtxn, id)? else {
                break;
            };
            self.scan_store(reader, &target, universe, &mut found)?;
        }
        Ok(found)
    }

    fn scan_store(
        &self,
        reader: &Reader<'t, D>,
        target: &[f32],
        universe: &RoaringBitmap,
        found: &mut Distances,
    ) -> Result<(), arroy::Error> {
        for id in reader.item_ids() & universe {
            if let Some(vector) = reader.item_vector(self.rtxn, id)? {
                found.push((id, (self.distance)(target, &vector)));
            }
        }
        Ok(())
    }
}

/// The share of differing bits, of as many as a stock node has in its whole words. Only what is above zero sets a bit.
fn differing_bits(left: &[f32], right: &[f32]) -> f32 {
    let pairs = left.iter().zip(right);
    let differing = pairs.filter(|(left, right)| (**left > 0.0) != (**right > 0.0));
    differing.count() as f32 / left.len().next_multiple_of(WORD).max(WORD) as f32
}

/// Half of one less the cosine: 0 for the same direction, 1 for the opposite one. Nothing is far from no direction.
fn angle(left: &[f32], right: &[f32]) -> f32 {
    let norms = (dot(left, left) * dot(right, right)).sqrt();
    if norms <= f64::from(f32::EPSILON) {
        return 0.0;
    }
    let cosine = (dot(left, right) / norms).clamp(-1.0, 1.0);
    ((1.0 - cosine) / 2.0) as f32
}

fn dot(left: &[f32], right: &[f32]) -> f64 {
    let products = left.iter().zip(right);
    products
        .map(|(left, right)| f64::from(*left) * f64::from(*right))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_go_from_the_same_to_the_opposite_direction() {
        assert_eq!(angle(&[0.3, 0.1], &[0.6, 0.2]), 0.0);
        assert_eq!(angle(&[1.0, 0.0], &[0.0, 2.0]), 0.5);
        assert_eq!(angle(&[1.0, 0.0], &[-3.0, 0.0]), 1.0);
        assert_eq!(angle(&[0.0, 0.0], &[1.0, 0.0]), 0.0);
    }

    #[test]
    fn bits_differ_by_what_is_above_zero() {
        assert_eq!(
            differing_bits(&[0.3, 1.0, -1.0], &[1.0, 1.0, 1.0]),
            1.0 / 64.0
        );
        assert_eq!(differing_bits(&[0.0, -0.0], &[-1.0, -7.0]), 0.0);
        assert_eq!(differing_bits(&[1.0; 65], &[-1.0; 65]), 65.0 / 128.0);
    }
}
