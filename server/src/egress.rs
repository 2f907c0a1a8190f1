//! Requests to addresses that people or their browsers gave: never to this machine or its network, never further by
//! redirect, never for long.

use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);

/// A client for such addresses.
#[derive(Clone, Debug)]
pub struct Egress {
    client: Client,
    /// Addresses of one's own network may be asked too: for installations that mean to, and for tests.
    private: bool,
}

/// Why an address is not asked.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Refused(&'static str);

/// Whether an address belongs to everybody: neither this machine's, nor its network's, nor one with a meaning of its own.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped().or_else(|| translated(ip)) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(ip),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        // Carrier-grade NAT, protocol assignments, relays of 6to4, benchmarks.
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

/// The address that a translated one leads to (NAT64 and 6to4).
fn translated(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = ip.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if (high, low) != (0, 0) && (high, low) != (0, 1) => Some(of(high, low)),
        _ => None,
    }
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    // Global unicast is 2000::/3; out of it documentation, Teredo and other assignments of 2001::/23.
    let s = ip.segments();
    (s[0] & 0xe000) == 0x2000 && !(s[0] == 0x2001 && s[1] < 0x200) && !(s[0] == 0x2001 && s[1] == 0xdb8) && !(s[0] == 0x3fff && s[1] < 0x1000)
}

/// Names are looked up here, so that the address that is checked is the address that is asked.
#[derive(Debug)]
struct Checked;

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|a| is_public(a.ip())).collect();
            if public.is_empty() {
                return Err(Refused("the name leads to no public address").into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

impl Egress {
    pub fn new(private: bool) -> Result<Self, String> {
        let mut builder = Client::builder().redirect(Policy::none()).connect_timeout(CONNECT).timeout(WHOLE).no_proxy().user_agent("Rapport");
        if !private {
            builder = builder.https_only(true).dns_resolver(Arc::new(Checked));
        }
        Ok(Self { client: builder.build().map_err(|e| format!("no client for requests: {e}"))?, private })
    }

    /// The address, if it may be asked. A name is looked up when it is.
    pub fn check(&self, address: &str) -> Result<Url, Refused> {
        let url: Url = address.parse().map_err(|_| Refused("this is no address"))?;
        if url.scheme() != "https" && !(self.private && url.scheme() == "http") {
            return Err(Refused("the address must begin with https://"));
        }
        // Forms that readers of addresses disagree about: a name before the host, even an empty one, a backslash that one takes
        // for a slash, blanks that one leaves out. A fragment is never sent, so nobody needs one.
        let Some((_, rest)) = address.split_once("://") else { return Err(Refused("this is no address")) };
        let host = rest.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default();
        if host.contains('@') || !url.username().is_empty() || url.password().is_some() {
            return Err(Refused("the address must not hold a password"));
        }
        if address.contains(['\\', '#']) || address.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err(Refused("the address has characters that do not belong there"));
        }
        // Anything else that listens somewhere is no service for browsers, and need not be knocked at.
        if !self.private && url.port().is_some() {
            return Err(Refused("the address must be on the port of https, 443"));
        }
        let literal = url.host_str().map(|h| h.trim_start_matches('[').trim_end_matches(']')).and_then(|h| h.parse::<IpAddr>().ok());
        match (url.host_str(), literal) {
            (None, _) => Err(Refused("this is no address")),
            (_, Some(ip)) if !self.private && !is_public(ip) => Err(Refused("the address is not a public one")),
            _ => Ok(url),
        }
    }

    /// A request as it was made, to an address that may be asked. Answers the status alone.
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Result<u16, String> {
        let url = self.check(&request.uri().to_string()).map_err(|e| e.to_string())?;
        let (parts, body) = request.into_parts();
        let answer = self.client.request(parts.method, url).headers(parts.headers).body(body).send().await;
        answer.map(|a| a.status().as_u16()).map_err(|e| e.without_url().to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_own_network_is_asked() {
        for address in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.88.99.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "2002:c058:6301::",
            "64:ff9b::c058:6301",
            "64:ff9b:1::808:808",
            "::ffff:0:808:808",
            "::ffff:192.88.99.1",
            "5f00::1",
            "3fff::1",
            "fec0::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "8.8.8.8",
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.88.98.1",
            "192.88.100.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn only_addresses_of_others_in_the_open_are_taken() {
        let egress = Egress::new(false).unwrap();
        let why = |address: &str| egress.check(address).map(|u| u.to_string()).map_err(|e| e.to_string());
        assert_eq!(why("https://push.example.com/a?b"), Ok("https://push.example.com/a?b".into()));
        for (address, reason) in [
            ("http://push.example.com/", "https://"),
            ("file:///etc/passwd", "https://"),
            ("https://127.0.0.1/", "public"),
            ("https://[::1]/", "public"),
            // Other ways to write 127.0.0.1, which the parser knows.
            ("https://2130706433/", "public"),
            ("https://0x7f.1/", "public"),
            ("https://user:word@push.example.com/", "password"),
            ("https://user@push.example.com/", "password"),
            ("https://@push.example.com/", "password"),
            ("https://:@push.example.com/", "password"),
            ("https://push.example.com#@10.0.0.1/", "characters"),
            ("https://push.example.com\\@10.0.0.1/", "password"),
            ("https://push.example.com/\\@10.0.0.1/", "characters"),
            ("https://push.example.com/a b", "characters"),
            (" https://push.example.com/", "characters"),
            ("https://push.exa\tmple.com/", "characters"),
            ("https://push.example.com:22/", "443"),
            ("https://push.example.com:8443/", "443"),
            ("https://push.example.com:80/", "443"),
            ("https:/@push.example.com/", "no address"),
            ("https:///@push.example.com/", "password"),
            ("nonsense", "no address"),
        ] {
            assert!(why(address).unwrap_err().contains(reason), "{address}: {:?}", why(address));
        }
        assert_eq!(why("https://push.example.com:443/a@b"), Ok("https://push.example.com/a@b".into()));
        // Services of one's own may stand anywhere, but are written like others.
        let own = Egress::new(true).unwrap();
        assert!(own.check("http://10.0.0.1:8080/a").is_ok() && own.check("https://10.0.0.1:8443/a").is_ok());
        for address in ["http://user:word@10.0.0.1/", "http://10.0.0.1/#@x", "http:\\\\10.0.0.1/", "ftp://10.0.0.1/"] {
            assert!(own.check(address).is_err(), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_when_it_is_asked() {
        let egress = Egress::new(false).unwrap();
        let request = http::Request::post("https://localhost:9/").body(Vec::new()).unwrap();
        let error = egress.send(request).await.unwrap_err();
        assert!(!error.contains("refused") && !error.is_empty(), "never connected: {error}");
    }
}
