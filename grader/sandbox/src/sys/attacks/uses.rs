//! What a process does in a sandbox that is of any use.

use super::sockets::{address, connect_to, send_to, socket};
use super::{Attack, Outcome, attack, closed, open};

/// What must work, as a sandbox in which nothing does is of no use.
pub(crate) const USES: &[Attack] = &[
    attack("write to its scratch folder", |_| {
        let made = open(c"own", libc::O_RDWR | libc::O_CREAT);
        // SAFETY: the call reads a string that outlives it.
        unsafe { libc::unlink(c"own".as_ptr()) };
        made
    }),
    attack("throw output away", |_| open(c"/dev/null", libc::O_WRONLY)),
    attack("talk over the loopback, where it may", |targets| {
        if !targets.sockets {
            return Outcome::Through;
        }
        let Ok(listener) = socket(libc::AF_INET, libc::SOCK_STREAM) else {
            return Outcome::last();
        };
        let mut to = address([127, 0, 0, 1], 0);
        let mut length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        // SAFETY: the calls read and write the address, which outlives them.
        let listening = unsafe {
            libc::bind(listener, (&raw const to).cast(), length) == 0
                && libc::listen(listener, 1) == 0
                && libc::getsockname(listener, (&raw mut to).cast(), &raw mut length) == 0
        };
        let outcome = match listening {
            true => connect_to([127, 0, 0, 1], u16::from_be(to.sin_port)),
            false => Outcome::last(),
        };
        closed(listener, outcome)
    }),
    attack(
        "send a datagram over the loopback, where it may",
        |targets| {
            if !targets.sockets {
                return Outcome::Through;
            }
            let Ok(receiver) = socket(libc::AF_INET, libc::SOCK_DGRAM) else {
                return Outcome::last();
            };
            let mut at = address([127, 0, 0, 1], 0);
            let mut length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
            // SAFETY: the calls read and write the address, which outlives them.
            let bound = unsafe {
                libc::bind(receiver, (&raw const at).cast(), length) == 0
                    && libc::getsockname(receiver, (&raw mut at).cast(), &raw mut length) == 0
            };
            let sent = match bound {
                true => send_to([127, 0, 0, 1], u16::from_be(at.sin_port)),
                false => Outcome::last(),
            };
            let mut byte = 0u8;
            let outcome = match sent {
                // SAFETY: the call writes one byte at most, to `byte`.
                Outcome::Through => Outcome::of(unsafe {
                    libc::recv(receiver, (&raw mut byte).cast(), 1, libc::MSG_DONTWAIT)
                } as libc::c_long),
                denied => denied,
            };
            closed(receiver, outcome)
        },
    ),
    attack(
        "connect to a neighbour, where it may have any",
        |targets| match targets.shared {
            true => connect_to([127, 0, 0, 1], targets.neighbour),
            false => Outcome::Through,
        },
    ),
];
