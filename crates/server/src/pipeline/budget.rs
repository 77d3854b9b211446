//! How much may be on its way at once: what keeps memory bounded and slows senders down.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What a record costs besides its bytes, while it is on its way.
const RECORD_BYTES: usize = 1_024;

/// A number of bytes that may be on their way at once. Queues behind it need no bound of their own.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes_max: usize,
    held: Mutex<usize>,
    freed: Condvar,
}

/// Part of a budget, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Budget {
    pub(crate) fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { bytes_max, held: Mutex::new(0), freed: Condvar::new() })
    }

    /// Returns what records of so many bytes in all weigh.
    pub(crate) fn weight(records: usize, bytes: usize) -> usize {
        bytes.saturating_add(records.saturating_mul(RECORD_BYTES))
    }

    /// Waits until there is room, and takes it. What weighs more than the whole budget waits until nothing else is held,
    /// and then goes alone: a limit on one thing is its sender's.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Hold {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |held: &mut usize| *held > 0 && held.saturating_add(bytes) > self.bytes_max;
        let mut held = self.freed.wait_while(held, full).unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_add(bytes);
        Hold { budget: Arc::clone(self), bytes }
    }

    /// Returns how much is held, and how much may be.
    pub(crate) fn use_of(&self) -> (usize, usize) {
        (*self.held.lock().unwrap_or_else(PoisonError::into_inner), self.bytes_max)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.budget.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_sub(self.bytes);
        drop(held);
        self.budget.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_finds_it_full_waits_until_room_is_made() {
        let budget = Budget::new(10);
        let first = budget.take(6);
        let second = budget.take(4);
        assert_eq!(budget.use_of(), (10, 10));
        let (told, tells) = mpsc::channel();
        let waiting = {
            let budget = Arc::clone(&budget);
            thread::spawn(move || {
                let third = budget.take(5);
                told.send(()).unwrap();
                third
            })
        };
        assert!(tells.recv_timeout(Duration::from_millis(50)).is_err(), "there was no room");
        drop(second);
        assert!(tells.recv_timeout(Duration::from_millis(50)).is_err(), "6 and 5 are more than 10");
        drop(first);
        tells.recv_timeout(Duration::from_secs(10)).unwrap();
        drop(waiting.join().unwrap());
        assert_eq!(budget.use_of(), (0, 10));
    }

    #[test]
    fn what_is_larger_than_all_goes_alone() {
        let budget = Budget::new(10);
        let large = budget.take(1_000);
        assert_eq!(budget.use_of().0, 1_000);
        drop(large);
        assert_eq!(Budget::weight(2, 100), 100 + 2 * RECORD_BYTES);
    }
}
