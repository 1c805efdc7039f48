//! Which waiting tasks run together, as on a stock node: neighbouring changes of one index's documents, or of its
//! settings, and what clears or deletes the index after them. Everything else runs alone. The order of tasks on an
//! index never changes.

use crate::error::ApiError;
use crate::tasks::{Content, Task};

const MAX_TASKS: usize = 1000;
const MAX_BYTES: u64 = 512 << 20;
/// How many waiting tasks are looked at.
const MAX_SEEN: usize = 10_000;

/// The index a batch is about, as it is before the batch.
#[derive(Debug, Default, Clone)]
pub struct Target {
    pub exists: bool,
    pub primary_key: Option<String>,
}

/// The batch that starts with the oldest waiting task; empty when none waits.
pub fn first(
    mut pending: impl Iterator<Item = Result<Task, ApiError>>,
    target: impl FnOnce(&Task) -> Result<Target, ApiError>,
) -> Result<Vec<Task>, ApiError> {
    let Some(leader) = pending.next().transpose()? else {
        return Ok(Vec::new());
    };
    let mut batch = Batch::new(target(&leader)?, &leader.content);
    let mut bytes = size(&leader);
    let mut tasks = vec![leader];
    for task in pending.take(MAX_SEEN) {
        let task = task?;
        if batch.kind == Kind::Closed {
            break;
        }
        if !touches(&task, &tasks[0]) {
            continue;
        }
        bytes += size(&task);
        let full = tasks.len() == MAX_TASKS || bytes > MAX_BYTES;
        if full || task.index_uid != tasks[0].index_uid || !batch.take(&task.content) {
            break;
        }
        tasks.push(task);
    }
    Ok(tasks)
}

fn size(task: &Task) -> u64 {
    match task.content {
        Content::Addition { bytes, .. } => bytes,
        _ => 0,
    }
}

/// Whether `task` must not be overtaken by later tasks on the leader's index.
fn touches(task: &Task, leader: &Task) -> bool {
    leader
        .index_uid
        .as_deref()
        .is_some_and(|uid| task.indexes().contains(&uid))
}

/// What a batch does in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Documents,
    Clear,
    Settings,
    /// Nothing more can join.
    Closed,
}

struct Batch {
    target: Target,
    kind: Kind,
    /// Whether documents were added. A filter would not see them, so none may follow.
    adds: bool,
    /// Whether the tasks may make the index they need.
    may_create: bool,
}

impl Batch {
    fn new(target: Target, leader: &Content) -> Self {
        let kind = match leader {
            Content::Addition { .. }
            | Content::DeletionByIds { .. }
            | Content::DeletionByFilter { .. } => Kind::Documents,
            Content::Clear => Kind::Clear,
            Content::Settings { .. } => Kind::Settings,
            _ => Kind::Closed,
        };
        let mut batch = Self {
            target,
            kind,
            adds: false,
            may_create: may_create(leader),
        };
        if matches!(leader, Content::Addition { .. }) && !batch.add(leader) {
            batch.kind = Kind::Closed;
        }
        batch
    }

    /// Lets a task join if it can.
    fn take(&mut self, content: &Content) -> bool {
        let kind = match (self.kind, content) {
            (Kind::Closed, _) => return false,
            (_, Content::IndexDeletion) => Kind::Closed,
            (Kind::Documents | Kind::Clear, Content::Clear) => Kind::Clear,
            (Kind::Clear, Content::DeletionByIds { .. } | Content::DeletionByFilter { .. }) => {
                Kind::Clear
            }
            (Kind::Documents, Content::DeletionByIds { .. }) => Kind::Documents,
            (Kind::Documents, Content::DeletionByFilter { .. }) if !self.adds => Kind::Documents,
            (Kind::Documents, Content::Addition { .. }) if self.allows(content) => {
                if !self.add(content) {
                    return false;
                }
                Kind::Documents
            }
            (Kind::Settings, Content::Settings { .. }) if self.allows(content) => Kind::Settings,
            _ => return false,
        };
        self.kind = kind;
        true
    }

    /// Where there is no index, those that may make it and those that may not stay apart.
    fn allows(&self, content: &Content) -> bool {
        self.target.exists || self.may_create == may_create(content)
    }

