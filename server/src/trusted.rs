//! Trusted proxies.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

/// Proxies whose forwarded client address is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trusted(Arc<[IpNet]>);

impl Trusted {
    /// Whether an address belongs to a trusted proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }
}

impl FromIterator<Trusted> for Trusted {
    fn from_iter<I: IntoIterator<Item = Trusted>>(all: I) -> Self {
        Self(all.into_iter().flat_map(|t| t.0.to_vec()).collect())
    }
}

/// One value of `--trusted-proxy`: an address, a range in CIDR form, or `loopback`.
pub fn ranges(text: &str) -> Result<Trusted, String> {
    let text = text.trim();
    if text == "loopback" {
        let v4 = Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8);
        return Ok(Trusted([IpNet::V4(v4), IpNet::V6(Ipv6Net::from(Ipv6Addr::LOCALHOST))].into()));
    }
    let net = match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => text.parse::<IpNet>().ok().map(|net| net.trunc()),
    };
    net.map(|net| Trusted([net].into()))
        .ok_or_else(|| format!("“{text}” must be an address such as 10.0.0.2, a range such as 10.0.0.0/8 or fd00::/8, or the word loopback"))
}
