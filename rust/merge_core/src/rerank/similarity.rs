//! How near two vectors are: (1 + cosine) / 2 in single precision, as an engine tells it of vectors that it keeps whole.

/// So many sums are kept at once: wide registers take several of them in one step.
const LANES: usize = 16;

/// Moves similarities that crowd together apart, as an embedder's settings or its model say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    pub mean: f32,
    pub sigma: f32,
}

impl Shift {
    /// A similarity as if all of them had the mean 0.5 and the deviation 0.4; more than 0, at most 1.
    fn moved(self, similarity: f32) -> f32 {
        let factor = 0.4 / self.sigma;
        let moved = factor * similarity + (0.5 - factor * self.mean);
        if moved <= 0.0 {
            f32::EPSILON
        } else {
            moved.min(1.0)
        }
    }
}

/// A vector that others are compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    vector: Vec<f32>,
    norm: f32,
    shift: Option<Shift>,
}

impl Query {
    pub fn new(vector: Vec<f32>, shift: Option<Shift>) -> Self {
        let norm = dot(&vector, &vector).sqrt();
        Self {
            vector,
            norm,
            shift,
        }
    }

    /// The similarity to a vector of which only the signs were kept: what is not positive counts as -1. None where the
    /// dimensions differ.
    pub fn to_signs(&self, signs: &mut [f32]) -> Option<f32> {
        for sign in &mut *signs {
            *sign = if *sign > 0.0 { 1.0 } else { -1.0 };
        }
        if signs.len() != self.vector.len() {
            return None;
        }
        let norms = self.norm * (signs.len() as f32).sqrt();
        let cosine = if norms > f32::EPSILON {
            (dot(&self.vector, signs) / norms).clamp(-1.0, 1.0)
        } else {
            1.0 // an engine's word on a vector of nothing
        };
        let similarity = 1.0 - (1.0 - cosine) / 2.0;
        Some(
            self.shift
                .map_or(similarity, |shift| shift.moved(similarity)),
        )
    }
}

/// The dot product of two vectors of one length.
pub fn dot(one: &[f32], other: &[f32]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { dot_wide(one, other) };
    }
    dot_lanes(one, other, |sum, a, b| sum + a * b)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn dot_wide(one: &[f32], other: &[f32]) -> f32 {
    dot_lanes(one, other, |sum, a, b| a.mul_add(b, sum))
}

#[inline(always)]
fn dot_lanes(one: &[f32], other: &[f32], add: impl Fn(f32, f32, f32) -> f32) -> f32 {
    let (chunks, rest) = one.as_chunks::<LANES>();
    let (other_chunks, other_rest) = other.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (chunk, against) in chunks.iter().zip(other_chunks) {
        for lane in 0..LANES {
            sums[lane] = add(sums[lane], chunk[lane], against[lane]);
        }
    }
    let rests = rest.iter().zip(other_rest);
    rests.fold(sums.iter().sum(), |sum, (a, b)| add(sum, *a, *b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f32, other: f64) -> bool {
        (f64::from(one) - other).abs() < 1e-5
    }

    #[test]
    fn the_dot_product_is_that_of_double_precision() {
        for length in [0, 1, 15, 16, 17, 384, 1537] {
            let number = |at: usize| ((at * 37 % 101) as f32 - 50.0) / 50.0;
            let one: Vec<f32> = (0..length).map(number).collect();
            let other: Vec<f32> = (0..length).map(|at| number(at + 7)).collect();
            let exact: f64 = one
                .iter()
                .zip(&other)
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum();
            let norm = (length as f64).max(1.0);
            assert!(
                close(dot(&one, &other) / norm as f32, exact / norm),
                "{length}"
            );
            let plain = dot_lanes(&one, &other, |sum, a, b| sum + a * b);
            assert!(close(plain / norm as f32, exact / norm), "{length}");
        }
    }

    #[test]
    fn a_vector_is_nearest_to_its_own_signs() {
        let query = Query::new(vec![3.0, -4.0], None);
        let own = query.to_signs(&mut [0.7, 0.0]).unwrap();
        assert!(close(own, (1.0 + 7.0 / (5.0 * 2f64.sqrt())) / 2.0));
        let opposite = query.to_signs(&mut [0.0, 1.0]).unwrap();
        assert!(close(opposite, f64::from(1.0 - own)));
        assert_eq!(query.to_signs(&mut [1.0]), None);
    }

    #[test]
    fn a_vector_of_nothing_is_near_to_all() {
        assert_eq!(Query::new(vec![0.0], None).to_signs(&mut [1.0]), Some(1.0));
    }

    #[test]
    fn a_shift_keeps_the_order_and_the_range() {
        let shift = Shift {
            mean: 0.7,
            sigma: 0.1,
        };
        assert!(close(shift.moved(0.7), 0.5));
        assert!(close(shift.moved(0.75), 0.7));
        assert_eq!(shift.moved(0.1), f32::EPSILON);
        assert_eq!(shift.moved(0.99), 1.0);
    }
}
