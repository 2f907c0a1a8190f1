//! When the C library's allocator gives memory back to the system.
#![allow(unsafe_code, reason = "mallopt and malloc_trim have no safe form")]

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Pause between two looks whether there was a burst.
const LOOK: Duration = Duration::from_secs(3);

/// Blocks of this size and more are mapped on their own and unmapped when freed. Request bodies, query answers and the memory of
/// password hashing are larger.
const MAPPED: i32 = 256 * 1024;

/// Fixes the size from which memory goes back to the system at once. By default the first large block that is freed raises it to
/// that block's size (mallopt(3), M_MMAP_THRESHOLD), and from then on every large block stays with the process.
pub fn give_back_large_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets two integers of the allocator; called before any other thread runs.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED);
        libc::mallopt(libc::M_TRIM_THRESHOLD, MAPPED);
    }
}

/// A large body was read since the last look.
static LARGE: AtomicBool = AtomicBool::new(false);

/// Notes that a body of so many bytes was read: what was made of it lies in many small blocks, freed but still ours.
pub fn read_body(bytes: u64) {
    if bytes > MAPPED as u64 {
        LARGE.store(true, Ordering::Relaxed);
    }
}

/// Gives freed memory back to the system some seconds after large bodies. Runs for ever.
pub async fn trim_after_bursts() -> Result<(), String> {
    loop {
        tokio::time::sleep(LOOK).await;
        if LARGE.swap(false, Ordering::Relaxed) {
            tokio::task::spawn_blocking(trim).await.map_err(|e| e.to_string())?;
        }
    }
}

fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes the allocator's own locks; may be called from any thread (malloc_trim(3)).
    unsafe {
        libc::malloc_trim(0);
    }
}
