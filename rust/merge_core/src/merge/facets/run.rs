//! Where a node's numbers end and its texts begin: one facet's labels are both, and a text may look like a number.

use std::cmp::Ordering;

use super::values::FEW;
use crate::json::by_value;
use crate::merge::plan::FacetOrder;

/// The numbers that a node named so far, in one of the orders in which a node may name them.
#[derive(Debug)]
pub struct Run<'a> {
    by_count: bool,
    /// Whether all labels so far may be in the order of texts, or in that of numbers.
    as_texts: bool,
    as_numbers: bool,
    last: Option<(f64, &'a [u8], u64)>,
}

impl Run<'_> {
    /// `candidates` is what the node says of them, which it may have cut: only many are surely many.
    pub fn new(order: FacetOrder, candidates: u64) -> Self {
        Self {
            by_count: order == FacetOrder::Count,
            as_texts: candidates <= FEW,
            as_numbers: true,
            last: None,
        }
    }
}

impl<'a> Run<'a> {
    /// Whether the next label can still be one of the numbers: texts begin anew in their own order.
    pub fn goes_on(&mut self, number: f64, label: &'a [u8], count: u64) -> bool {
        let Some((before, text, more)) = self.last.replace((number, label, count)) else {
            return true;
        };
        if self.by_count {
            return more.cmp(&count).then(by_value(before, number)) == Ordering::Greater;
        }
        self.as_texts &= text < label;
        self.as_numbers &= by_value(before, number).is_lt();
        self.as_texts || self.as_numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these values are taken for numbers.
    fn taken(order: FacetOrder, candidates: u64, values: &[(&str, u64)]) -> usize {
        let mut run = Run::new(order, candidates);
        let mut taken = values.iter();
        taken
            .position(|(label, count)| {
                !run.goes_on(label.parse().unwrap(), label.as_bytes(), *count)
            })
            .unwrap_or(values.len())
    }

    #[test]
    fn numbers_end_where_the_order_of_the_node_breaks() {
        let alpha = [("1", 1), ("3", 1), ("9007", 1), ("7", 1)];
        assert_eq!(taken(FacetOrder::Alpha, 4, &alpha), 3);
        assert_eq!(taken(FacetOrder::Alpha, 4000, &alpha), 3);
        let texts = [("-0", 1), ("0", 1), ("10", 1), ("2", 1), ("10", 1)];
        assert_eq!(taken(FacetOrder::Alpha, 4, &texts), 4);
        assert_eq!(taken(FacetOrder::Alpha, 4000, &texts), 1);
        let counted = [("2", 5), ("-0", 5), ("0", 5), ("9", 1), ("10", 4)];
        assert_eq!(taken(FacetOrder::Count, 4, &counted), 4);
    }
}
