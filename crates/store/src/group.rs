//! Small changes of many callers that share one commit.
//!
//! What a change costs is mostly the wait until the disk has it. [`Store::grouped`] lets all changes that are waiting at
//! that moment go into one transaction, and answers each once all of them are on disk; the next group is made meanwhile. Most
//! never fail, so the first try gives them no savepoints. Where one fails, the group is made again, each change in a savepoint of its own: one that fails takes
//! back its own and nothing else. The groups that follow begin so too, for a while.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use vigie_model::AlertId;

use crate::audit::AuditEnd;
use crate::error::Doing as _;
use crate::flush::Flushes;
use crate::{Store, StoreError, Tx};

/// How many changes share one commit at most.
pub const GROUP_MAX: usize = 128;

/// How many groups have savepoints after one in which a change failed.
const CAREFUL_GROUPS: u32 = 64;

/// The changes that wait for the next commit.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    members: VecDeque<Box<dyn Member>>,
    /// Whether a task is taking them from the queue.
    is_served: bool,
    /// How many groups from now on have savepoints.
    careful: u32,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waiting")
    }
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a change into the queue. Returns whether the caller must see to it that somebody serves it.
    fn push(&self, member: Box<dyn Member>) -> bool {
        let mut queue = self.lock();
        queue.members.push_back(member);
        !std::mem::replace(&mut queue.is_served, true)
    }

    /// Returns the next change that somebody still waits for.
    fn next(&self) -> Option<Box<dyn Member>> {
        let mut queue = self.lock();
        while let Some(member) = queue.members.pop_front() {
            if member.is_awaited() {
                return Some(member);
            }
        }
        None
    }

    /// Returns whether the queue is empty, and if so, that nobody serves it from now on.
    fn is_over(&self) -> bool {
        let mut queue = self.lock();
        queue.is_served = !queue.members.is_empty();
        !queue.is_served
    }

    fn is_empty(&self) -> bool {
        self.lock().members.is_empty()
    }

    /// Returns whether the next group has savepoints.
    fn is_careful(&self) -> bool {
        let mut queue = self.lock();
        let careful = queue.careful > 0;
        queue.careful = queue.careful.saturating_sub(1);
        careful
    }

    /// Puts the members of a group that failed before those who wait, to be made again with savepoints.
    fn again(&self, members: Vec<Box<dyn Member>>) {
        let mut queue = self.lock();
        queue.careful = CAREFUL_GROUPS;
        for member in members.into_iter().rev() {
            queue.members.push_front(member);
        }
    }
}

/// A change of a group.
trait Member: Send {
    fn is_awaited(&self) -> bool;
    /// Makes the change. Returns whether it is to be kept.
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, bool>;
    /// Tells the caller what came of it, or that it could not be committed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

type Outcome<T, E> = std::thread::Result<Result<T, E>>;

struct Change<F, T, E> {
    make: F,
    outcome: Option<Outcome<T, E>>,
    caller: oneshot::Sender<Outcome<T, E>>,
}

impl<F, T, E> Member for Change<F, T, E>
where
    F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn is_awaited(&self) -> bool {
        !self.caller.is_closed()
    }

    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, bool> {
        async move {
            let outcome = AssertUnwindSafe((self.make)(tx)).catch_unwind().await;
            let is_kept = matches!(outcome, Ok(Ok(_)));
            self.outcome = Some(outcome);
            is_kept
        }
        .boxed()
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (self.outcome, committed) {
            // What failed by itself says why itself.
            (Some(outcome), Ok(())) | (Some(outcome @ (Err(_) | Ok(Err(_)))), Err(_)) => outcome,
            (_, Err(error)) => Ok(Err(E::from(error))),
            (None, Ok(())) => return,
        };
        // Where nobody waits any more, nobody needs to know.
        let _ = self.caller.send(outcome);
    }
}

impl Store {
    /// Makes a small change that shares its commit, and so the wait for the disk, with the changes that others make at the
    /// same time. Returns what the change returned, once it is on disk.
    ///
    /// The change must wait for nothing but the transaction that it is given. Where another of the group fails, or the group
    /// cannot be committed, it is called again in another transaction, so it must not use up what it was made with: clone into
    /// it, and do nothing outside of the database.
    ///
    /// # Errors
    /// What the change itself returned (then it has changed nothing, and no other change suffers), or why it could not be
    /// committed.
    ///
    /// # Panics
    /// Where the change does.
    pub async fn grouped<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: for<'t> FnMut(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        if self.waiting.push(Box::new(Change { make: change, outcome: None, caller })) {
            // A task of its own: a caller that goes away must not take the others' changes with it.
            tokio::spawn(serve(self.clone()));
        }
        match answer.await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => {
                let source = sqlx::Error::WorkerCrashed;
                Err(E::from(StoreError::Database { doing: "commit a change with others", source }))
            }
        }
    }
}

/// Whoever serves the queue. Where it ends early, with its runtime, those who wait are told, and the next change begins
/// anew.
struct Serving {
    store: Store,
    is_over: bool,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Once it is over somebody else may serve the queue already.
        if !self.is_over {
            *self.store.waiting.lock() = Queue::default();
        }
    }
}

