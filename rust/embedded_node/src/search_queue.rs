//! How many searches run and wait at a time.

use std::num::NonZeroUsize;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{ApiError, codes};

const CAPACITY: usize = 1000;
const PERMITS_PER_CORE: usize = 4;
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Two gates: one bounds those inside (running or waiting), the other those that run.
pub struct SearchQueue {
    inside: Semaphore,
    running: Semaphore,
}

/// A place in the queue and a turn to run, both given back on drop.
pub struct Turn<'a> {
    _place: SemaphorePermit<'a>,
    _turn: SemaphorePermit<'a>,
}

impl Default for SearchQueue {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::new(CAPACITY, cores * PERMITS_PER_CORE)
    }
}

impl SearchQueue {
    fn new(capacity: usize, running: usize) -> Self {
        Self {
            inside: Semaphore::new(capacity + running),
            running: Semaphore::new(running),
        }
    }

    /// Waits for a turn; 503 when the queue is full or the wait too long.
    pub async fn enter(&self) -> Result<Turn<'_>, ApiError> {
        let place = self.inside.try_acquire().map_err(|_| overloaded())?;
        match tokio::time::timeout(MAX_WAIT, self.running.acquire()).await {
            Ok(Ok(turn)) => Ok(Turn {
                _place: place,
                _turn: turn,
            }),
            _ => Err(overloaded()),
        }
    }
}

fn overloaded() -> ApiError {
    let text =
        format!("Too many search requests running at the same time: {CAPACITY}. Retry after 10s.");
    ApiError::new(codes::TOO_MANY_SEARCH_REQUESTS, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_refuses_and_a_turn_given_back_lets_the_next_in() {
        let queue = SearchQueue::new(0, 1);
        let turn = queue.enter().await.unwrap();
        assert_eq!(
            queue.enter().await.map(|_| ()).unwrap_err().code.status,
            503
        );
        drop(turn);
        assert!(queue.enter().await.is_ok());
    }
}
