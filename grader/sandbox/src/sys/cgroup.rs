//! A control group for each start, where this process may make some: it counts
//! the memory and the processes of all that the start consists of, and memory
//! that no other limit knows, like that of pipes, sockets and files in memory.
//!
//! It is one line more behind limits that hold without it, so a system that has
//! none to give is no worse off than that: nothing here is an error.
//!
//! Groups outlive who made them. A grader removes its own when it ends, and its
//! janitor when it is killed ([`super::janitor`]). But the janitor dies with a
//! namespace of processes that the grader was the first one of; so each grader
//! holds the folder of its groups locked, and removes those that nobody holds.

use std::ffi::CString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use crate::{Job, Keep};

/// Most groups that there are at a time; what is beyond that goes without one.
pub(crate) const MOST: usize = 512;

/// What the names of all graders' folders begin with.
const NAME: &str = "lockstep-";

/// How often a folder is made and locked, and how long it is waited for in between:
/// whoever sweeps holds it for a moment.
const TRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(2);

/// The numbers of the groups that there are.
static TAKEN: [AtomicBool; MOST] = [const { AtomicBool::new(false) }; MOST];

/// What cannot be counted as a start's own doing: its program's pages, the
/// kernel's own about it, the first process of its namespaces.
const BESIDES: u64 = 64 << 20;

/// Where this grader's groups are, or are to be.
#[derive(Debug)]
pub(crate) struct Place {
    /// Version 2: all controllers have one folder. In version 1 there are two,
    /// of `memory` and of `pids`.
    pub(crate) unified: bool,
    /// The folders that a grader's groups lie in; none where it has none.
    pub(crate) folders: Vec<PathBuf>,
}

/// Where groups of this process would be. Nothing is made.
pub(crate) fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        // Graders in different namespaces may have the same number.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default().as_nanos();
        let name = format!("{NAME}{}-{now}", std::process::id());
        Place::find(&mounts, &own, &name)
    })
}

/// Whether each start has a group. Makes what groups are made in, once.
pub(crate) fn is_used() -> bool {
    /// The folders, locked until the process ends; none where it has none.
    static HELD: OnceLock<Vec<File>> = OnceLock::new();
    let held = HELD.get_or_init(|| {
        // What removes them is there before they are.
        super::janitor::be_there();
        for folder in &place().folders {
            if let Some(parent) = folder.parent() {
                sweep(parent);
            }
        }
        let held = place().make().unwrap_or_default();
        // SAFETY: the function is there as long as the process, and takes nothing.
        unsafe { libc::atexit(remove_own) };
        held
    });
    !held.is_empty()
}

/// Removes this grader's groups at its end, as far as nothing is in them.
extern "C" fn remove_own() {
    for folder in &place().folders {
        remove_empty(folder);
    }
}

/// Removes what graders that have ended left in a folder: groups that nobody holds, and
/// that nothing is in.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_of_a_grader = entry.file_name().to_str().is_some_and(|name| {
            let rest = name.strip_prefix(NAME).unwrap_or_default();
            let parts = rest.split_once('-');
            let is_number =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            parts.is_some_and(|(number, time)| is_number(number) && is_number(time))
        });
        if !is_of_a_grader {
            continue;
        }
        let folder = entry.path();
        // Held until it is gone: who has made it, and not locked it yet, waits for that,
        // and then makes it again.
        if let Ok(held) = File::open(&folder)
            && held.try_lock().is_ok()
        {
            remove_empty(&folder);
        }
    }
}

/// Removes a grader's folder with its groups, as far as no process is in them.
fn remove_empty(folder: &Path) {
    for group in fs::read_dir(folder).into_iter().flatten().flatten() {
        if group.file_type().is_ok_and(|kind| kind.is_dir()) {
            // The system refuses to where a process is in it.
            let _ = fs::remove_dir(group.path());
        }
    }
    let _ = fs::remove_dir(folder);
}

/// Makes a grader's folder and locks it, before anybody takes it for a dead one's.
fn claimed(folder: &Path) -> io::Result<File> {
    for _ in 0..TRIES {
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let Ok(held) = File::open(folder) else {
            continue;
        };
        if is_locked(&held, folder)? {
            return Ok(held);
        }
        std::thread::sleep(PAUSE);
    }
    Err(io::ErrorKind::WouldBlock.into())
}

