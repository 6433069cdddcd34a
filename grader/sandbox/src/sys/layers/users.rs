//! Which of the users that are nobody's a process runs as: one that runs nothing
//! else at that time.
//!
//! What the system counts by user, processes above all, is then counted for one
//! start by itself, and no start can signal or trace another one. A user is
//! claimed by the name of a socket, which no two processes can have at a time,
//! of whichever grader they are, and which is free again as soon as its owner is
//! dead.

use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The users that nobody else is: those that systemd's list of users and groups
/// calls unused.
const SPARE: std::ops::RangeInclusive<u32> = 60_706..=61_183;

/// All that this grader has claimed. They are claimed for good: the next start
/// is likely to need one.
static CLAIMED: Mutex<Vec<Claimed>> = Mutex::new(Vec::new());

/// A user that this grader has claimed.
#[derive(Debug)]
struct Claimed {
    id: u32,
    /// How many starts run as this user.
    starts: usize,
    /// The folder that they share.
    folder: Option<PathBuf>,
    /// What nobody else can have meanwhile.
    _socket: UnixDatagram,
}

/// A user for a start, given back with the value.
#[derive(Debug)]
pub(crate) struct Lease {
    id: u32,
}

impl Lease {
    /// A user that nobody is. Who shares a folder with others has their user,
    /// since each is to read and change what the others write there.
    pub(super) fn take(shared: Option<&Path>) -> io::Result<Lease> {
        let mut claimed = claimed();
        let sharing = |one: &Claimed| one.starts > 0 && one.folder.as_deref() == shared;
        let mut found = match shared {
            Some(_) => claimed.iter().position(sharing),
            None => None,
        };
        found = found.or_else(|| claimed.iter().position(|one| one.starts == 0));
        let number = match found {
            Some(number) => number,
            None => {
                let another = claim(&claimed)?;
                claimed.push(another);
                claimed.len() - 1
            }
        };
        let one = &mut claimed[number];
        one.starts += 1;
        one.folder = shared.map(Path::to_owned);
        Ok(Lease { id: one.id })
    }

    /// Its number, as a user and as a group.
    pub(super) fn id(&self) -> u32 {
        self.id
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(one) = claimed().iter_mut().find(|one| one.id == self.id) {
            one.starts -= 1;
        }
    }
}

fn claimed() -> MutexGuard<'static, Vec<Claimed>> {
    // The list is whole between any two statements that change it.
    CLAIMED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Claims another user. Each grader begins elsewhere, so that one that was killed
/// a moment ago, and whose processes are about to die, is not taken up on its.
fn claim(claimed: &[Claimed]) -> io::Result<Claimed> {
    let number = SPARE.end() - SPARE.start() + 1;
    let first = std::process::id().wrapping_mul(31) % number;
    for offset in 0..number {
        let id = SPARE.start() + (first + offset) % number;
        if claimed.iter().any(|one| one.id == id) {
            continue;
        }
        let name = SocketAddr::from_abstract_name(format!("lockstep-user-{id}"))?;
        match UnixDatagram::bind_addr(&name) {
            Ok(socket) => {
                return Ok(Claimed {
                    id,
                    starts: 0,
                    folder: None,
                    _socket: socket,
                });
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("all of the spare users are at work"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_have_users_of_their_own_unless_they_share_a_folder() {
        let folder = Path::new("/shared");
        let one = Lease::take(None).unwrap();
        let two = Lease::take(None).unwrap();
        let shared = Lease::take(Some(folder)).unwrap();
        let with_it = Lease::take(Some(folder)).unwrap();
        let elsewhere = Lease::take(Some(Path::new("/other"))).unwrap();
        assert_eq!(shared.id(), with_it.id());
        let ids = [one.id(), two.id(), shared.id(), elsewhere.id()];
        let different: std::collections::BTreeSet<u32> = ids.into();
        assert_eq!(different.len(), ids.len());
        assert!(ids.iter().all(|id| SPARE.contains(id)));

        // Another grader cannot have it, and this one can again.
        let name = SocketAddr::from_abstract_name(format!("lockstep-user-{}", one.id())).unwrap();
        assert!(UnixDatagram::bind_addr(&name).is_err());
        drop(shared);
        assert_eq!(Lease::take(Some(folder)).unwrap().id(), with_it.id());
    }
}
