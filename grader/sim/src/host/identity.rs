//! What the system says of a file that is the machine's own affair: which number
//! and device it has, whose it is, when it was made and how its blocks lie. Who
//! could see that could tell one execution from another, and one machine from the
//! next.
//!
//! Files are numbered as they are made, so that no number comes twice, as on a
//! file system that has just been made.

use std::collections::{BTreeMap, BTreeSet};

use libc::c_long;

use super::files::{At, fail};
use crate::kernel;

/// The owner and the group of every file.
const OWNER: u32 = 1000;
/// The one device of all files: its major and minor number.
const DEVICE: (u32, u32) = (0, 1);
/// Bytes of a block, and of a folder.
const BLOCK: u32 = 4096;
/// Bytes in which a file's blocks are counted (`stat(2)`).
const SECTOR: u64 = 512;

/// The device that a file really is on, and its number there.
pub(super) type Inode = (u64, u64);

/// A time that a file has: seconds since 1970, and nanoseconds.
type Time = (i64, u32);

/// The numbers that files have in an execution, and the times that were set.
#[derive(Default)]
pub(crate) struct Numbers {
    /// Not hashed: new keys of a hash would be the program's next ones.
    known: BTreeMap<Inode, u64>,
    last: u64,
    times: BTreeMap<Inode, Times>,
    /// What a program may not read, though the system would let it.
    unreadable: BTreeSet<Inode>,
}

/// The times of a file that a program has set.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    /// As of a file system that does not note reads (`noatime`).
    accessed: Option<Time>,
    /// Until it is written to, which the file's own time tells.
    modified: Option<Time>,
}

impl Numbers {
    /// The number of a file; one that was there before the execution gets it when
    /// it is first seen.
    fn of(&mut self, inode: Inode) -> u64 {
        *self.known.entry(inode).or_insert_with(|| {
            self.last += 1;
            self.last
        })
    }

    /// This file is new, whatever had the inode before.
    fn is_new(&mut self, inode: Inode) {
        self.last += 1;
        self.known.insert(inode, self.last);
        self.times.remove(&inode);
        self.unreadable.remove(&inode);
    }
}

/// The number that the file at a path is said to have; of a link, that of the link.
/// Outside of a simulation it is the real one. 0 where nothing is there.
pub(super) fn number(at: At) -> u64 {
    look(at).map_or(0, |told| said(inode(&told)))
}

/// The file at a path, if there is one; of a link, the link.
pub(super) fn inode_of(at: At) -> Option<Inode> {
    look(at).map(|told| inode(&told))
}

fn said(inode: Inode) -> u64 {
    kernel::with(|kernel| kernel.run.numbers.of(inode)).unwrap_or(inode.1)
}

/// What comes of giving a file to an owner and a group, of which -1 stays as it
/// is: nobody but the system's administrator may do that.
pub(super) fn gives(owner: libc::uid_t, group: libc::gid_t) -> c_long {
    match [owner, group]
        .iter()
        .all(|id| [OWNER, u32::MAX].contains(id))
    {
        true => 0,
        false => fail(libc::EPERM),
    }
}

/// Takes the result of a call that makes a file where it works; then it is there.
pub(super) fn made(result: c_long, at: At) -> c_long {
    if result >= 0
        && kernel::is_simulated()
        && let Some(told) = look(at)
    {
        kernel::with(|kernel| kernel.run.numbers.is_new(inode(&told)));
    }
    result
}

/// The same for one that is made with these rights, of which it perhaps has one more
/// than it is said to have ([`folder::is_made_readable`]).
pub(super) fn made_with(result: c_long, at: At, readable: bool) -> c_long {
    let result = made(result, at);
    if readable
        && result >= 0
        && let Some(inode) = inode_of(at)
    {
        kernel::with(|kernel| kernel.run.numbers.unreadable.insert(inode));
    }
    result
}

/// Whether a program may not read what a path leads to, though the system would let it.
pub(super) fn is_unreadable(at: At) -> bool {
    let of_none = kernel::with(|kernel| kernel.run.numbers.unreadable.is_empty());
    of_none == Some(false) && look_at(at, 0).is_some_and(|told| is_said_unreadable(inode(&told)))
}