/// Locks a folder that was opened at this path; `false` where somebody else has, or where
/// it is gone by now, and perhaps another one there.
fn is_locked(held: &File, folder: &Path) -> io::Result<bool> {
    // Where nothing can be locked, nothing is swept.
    if let Err(TryLockError::WouldBlock) = held.try_lock() {
        return Ok(false);
    }
    let (is, was) = (fs::metadata(folder), held.metadata()?);
    Ok(is.is_ok_and(|is| (is.dev(), is.ino()) == (was.dev(), was.ino())))
}

impl Place {
    fn find(mounts: &str, own: &str, name: &str) -> Place {
        if let Some(folder) = unified(mounts, own) {
            return Place {
                unified: true,
                folders: vec![folder.join(name)],
            };
        }
        let split: Option<Vec<PathBuf>> = ["memory", "pids"]
            .iter()
            .map(|controller| Some(split(mounts, own, controller)?.join(name)))
            .collect();
        Place {
            unified: false,
            folders: split.unwrap_or_default(),
        }
    }

    /// Makes the folders; gives them locked.
    fn make(&self) -> io::Result<Vec<File>> {
        let made = self.folders.iter().map(|folder| {
            let held = claimed(folder)?;
            if self.unified {
                fs::write(folder.join("cgroup.subtree_control"), "+memory +pids")?;
            }
            Ok(held)
        });
        made.collect()
    }
}

/// The nearest folder from this process's own group upwards in which groups have
/// both controllers, and which this process may write to.
fn unified(mounts: &str, own: &str) -> Option<PathBuf> {
    let path = own.lines().find_map(|line| line.strip_prefix("0::"))?;
    let (root, mount) = mounted(mounts, |kind, _| kind == "cgroup2")?;
    let own = mount.join(below(path, root)?);
    let mut folders = own
        .ancestors()
        .take_while(|folder| folder.starts_with(mount));
    folders
        .find(|folder| {
            let given = fs::read_to_string(folder.join("cgroup.subtree_control"));
            let given = given.unwrap_or_default();
            let has = |name| given.split_whitespace().any(|given| given == name);
            has("memory") && has("pids") && is_writable(folder)
        })
        .map(Path::to_owned)
}

/// This process's own group of a controller, if it may write to it.
fn split(mounts: &str, own: &str, controller: &str) -> Option<PathBuf> {
    let has = |list: &str| list.split(',').any(|one| one == controller);
    let path = own.lines().find_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        has(controllers).then_some(path)
    })?;
    let (root, mount) = mounted(mounts, |kind, options| kind == "cgroup" && has(options))?;
    let own = mount.join(below(path, root)?);
    is_writable(&own).then_some(own)
}

/// What of a file system is mounted where: the first one that is meant.
fn mounted(mounts: &str, is_meant: impl Fn(&str, &str) -> bool) -> Option<(&str, &Path)> {
    mounts.lines().find_map(|line| {
        // The fields of proc_pid_mountinfo(5): a number of them is optional, and
        // ends in a dash.
        let (place, system) = line.split_once(" - ")?;
        let mut system = system.split(' ');
        let (kind, options) = (system.next()?, system.nth(1)?);
        let mut place = place.split(' ').skip(3);
        is_meant(kind, options).then_some((place.next()?, Path::new(place.next()?)))
    })
}

/// A group's path from what is mounted on.
fn below<'a>(path: &'a str, root: &str) -> Option<&'a Path> {
    let below = Path::new(path).strip_prefix(root).ok()?;
    // A group outside of what this process can see is told with dots.
    let is_outside = below.components().any(|part| part.as_os_str() == "..");
    (!is_outside).then_some(below)
}

fn is_writable(folder: &Path) -> bool {
    let Ok(folder) = CString::new(folder.as_os_str().as_encoded_bytes()) else {
        return false;
    };
    // SAFETY: the call reads a string that outlives it.
    unsafe { libc::access(folder.as_ptr(), libc::W_OK) == 0 }
}

