//! The global allocator, mimalloc, and the purge after bursts (decision 0025).
#![allow(unsafe_code, reason = "mi_collect has no safe form")]

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Polling interval of the purge.
const POLL: Duration = Duration::from_secs(3);

/// Size in bytes of a request body that triggers a purge.
const LARGE_BODY: u64 = 256 * 1024;

/// A large body was read, or an import ended, since the last poll.
static WANTED: AtomicBool = AtomicBool::new(false);

/// Records that a request body of `bytes` was read. Parsing a large body leaves many small freed blocks in the process.
pub fn read_body(bytes: u64) {
    if bytes > LARGE_BODY {
        purge_soon();
    }
}

/// Asks for a purge at the next poll: work that allocated many small blocks ended.
pub fn purge_soon() {
    WANTED.store(true, Ordering::Relaxed);
}

/// Purges freed pages within [`POLL`] after a burst, before mimalloc's own purge delay expires. Never returns.
pub async fn trim_after_bursts() -> Result<(), String> {
    loop {
        tokio::time::sleep(POLL).await;
        if WANTED.swap(false, Ordering::Relaxed) {
            tokio::task::spawn_blocking(trim).await.map_err(|e| e.to_string())?;
        }
    }
}

fn trim() {
    // SAFETY: thread-safe; collects the calling thread's heap and purges the free slices of all arenas.
    unsafe { libmimalloc_sys::mi_collect(true) };
}
