//! Where time and randomness come from: the only two doors, so that a test or a demonstration can hold them still.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use vigie_model::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Returns the time now.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }
}

/// A clock that moves only when it is told to.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// Returns a clock that stands at this time.
    pub fn at(time: Timestamp) -> Self {
        Self(AtomicI64::new(time.as_micros()))
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        let step = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        self.0.fetch_add(step, Ordering::SeqCst);
    }

    /// Sets the clock, forward or back, as a time server or a person does.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Gives random bytes.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with bytes that nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// Returns 16 random bytes: enough for an id.
    pub fn id(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes
    }

    /// Returns 32 random bytes: enough for a secret.
    pub fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        bytes
    }
}

/// The operating system's random numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the kernel gives random bytes once it has booted");
    }
}

/// Bytes that look random and are the same for the same seed. For tests and demonstrations: never for real secrets.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    counter: Mutex<u64>,
}

impl SeededEntropy {
    /// Returns a source that gives the same bytes for the same seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, counter: Mutex::new(0) }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let mut counter = self.counter.lock().expect("no one panics while holding this lock");
        for chunk in buffer.chunks_mut(32) {
            let mut hasher = Sha256::new();
            hasher.update(self.seed.to_le_bytes());
            hasher.update(counter.to_le_bytes());
            *counter += 1;
            chunk.copy_from_slice(&hasher.finalize()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_bytes_and_never_the_same_twice() {
        let draw = |entropy: &dyn Entropy| [entropy.id(), entropy.id()];
        let [first, second] = draw(&SeededEntropy::new(7));
        assert_eq!([first, second], draw(&SeededEntropy::new(7)));
        assert_ne!(first, second);
        assert_ne!([first, second], draw(&SeededEntropy::new(8)));
    }

    #[test]
    fn a_fixed_clock_moves_when_told() {
        let clock = FixedClock::at(Timestamp::EPOCH);
        clock.advance(Duration::from_secs(2));
        assert_eq!(clock.now(), Timestamp::from_seconds(2));
    }
}
