//! The allocator, and when it gives memory back to the system.
//!
//! mimalloc: nearly half of the processor time of a page was glibc's `malloc` and `free` (decision 0025).
#![allow(unsafe_code, reason = "mi_collect has no safe form")]

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Interval of the check for bursts.
const LOOK: Duration = Duration::from_secs(3);

/// Size in bytes from which a request body counts as a burst.
const LARGE_BODY: u64 = 256 * 1024;

/// A large body was read since the last check.
static LARGE: AtomicBool = AtomicBool::new(false);

/// Notes that a body of so many bytes was read: what was made of it lies in many small blocks, freed but still ours.
pub fn read_body(bytes: u64) {
    if bytes > LARGE_BODY {
        LARGE.store(true, Ordering::Relaxed);
    }
}

/// Gives freed memory back to the system some seconds after large bodies, sooner than the allocator does by itself. Runs for ever.
pub async fn trim_after_bursts() -> Result<(), String> {
    loop {
        tokio::time::sleep(LOOK).await;
        if LARGE.swap(false, Ordering::Relaxed) {
            tokio::task::spawn_blocking(trim).await.map_err(|e| e.to_string())?;
        }
    }
}

fn trim() {
    // SAFETY: may be called from any thread; it visits the calling thread's heap and the free parts of all arenas.
    unsafe { libmimalloc_sys::mi_collect(true) };
}