    /// Lets an addition join if all of the batch have one primary key. An absent one is the index's own, or that
    /// of the additions before it.
    fn add(&mut self, addition: &Content) -> bool {
        let Content::Addition {
            primary_key: given,
            skip_creation: false,
            ..
        } = addition
        else {
            return false;
        };
        let own = &mut self.target.primary_key;
        let agrees = given.is_none() || given == own || (own.is_none() && !self.adds);
        if agrees {
            self.adds = true;
            *own = given.clone().or(own.take());
        }
        agrees
    }
}

/// Whether the task may make the index it needs.
pub fn may_create(content: &Content) -> bool {
    match content {
        Content::Addition { may_create, .. } | Content::Settings { may_create, .. } => *may_create,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};
    use uuid::Uuid;

    use super::*;
    use crate::tasks::Method;

    fn addition(index: &str, method: Method) -> Task {
        keyed(index, method, None)
    }

    fn keyed(index: &str, method: Method, primary_key: Option<&str>) -> Task {
        let content = Content::Addition {
            payload: Uuid::nil(),
            bytes: 1,
            method,
            primary_key: primary_key.map(str::to_owned),
            received: 1,
            may_create: false,
            skip_creation: false,
        };
        task(index, content)
    }

    fn task(index: &str, content: Content) -> Task {
        Task::new(Some(index.to_owned()), content, None)
    }

    fn deletion(index: &str) -> Task {
        task(index, Content::DeletionByIds { ids: vec![] })
    }

    fn filtered(index: &str) -> Task {
        let filter = json!("a = 1");
        task(index, Content::DeletionByFilter { filter })
    }

    fn settings(index: &str) -> Task {
        let (patch, reset, may_create) = (Map::new(), false, false);
        let content = Content::Settings {
            patch,
            reset,
            may_create,
        };
        task(index, content)
    }

    fn rename(old: &str, new: &str) -> Task {
        let content = Content::IndexUpdate {
            primary_key: None,
            new_uid: Some(new.to_owned()),
        };
        task(old, content)
    }

    fn batched_on(primary_key: Option<&str>, tasks: Vec<Task>) -> Vec<u32> {
        let numbered = tasks.into_iter().enumerate().map(|(uid, mut task)| {
            task.uid = uid as u32;
            Ok(task)
        });
        let target = Target {
            exists: true,
            primary_key: primary_key.map(str::to_owned),
        };
        first(numbered, |_| Ok(target))
            .unwrap()
            .iter()
            .map(|task| task.uid)
            .collect()
    }

    fn batched(tasks: Vec<Task>) -> Vec<u32> {
        batched_on(Some("id"), tasks)
    }

    #[test]
    fn neighbouring_changes_of_one_index_run_together() {
        let tasks = vec![
            addition("a", Method::Replace),
            addition("b", Method::Replace),
            addition("a", Method::Update),
            deletion("a"),
            addition("a", Method::Replace),
        ];
        assert_eq!(batched(tasks), [0, 2, 3, 4]);
        assert_eq!(
            batched(vec![settings("a"), settings("a"), deletion("a")]),
            [0, 1]
        );
    }

    #[test]
    fn a_filter_never_follows_an_addition() {
        let add = || addition("a", Method::Replace);
        assert_eq!(
            batched(vec![filtered("a"), deletion("a"), add(), filtered("a")]),
            [0, 1, 2]
        );
    }

    #[test]
    fn nothing_is_added_after_a_clear_and_nothing_follows_a_deletion_of_the_index() {
        let add = || addition("a", Method::Replace);
        let clear = || task("a", Content::Clear);
        assert_eq!(
            batched(vec![add(), clear(), deletion("a"), clear(), add()]),
            [0, 1, 2, 3]
        );
        let end = || task("a", Content::IndexDeletion);
        assert_eq!(batched(vec![add(), end(), end(), add()]), [0, 1]);
    }

    #[test]
    fn an_absent_primary_key_is_that_of_the_index_or_of_the_batch() {
        let add = |key| keyed("a", Method::Replace, key);
        assert_eq!(
            batched(vec![add(None), add(Some("id")), add(None)]),
            [0, 1, 2]
        );
        assert_eq!(batched(vec![add(None), add(Some("other"))]), [0]);
        assert_eq!(batched(vec![add(Some("other")), add(None)]), [0]);
        assert_eq!(batched_on(None, vec![add(Some("k")), add(None)]), [0, 1]);
        assert_eq!(batched_on(None, vec![add(None), add(Some("k"))]), [0]);
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
