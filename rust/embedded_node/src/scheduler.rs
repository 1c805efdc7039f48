//! What the indexing thread is doing right now, and how it is woken or told to stop. The queue itself is in `store`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use crate::tasks::{Status, Task};

/// The batch that is running.
#[derive(Debug, Clone)]
pub struct Running {
    pub batch: u32,
    pub tasks: Vec<u32>,
    pub indexes: Vec<String>,
    pub started_at: OffsetDateTime,
}

impl Running {
    /// Shows a stored task as processing if it is part of this batch and was not finished meanwhile.
    pub fn overlay(&self, task: &mut Task) {
        if task.status == Status::Enqueued && self.tasks.contains(&task.uid) {
            task.status = Status::Processing;
            task.batch_uid = Some(self.batch);
            task.started_at = Some(self.started_at);
        }
    }
}

#[derive(Default)]
pub struct Scheduler {
    running: Mutex<Option<Running>>,
    /// Whether something came since the thread last looked.
    awake: Mutex<bool>,
    wakeup: Condvar,
    stop: AtomicBool,
}

impl Scheduler {
    pub fn wake(&self) {
        *lock(&self.awake) = true;
        self.wakeup.notify_one();
    }

    /// Blocks until `wake` was called since the last return.
    pub fn sleep(&self) {
        let mut awake = lock(&self.awake);
        while !*awake {
            awake = self
                .wakeup
                .wait(awake)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *awake = false;
    }

    pub fn running(&self) -> Option<Running> {
        lock(&self.running).clone()
    }

    pub fn begin(&self, running: Running) {
        self.stop.store(false, Ordering::Relaxed);
        *lock(&self.running) = Some(running);
    }

    pub fn end(&self) {
        *lock(&self.running) = None;
    }

    /// Asks the running batch to give up if one of `tasks` is part of it.
    pub fn interrupt(&self, tasks: &[u32]) {
        let running = lock(&self.running);
        if running
            .as_ref()
            .is_some_and(|batch| batch.tasks.iter().any(|uid| tasks.contains(uid)))
        {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    pub fn interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_before_the_sleep_is_not_lost() {
        let scheduler = Scheduler::default();
        scheduler.wake();
        scheduler.sleep();
        assert!(!*lock(&scheduler.awake));
    }

    #[test]
    fn only_the_running_batch_is_interrupted() {
        let scheduler = Scheduler::default();
        let started_at = OffsetDateTime::now_utc();
        scheduler.begin(Running {
            batch: 0,
            tasks: vec![4, 5],
            indexes: vec![],
            started_at,
        });
        scheduler.interrupt(&[6]);
        assert!(!scheduler.interrupted());
        scheduler.interrupt(&[5]);
        assert!(scheduler.interrupted());
    }
}
