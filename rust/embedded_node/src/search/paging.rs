//! The two ways to page: a window into an estimated total, or numbered pages over an exact one.

use serde::Serialize;

use super::request::SearchRequest;

/// What part of the ranked hits a request wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    Window { offset: usize, limit: usize },
    Pages { page: usize, hits_per_page: usize },
}

/// The paging part of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Totals {
    Window {
        limit: usize,
        offset: usize,
        estimated_total_hits: usize,
    },
    Pages {
        hits_per_page: usize,
        page: usize,
        total_pages: usize,
        total_hits: usize,
    },
}

impl Paging {
    /// Either of `page` and `hitsPerPage` chooses pages.
    pub fn of(request: &SearchRequest) -> Self {
        let SearchRequest {
            page,
            hits_per_page,
            ..
        } = *request;
        Self::new(request.offset, request.limit, page, hits_per_page)
    }

    pub fn new(
        offset: usize,
        limit: usize,
        page: Option<usize>,
        hits_per_page: Option<usize>,
    ) -> Self {
        match (page, hits_per_page) {
            (None, None) => Self::Window { offset, limit },
            (page, hits_per_page) => Self::Pages {
                page: page.unwrap_or(1),
                hits_per_page: hits_per_page.unwrap_or(super::request::DEFAULT_LIMIT),
            },
        }
    }

    pub fn is_exhaustive(self) -> bool {
        matches!(self, Self::Pages { .. })
    }

    /// How many of the best hits are needed at all: none beyond `max_total_hits`.
    pub fn needed(self, max_total_hits: usize) -> usize {
        let end = match self {
            Self::Window { offset, limit } => offset.saturating_add(limit),
            Self::Pages {
                page,
                hits_per_page,
            } => page.saturating_mul(hits_per_page),
        };
        end.min(max_total_hits)
    }

    /// How many of the best hits come before the wanted ones.
    pub fn skipped(self) -> usize {
        match self {
            Self::Window { offset, .. } => offset,
            Self::Pages {
                page,
                hits_per_page,
            } => page.saturating_sub(1).saturating_mul(hits_per_page),
        }
    }

    /// How many hits are shown at most.
    pub fn shown(self) -> usize {
        match self {
            Self::Window { limit, .. } => limit,
            Self::Pages { page: 0, .. } => 0,
            Self::Pages { hits_per_page, .. } => hits_per_page,
        }
    }

    /// The echo of the request beside the number of candidates.
    pub fn totals(self, candidates: usize) -> Totals {
        match self {
            Self::Window { offset, limit } => Totals::Window {
                limit,
                offset,
                estimated_total_hits: candidates,
            },
            Self::Pages {
                page,
                hits_per_page,
            } => {
                let total_pages = candidates.checked_add(hits_per_page.saturating_sub(1));
                let total_pages = total_pages
                    .and_then(|sum| sum.checked_div(hits_per_page))
                    .unwrap_or(0);
                Totals::Pages {
                    hits_per_page,
                    page,
                    total_pages,
                    total_hits: candidates,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pages(page: usize, hits_per_page: usize) -> Paging {
        Paging::Pages {
            page,
            hits_per_page,
        }
    }

    #[test]
    fn either_page_parameter_chooses_pages() {
        let request = SearchRequest {
            hits_per_page: Some(3),
            ..SearchRequest::default()
        };
        assert_eq!(Paging::of(&request), pages(1, 3));
        let request = SearchRequest {
            page: Some(2),
            ..SearchRequest::default()
        };
        assert_eq!(Paging::of(&request), pages(2, 20));
    }

    #[test]
    fn nothing_beyond_the_cap_is_ever_needed() {
        assert_eq!(
            Paging::Window {
                offset: usize::MAX,
                limit: 20
            }
            .needed(1000),
            1000
        );
        assert_eq!(pages(100, 20).needed(1000), 1000);
        assert_eq!((pages(0, 20).needed(1000), pages(0, 20).skipped()), (0, 0));
    }

    #[test]
    fn totals_are_not_cut_and_pages_round_up() {
        let value = serde_json::to_value(pages(2, 3).totals(7)).expect("json");
        assert_eq!(
            value,
            json!({"hitsPerPage": 3, "page": 2, "totalPages": 3, "totalHits": 7})
        );
        let none = Totals::Pages {
            hits_per_page: 0,
            page: 1,
            total_pages: 0,
            total_hits: 7,
        };
        assert_eq!(pages(1, 0).totals(7), none);
    }
}
