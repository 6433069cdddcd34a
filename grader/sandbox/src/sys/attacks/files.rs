//! Attacks on files, folders, disks and terminals that are not the attacker's.

use super::{Attack, Outcome, Seen, attack, closed, open};

pub(super) const ATTACKS: &[Attack] = &[
    attack("read /etc/passwd", |_| open(c"/etc/passwd", libc::O_RDONLY)),
    attack("read a file of the grader's", |targets| {
        open(&targets.secret, libc::O_RDONLY)
    }),
    attack("list a folder of the grader's", |targets| {
        let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
        // SAFETY: the calls read strings that outlive them.
        let folder = unsafe { libc::open(targets.folder.as_ptr(), flags) };
        if folder == -1 {
            return Outcome::last();
        }
        // With namespaces there is an empty one on the way to the scratch folder.
        // SAFETY: as above.
        let found = unsafe { libc::openat(folder, c"secret".as_ptr(), libc::O_PATH) };
        closed(folder, closed(found, Outcome::of(found.into())))
    }),
    attack("list the home of root", |_| {
        open(c"/root", libc::O_RDONLY | libc::O_DIRECTORY)
    }),
    attack("write to a file of the grader's", |targets| {
        open(&targets.secret, libc::O_WRONLY)
    }),
    attack("empty a file of the grader's", |targets| {
        // SAFETY: the call reads a string that outlives it.
        Outcome::of(unsafe { libc::truncate(targets.secret.as_ptr(), 0) }.into())
    }),
    Attack {
        seen: Some(Seen::File("planted", true)),
        ..attack("make a file outside of the scratch folder", |targets| {
            open(&targets.planted, libc::O_WRONLY | libc::O_CREAT)
        })
    },
    attack("change the mode of a file of the grader's", |targets| {
        // SAFETY: the call reads a string that outlives it.
        Outcome::of(unsafe { libc::chmod(targets.secret.as_ptr(), 0o666) }.into())
    }),
    Attack {
        seen: Some(Seen::File("removable", false)),
        ..attack("remove a file of the grader's", |targets| {
            // SAFETY: the call reads a string that outlives it.
            Outcome::of(unsafe { libc::unlink(targets.removable.as_ptr()) }.into())
        })
    },
    attack("leave a file in /dev/shm", |_| {
        open(
            c"/dev/shm/lockstep-preflight",
            libc::O_WRONLY | libc::O_CREAT,
        )
    }),
    attack("watch what others do with files", |targets| {
        // SAFETY: the calls take numbers, and a string that outlives them.
        unsafe {
            let watcher = libc::inotify_init1(libc::IN_CLOEXEC);
            if watcher == -1 {
                return Outcome::last();
            }
            let watch =
                libc::inotify_add_watch(watcher, targets.folder.as_ptr(), libc::IN_ALL_EVENTS);
            closed(watcher, Outcome::of(watch.into()))
        }
    }),
    attack(
        "write all that the machine has in memory to its disks",
        |_| {
            // SAFETY: the call takes a descriptor of its own and touches no memory.
            Outcome::of(unsafe { libc::syscall(libc::SYS_syncfs, 1) })
        },
    ),
    attack("name a file by a handle", |_| {
        let mut handle = [0u32; 64];
        handle[0] = 128;
        let mut mount: libc::c_int = 0;
        let no_flags: libc::c_int = 0;
        // SAFETY: the call reads a string, and writes the handle, whose size is
        // given in its first word, and a number.
        Outcome::of(unsafe {
            libc::syscall(
                libc::SYS_name_to_handle_at,
                libc::AT_FDCWD,
                c"/".as_ptr(),
                handle.as_mut_ptr(),
                &raw mut mount,
                no_flags,
            )
        })
    }),
    attack("make a named pipe for the grader to open", |_| {
        // SAFETY: the call reads a string that outlives it.
        Outcome::of(unsafe { libc::mkfifo(c"trap".as_ptr(), 0o600) }.into())
    }),
    attack("make a symbolic link for the grader to follow", |_| {
        // SAFETY: the call reads strings that outlive it.
        Outcome::of(unsafe { libc::symlink(c"/".as_ptr(), c"link".as_ptr()) }.into())
    }),
    attack("take blocks of the disk that no size tells", |_| {
        let flags = libc::O_RDWR | libc::O_CREAT | libc::O_CLOEXEC;
        // SAFETY: the calls read strings that outlive them, and take numbers.
        unsafe {
            let file = libc::open(c"blocks".as_ptr(), flags, 0o600);
            if file == -1 {
                return Outcome::last();
            }
            let taken = libc::fallocate(file, libc::FALLOC_FL_KEEP_SIZE, 0, 4096);
            let outcome = Outcome::of(taken.into());
            libc::unlink(c"blocks".as_ptr());
            closed(file, outcome)
        }
    }),
    attack("type into the grader's terminal", |_| {
        const TIOCSTI: libc::c_ulong = 0x5412;
        // SAFETY: the call reads one byte.
        Outcome::of(unsafe { libc::ioctl(0, TIOCSTI as _, c"x".as_ptr()) }.into())
    }),
];
