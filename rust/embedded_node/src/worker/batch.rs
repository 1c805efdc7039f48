//! Which waiting tasks run together. Neighbouring additions of one kind to one index, or neighbouring deletions by
//! id, become one batch; everything else runs alone. The order of tasks on an index never changes.

use crate::error::ApiError;
use crate::tasks::{Content, Task};

const MAX_TASKS: usize = 1000;
const MAX_BYTES: u64 = 512 << 20;
/// How many waiting tasks are looked at.
const MAX_SEEN: usize = 10_000;

/// The batch that starts with the oldest waiting task; empty when none waits.
pub fn first(pending: impl Iterator<Item = Result<Task, ApiError>>) -> Result<Vec<Task>, ApiError> {
    let mut batch: Vec<Task> = Vec::new();
    let mut bytes = 0;
    for task in pending.take(MAX_SEEN) {
        let task = task?;
        let Some(leader) = batch.first() else {
            bytes = size(&task);
            batch.push(task);
            continue;
        };
        if joins(leader, &task) {
            bytes += size(&task);
            if batch.len() == MAX_TASKS || bytes > MAX_BYTES {
                break;
            }
            batch.push(task);
        } else if !batchable(leader) || touches(&task, leader) {
            break;
        }
    }
    Ok(batch)
}

fn size(task: &Task) -> u64 {
    match task.content {
        Content::Addition { bytes, .. } => bytes,
        _ => 0,
    }
}

fn batchable(task: &Task) -> bool {
    matches!(
        task.content,
        Content::Addition {
            skip_creation: false,
            ..
        } | Content::DeletionByIds { .. }
    )
}

/// Whether `task` can run in the same batch as `leader`.
fn joins(leader: &Task, task: &Task) -> bool {
    if leader.index_uid != task.index_uid {
        return false;
    }
    match (&leader.content, &task.content) {
        (Content::DeletionByIds { .. }, Content::DeletionByIds { .. }) => true,
        (
            Content::Addition {
                method,
                primary_key,
                may_create,
                skip_creation: false,
                ..
            },
            Content::Addition {
                method: m,
                primary_key: key,
                may_create: may,
                skip_creation: false,
                ..
            },
        ) => (method, primary_key, may_create) == (m, key, may),
        _ => false,
    }
}

/// Whether `task` must not be overtaken by later tasks on the leader's index.
fn touches(task: &Task, leader: &Task) -> bool {
    leader
        .index_uid
        .as_deref()
        .is_some_and(|uid| task.indexes().contains(&uid))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::tasks::Method;

    fn addition(index: &str, method: Method) -> Task {
        let content = Content::Addition {
            payload: Uuid::nil(),
            bytes: 1,
            method,
            primary_key: None,
            received: 1,
            may_create: false,
            skip_creation: false,
        };
        Task::new(Some(index.to_owned()), content, None)
    }

    fn rename(old: &str, new: &str) -> Task {
        let content = Content::IndexUpdate {
            primary_key: None,
            new_uid: Some(new.to_owned()),
        };
        Task::new(Some(old.to_owned()), content, None)
    }

    fn batched(tasks: Vec<Task>) -> Vec<u32> {
        let numbered = tasks.into_iter().enumerate().map(|(uid, mut task)| {
            task.uid = uid as u32;
            Ok(task)
        });
        first(numbered)
            .unwrap()
            .iter()
            .map(|task| task.uid)
            .collect()
    }

    #[test]
    fn neighbours_of_one_kind_on_one_index_run_together() {
        let tasks = vec![
            addition("a", Method::Replace),
            addition("b", Method::Replace),
            addition("a", Method::Replace),
            addition("a", Method::Update),
            addition("a", Method::Replace),
        ];
        assert_eq!(batched(tasks), [0, 2]);
    }

    #[test]
    fn nothing_overtakes_a_rename_from_or_to_the_index() {
        for renamed in [rename("a", "b"), rename("b", "a")] {
            let tasks = vec![
                addition("a", Method::Replace),
                renamed,
                addition("a", Method::Replace),
            ];
            assert_eq!(batched(tasks), [0]);
        }
    }

    #[test]
    fn what_cannot_be_batched_runs_alone() {
        assert_eq!(batched(vec![rename("a", "b"), rename("c", "d")]), [0]);
        assert!(batched(vec![]).is_empty());
    }
}