async fn serve(store: Store) {
    let mut serving = Serving { store, is_over: false };
    while !serving.is_over {
        one_group(&serving.store).await;
        serving.is_over = serving.store.waiting.is_over();
    }
}

/// Makes the changes that wait, in one commit.
async fn one_group(store: &Store) {
    let Some(first) = store.waiting.next() else { return };
    let mut tx = match store.begin().await {
        Ok(tx) => tx,
        Err(error) => return first.answer(Err(error)),
    };
    let mut members = Vec::new();
    let careful = store.waiting.is_careful();
    let gathered = if careful {
        gather(store, &mut tx, first, &mut members).await
    } else {
        gather_bold(store, &mut tx, first, &mut members).await
    };
    let committed = match gathered {
        Ok(()) => tx.commit_unflushed().await,
        Err(error) => {
            drop(tx);
            if !careful && members.len() > 1 {
                return store.waiting.again(members);
            }
            Err(error)
        }
    };
    match committed {
        // The next group is made while the disk takes this one.
        Ok(()) => drop(tokio::spawn(answer_once_flushed(store.flushes.clone(), members))),
        Err(error) if members.len() == 1 => {
            if let Some(member) = members.pop() {
                member.answer(Err(error));
            }
        }
        // One of them may be why: each by itself.
        Err(_) => {
            for member in members {
                alone(store, member).await;
            }
        }
    }
}

async fn answer_once_flushed(flushes: Flushes, members: Vec<Box<dyn Member>>) {
    let flushed = flushes.flush().await;
    for member in members {
        member.answer(flushed.clone().map_err(StoreError::from));
    }
}

/// Makes the changes that wait, one after the other, until nobody waits or there are enough, or one of them fails.
async fn gather_bold(
    store: &Store,
    tx: &mut Tx,
    first: Box<dyn Member>,
    members: &mut Vec<Box<dyn Member>>,
) -> Result<(), StoreError> {
    let mut next = Some(first);
    while let Some(member) = next {
        members.push(member);
        if !run_last(members, tx).await {
            return Err(refused());
        }
        next = if members.len() < GROUP_MAX { store.waiting.next() } else { None };
    }
    Ok(())
}

/// Makes the changes that wait, each so that it can be taken back alone.
async fn gather(
    store: &Store,
    tx: &mut Tx,
    first: Box<dyn Member>,
    members: &mut Vec<Box<dyn Member>>,
) -> Result<(), StoreError> {
    // There is nothing to protect from a change that is alone: whoever comes meanwhile is in the next group.
    if store.waiting.is_empty() {
        members.push(first);
        return run_last(members, tx).await.then_some(()).ok_or_else(refused);
    }
    let mut next = Some(first);
    while let Some(member) = next {
        members.push(member);
        let before = tx.remembered();
        tx.savepoint("SAVEPOINT member").await?;
        if !run_last(members, tx).await {
            if tx.times_told != before.times_told {
                // It made the database take in what others left for later, which would be taken back with it.
                return Err(refused());
            }
            tx.forget_since(before);
            tx.savepoint("ROLLBACK TO member").await?;
        }
        tx.savepoint("RELEASE member").await?;
        next = if members.len() < GROUP_MAX { store.waiting.next() } else { None };
    }
    Ok(())
}

async fn run_last(members: &mut [Box<dyn Member>], tx: &mut Tx) -> bool {
    match members.last_mut() {
        Some(member) => member.run(tx).await,
        None => false,
    }
}

async fn alone(store: &Store, mut member: Box<dyn Member>) {
    let committed = async {
        let mut tx = store.begin().await?;
        if member.run(&mut tx).await { tx.commit().await } else { Err(refused()) }
    };
    let committed = committed.await;
    member.answer(committed);
}

/// Returns what stands for "the change itself failed": its own error is what the caller gets.
fn refused() -> StoreError {
    StoreError::Database { doing: "make a change", source: sqlx::Error::RowNotFound }
}

/// What a transaction remembers beside the database.
struct Remembered {
    audit_end: Option<AuditEnd>,
    unaudited: usize,
    unindexed: usize,
    bare: Vec<AlertId>,
    times_told: u32,
}

impl Tx {
    fn remembered(&self) -> Remembered {
        Remembered {
            audit_end: self.audit_end.clone(),
            unaudited: self.unaudited.len(),
            unindexed: self.unindexed.len(),
            bare: self.bare.clone(),
            times_told: self.times_told,
        }
    }

    /// Forgets what was remembered since.
    fn forget_since(&mut self, before: Remembered) {
        self.audit_end = before.audit_end;
        self.unaudited.truncate(before.unaudited);
        self.unindexed.truncate(before.unindexed);
        self.bare = before.bare;
    }

    async fn savepoint(&mut self, statement: &'static str) -> Result<(), StoreError> {
        sqlx::query(statement).execute(&mut *self.inner).await.doing("begin or end a part of a change")?;
        Ok(())
    }
}
