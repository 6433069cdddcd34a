//! The files that a process sees: an empty root in memory, with what it may
//! read bound into it, and its scratch folder.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use super::channel::{Failed, Stage, Step, check, last_error};
use super::landlock;
use super::plan::{self, string};
use super::privileges::User;
use crate::{Job, Keep};

/// Where the new root is put together. It is covered by this only until it has
/// become the root, so that what lies in it can be bound all the same.
const STAGE: &CStr = c"/tmp";
/// Where the old root is, until it is let go.
const OLD: &str = "/.old";
/// What the root itself may hold: `/tmp`, and the folders that things are bound
/// to.
const ROOT_OPTIONS: &CStr = c"size=64m,nr_inodes=8192,mode=0755";

/// Devices that programs may expect.
const DEVICES: [&str; 4] = ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"];

/// What is done to make the root, one after another.
pub(super) struct Mounts {
    entries: Vec<Entry>,
    /// Rights in a scratch folder in memory and in `/tmp`, where Landlock wants
    /// to know. A scratch folder that is kept may lie in `/tmp`.
    rights: (u64, u64),
    /// The user that folders in memory belong to.
    owner: Option<u32>,
}

/// Something in the new root.
struct Entry {
    /// The folders above it, outermost first.
    above: Vec<CString>,
    target: CString,
    kind: Kind,
}

enum Kind {
    /// A symbolic link to this.
    Link(CString),
    /// What is there in the old root, this path.
    Bound {
        source: CString,
        is_folder: bool,
        /// Flags of `mount_setattr(2)`.
        attributes: u64,
    },
    /// A file system in memory with these options.
    Memory(CString),
    /// An empty folder, which Landlock lets it write to.
    Folder,
    /// What `/proc` tells of the processes in the namespace.
    Processes,
}

impl Mounts {
    pub(super) fn new(job: &Job, user: &User) -> io::Result<Mounts> {
        let mut mounts = Mounts {
            entries: Vec::new(),
            rights: (
                landlock::bits_in_scratch(Keep::Nothing { bytes: 0 }),
                landlock::bits_in_scratch(Keep::All),
            ),
            owner: user.spare(),
        };
        for path in plan::of_the_system(job) {
            match path.read_link() {
                Ok(target) => mounts.add(path, Kind::Link(string(target)?))?,
                Err(_) => mounts.bind(path, READ_ONLY)?,
            }
        }
        for path in job.policy.readable.iter().chain([&job.program]) {
            mounts.bind(path, READ_ONLY)?;
        }
        for device in DEVICES.iter().map(Path::new).filter(|path| path.exists()) {
            mounts.bind(device, DEVICE)?;
        }
        mounts.add(Path::new("/tmp"), Kind::Folder)?;
        if job.policy.starts_programs {
            mounts.add(Path::new("/proc"), Kind::Processes)?;
        }
        if let Some(scratch) = &job.policy.scratch {
            match scratch.keep {
                Keep::All => match job.policy.seen(&scratch.folder) {
                    own if own == scratch.folder => mounts.bind(own, WRITABLE)?,
                    elsewhere => {
                        let bound = bound(&scratch.folder.canonicalize()?, WRITABLE)?;
                        mounts.add(elsewhere, bound)?;
                    }
                },
                Keep::Nothing { bytes } => {
                    let owner = user
                        .spare()
                        .map_or(String::new(), |id| format!(",uid={id},gid={id}"));
                    // A file of its own for each 4 KiB, and some.
                    let files = bytes / 4096 + 64;
                    let options = format!("size={bytes},nr_inodes={files},mode=0700{owner}");
                    let folder = mounts.really(&scratch.folder)?;
                    mounts.add(&folder, Kind::Memory(string(options)?))?;
                }
            }
        }
        // What lies in something else comes after it.
        mounts.entries.sort_by(|a, b| a.target.cmp(&b.target));
        Ok(mounts)
    }

