//! Where webhooks may be: on the internet, and nowhere within.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a message may be sent to an address: it is one of a single machine that anybody on the internet could reach.
///
/// What looks like one of IPv6 and leads to one of IPv4 never is: a name that has the latter says so itself.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether a message may be sent to a port: those of the web, and those that anybody may open. The services of a machine
/// listen below.
pub(crate) fn is_open(port: u16) -> bool {
    matches!(port, 80 | 443 | 1024..)
}

/// By IANA's registry of special-purpose addresses, and what is beyond it.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = match address.octets() {
        // This network, private, loopback, link-local (and the metadata of clouds).
        [0 | 10 | 127, ..] | [172, 16..=31, ..] | [192, 168, ..] | [169, 254, ..] => true,
        // Between a provider and its customers.
        [100, 64..=127, ..] => true,
        // Azure's WireServer: it looks public, and is the host of the machine that asks.
        [168, 63, 129, 16] => true,
        // Protocol assignments, 6to4 relays, AS112.
        [192, 0, 0, _] | [192, 88, 99, _] | [192, 31, 196, _] | [192, 52, 193, _] => true,
        [192, 175, 48, _] => true,
        // Documentation, benchmarks.
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [198, 18 | 19, ..] => true,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => true,
        _ => false,
    };
    !is_special
}

/// Only what is global unicast (2000::/3) can be public.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Documentation.
        [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // Protocol assignments: Teredo, benchmarks, ORCHID.
        [0x2001, 0..=0x01ff, ..] => false,
        // 6to4: it leads to an address of IPv4. Nobody needs it any more.
        [0x2002, ..] => false,
        // AS112.
        [0x2620, 0x004f, 0x8000, ..] => false,
        [0x2000..=0x3fff, ..] => true,
        // All else: unspecified, loopback, mapped and compatible forms of IPv4, NAT64, discard, unique local, link-local,
        // site-local, segment routing, multicast, and what is not given out.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_within_is_public() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.1.2.3",
            "168.63.129.16",
            "169.254.169.254",
            "169.254.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::10.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:8.8.8.8",
            "::ffff:0:8.8.8.8",
            "64:ff9b::10.0.0.1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a00:1::1",
            "2002:808:808::1",
            "2620:4f:8000::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn what_anybody_reaches_is_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "2003::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_ports_of_a_machines_services_are_closed() {
        for port in [0, 1, 21, 22, 23, 25, 53, 79, 81, 110, 111, 139, 389, 442, 445, 873, 1023] {
            assert!(!is_open(port), "{port}");
        }
        for port in [80, 443, 1024, 3000, 8080, 8443, u16::MAX] {
            assert!(is_open(port), "{port}");
        }
    }
}
