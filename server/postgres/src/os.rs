//! The few calls into the operating system that std has no safe form for. The only file of the crate with `unsafe`.
#![allow(unsafe_code)]

use std::{
    fs::File,
    io,
    os::{fd::AsRawFd, unix::process::CommandExt},
    process::Command,
};

/// The identity Postgres runs under; it refuses to run as root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// We are an ordinary user: nothing to change.
    Same,
    /// Root, inside a user namespace of its own where it sees itself as this user; files stay root's.
    Namespace(u32),
    /// Root in a place that forbids namespaces: become this user and group.
    Switch(u32, u32),
}

pub fn is_root() -> bool {
    // SAFETY: geteuid has no preconditions and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

pub fn user_id() -> u32 {
    // SAFETY: as above.
    unsafe { libc::geteuid() }
}

/// Takes an exclusive lock that the kernel frees on any death. `false`: somebody else has it.
pub fn try_lock(file: &File) -> bool {
    // SAFETY: the descriptor is open for as long as `file` lives.
    unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) == 0 }
}

/// Asks Postgres for a clean, fast stop.
pub fn interrupt(pid: i32) {
    signal(pid, libc::SIGINT);
}

/// Ends a server process without a postmaster: at once, and the second time whatever it does.
pub fn end_orphan(pid: i32, by_force: bool) {
    signal(pid, if by_force { libc::SIGKILL } else { libc::SIGQUIT });
}

fn signal(pid: i32, signal: i32) {
    // SAFETY: sending a signal touches no memory of ours.
    unsafe {
        libc::kill(pid, signal);
    }
}

/// Waits until our child has ended, without reaping it: until somebody reaps it, its number is nobody else's.
pub fn wait_for_end(pid: u32) {
    loop {
        // SAFETY: `info` is ours and large enough; the call writes nothing else.
        let done = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            libc::waitid(libc::P_PID, pid, &mut info, libc::WEXITED | libc::WNOWAIT)
        };
        if done == 0 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return;
        }
    }
}

/// Whether this process may make user namespaces (containers often forbid it).
pub fn namespaces_allowed() -> bool {
    let mut probe = Command::new("/bin/true");
    prepare(&mut probe, Identity::Namespace(65534), false);
    probe.status().is_ok_and(|s| s.success())
}

/// Makes `command` run as `identity`, in its own session (Ctrl-C reaches only us). With `die_with_parent` the kernel
/// sends it SIGINT (a clean, fast Postgres stop) when the thread that spawned it ends.
pub fn prepare(command: &mut Command, identity: Identity, die_with_parent: bool) {
    let parent = std::process::id() as i32;
    let map = match identity {
        Identity::Namespace(uid) => format!("{uid} 0 1"),
        _ => String::new(),
    };
    // SAFETY: between fork and exec only async-signal-safe calls are made. Nothing is allocated: a restart forks a process
    // of many threads, any of which may hold the allocator's lock at that moment.
    unsafe {
        command.pre_exec(move || {
            match identity {
                Identity::Same => {}
                Identity::Switch(uid, gid) => {
                    if libc::setgroups(0, std::ptr::null()) != 0 || libc::setgid(gid) != 0 || libc::setuid(uid) != 0 {
                        return Err(io::Error::last_os_error());
                    }
                }
                Identity::Namespace(_) => {
                    if libc::unshare(libc::CLONE_NEWUSER) != 0 {
                        return Err(io::Error::last_os_error());
                    }
                    write_whole(c"/proc/self/uid_map", map.as_bytes())?;
                    let _ = write_whole(c"/proc/self/setgroups", b"deny");
                    write_whole(c"/proc/self/gid_map", map.as_bytes())?;
                }
            }
            if die_with_parent {
                // After the identity change, which clears the setting.
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGINT);
                if libc::getppid() != parent {
                    libc::_exit(1);
                }
            }
            libc::setsid();
            Ok(())
        });
    }
}

/// Writes a small file in one go, without allocating.
///
/// # Safety
/// Safe to call between fork and exec: three system calls on memory of the caller.
unsafe fn write_whole(path: &std::ffi::CStr, bytes: &[u8]) -> io::Result<()> {
    // SAFETY: the path ends in NUL and the buffer has the length that is given.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if file < 0 {
            return Err(io::Error::last_os_error());
        }
        let written = libc::write(file, bytes.as_ptr().cast(), bytes.len());
        let failed = (written != bytes.len() as isize).then(io::Error::last_os_error);
        libc::close(file);
        failed.map_or(Ok(()), Err)
    }
}
