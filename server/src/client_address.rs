//! Where a request comes from: the peer's own address, or the client's as told by proxies that are trusted.
//!
//! The header is read from the right, hop by hop: each hop was written down by the one after it, so it counts only as far as
//! everything to its right is trusted. What a client wrote itself lies to the left of its own address and is never reached.

use crate::{state::AppState, trusted::Trusted};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Header that nearly every proxy appends to, in none of the standards.
pub const X_FORWARDED_FOR: &str = "x-forwarded-for";
/// Hops that are looked at; a longer chain is made up.
const HOPS: usize = 32;

/// Address of the client behind a request, in its plain form (an IPv4 address inside IPv6 is written as IPv4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Whom a request is throttled as: somebody with IPv6 has a whole /64 to choose addresses from.
pub fn throttled_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// One hop as a header names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hop {
    At(IpAddr),
    /// A unix socket on the machine of the proxy that wrote it.
    Local,
}

/// An address with or without brackets and port.
fn hop(text: &str) -> Option<Hop> {
    let text = text.trim();
    if text == "unix:" || text == "unix" {
        return Some(Hop::Local);
    }
    let bracketed = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).and_then(|t| t.parse::<Ipv6Addr>().ok()).map(IpAddr::V6);
    let address = text.parse().ok().or(bracketed).or_else(|| text.parse::<SocketAddr>().ok().map(|a| a.ip()))?;
    Some(Hop::At(address.to_canonical()))
}

/// Splits at `separator` outside of quotation marks.
fn parts(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        let at_separator = c == separator && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        at_separator
    })
    .collect()
}

/// The `for` of one element of `Forwarded` (RFC 7239 §4); `unknown` and `_hidden` are no addresses.
fn forwarded_for(element: &str) -> Option<Hop> {
    parts(element, ';').into_iter().find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("for") {
            return None;
        }
        let value = value.trim();
        hop(value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value))
    })
}

/// The hops of all headers of one name, the last first; one that cannot be read is `None`.
fn hops(headers: &HeaderMap) -> Vec<Option<Hop>> {
    // Proxies write one of the two and hand the other on as it came, so the more usual one is read alone where it is there.
    let (name, read): (&str, fn(&str) -> Option<Hop>) =
        if headers.contains_key(X_FORWARDED_FOR) { (X_FORWARDED_FOR, hop) } else { (header::FORWARDED.as_str(), forwarded_for) };
    let mut all = Vec::new();
    for value in headers.get_all(name) {
        match value.to_str() {
            Ok(text) => all.extend(parts(text, ',').into_iter().filter(|p| !p.trim().is_empty()).map(read)),
            Err(_) => all.push(None),
        }
    }
    all.reverse();
    all.truncate(HOPS);
    all
}

/// Whether a request says that it was handed on.
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
}

/// The address of the client behind `peer`: the last one that a trusted proxy wrote down and that is no trusted proxy itself.
/// A chain that cannot be read is worth nothing: the peer's own address stands for it.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &Trusted) -> IpAddr {
    let peer = peer.to_canonical();
    if !trusted.contains(peer) {
        return peer;
    }
    let mut found = peer;
    for hop in hops(headers) {
        match hop {
            Some(Hop::Local) => {}
            Some(Hop::At(address)) if trusted.contains(address) => found = address,
            Some(Hop::At(address)) => return address,
            None => return peer,
        }
    }
    found
}

