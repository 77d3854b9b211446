//! Merges give way to everything else.
//!
//! A merge of large segments takes one core for seconds. On two cores that is half of the machine, and what cannot wait, such
//! as detection, would wait for it. A merge can: so its threads are made nice, as a person would do with `renice`.

use std::fs;

use rustix::process::{Pid, setpriority_process};

/// What tantivy calls the threads that merge (`SegmentUpdater`, 0.27).
const MERGE_THREAD: &str = "merge_thread";
/// How nice they are: a tenth of the share of a thread that is not (`setpriority(2)`, `sched(7)`).
const NICENESS: i32 = 10;

/// Makes this process's merging threads nice. Linux keeps niceness by thread; where it does not say which threads there are,
/// nothing changes.
pub(crate) fn let_merges_give_way() {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return };
    for thread in threads.filter_map(Result::ok) {
        let name = fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
        let id = thread.file_name().to_str().and_then(|id| id.parse().ok()).and_then(Pid::from_raw);
        if let Some(id) = id.filter(|_| name.starts_with(MERGE_THREAD)) {
            // A thread that has ended meanwhile merges nothing any more.
            let _ = setpriority_process(Some(id), NICENESS);
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    #[test]
    fn merging_threads_are_nice_and_others_are_not() {
        let (tell, told) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let name = format!("{MERGE_THREAD}_0");
        let work = move || (tell.send(rustix::thread::gettid()).unwrap(), ended.recv()).0;
        let merging = std::thread::Builder::new().name(name).spawn(work).unwrap();
        let id = told.recv().unwrap();
        let before = getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let_merges_give_way();
        assert_eq!(getpriority_process(Some(id)).unwrap(), NICENESS.max(before));
        assert_eq!(getpriority_process(Some(rustix::thread::gettid())).unwrap(), before);
        drop(end);
        merging.join().unwrap();
    }
}
