//! How long a client may keep us waiting, and how many connections it may hold.

use crate::{client_address::throttled_as, trusted::Trusted};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Waits and limits of the HTTP server.
#[derive(Clone)]
pub struct Limits {
    /// From accepting a connection to the whole head of its first request, the HTTP/2 preface included; on HTTP/1 also
    /// between two requests.
    pub head: Duration,
    /// Without a request under way: how long an HTTP/2 connection, or one of a trusted proxy, stays open. Longer than the
    /// 60 s after which common proxies drop idle connections themselves, so that they never send into a closing one.
    pub idle: Duration,
    /// A body or an answer that moves slower than `rate` is given this much time, as a whole.
    pub grace: Duration,
    /// Bytes a second that a body and an answer in transit must reach on average, after `grace`.
    pub rate: u64,
    /// Connections at once from one address (IPv4) or network (IPv6, /64).
    pub per_address: usize,
    /// Connections at once from all addresses but trusted proxies.
    pub connections: usize,
    /// The reverse proxies in front of us, to which the limits per address do not apply.
    pub trusted: Trusted,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(90),
            grace: Duration::from_secs(30),
            rate: 1024,
            per_address: 512,
            connections: 8192,
            trusted: Trusted::default(),
        }
    }
}

impl Limits {
    /// The defaults, within the open files that this process may have. Raises its soft limit to the hard one first.
    pub fn of_this_process(trusted: Trusted) -> Self {
        let all = Self { trusted, ..Self::default() };
        // Database, log, assets and uploads need some of their own.
        let files = rlimit::increase_nofile_limit(65_536).unwrap_or(1024).saturating_sub(256) as usize;
        let connections = all.connections.min(files / 2).max(64);
        Self { per_address: all.per_address.min(connections / 2), connections, ..all }
    }
}

/// Hands out places for connections.
pub(super) struct Places {
    held: Arc<Mutex<Held>>,
    per_address: usize,
    connections: usize,
    trusted: Trusted,
}

#[derive(Default)]
struct Held {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
    warned: Option<Instant>,
}

/// A place for one connection, given back when dropped.
pub(super) struct Place {
    held: Arc<Mutex<Held>>,
    /// `None` for trusted proxies.
    address: Option<IpAddr>,
}

impl Places {
    pub(super) fn new(limits: &Limits) -> Self {
        let Limits { per_address, connections, trusted, .. } = limits.clone();
        Self { held: Arc::default(), per_address, connections, trusted }
    }

    /// A place for a connection from `peer`, unless it holds as many as it may.
    pub(super) fn take(&self, peer: IpAddr) -> Option<Place> {
        if self.trusted.contains(peer) {
            return Some(Place { held: self.held.clone(), address: None });
        }
        let address = throttled_as(peer);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = held.by_address.get(&address).copied().unwrap_or_default();
        if theirs >= self.per_address || held.all >= self.connections {
            if held.warned.is_none_or(|at| at.elapsed() > Duration::from_secs(60)) {
                held.warned = Some(Instant::now());
                let local = peer.is_loopback();
                tracing::warn!(
                    connections = theirs,
                    "too many connections from one address{}; a reverse proxy is named with --trusted-proxy",
                    if local { " of this machine" } else { "" }
                );
            }
            return None;
        }
        held.all += 1;
        held.by_address.insert(address, theirs + 1);
        Some(Place { held: self.held.clone(), address: Some(address) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.all -= 1;
        match held.by_address.get_mut(&address) {
            Some(1) | None => drop(held.by_address.remove(&address)),
            Some(theirs) => *theirs -= 1,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn places_are_limited_per_address_and_given_back() {
        let limits = Limits { per_address: 2, connections: 3, ..Limits::default() };
        let places = Places::new(&limits);
        let [a, b]: [IpAddr; 2] = ["10.0.0.1", "2001:db8::1"].map(|t| t.parse().unwrap());
        let neighbour: IpAddr = "2001:db8::2".parse().unwrap();
        let mapped: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
        let first = places.take(a);
        assert!(first.is_some());
        let second = places.take(mapped);
        assert!(second.is_some() && places.take(a).is_none(), "a mapped address is the same client");
        let third = places.take(b);
        assert!(third.is_some() && places.take(neighbour).is_none(), "all places are taken");
        drop(first);
        let fourth = places.take(neighbour);
        assert!(fourth.is_some() && places.take(b).is_none(), "addresses of one /64 are one client");
        drop((second, third, fourth));
        let held = places.held.lock().unwrap();
        assert!(held.all == 0 && held.by_address.is_empty());
    }
}