/// Puts the client's address into the request, for everything further in.
pub async fn find(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let client = ClientAddress(client_address(peer.ip(), request.headers(), &state.trusted));
        request.extensions_mut().insert(client);
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::trusted::ranges;
    use axum::http::HeaderValue;
    use std::net::Ipv4Addr;

    fn trusted(list: &str) -> Trusted {
        list.split(',').map(|t| ranges(t).unwrap()).collect()
    }

    fn asked(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        client_address(peer.parse().unwrap(), &map, &trusted("loopback,10.0.0.0/8,fd00::/8")).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed_and_only_as_far_as_they_reach() {
        let xff = "x-forwarded-for";
        for (peer, headers, client) in [
            // A stranger says what it likes.
            ("203.0.113.9", vec![(xff, "198.51.100.1")], "203.0.113.9"),
            ("203.0.113.9", vec![("forwarded", "for=198.51.100.1")], "203.0.113.9"),
            ("10.1.2.3", vec![], "10.1.2.3"),
            ("10.1.2.3", vec![(xff, "198.51.100.1")], "198.51.100.1"),
            // What the client itself wrote stands to the left of where it really is.
            ("10.1.2.3", vec![(xff, "192.0.2.1, 198.51.100.1")], "198.51.100.1"),
            ("10.1.2.3", vec![(xff, "10.0.0.1, 198.51.100.1, 10.9.9.9, 127.0.0.1")], "198.51.100.1"),
            ("10.1.2.3", vec![(xff, "nonsense, 198.51.100.1")], "198.51.100.1"),
            // Two lines of one header are one list.
            ("10.1.2.3", vec![(xff, "192.0.2.1"), (xff, "198.51.100.1")], "198.51.100.1"),
            // Nobody but proxies in it: the first of them.
            ("10.1.2.3", vec![(xff, "10.0.0.7, 10.0.0.8")], "10.0.0.7"),
            // Worth nothing.
            ("10.1.2.3", vec![(xff, "198.51.100.1, nonsense")], "10.1.2.3"),
            ("10.1.2.3", vec![(xff, "198.51.100.1, 10.0.0.7, \u{fc}")], "10.1.2.3"),
            ("10.1.2.3", vec![(xff, "")], "10.1.2.3"),
            ("10.1.2.3", vec![("forwarded", "for=unknown")], "10.1.2.3"),
            ("10.1.2.3", vec![("forwarded", "for=198.51.100.1, for=_hidden")], "10.1.2.3"),
            ("10.1.2.3", vec![("forwarded", "by=10.0.0.1")], "10.1.2.3"),
            // RFC 7239 §4 and §6.
            ("::1", vec![("forwarded", "for=198.51.100.1;proto=https;by=10.0.0.1")], "198.51.100.1"),
            ("::1", vec![("forwarded", "For=\"[2001:db8:cafe::17]:4711\"")], "2001:db8:cafe::17"),
            ("::1", vec![("forwarded", "for=192.0.2.43, for=\"[2001:db8::1]\";host=\"a,b;for=6\"")], "2001:db8::1"),
            ("::1", vec![("forwarded", "for=\"198.51.100.1:80\""), ("forwarded", "for=10.0.0.9")], "198.51.100.1"),
            // Ports, sockets, and IPv4 in IPv6.
            ("::ffff:10.1.2.3", vec![(xff, "::ffff:198.51.100.1")], "198.51.100.1"),
            ("::ffff:203.0.113.9", vec![], "203.0.113.9"),
            ("127.0.0.1", vec![(xff, "198.51.100.1:1234, unix:")], "198.51.100.1"),
            ("fd00::1", vec![(xff, "2001:db8::5")], "2001:db8::5"),
            // A proxy that writes the one hands the other on as its client wrote it.
            ("127.0.0.1", vec![("forwarded", "for=192.0.2.1"), (xff, "198.51.100.1")], "198.51.100.1"),
        ] {
            assert_eq!(asked(peer, &headers), client, "{peer} {headers:?}");
        }
    }

    #[test]
    fn a_chain_without_end_is_not_walked_to_its_end() {
        let long = vec!["10.0.0.7"; 100].join(",");
        assert_eq!(asked("10.0.0.1", &[("x-forwarded-for", &format!("198.51.100.1,{long}"))]), "10.0.0.7");
    }

    #[test]
    fn proxies_are_named_by_address_range_or_word() {
        let all = trusted("loopback, 192.168.1.7/16,2001:db8::1");
        for (address, is) in [
            ("127.3.2.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("192.168.200.1", true),
            ("192.169.0.1", false),
            ("2001:db8::1", true),
            ("2001:db8::2", false),
        ] {
            assert_eq!(all.contains(address.parse().unwrap()), is, "{address}");
        }
        assert!(!Trusted::default().contains(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        for wrong in ["", "10.0.0.0/33", "proxy.example.com", "10.0.0"] {
            assert!(ranges(wrong).unwrap_err().contains("10.0.0.0/8"), "{wrong}");
        }
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let same = |a: &str, b: &str| throttled_as(a.parse().unwrap()) == throttled_as(b.parse().unwrap());
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9") && !same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("198.51.100.1", "::ffff:198.51.100.1") && !same("198.51.100.1", "198.51.100.2"));
    }
}