/// A group, gone with the value, and with it all that is still in it.
#[derive(Debug)]
pub(crate) struct Cgroup {
    number: usize,
    folders: Vec<PathBuf>,
    /// What a process enters it by: in version 2 the folder, in version 1 the
    /// files that a process writes itself into.
    doors: Vec<File>,
}

impl Cgroup {
    /// A group for a start, where there can be one.
    pub(crate) fn new(job: &Job) -> Option<Cgroup> {
        if !is_used() {
            return None;
        }
        let is_free = |taken: &AtomicBool| !taken.swap(true, Ordering::AcqRel);
        let number = TAKEN.iter().position(is_free)?;
        // From here on it is given back when it is dropped.
        let mut made = Cgroup {
            number,
            folders: Vec::new(),
            doors: Vec::new(),
        };
        made.make(job).ok().map(|()| made)
    }

    fn make(&mut self, job: &Job) -> io::Result<()> {
        for place in &place().folders {
            let folder = place.join(self.number.to_string());
            fs::create_dir(&folder)?;
            self.folders.push(folder);
        }
        let scratch = match &job.policy.scratch {
            Some(scratch) => match scratch.keep {
                Keep::Nothing { bytes } => bytes,
                Keep::All => 0,
            },
            None => 0,
        };
        // A compiler waits for its linker: each has as much as one may.
        let processes = if job.policy.starts_programs { 2 } else { 1 };
        let memory = job.limits.memory_bytes.saturating_mul(processes);
        let memory = memory.saturating_add(scratch).saturating_add(BESIDES);
        // Our own process is one more.
        let processes = job.limits.processes.map(|number| number.saturating_add(1));
        let write = |folder: &Path, name: &str, number: u64| {
            fs::write(folder.join(name), number.to_string())
        };
        match self.folders.as_slice() {
            [unified] => {
                write(unified, "memory.max", memory)?;
                // There is no such file where there is no swap.
                let _ = write(unified, "memory.swap.max", 0);
                let _ = write(unified, "memory.oom.group", 1);
                if let Some(processes) = processes {
                    write(unified, "pids.max", processes)?;
                }
                self.doors.push(File::open(unified)?);
            }
            [in_memory, in_pids] => {
                write(in_memory, "memory.limit_in_bytes", memory)?;
                let _ = write(in_memory, "memory.memsw.limit_in_bytes", memory);
                if let Some(processes) = processes {
                    write(in_pids, "pids.max", processes)?;
                }
                for folder in &self.folders {
                    let door = File::options().write(true).open(folder.join("tasks"))?;
                    self.doors.push(door);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The folder that a process can be cloned into, in version 2.
    pub(crate) fn folder(&self) -> Option<RawFd> {
        match self.doors.as_slice() {
            [folder] => Some(folder.as_raw_fd()),
            _ => None,
        }
    }

    /// Runs in the child, in version 1: enters the group.
    pub(crate) fn enter(&self) -> io::Result<()> {
        if self.folder().is_some() {
            return Ok(());
        }
        for door in &self.doors {
            // Zero is whoever writes it.
            // SAFETY: the call reads as many bytes as there are.
            if unsafe { libc::write(door.as_raw_fd(), c"0".as_ptr().cast(), 1) } != 1 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    }

    /// Whether a process in it was killed because the memory ran out.
    pub(crate) fn ran_out_of_memory(&self) -> bool {
        let file = match self.folder() {
            Some(_) => "memory.events",
            None => "memory.oom_control",
        };
        let Some(folder) = self.folders.first() else {
            return false;
        };
        let events = fs::read_to_string(folder.join(file)).unwrap_or_default();
        let mut killed = events
            .lines()
            .filter_map(|line| line.strip_prefix("oom_kill "));
        killed.any(|number| number.trim() != "0")
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let folders = std::mem::take(&mut self.folders);
        let removed = folders.iter().all(|folder| {
            CString::new(folder.as_os_str().as_encoded_bytes())
                .is_ok_and(|folder| super::janitor::remove(&folder))
        });
        // One that is still there is the janitor's.
        if removed {
            TAKEN[self.number].store(false, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
24 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 24 0:26 / SYS/unified rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
31 24 0:27 /docker/a1 SYS/memory rw,nosuid - cgroup cgroup rw,memory
32 24 0:28 / SYS/pids rw,nosuid - cgroup cgroup rw,pids
";

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn the_groups_of_graders_that_have_ended_are_swept_and_no_others() {
        let parent = tempfile::tempdir().unwrap();
        let path = |name: &str| parent.path().join(name);
        for left in ["lockstep-1-5/0", "lockstep-1-5/107", "lockstep-2-6"] {
            fs::create_dir_all(path(left)).unwrap();
        }
        let live = claimed(&path("lockstep-1-7")).unwrap();
        fs::create_dir(path("lockstep-1-7/0")).unwrap();
        // As a process does, it keeps its folder from being removed.
        write(&path("lockstep-3-8/0/process"), "");
        for others in ["lockstep-", "lockstep-1", "lockstep-a-1", "of-somebody"] {
            fs::create_dir(path(others)).unwrap();
        }
        sweep(parent.path());
        assert!(!path("lockstep-1-5").exists() && !path("lockstep-2-6").exists());
        assert!(path("lockstep-1-7/0").exists() && path("lockstep-3-8/0").exists());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 6);
        drop(live);
        sweep(parent.path());
        assert!(!path("lockstep-1-7").exists());
    }

    #[test]
    fn a_folder_that_is_swept_while_it_is_made_is_made_again() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("lockstep-1-0");
        fs::create_dir(&folder).unwrap();
        let swept = File::open(&folder).unwrap();
        sweep(parent.path());
        assert!(!is_locked(&swept, &folder).unwrap());
        let again = claimed(&folder).unwrap();
        assert!(!is_locked(&swept, &folder).unwrap());
        assert!(!is_locked(&File::open(&folder).unwrap(), &folder).unwrap());
        drop(again);

        let is_over = AtomicBool::new(false);
        let held = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    sweep(parent.path());
                }
            });
            let held: Vec<_> = (0..300)
                .map(|number| {
                    let folder = parent.path().join(format!("lockstep-1-{number}"));
                    let held = claimed(&folder);
                    held.map(|held| (held, fs::create_dir(folder.join("0"))))
                })
                .collect();
            is_over.store(true, Ordering::Relaxed);
            held
        });
        for held in &held {
            assert!(
                held.as_ref().is_ok_and(|(_, made)| made.is_ok()),
                "{held:?}"
            );
        }
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 300);
    }

