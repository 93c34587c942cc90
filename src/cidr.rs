//! Ranges of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// An IPv4 or IPv6 network; a single address is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr(IpNet);

/// IPv4 networks that are never reached over the internet (IANA's special-purpose registry).
const NOT_PUBLIC_V4: [(Ipv4Addr, u8); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

impl Cidr {
    /// Reads `10.0.0.0/8`, `10.0.0.1`, `::/0`. Host bits are dropped.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(net) = text.parse::<IpNet>() {
            return Some(Cidr(net.trunc()));
        }
        text.parse::<IpAddr>().ok().map(|address| Cidr(IpNet::from(address)))
    }

    /// The whole internet of its version.
    pub fn is_anywhere(self) -> bool {
        self.0.prefix_len() == 0
    }

    /// True when it holds an address that the internet routes.
    pub fn is_public(self) -> bool {
        match self.0 {
            IpNet::V4(net) => !NOT_PUBLIC_V4.iter().any(|(address, bits)| {
                // A network lies wholly inside when it is at least as narrow and its first address is inside.
                net.prefix_len() >= *bits && IpNet::new((*address).into(), *bits).is_ok_and(|n| n.contains(&IpAddr::from(net.network())))
            }),
            // 2000::/3 is all that is routed.
            IpNet::V6(net) => {
                let routed = IpNet::new(IpAddr::from(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0)), 3);
                routed.is_ok_and(|r| r.contains(&IpNet::V6(net)) || IpNet::V6(net).contains(&r))
            }
        }
    }

    /// True when all of `other` is inside.
    pub fn contains(self, other: &Cidr) -> bool {
        self.0.contains(&other.0)
    }

    /// Number of addresses.
    pub fn size(self) -> f64 {
        let bits = u32::from(self.0.max_prefix_len()) - u32::from(self.0.prefix_len());
        2f64.powi(i32::try_from(bits).unwrap_or(0))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_and_not() {
        for text in ["0.0.0.0/0", "8.8.8.8", "172.32.0.0/16", "172.0.0.0/8", "192.0.0.0/8", "2a01:cb00::/32", "::/0", "100.0.0.0/8"] {
            assert!(Cidr::parse(text).unwrap().is_public(), "{text}");
        }
        for text in ["10.1.2.3", "172.31.0.0/16", "192.168.1.0/24", "100.64.0.0/10", "fd00::/8", "169.254.169.254", "fe80::1"] {
            assert!(!Cidr::parse(text).unwrap().is_public(), "{text}");
        }
    }

    #[test]
    fn reading() {
        assert_eq!(Cidr::parse("10.1.2.3/8").unwrap().to_string(), "10.0.0.0/8");
        assert!(Cidr::parse("10.1.2").is_none() && Cidr::parse("sg-1").is_none() && Cidr::parse("").is_none());
        assert!(Cidr::parse("::/0").unwrap().is_anywhere() && !Cidr::parse("0.0.0.0/1").unwrap().is_anywhere());
        assert_eq!(Cidr::parse("172.31.0.0/20").unwrap().size(), 4096.0);
        assert!(Cidr::parse("10.0.0.0/8").unwrap().contains(&Cidr::parse("10.2.0.0/16").unwrap()));
        assert!(!Cidr::parse("10.0.0.0/16").unwrap().contains(&Cidr::parse("10.0.0.0/8").unwrap()));
        assert!(!Cidr::parse("0.0.0.0/0").unwrap().contains(&Cidr::parse("::1").unwrap()));
    }
}
