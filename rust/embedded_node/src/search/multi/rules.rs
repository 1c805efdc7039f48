//! Whether the ranking rules of two queries can be compared: their kinds, one behind the other, must agree.

use milli_core::{AscDesc, Criterion, Member};

use crate::error::{ApiError, codes};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Relevancy,
    Ascending,
    Descending,
    AscendingGeo,
    DescendingGeo,
}

/// The kinds of the rules that rank one query, neighbours of relevancy taken as one.
pub struct Rules {
    kinds: Vec<Kind>,
    position: usize,
}

impl Rules {
    /// `relevancy` is false for a search without words and vectors; `vectors` keeps only the first of the relevancy rules.
    pub fn new(
        criteria: &[Criterion],
        sort: &[AscDesc],
        relevancy: bool,
        vectors: bool,
        position: usize,
    ) -> Self {
        let mut kinds: Vec<Kind> = Vec::new();
        let mut sorted: Vec<&str> = Vec::new();
        for criterion in criteria {
            match criterion {
                Criterion::Sort => {
                    kinds.extend(sort.iter().filter_map(|one| kind_of(one, &mut sorted)))
                }
                Criterion::Asc(name) => kinds.extend(fresh(name, Kind::Ascending, &mut sorted)),
                Criterion::Desc(name) => kinds.extend(fresh(name, Kind::Descending, &mut sorted)),
                _ if !relevancy => {}
                _ if vectors && kinds.contains(&Kind::Relevancy) => {}
                _ if kinds.last() == Some(&Kind::Relevancy) => {}
                _ => kinds.push(Kind::Relevancy),
            }
        }
        Self { kinds, position }
    }

    /// Refuses rules that do not agree; else the longer ones, which the next query is held against.
    pub fn agreeing(self, earlier: Option<Self>) -> Result<Self, ApiError> {
        let Some(earlier) = earlier else {
            return Ok(self);
        };
        let mut pairs = earlier.kinds.iter().zip(&self.kinds);
        if let Some((before, now)) = pairs.find(|(before, now)| before != now) {
            let message = format!(
                "The results of queries #{} and #{} are incompatible: \n  - {}\n",
                earlier.position,
                self.position,
                reason(*before, *now)
            );
            return Err(ApiError::new(
                codes::INVALID_MULTI_SEARCH_QUERY_RANKING_RULES,
                message,
            ));
        }
        Ok(match earlier.kinds.len() > self.kinds.len() {
            true => earlier,
            false => self,
        })
    }
}

fn kind_of<'n>(criterion: &'n AscDesc, sorted: &mut Vec<&'n str>) -> Option<Kind> {
    match criterion {
        AscDesc::Asc(Member::Field(name)) => fresh(name, Kind::Ascending, sorted),
        AscDesc::Desc(Member::Field(name)) => fresh(name, Kind::Descending, sorted),
        AscDesc::Asc(Member::Geo(_)) => Some(Kind::AscendingGeo),
        AscDesc::Desc(Member::Geo(_)) => Some(Kind::DescendingGeo),
    }
}

/// A field that is sorted by already is not sorted by again.
fn fresh<'n>(name: &'n str, kind: Kind, sorted: &mut Vec<&'n str>) -> Option<Kind> {
    if sorted.contains(&name) {
        return None;
    }
    sorted.push(name);
    Some(kind)
}

fn reason(before: Kind, now: Kind) -> &'static str {
    let geo = |kind| matches!(kind, Kind::AscendingGeo | Kind::DescendingGeo);
    match (
        before == Kind::Relevancy || now == Kind::Relevancy,
        geo(before),
        geo(now),
    ) {
        (true, false, false) => "cannot compare a relevancy rule with a sort rule",
        (true, ..) => "cannot compare a relevancy rule with a geosort rule",
        (false, true, true) => "cannot compare two geosort rules in opposite directions",
        (false, false, false) => "cannot compare two sort rules in opposite directions",
        (false, ..) => "cannot compare a sort rule with a geosort rule",
    }
}