    /// Has what is at a path be there, too. It is bound to where it really is,
    /// and where the path leads there by links, one link stands for them.
    fn bind(&mut self, path: &Path, attributes: u64) -> io::Result<()> {
        let source = self.really(path)?;
        if attributes == READ_ONLY && self.has(&source) {
            return Ok(());
        }
        self.add(&source, bound(&source, attributes)?)
    }

    /// Where a path really leads.
    fn really(&mut self, path: &Path) -> io::Result<PathBuf> {
        let source = path.canonicalize().map_err(|error| {
            let words = format!("{} is not to be had: {error}", path.display());
            io::Error::new(error.kind(), words)
        })?;
        if source != path && !self.has(path) {
            self.add(path, Kind::Link(string(&source)?))?;
        }
        Ok(source)
    }

    /// Whether something is there already that a path leads through, and that is
    /// as it is in the old root.
    fn has(&self, path: &Path) -> bool {
        self.entries.iter().any(|entry| {
            let is_same = match entry.kind {
                Kind::Link(_) => true,
                Kind::Bound { attributes, .. } => attributes == READ_ONLY,
                Kind::Memory(_) | Kind::Folder | Kind::Processes => false,
            };
            is_same && path.starts_with(plan::path(&entry.target))
        })
    }

    fn add(&mut self, path: &Path, kind: Kind) -> io::Result<()> {
        let path = plain(path)?;
        let target = string(&path)?;
        // What is asked for twice is there once, as it was asked for last: a
        // scratch folder in what may be read is written to.
        self.entries.retain(|entry| entry.target != target);
        let mut above: Vec<&Path> = path
            .ancestors()
            .skip(1)
            .filter(|above| above.as_os_str().as_bytes() != b"/")
            .collect();
        above.reverse();
        let above = above.into_iter().map(string).collect::<io::Result<_>>()?;
        self.entries.push(Entry {
            above,
            target,
            kind,
        });
        Ok(())
    }
}

/// What is there in the old root, at a path without links.
fn bound(source: &Path, attributes: u64) -> io::Result<Kind> {
    let mut below_old = std::ffi::OsString::from(OLD);
    below_old.push(source);
    Ok(Kind::Bound {
        source: string(below_old)?,
        is_folder: source.is_dir(),
        attributes,
    })
}

