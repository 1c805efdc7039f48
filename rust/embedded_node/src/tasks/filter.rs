//! Which tasks a request means: the filters of `GET /tasks`, cancelation and deletion, and whether a task passes them.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

use super::model::{Status, TYPES, Task};
use crate::auth::Access;
use crate::error::{ApiError, Code, codes};
use crate::indexes::uid;
use crate::query::Query;

type Result<T> = std::result::Result<T, ApiError>;

/// The names of the filters, as query parameters.
pub const NAMES: [&str; 12] = [
    "uids",
    "batchUids",
    "canceledBy",
    "types",
    "statuses",
    "indexUids",
    "afterEnqueuedAt",
    "beforeEnqueuedAt",
    "afterStartedAt",
    "beforeStartedAt",
    "afterFinishedAt",
    "beforeFinishedAt",
];

/// Exclusive bounds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Between {
    after: Option<OffsetDateTime>,
    before: Option<OffsetDateTime>,
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct TaskFilter {
    uids: Option<Vec<u32>>,
    batches: Option<Vec<u32>>,
    canceled_by: Option<Vec<u32>>,
    types: Option<Vec<&'static str>>,
    statuses: Option<Vec<Status>>,
    indexes: Option<Vec<String>>,
    enqueued: Between,
    started: Between,
    finished: Between,
}

impl TaskFilter {
    pub fn read(query: &Query) -> Result<Self> {
        Ok(Self {
            uids: numbers(query, "uids", codes::INVALID_TASK_UIDS)?,
            batches: numbers(query, "batchUids", codes::INVALID_BATCH_UIDS)?,
            canceled_by: numbers(query, "canceledBy", codes::INVALID_TASK_CANCELED_BY)?,
            types: names(
                query,
                "types",
                codes::INVALID_TASK_TYPES,
                "type",
                &TYPES.map(|name| (name, name)),
            )?,
            statuses: {
                let all = Status::ALL.map(|status| (status.name(), status));
                names(
                    query,
                    "statuses",
                    codes::INVALID_TASK_STATUSES,
                    "status",
                    &all,
                )?
            },
            indexes: indexes(query)?,
            enqueued: between(
                query,
                ("afterEnqueuedAt", codes::INVALID_TASK_AFTER_ENQUEUED_AT),
                ("beforeEnqueuedAt", codes::INVALID_TASK_BEFORE_ENQUEUED_AT),
            )?,
            started: between(
                query,
                ("afterStartedAt", codes::INVALID_TASK_AFTER_STARTED_AT),
                ("beforeStartedAt", codes::INVALID_TASK_BEFORE_STARTED_AT),
            )?,
            finished: between(
                query,
                ("afterFinishedAt", codes::INVALID_TASK_AFTER_FINISHED_AT),
                ("beforeFinishedAt", codes::INVALID_TASK_BEFORE_FINISHED_AT),
            )?,
        })
    }

    /// Whether nothing is filtered out.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether only waiting and running tasks can pass.
    pub fn only_pending(&self) -> bool {
        self.statuses
            .as_ref()
            .is_some_and(|list| list.iter().all(|status| !status.finished()))
    }

    /// The uids that can pass, where the client named them.
    pub fn uids(&self) -> Option<&[u32]> {
        self.uids.as_deref()
    }

    pub fn passes(&self, task: &Task) -> bool {
        let in_list = |list: &Option<Vec<u32>>, uid: Option<u32>| match list {
            None => true,
            Some(list) => uid.is_some_and(|uid| list.contains(&uid)),
        };
        in_list(&self.uids, Some(task.uid))
            && in_list(&self.batches, task.batch_uid)
            && in_list(&self.canceled_by, task.canceled_by)
            && self
                .types
                .as_ref()
                .is_none_or(|types| types.contains(&task.content.type_name()))
            && self
                .statuses
                .as_ref()
                .is_none_or(|statuses| statuses.contains(&task.status))
            && self.in_indexes(task)
            && self.enqueued.holds(Some(task.enqueued_at))
            && self.started.holds(task.started_at)
            && self.finished.holds(task.finished_at)
    }

    fn in_indexes(&self, task: &Task) -> bool {
        let Some(wanted) = &self.indexes else {
            return true;
        };
        task.indexes()
            .iter()
            .any(|uid| wanted.iter().any(|index| index == uid))
    }
}

impl Between {
    fn holds(self, at: Option<OffsetDateTime>) -> bool {
        if self == Self::default() {
            return true;
        }
        at.is_some_and(|at| {
            self.after.is_none_or(|after| at > after)
                && self.before.is_none_or(|before| at < before)
        })
    }
}

