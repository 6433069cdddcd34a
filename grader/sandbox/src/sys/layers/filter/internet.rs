//! What a process may not do with sockets.

use seccompiler::BackendError;

use super::Sockets;
use super::rules::{Argument, Rules, has, is, is_not, masked};

/// Denies the sockets that a process may not have, and what it may not do with those
/// that it may.
pub(super) fn rules(
    rules: &mut Rules,
    sockets: Sockets,
    starts_programs: bool,
) -> Result<(), BackendError> {
    match sockets {
        Sockets::None => rules.deny(&[libc::SYS_socket]),
        Sockets::Any => of_the_internet(rules)?,
        Sockets::OfTheGrader => {
            of_the_internet(rules)?;
            addresses_elsewhere(rules)?;
        }
    }
    if sockets == Sockets::None && !starts_programs {
        rules.deny(&[libc::SYS_socketpair]);
        return Ok(());
    }
    // std hands a pair to each process that it starts. One of datagram sockets is no
    // such thing: it can send to any name; nor is one of another family.
    rules.deny_if(libc::SYS_socketpair, [kind(libc::SOCK_DGRAM)])?;
    rules.deny_if(libc::SYS_socketpair, [is_not(0, libc::AF_UNIX)])
}

/// The kind of a socket that is asked for: it is in the lowest bits, beside flags.
fn kind(value: libc::c_int) -> Argument {
    const KIND: libc::c_int = 0xf;
    masked(1, KIND, value)
}

/// Allows sockets of TCP and UDP.
fn of_the_internet(rules: &mut Rules) -> Result<(), BackendError> {
    rules.deny_if(
        libc::SYS_socket,
        [is_not(0, libc::AF_INET), is_not(0, libc::AF_INET6)],
    )?;
    for raw in [
        libc::SOCK_RAW,
        libc::SOCK_SEQPACKET,
        libc::SOCK_RDM,
        libc::SOCK_DCCP,
        SOCK_PACKET,
    ] {
        rules.deny_if(libc::SYS_socket, [kind(raw)])?;
    }
    for option in [
        libc::SO_BINDTODEVICE,
        SO_BINDTOIFINDEX,
        libc::SO_ATTACH_FILTER,
        libc::SO_ATTACH_BPF,
    ] {
        no_option(rules, libc::SOL_SOCKET, option)?;
    }
    Ok(())
}

/// Denies what would have a socket reach others than the grader has looked at:
/// ways to connect or send later than the call that names the address, and to be
/// at a port together with another service; and to keep the grader waiting.
fn addresses_elsewhere(rules: &mut Rules) -> Result<(), BackendError> {
    for (level, option) in [
        (libc::SOL_SOCKET, libc::SO_REUSEPORT),
        (libc::IPPROTO_IP, libc::IP_OPTIONS),
        (libc::IPPROTO_IPV6, libc::IPV6_RTHDR),
        (libc::IPPROTO_IPV6, IPV6_2292RTHDR),
        (libc::IPPROTO_TCP, libc::TCP_FASTOPEN_CONNECT),
        (libc::IPPROTO_TCP, libc::TCP_SYNCNT),
        (libc::IPPROTO_UDP, libc::UDP_CORK),
    ] {
        no_option(rules, level, option)?;
    }
    // Who joins a group of receivers has that told to the network around the machine.
    for level in [libc::IPPROTO_IP, libc::IPPROTO_IPV6] {
        for option in [
            MCAST_JOIN_GROUP,
            MCAST_LEAVE_GROUP,
            MCAST_BLOCK_SOURCE,
            MCAST_UNBLOCK_SOURCE,
            MCAST_JOIN_SOURCE_GROUP,
            MCAST_LEAVE_SOURCE_GROUP,
            MCAST_MSFILTER,
        ] {
            no_option(rules, level, option)?;
        }
    }
    for option in [
        libc::IP_ADD_MEMBERSHIP,
        libc::IP_ADD_SOURCE_MEMBERSHIP,
        libc::IP_BLOCK_SOURCE,
        libc::IP_UNBLOCK_SOURCE,
        IP_MSFILTER,
    ] {
        no_option(rules, libc::IPPROTO_IP, option)?;
    }
    for option in [libc::IPV6_ADD_MEMBERSHIP, IPV6_JOIN_ANYCAST] {
        no_option(rules, libc::IPPROTO_IPV6, option)?;
    }
    // A `sendto(2)` that connects.
    rules.deny_if(libc::SYS_sendto, [has(3, libc::MSG_FASTOPEN)])?;
    // Their addresses lie where no filter sees them.
    rules.deny(&[libc::SYS_sendmsg, libc::SYS_sendmmsg]);
    Ok(())
}

/// Denies setting an option of a socket.
fn no_option(
    rules: &mut Rules,
    level: libc::c_int,
    option: libc::c_int,
) -> Result<(), BackendError> {
    rules.deny_if(libc::SYS_setsockopt, [is(1, level), is(2, option)])
}

/// `MCAST_JOIN_GROUP` and the others that both families have (`linux/in.h`).
const MCAST_JOIN_GROUP: libc::c_int = 42;
const MCAST_BLOCK_SOURCE: libc::c_int = 43;
const MCAST_UNBLOCK_SOURCE: libc::c_int = 44;
const MCAST_LEAVE_GROUP: libc::c_int = 45;
const MCAST_JOIN_SOURCE_GROUP: libc::c_int = 46;
const MCAST_LEAVE_SOURCE_GROUP: libc::c_int = 47;
const MCAST_MSFILTER: libc::c_int = 48;
/// `IP_MSFILTER`
const IP_MSFILTER: libc::c_int = 41;
/// `IPV6_JOIN_ANYCAST`
const IPV6_JOIN_ANYCAST: libc::c_int = 27;
/// `SOCK_PACKET`, which is obsolete and still there.
const SOCK_PACKET: libc::c_int = 10;
/// `IPV6_2292RTHDR`
const IPV6_2292RTHDR: libc::c_int = 5;
/// `SO_BINDTOIFINDEX`
const SO_BINDTOIFINDEX: libc::c_int = 62;
