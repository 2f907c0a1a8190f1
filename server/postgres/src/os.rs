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

pub fn interrupt(pid: i32) {
    // SAFETY: sending a signal touches no memory of ours.
    unsafe {
        libc::kill(pid, libc::SIGINT);
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
    // SAFETY: between fork and exec only async-signal-safe calls and small file writes are made; no locks are taken.
    unsafe {
        command.pre_exec(move || {
            match identity {
                Identity::Same => {}
                Identity::Switch(uid, gid) => {
                    if libc::setgroups(0, std::ptr::null()) != 0 || libc::setgid(gid) != 0 || libc::setuid(uid) != 0 {
                        return Err(io::Error::last_os_error());
                    }
                }
                Identity::Namespace(uid) => {
                    if libc::unshare(libc::CLONE_NEWUSER) != 0 {
                        return Err(io::Error::last_os_error());
                    }
                    std::fs::write("/proc/self/uid_map", format!("{uid} 0 1"))?;
                    let _ = std::fs::write("/proc/self/setgroups", "deny");
                    std::fs::write("/proc/self/gid_map", format!("{uid} 0 1"))?;
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
