//! Tasks as clients see them: the summary of a 202, and the whole task.

use serde::Serialize;
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use super::model::{Status, Task};
use crate::error::ErrorBody;

/// The answer of every asynchronous route.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    task_uid: u32,
    index_uid: Option<String>,
    status: Status,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    enqueued_at: OffsetDateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_metadata: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskView {
    uid: u32,
    batch_uid: Option<u32>,
    index_uid: Option<String>,
    status: Status,
    #[serde(rename = "type")]
    kind: &'static str,
    canceled_by: Option<u32>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    details: Map<String, Value>,
    error: Option<ErrorBody>,
    duration: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    enqueued_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    started_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    finished_at: Option<OffsetDateTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_metadata: Option<String>,
}

impl From<&Task> for Summary {
    fn from(task: &Task) -> Self {
        Self {
            task_uid: task.uid,
            index_uid: task.index_uid.clone(),
            status: Status::Enqueued,
            kind: task.content.type_name(),
            enqueued_at: task.enqueued_at,
            custom_metadata: task.custom_metadata.clone(),
        }
    }
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        let duration = task
            .started_at
            .zip(task.finished_at)
            .map(|(start, end)| iso_duration(end - start));
        Self {
            uid: task.uid,
            batch_uid: task.batch_uid,
            kind: task.content.type_name(),
            index_uid: task.index_uid,
            status: task.status,
            canceled_by: task.canceled_by,
            details: task.details,
            error: task.error,
            duration,
            enqueued_at: task.enqueued_at,
            started_at: task.started_at,
            finished_at: task.finished_at,
            custom_metadata: task.custom_metadata,
        }
    }
}

/// `PT0.364788S`: ISO 8601, in seconds.
pub fn iso_duration(duration: Duration) -> String {
    let nanoseconds = format!("{:09}", duration.subsec_nanoseconds().unsigned_abs());
    match nanoseconds.trim_end_matches('0') {
        "" => format!("PT{}S", duration.whole_seconds()),
        fraction => format!("PT{}.{fraction}S", duration.whole_seconds()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::Content;

    #[test]
    fn durations_are_iso_8601_seconds() {
        assert_eq!(
            iso_duration(Duration::nanoseconds(364_788_000)),
            "PT0.364788S"
        );
        assert_eq!(iso_duration(Duration::seconds(75)), "PT75S");
    }

    #[test]
    fn the_keys_of_a_task_come_in_the_documented_order() {
        let mut task = Task::new(
            Some("movies".to_owned()),
            Content::Clear,
            Some("note".to_owned()),
        );
        task.finish(Status::Failed, None);
        let text = serde_json::to_value(TaskView::from(task)).unwrap();
        let keys: Vec<_> = text
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let expected = "uid batchUid indexUid status type canceledBy details error duration \
                        enqueuedAt startedAt finishedAt customMetadata";
        assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
        assert_eq!(text["details"]["deletedDocuments"], 0);
    }
}
