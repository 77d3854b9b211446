//! A value that is read often and replaced seldom, such as the playbooks or the indicators.

use std::sync::{Arc, RwLock};

/// A value that is read often and replaced seldom. Clones share it.
pub struct Swap<T>(Arc<RwLock<Arc<T>>>);

impl<T> Swap<T> {
    /// Returns a place that holds this value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(value))))
    }

    /// Returns the value as it is now; a later replacement does not change what is returned.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.read().expect("no one panics while holding this lock"))
    }

    /// Replaces the value for all who read it from now on.
    pub fn set(&self, value: T) {
        *self.0.write().expect("no one panics while holding this lock") = Arc::new(value);
    }
}

impl<T> Clone for Swap<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
