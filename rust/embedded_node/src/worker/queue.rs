//! Tasks about other tasks: cancelation and deletion.

use super::{Effects, Outcome, Worker};
use crate::tasks::{Status, Task};

impl Worker {
    pub fn cancel(&self, task: &mut Task, wanted: &[u32]) -> Outcome<Effects> {
        let rtxn = self.app.store.read()?;
        let mut changed = Vec::new();
        for uid in wanted {
            let Some(mut other) = self.app.store.task(&rtxn, *uid)? else {
                continue;
            };
            if other.status == Status::Enqueued && other.uid != task.uid {
                other.canceled_by = Some(task.uid);
                other.batch_uid = task.batch_uid;
                other.finish(Status::Canceled, None);
                changed.push(other);
            }
        }
        task.set_detail("canceledTasks", changed.len());
        task.finish(Status::Succeeded, None);
        Ok(Effects {
            changed,
            ..Effects::default()
        })
    }

    pub fn delete_tasks(&self, task: &mut Task, wanted: &[u32]) -> Outcome<Effects> {
        let rtxn = self.app.store.read()?;
        let mut removed = Vec::new();
        for uid in wanted {
            if self
                .app
                .store
                .task(&rtxn, *uid)?
                .is_some_and(|other| other.status.finished())
            {
                removed.push(*uid);
            }
        }
        task.set_detail("deletedTasks", removed.len());
        task.finish(Status::Succeeded, None);
        Ok(Effects {
            removed,
            ..Effects::default()
        })
    }
}
