//! The score of some relevancy rules together, where a sort parts them from others of the same hit.
//!
//! An engine folds ranks: each rule tells apart what the rules before it find equal. A rule's score is its rank as a
//! fraction of a largest rank, and not all rules show the latter. Where it is not shown it follows from the number of
//! words, or is the least of which the score is a whole fraction: then the result may be off by less than one step of
//! that rule.

/// Which rule it is, as far as its largest rank is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Words,
    Typo,
    Proximity,
    WordPosition,
    Exactness,
    Other,
}

impl Kind {
    pub fn of(name: &[u8]) -> Self {
        match name {
            b"words" => Self::Words,
            b"typo" => Self::Typo,
            b"proximity" => Self::Proximity,
            b"wordPosition" => Self::WordPosition,
            b"exactness" => Self::Exactness,
            _ => Self::Other,
        }
    }
}

/// What one relevancy rule says: its score, and what of its counts is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub kind: Kind,
    pub score: f64,
    pub most: Option<f64>,
    pub words: Option<f64>,
}

impl Rule {
    /// The search was cut off here: the lowest rank of one.
    pub fn skipped() -> Self {
        Self {
            kind: Kind::Words,
            score: 0.0,
            most: Some(1.0),
            words: None,
        }
    }
}

/// All relevancy rules of one hit: they tell with how many words it was found.
pub struct Ranks {
    words: f64,
}

/// No rule has a larger rank, save by a great many words.
const LARGEST: u32 = 2000;

impl Ranks {
    pub fn of<'r>(mut rules: impl Iterator<Item = &'r Rule>) -> Self {
        let found = rules.find_map(|rule| match rule.kind {
            Kind::Words => rule.words,
            _ => None,
        });
        Self {
            words: found.unwrap_or(1.0).max(1.0),
        }
    }

    /// The score of rules that follow each other.
    pub fn score(&self, rules: &[Rule]) -> f64 {
        let (mut rank, mut most) = (1.0, 1.0);
        for rule in rules {
            let inner = self.largest(rule);
            rank = (rank - 1.0) * inner + (rule.score * inner).round();
            most *= inner;
        }
        rank / most
    }

    fn largest(&self, rule: &Rule) -> f64 {
        let shown = match (rule.kind, rule.most) {
            (Kind::Words, Some(most)) => Some(most),
            (Kind::Typo, Some(most)) => Some(most + 1.0),
            (Kind::Exactness, Some(most)) => Some(3.0 * (most + 1.0)),
            _ => None,
        };
        shown.unwrap_or_else(|| self.likely(rule))
    }

    fn likely(&self, rule: &Rule) -> f64 {
        let (likely, least, step) = match rule.kind {
            Kind::Proximity => (3.0 * (self.words - 1.0) + 1.0, 1.0, 3.0),
            Kind::WordPosition => (10.0 * self.words + 1.0, 1.0, 10.0),
            Kind::Exactness => (3.0 * (self.words + 1.0), 3.0, 3.0),
            _ => (1.0, 1.0, 1.0),
        };
        let others = (0..LARGEST).map(|number| least + f64::from(number) * step);
        std::iter::once(likely)
            .chain(others)
            .find(|largest| is_whole(rule.score * largest))
            .unwrap_or(likely)
    }
}

fn is_whole(value: f64) -> bool {
    (value - value.round()).abs() < 1e-9 * value.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: Kind, score: f64, most: Option<f64>) -> Rule {
        Rule {
            kind,
            score,
            most,
            words: Some(2.0).filter(|_| kind == Kind::Words),
        }
    }

    #[test]
    fn ranks_are_folded_as_an_engine_folds_them() {
        let rules = [
            rule(Kind::Words, 1.0, Some(2.0)),
            rule(Kind::Typo, 2.0 / 3.0, Some(2.0)),
            rule(Kind::Proximity, 0.75, None),
            rule(Kind::Other, 2.0 / 3.0, None),
        ];
        // Words 2 of 2 and typo 2 of 3 are 5 of 6; with proximity 3 of 4 they are 19 of 24, with 2 of 3 then 56 of 72.
        let expected = 56.0 / 72.0;
        assert_eq!(Ranks::of(rules.iter()).score(&rules), expected);
    }

    #[test]
    fn what_was_cut_off_is_worth_nothing() {
        assert_eq!(Ranks { words: 1.0 }.score(&[Rule::skipped()]), 0.0);
    }

    #[test]
    fn a_largest_rank_that_words_do_not_explain_is_the_least_possible() {
        let ranks = Ranks { words: 1.0 };
        assert_eq!(ranks.likely(&rule(Kind::Proximity, 1.0, None)), 1.0);
        assert_eq!(ranks.likely(&rule(Kind::Proximity, 5.0 / 7.0, None)), 7.0);
        assert_eq!(
            ranks.likely(&rule(Kind::WordPosition, 4.0 / 11.0, None)),
            11.0
        );
        assert_eq!(ranks.likely(&rule(Kind::Other, 0.4, None)), 5.0);
    }
}
