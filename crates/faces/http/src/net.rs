//! Who is calling: ranges of addresses, and the true address behind proxies that are trusted.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use axum::http::HeaderMap;

/// A range of addresses, such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    first: u128,
    bits: u32,
}

/// An address as a number; IPv4 in the range that IPv6 keeps for it.
pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// What counts as one client: an IPv4 address, or the /64 that a household gets of IPv6.
pub(crate) fn household(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(_) => number(address.to_canonical()),
        IpAddr::V6(_) => number(address) >> 64 << 64,
    }
}

impl Net {
    /// Whether an address lies in the range.
    pub fn holds(&self, address: IpAddr) -> bool {
        let number = number(address.to_canonical());
        self.bits == 0 || (number ^ self.first) >> (128 - self.bits) == 0
    }
}

impl FromStr for Net {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is no range of addresses such as 10.0.0.0/8");
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.trim().parse().map_err(|_unreadable| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits: u32 = match bits {
            Some(bits) => bits.parse().map_err(|_unreadable| wrong())?,
            None => most,
        };
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { first: number(address), bits: bits + 128 - most })
    }
}

/// The address of the client. What a proxy adds is believed only of a trusted one: the list is read from its
/// end, past proxies of ours, to the first address that is none of them.
pub(crate) fn client(peer: Option<IpAddr>, headers: &HeaderMap, proxies: &[Net]) -> IpAddr {
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)).to_canonical();
    let trusted = |address: IpAddr| proxies.iter().any(|net| net.holds(address));
    if !trusted(peer) {
        return peer;
    }
    let named: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut last = peer;
    for name in named.into_iter().rev() {
        let Ok(address) = name.trim().parse::<IpAddr>() else { return last };
        last = address.to_canonical();
        if !trusted(last) {
            return last;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn ranges_hold_what_they_say() {
        let rows = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("::1", "::1", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "2001:db8::1", false),
        ];
        for (net, address, held) in rows {
            let net: Net = net.parse().unwrap();
            assert_eq!(net.holds(ip(address)), held, "{net:?} {address}");
        }
        for wrong in ["10.0.0.0/33", "x", "10.0.0.0/-1", "", "1.2.3/8"] {
            assert!(wrong.parse::<Net>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        let proxies: Vec<Net> = vec!["10.0.0.0/8".parse().unwrap()];
        let rows = [
            // Nobody's proxy: what it says is not heard.
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            // What the client itself put before is not heard.
            ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "nonsense", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1, nonsense, 10.0.0.2", "10.0.0.2"),
            ("10.0.0.1", "", "10.0.0.1"),
        ];
        for (peer, forwarded, client_is) in rows {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            assert_eq!(client(Some(ip(peer)), &headers, &proxies), ip(client_is), "{forwarded}");
        }
    }

    #[test]
    fn a_household_of_ipv6_is_one_client() {
        assert_eq!(household(ip("2001:db8:1:2::1")), household(ip("2001:db8:1:2:ffff::9")));
        assert_ne!(household(ip("2001:db8:1:2::1")), household(ip("2001:db8:1:3::1")));
        assert_ne!(household(ip("10.0.0.1")), household(ip("10.0.0.2")));
        assert_eq!(household(ip("::ffff:10.0.0.1")), household(ip("10.0.0.1")));
    }
}