/// A path from the root on, without `.` and `..`.
fn plain(path: &Path) -> io::Result<PathBuf> {
    let mut plain = PathBuf::from("/");
    for component in path.components() {
        match component {
            Component::RootDir => {}
            Component::Normal(name) => plain.push(name),
            Component::CurDir | Component::ParentDir | Component::Prefix(_) => {
                let words = format!("{} is no plain path from the root on", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
            }
        }
    }
    Ok(plain)
}

const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
/// What is written is never run, nor mapped to be.
const WRITABLE: u64 = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV | libc::MOUNT_ATTR_NOEXEC;
const DEVICE: u64 = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC;

const NONE: *const libc::c_char = std::ptr::null();

impl Mounts {
    /// Runs in the first process of the namespaces: makes the root. `rules` is
    /// Landlock's, where it is used.
    pub(super) fn make(&self, rules: Option<RawFd>) -> Step {
        // Nothing that is done here is to be seen outside.
        mount(NONE, c"/", NONE, libc::MS_REC | libc::MS_PRIVATE, NONE)?;
        let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
        let memory = c"tmpfs".as_ptr();
        mount(memory, STAGE, memory, flags, ROOT_OPTIONS.as_ptr())?;
        // SAFETY: the calls read strings that outlive them.
        unsafe {
            check(Stage::Mounts, libc::chdir(STAGE.as_ptr()).into())?;
            check(Stage::Mounts, libc::mkdir(c".old".as_ptr(), 0o700).into())?;
            check(
                Stage::Mounts,
                libc::syscall(libc::SYS_pivot_root, c".".as_ptr(), c".old".as_ptr()),
            )?;
            check(Stage::Mounts, libc::chdir(c"/".as_ptr()).into())?;
        }
        for entry in &self.entries {
            self.make_one(entry, rules)?;
        }
        // SAFETY: the calls read strings that outlive them.
        unsafe {
            check(
                Stage::Mounts,
                libc::umount2(c"/.old".as_ptr(), libc::MNT_DETACH).into(),
            )?;
            check(Stage::Mounts, libc::rmdir(c"/.old".as_ptr()).into())
        }
    }

    fn make_one(&self, entry: &Entry, rules: Option<RawFd>) -> Step {
        for folder in &entry.above {
            // That it is there already, or lies in something read-only, is told
            // by the step that needs it.
            // SAFETY: the call reads a string that outlives it.
            unsafe { libc::mkdir(folder.as_ptr(), 0o755) };
        }
        let target = entry.target.as_c_str();
        match &entry.kind {
            Kind::Link(to) => {
                // SAFETY: the call reads strings that outlive it.
                let made = unsafe { libc::symlink(to.as_ptr(), target.as_ptr()) };
                check(Stage::Mounts, made.into())
            }
            Kind::Bound {
                source,
                is_folder,
                attributes,
            } => {
                make_place(target, *is_folder);
                let flags = libc::MS_BIND | libc::MS_REC;
                mount(source.as_ptr(), target, NONE, flags, NONE)?;
                set_attributes(target, *attributes)
            }
            Kind::Memory(options) => {
                make_place(target, true);
                let memory = c"tmpfs".as_ptr();
                let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
                mount(memory, target, memory, flags, options.as_ptr())?;
                allow(target, rules, self.rights.0)
            }
            Kind::Folder => {
                // SAFETY: the calls read a string that outlives them.
                unsafe {
                    check(Stage::Mounts, libc::mkdir(target.as_ptr(), 0o700).into())?;
                    if let Some(owner) = self.owner {
                        check(
                            Stage::Mounts,
                            libc::chown(target.as_ptr(), owner, owner).into(),
                        )?;
                    }
                }
                allow(target, rules, self.rights.1)
            }
            Kind::Processes => {
                make_place(target, true);
                let processes = c"proc".as_ptr();
                let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC;
                mount(processes, target, processes, flags, c"subset=pid".as_ptr())
            }
        }
    }
}

/// Has Landlock allow what is in a folder.
fn allow(folder: &CStr, rules: Option<RawFd>, rights: u64) -> Step {
    let Some(rules) = rules else {
        return Ok(());
    };
    // SAFETY: the call reads a string that outlives it.
    let open = unsafe { libc::open(folder.as_ptr(), libc::O_PATH | libc::O_CLOEXEC) };
    check(Stage::Landlock, open.into())?;
    let allowed = landlock::allow_folder(rules, open, rights);
    // SAFETY: the descriptor was opened above.
    unsafe { libc::close(open) };
    allowed
}

/// Makes what something can be bound to; that it is there already is as good.
fn make_place(target: &CStr, is_folder: bool) {
    // SAFETY: the calls read a string that outlives them, and a number.
    unsafe {
        if is_folder {
            libc::mkdir(target.as_ptr(), 0o755);
        } else {
            let flags = libc::O_CREAT | libc::O_EXCL | libc::O_WRONLY | libc::O_CLOEXEC;
            let file = libc::open(target.as_ptr(), flags, 0o644);
            if file >= 0 {
                libc::close(file);
            }
        }
    }
}

fn mount(
    source: *const libc::c_char,
    target: &CStr,
    kind: *const libc::c_char,
    flags: libc::c_ulong,
    options: *const libc::c_char,
) -> Step {
    // SAFETY: the strings are null, or end in a zero byte and outlive the call.
    let mounted = unsafe { libc::mount(source, target.as_ptr(), kind, flags, options.cast()) };
    check(Stage::Mounts, mounted.into())
}

/// Sets attributes of a mount and of all that is mounted below it.
fn set_attributes(target: &CStr, attributes: u64) -> Step {
    let given = libc::mount_attr {
        attr_set: attributes,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: the call reads the string and the attributes, of the size that is
    // said, and both outlive it.
    let set = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            target.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const given,
            size_of::<libc::mount_attr>(),
        )
    };
    match set {
        -1 => Err(Failed {
            stage: Stage::Mounts,
            number: last_error(),
        }),
        _ => Ok(()),
    }
}