    #[test]
    fn groups_are_made_in_the_nearest_folder_that_gives_both_controllers() {
        let system = tempfile::tempdir().unwrap();
        let mounts = MOUNTS.replace("SYS", system.path().to_str().unwrap());
        let own = "0::/user.slice/session.scope\n";
        let file = "cgroup.subtree_control";
        let unified = system.path().join("unified");
        write(&unified.join("user.slice/session.scope").join(file), "\n");
        assert_eq!(
            Place::find(&mounts, own, "us").folders,
            Vec::<PathBuf>::new()
        );
        write(&unified.join(file), "cpu memory pids\n");
        let place = Place::find(&mounts, own, "us");
        assert_eq!(place.folders, [unified.join("us")]);
        write(&unified.join("user.slice").join(file), "memory pids\n");
        let place = Place::find(&mounts, own, "us");
        assert!(place.unified);
        assert_eq!(place.folders, [unified.join("user.slice/us")]);
    }

    #[test]
    fn in_version_1_groups_are_made_in_this_process_s_own() {
        let system = tempfile::tempdir().unwrap();
        let mounts = MOUNTS.replace("SYS", system.path().to_str().unwrap());
        let memory = system.path().join("memory/x");
        let pids = system.path().join("pids");
        for folder in [&memory, &pids] {
            fs::create_dir_all(folder).unwrap();
        }
        let own = "8:pids:/\n4:cpu,memory:/docker/a1/x\n0::/\n";
        let place = Place::find(&mounts, own, "us");
        assert!(!place.unified);
        assert_eq!(place.folders, [memory.join("us"), pids.join("us")]);
        let outside = "8:pids:/\n4:memory:/docker/b2\n0::/../b2\n";
        assert!(Place::find(&mounts, outside, "us").folders.is_empty());
    }
}
