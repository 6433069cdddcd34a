//! What the system says of a file that is the machine's own affair: which number
//! and device it has, whose it is, when it was made and how its blocks lie. Who
//! could see that could tell one execution from another, and one machine from the
//! next.
//!
//! Files are numbered as they are made, so that no number comes twice, as on a
//! file system that has just been made.

use std::collections::BTreeMap;

use libc::c_long;

use super::files::At;
use crate::kernel;

/// The owner and the group of every file.
const OWNER: u32 = 1000;
/// The device of every file, as in `/proc/devices`: none that is real.
const DEVICE: (u32, u32) = (0, 1);
/// Bytes of a block, and of a folder.
const BLOCK: u32 = 4096;
/// Bytes in which a file's blocks are counted (`stat(2)`).
const SECTOR: u64 = 512;

/// Where a file really is: its device and its number there.
pub(super) type Place = (u64, u64);

/// The numbers that files have in an execution.
#[derive(Default)]
pub(crate) struct Numbers {
    /// Not hashed: new keys of a hash would be the program's next ones.
    known: BTreeMap<Place, u64>,
    last: u64,
}

impl Numbers {
    /// The number of a file; one that was there before the execution gets it when
    /// it is first seen.
    fn of(&mut self, place: Place) -> u64 {
        *self.known.entry(place).or_insert_with(|| {
            self.last += 1;
            self.last
        })
    }

    /// The file at this place is new, whatever was there.
    fn is_new(&mut self, place: Place) {
        self.last += 1;
        self.known.insert(place, self.last);
    }
}

/// The number that a file is said to have.
pub(super) fn number(place: Place) -> u64 {
    kernel::with(|kernel| kernel.run.numbers.of(place)).unwrap_or(place.1)
}

/// Takes the result of a call that makes a file at a path where it works.
pub(super) fn made(result: c_long, at: At) -> c_long {
    if result >= 0
        && kernel::is_simulated()
        && let Some(told) = look(at, libc::AT_SYMLINK_NOFOLLOW)
    {
        kernel::with(|kernel| kernel.run.numbers.is_new(place(&told)));
    }
    result
}

/// The device of an open file; 0 where that cannot be told.
pub(super) fn device(descriptor: libc::c_int) -> u64 {
    let at = At {
        folder: descriptor,
        path: c"".as_ptr(),
    };
    look(at, libc::AT_EMPTY_PATH).map_or(0, |told| place(&told).0)
}

fn look(at: At, flags: libc::c_int) -> Option<libc::statx> {
    // SAFETY: all parts of it are numbers, for which zero is a value.
    let mut told: libc::statx = unsafe { std::mem::zeroed() };
    let (mask, to) = (libc::STATX_BASIC_STATS, &raw mut told);
    // SAFETY: the path is a C string, which who makes an `At` has promised, and
    // the place is writable.
    let result = unsafe { libc::syscall(libc::SYS_statx, at.folder, at.path, flags, mask, to) };
    (result == 0).then_some(told)
}

fn place(told: &libc::statx) -> Place {
    let device = u64::from(told.stx_dev_major) << 32 | u64::from(told.stx_dev_minor);
    (device, told.stx_ino)
}

/// Replaces what the system has said of a file by what a simulated thread may
/// see of it.
pub(super) fn hide(told: &mut libc::statx) {
    told.stx_ino = number(place(told));
    (told.stx_dev_major, told.stx_dev_minor) = DEVICE;
    (told.stx_uid, told.stx_gid) = (OWNER, OWNER);
    told.stx_blksize = BLOCK;
    if u32::from(told.stx_mode) & libc::S_IFMT == libc::S_IFDIR {
        told.stx_size = BLOCK.into();
        told.stx_nlink = 2;
    }
    let block = u64::from(BLOCK);
    told.stx_blocks = told.stx_size.div_ceil(block) * (block / SECTOR);
    virtual_times(told);
}

/// Files were made just now, by the real clock: it must not be seen. Times that
/// were set on purpose stay.
fn virtual_times(told: &mut libc::statx) {
    const DAY: i64 = 24 * 60 * 60;
    let mut real = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the place for the time is writable.
    unsafe { libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_REALTIME, &raw mut real) };
    let epoch = kernel::epoch();
    for time in [
        &mut told.stx_atime,
        &mut told.stx_btime,
        &mut told.stx_ctime,
        &mut told.stx_mtime,
    ] {
        if (time.tv_sec - real.tv_sec).abs() < DAY {
            time.tv_sec = epoch as i64;
            time.tv_nsec = 0;
        }
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