fn is_said_unreadable(inode: Inode) -> bool {
    kernel::with(|kernel| kernel.run.numbers.unreadable.contains(&inode)) == Some(true)
}

/// The times of an open file were set to these: first when it was read, then when it
/// was written to; none where that is now.
pub(super) fn sets_times(descriptor: libc::c_int, times: Option<[libc::timespec; 2]>) {
    let Some(told) = look(At {
        folder: descriptor,
        path: c"".as_ptr(),
    }) else {
        return;
    };
    let after = |index: usize, before: Option<Time>, now: libc::statx_timestamp| {
        match times.map_or(libc::UTIME_NOW, |times| times[index].tv_nsec) {
            libc::UTIME_OMIT => before,
            libc::UTIME_NOW => None,
            // As the file system has rounded it.
            _ => Some((now.tv_sec, now.tv_nsec)),
        }
    };
    kernel::with(|kernel| {
        let known = kernel.run.numbers.times.entry(inode(&told)).or_default();
        *known = Times {
            accessed: after(0, known.accessed, told.stx_atime),
            modified: after(1, known.modified, told.stx_mtime),
        };
    });
}

fn look(at: At) -> Option<libc::statx> {
    look_at(at, libc::AT_SYMLINK_NOFOLLOW)
}

fn look_at(at: At, flags: libc::c_int) -> Option<libc::statx> {
    let flags = flags | libc::AT_EMPTY_PATH;
    // SAFETY: all parts of it are numbers, for which zero is a value.
    let mut told: libc::statx = unsafe { std::mem::zeroed() };
    let (mask, to) = (libc::STATX_BASIC_STATS, &raw mut told);
    // SAFETY: the path is a C string, which who makes an `At` has promised, and
    // the place is writable.
    let result = unsafe { libc::syscall(libc::SYS_statx, at.folder, at.path, flags, mask, to) };
    (result == 0).then_some(told)
}

fn inode(told: &libc::statx) -> Inode {
    let device = u64::from(told.stx_dev_major) << 32 | u64::from(told.stx_dev_minor);
    (device, told.stx_ino)
}

/// Replaces what the system has said of a file by what a simulated thread may
/// see of it.
pub(super) fn hide(told: &mut libc::statx) {
    virtual_times(told);
    if is_said_unreadable(inode(told)) {
        told.stx_mode &= !(libc::S_IRUSR as u16);
    }
    told.stx_ino = said(inode(told));
    (told.stx_dev_major, told.stx_dev_minor) = DEVICE;
    (told.stx_uid, told.stx_gid) = (OWNER, OWNER);
    told.stx_blksize = BLOCK;
    if u32::from(told.stx_mode) & libc::S_IFMT == libc::S_IFDIR {
        told.stx_size = BLOCK.into();
        told.stx_nlink = 2;
    }
    let block = u64::from(BLOCK);
    told.stx_blocks = told.stx_size.div_ceil(block) * (block / SECTOR);
    // When it was made is known, also where a file system does not keep it.
    told.stx_mask |= libc::STATX_BTIME;
}

/// Files were made just now, by the real clock: it must not be seen, nor how far a time
/// is from it. Times that were set on purpose stay, and nothing else does.
fn virtual_times(told: &mut libc::statx) {
    let inode = inode(told);
    let set = kernel::with(|kernel| kernel.run.numbers.times.get(&inode).copied());
    let set = set.flatten().unwrap_or_default();
    let written = (told.stx_mtime.tv_sec, told.stx_mtime.tv_nsec);
    let epoch = (kernel::epoch() as i64, 0);
    for (time, shown) in [
        (&mut told.stx_atime, set.accessed),
        (
            &mut told.stx_mtime,
            set.modified.filter(|set| *set == written),
        ),
        (&mut told.stx_btime, None),
        (&mut told.stx_ctime, None),
    ] {
        (time.tv_sec, time.tv_nsec) = shown.unwrap_or(epoch);
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn a_new_file_has_a_new_number_wherever_the_system_puts_it() {
        let mut numbers = Numbers::default();
        let (one, other) = ((1, 500), (2, 500));
        assert_eq!((numbers.of(one), numbers.of(other)), (1, 2));
        assert_eq!(numbers.of(one), 1);
        numbers.is_new(one);
        assert_eq!((numbers.of(one), numbers.of(other)), (3, 2));
    }
}