/// Whether a key may see the task: tasks of several indexes, or of none, are for keys that reach all indexes.
pub fn visible(access: &Access, task: &Task) -> bool {
    access.reaches_all()
        || task
            .index_uid
            .as_deref()
            .is_some_and(|uid| access.reaches(uid))
}

fn numbers(query: &Query, name: &str, code: Code) -> Result<Option<Vec<u32>>> {
    let Some(list) = query.list(name) else {
        return Ok(None);
    };
    let read = |text: &str| {
        text.parse().map_err(|_| {
            let message = format!("Invalid value in parameter `{name}`: could not parse `{text}` as a positive integer");
            ApiError::new(code, message)
        })
    };
    list.into_iter().map(read).collect::<Result<_>>().map(Some)
}

fn names<T: Copy>(
    query: &Query,
    name: &str,
    code: Code,
    noun: &str,
    all: &[(&str, T)],
) -> Result<Option<Vec<T>>> {
    let Some(list) = query.list(name) else {
        return Ok(None);
    };
    let read = |text: &str| match all
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(text))
    {
        Some((_, value)) => Ok(*value),
        None => {
            let known = all
                .iter()
                .map(|(known, _)| format!("`{known}`"))
                .collect::<Vec<_>>()
                .join(", ");
            let message = format!(
                "Invalid value in parameter `{name}`: `{text}` is not a valid task {noun}. Available {} are {known}.",
                if noun == "type" { "types" } else { "statuses" }
            );
            Err(ApiError::new(code, message))
        }
    };
    list.into_iter().map(read).collect::<Result<_>>().map(Some)
}

fn indexes(query: &Query) -> Result<Option<Vec<String>>> {
    let Some(list) = query.list("indexUids") else {
        return Ok(None);
    };
    let read = |text: &str| match uid::is_valid(text) {
        true => Ok(text.to_owned()),
        false => {
            let message = format!(
                "Invalid value in parameter `indexUids`: {}",
                uid::message(text)
            );
            Err(ApiError::new(codes::INVALID_INDEX_UID, message))
        }
    };
    list.into_iter().map(read).collect::<Result<_>>().map(Some)
}

fn between(query: &Query, after: (&str, Code), before: (&str, Code)) -> Result<Between> {
    Ok(Between {
        after: date(query, after, true)?,
        before: date(query, before, false)?,
    })
}

/// RFC 3339 or a plain date. After a plain date means from the next day on.
fn date(query: &Query, (name, code): (&str, Code), after: bool) -> Result<Option<OffsetDateTime>> {
    let text = match query.text(name) {
        None | Some("*") => return Ok(None),
        Some(text) => text,
    };
    match moment(text, after) {
        Some(moment) => Ok(Some(moment)),
        None => {
            let message = format!(
                "Invalid value in parameter `{name}`: `{text}` is an invalid date-time. It should follow the YYYY-MM-DD \
                 or RFC 3339 date-time format."
            );
            Err(ApiError::new(code, message))
        }
    }
}

fn moment(text: &str, after: bool) -> Option<OffsetDateTime> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment);
    }
    let day = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
    let day = if after { day.next_day()? } else { day };
    Some(PrimitiveDateTime::new(day, Time::MIDNIGHT).assume_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::Content;

    fn filter(query: &str) -> Result<TaskFilter> {
        TaskFilter::read(&Query::parse(
            &format!("/tasks?{query}").parse().unwrap(),
            &NAMES,
        )?)
    }

    fn task() -> Task {
        let mut task = Task::new(Some("movies".to_owned()), Content::Clear, None);
        task.uid = 7;
        task
    }

    #[test]
    fn filters_are_joined_by_and_and_their_values_by_or() {
        let passes = |query: &str| filter(query).unwrap().passes(&task());
        assert!(passes(
            "uids=1,7&statuses=Enqueued,failed&types=documentdeletion&indexUids=movies"
        ));
        assert!(!passes("uids=7&statuses=failed"));
        assert!(!passes("indexUids=books") && passes("indexUids=*"));
        assert!(!passes("afterFinishedAt=2020-01-01") && passes("afterEnqueuedAt=2020-01-01"));
    }

    #[test]
    fn a_star_is_no_filter() {
        assert!(
            filter("statuses=*&uids=*&afterEnqueuedAt=*")
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn wrong_values_carry_the_code_of_their_filter() {
        let code = |query: &str| filter(query).unwrap_err().code.name;
        assert_eq!(code("uids=x"), "invalid_task_uids");
        assert_eq!(code("statuses=x"), "invalid_task_statuses");
        assert_eq!(code("types=x"), "invalid_task_types");
        assert_eq!(code("indexUids=%C3%A9"), "invalid_index_uid");
        assert_eq!(code("beforeStartedAt=x"), "invalid_task_before_started_at");
    }
}
