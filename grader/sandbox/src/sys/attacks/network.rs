//! Attacks on what can be reached by a socket.

use super::sockets::{
    address, at_another_interface, connect_to, connect_unix, disconnected, freed, made_socket,
    send_message, send_to, sent_connected, socket,
};
use super::{Attack, Outcome, Seen, attack, closed};

pub(super) const ATTACKS: &[Attack] = &[
    attack("connect to an address outside", |targets| {
        if targets.shared {
            return freed(libc::SOCK_STREAM);
        }
        connect_to([192, 0, 2, 1], 9)
    }),
    attack("send a datagram outside", |targets| {
        if targets.shared {
            return freed(libc::SOCK_DGRAM);
        }
        send_to([192, 0, 2, 1], 9)
    }),
    attack(
        "send a datagram outside on a disconnected socket",
        |targets| disconnected(targets.shared),
    ),
    attack(
        "send one outside on a socket that is connected to port 0",
        |_| sent_connected(address([192, 0, 2, 1], 0)),
    ),
    attack("receive what is sent to another interface", |_| {
        at_another_interface()
    }),
    attack("connect to the machine's own services", |targets| {
        connect_to([127, 0, 0, 1], targets.port)
    }),
    Attack {
        seen: Some(Seen::Datagram),
        ..attack("send a datagram to the machine's own services", |targets| {
            send_to([127, 0, 0, 1], targets.datagrams)
        })
    },
    Attack {
        seen: Some(Seen::Datagram),
        ..attack("send one on a connected socket", |targets| {
            sent_connected(address([127, 0, 0, 1], targets.datagrams))
        })
    },
    Attack {
        seen: Some(Seen::Datagram),
        ..attack("send one with its address beside it", |targets| {
            send_message([127, 0, 0, 1], targets.datagrams)
        })
    },
    attack("connect to a Unix socket by its path", |targets| {
        connect_unix(targets.socket.to_bytes())
    }),
    attack("connect to an abstract Unix socket", |targets| {
        connect_unix(&targets.name)
    }),
    attack("make a socket to the hypervisor", |_| {
        made_socket(libc::AF_VSOCK)
    }),
    attack("make a netlink socket", |_| made_socket(libc::AF_NETLINK)),
    attack("join a group of the network's", |targets| {
        let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
            return Outcome::last();
        };
        if !targets.shared {
            // Nobody else is on its network.
            return closed(socket, Outcome::Denied(libc::ENETUNREACH));
        }
        let group = libc::ip_mreqn {
            imr_multiaddr: libc::in_addr {
                s_addr: u32::from_ne_bytes([239, 255, 77, 77]),
            },
            imr_address: libc::in_addr { s_addr: 0 },
            // The loopback, where nobody is told of it if it works.
            imr_ifindex: 1,
        };
        let (level, option) = (libc::IPPROTO_IP, libc::IP_ADD_MEMBERSHIP);
        let length = size_of::<libc::ip_mreqn>() as libc::socklen_t;
        // SAFETY: the call reads the group, which outlives it.
        let joined =
            unsafe { libc::setsockopt(socket, level, option, (&raw const group).cast(), length) };
        closed(socket, Outcome::of(joined.into()))
    }),
    attack("list the machine's interfaces", |targets| {
        let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
            return Outcome::last();
        };
        if !targets.shared {
            return closed(socket, Outcome::Denied(libc::ENODEV));
        }
        // SAFETY: plain data, for which zeros are a valid value: no room for an answer,
        // so that the kernel tells its length only.
        let listed = unsafe {
            let mut list: libc::ifconf = std::mem::zeroed();
            libc::ioctl(socket, libc::SIOCGIFCONF as _, &raw mut list)
        };
        closed(socket, Outcome::of(listed.into()))
    }),
    attack(
        "share a port with one of the machine's services",
        |targets| {
            let Ok(socket) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
                return Outcome::last();
            };
            let (level, option, yes) = (libc::SOL_SOCKET, libc::SO_REUSEADDR, 1 as libc::c_int);
            let length = size_of::<libc::c_int>() as libc::socklen_t;
            let at = address([127, 0, 0, 1], targets.datagrams);
            let size = size_of::<libc::sockaddr_in>() as libc::socklen_t;
            // SAFETY: the calls read a number and an address, which outlive them.
            let bound = unsafe {
                libc::setsockopt(socket, level, option, (&raw const yes).cast(), length);
                libc::bind(socket, (&raw const at).cast(), size)
            };
            match targets.shared {
                true => closed(socket, Outcome::of(bound.into())),
                false => closed(socket, Outcome::Denied(libc::EADDRINUSE)),
            }
        },
    ),
];
