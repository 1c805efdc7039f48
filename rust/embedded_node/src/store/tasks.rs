//! The task table and the set of tasks that still have to run.

use milli_core::heed::{RoTxn, RwTxn};

use super::{Result, Store, decode, encode};
use crate::tasks::{Status, Task};

impl Store {
    /// Gives the task its uid and writes it; the caller commits.
    pub fn add_task(&self, wtxn: &mut RwTxn<'_>, mut task: Task) -> Result<Task> {
        task.uid = self.next_number(wtxn, "next_task")?;
        self.put_task(wtxn, &task)?;
        Ok(task)
    }

    pub fn next_batch_uid(&self, wtxn: &mut RwTxn<'_>) -> Result<u32> {
        self.next_number(wtxn, "next_batch")
    }

    pub fn put_task(&self, wtxn: &mut RwTxn<'_>, task: &Task) -> Result<()> {
        self.tasks.put(wtxn, &task.uid, &encode(task)?)?;
        match task.status {
            Status::Enqueued | Status::Processing => self.pending.put(wtxn, &task.uid, &())?,
            _ => {
                self.pending.delete(wtxn, &task.uid)?;
            }
        }
        Ok(())
    }

    pub fn task(&self, txn: &RoTxn<'_>, uid: u32) -> Result<Option<Task>> {
        self.tasks.get(txn, &uid)?.map(decode).transpose()
    }

    pub fn delete_task(&self, wtxn: &mut RwTxn<'_>, uid: u32) -> Result<bool> {
        Ok(self.tasks.delete(wtxn, &uid)?)
    }

    pub fn task_count(&self, txn: &RoTxn<'_>) -> Result<u64> {
        Ok(self.tasks.len(txn)?)
    }

    /// Tasks from the newest to the oldest, or the other way round.
    pub fn all_tasks<'t>(
        &self,
        txn: &'t RoTxn<'_>,
        oldest_first: bool,
    ) -> Result<Box<dyn Iterator<Item = Result<Task>> + 't>> {
        if oldest_first {
            return Ok(Box::new(self.tasks.iter(txn)?.map(|row| decode(row?.1))));
        }
        Ok(Box::new(self.tasks.rev_iter(txn)?.map(|row| decode(row?.1))))
    }

    /// Tasks that are enqueued or processing, oldest first; read one by one.
    pub fn pending_tasks<'t>(&'t self, txn: &'t RoTxn<'_>) -> Result<impl Iterator<Item = Result<Task>> + 't> {
        Ok(self.pending.iter(txn)?.filter_map(move |row| match row {
            Ok((uid, ())) => self.task(txn, uid).transpose(),
            Err(error) => Some(Err(error.into())),
        }))
    }
}
