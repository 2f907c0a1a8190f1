//! When the C library's allocator gives memory back to the system.
#![allow(unsafe_code, reason = "mallopt has no safe form")]

/// Blocks of this size and more are mapped on their own and unmapped when freed. Request bodies, query answers and the memory of
/// password hashing are larger.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED: libc::c_int = 256 * 1024;

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
