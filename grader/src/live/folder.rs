//! The folder that the programs of a run work in: what they are given, and what
//! they leave.
//!
//! What they leave may be anything. So each thing is opened relative to the
//! folder that it lies in, never by a path; no link is followed; what is opened
//! is looked at again before it is read, and only regular files are, without
//! waiting (a pipe that nobody writes to would be waited for without an end);
//! depth, number and bytes are bounded. Everything else is told as what it is.
//!
//! All of a run's processes have ended by the time that this is collected, and a
//! process that may start no other takes everything along that it did: nobody is
//! left who could change anything between a look and the next. [`held`] looks
//! while they run. It may see what is true no more a moment later, so it only
//! counts.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::fs::{self, File};
use std::io::Read as _;
use std::ops::ControlFlow;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fchmod, fstat, openat, statat};
use rustix::io::Errno;
use rustix::path::Arg;
use verdict::value::{self, contents, refused};
use verdict::{Given, Limit, Limits, Value, placeholder};

/// How many folders deep something may lie. What lies deeper counts, and is not told.
const DEPTH: usize = 32;

/// Puts files there. `value` gives what names in braces stand for.
pub(super) fn give(
    folder: &Path,
    given: &[Given],
    value: impl Fn(&str) -> Option<String>,
) -> Result<()> {
    for file in given {
        let path = folder.join(&file.path);
        let context = || format!("cannot give the programs the file {}", file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(context)?;
        }
        fs::write(&path, placeholder::filled(&file.text, &value)).with_context(context)?;
    }
    Ok(())
}

/// How much a folder holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// Files, folders and everything else that has a name.
    files: u64,
    /// Bytes of the regular files, as their sizes say.
    bytes: u64,
}

impl Held {
    /// Adds files that no name leads to: their devices, numbers and bytes.
    pub(super) fn and_nameless(&mut self, files: &[(u64, u64, u64)]) {
        self.files += files.len() as u64;
        for (_, _, bytes) in files {
            self.bytes = self.bytes.saturating_add(*bytes);
        }
    }

    /// The limit that this passes, where so much was `given`.
    pub(super) fn passes(self, limits: &Limits, given: Held) -> Option<Limit> {
        let files = self.files.saturating_sub(given.files);
        let bytes = self.bytes.saturating_sub(given.bytes);
        if files > limits.files {
            Some(Limit::Files)
        } else if bytes > limits.disk_mib << 20 {
            Some(Limit::Disk)
        } else {
            None
        }
    }
}

/// How much a folder holds now, or a part of it that passes a limit.
pub(super) fn held(folder: &Path, limits: &Limits, given: Held) -> Result<Held> {
    let mut walk = Walk::new(limits, given, Reads::Nothing);
    let top = top(folder, Reads::Nothing)?;
    // What passes a limit is told by what is held.
    if walk.folder(&top, &[], 0).is_continue() {
        let _ = walk.deeper(&top);
    }
    Ok(walk.held)
}

/// All files below a folder, as the values of marks, by their names; or the
/// limit that they pass. What is no regular file, or cannot be read, is told as
/// what it is.
pub(super) fn left(
    folder: &Path,
    limits: &Limits,
    given: Held,
) -> Result<Result<Vec<Value>, Limit>> {
    let mut walk = Walk::new(limits, given, Reads::Files);
    let top = top(folder, Reads::Files)?;
    if let ControlFlow::Break(limit) = walk.folder(&top, &[], 0) {
        return Ok(Err(limit));
    }
    let found = std::mem::take(&mut walk.found);
    if let ControlFlow::Break(limit) = walk.deeper(&top) {
        return Ok(Err(limit));
    }
    let links = walk.links;
    let told = found.into_iter().map(|found| {
        let elsewhere = found
            .links
            .is_some_and(|file| links.get(&file).is_none_or(|seen| *seen < file.names));
        let held = match elsewhere {
            true => refused("a hard link to a file elsewhere"),
            false => found.held,
        };
        vec![Value::Text(value::name(&found.path)), held].into()
    });
    Ok(Ok(told.collect()))
}

fn top(folder: &Path, reads: Reads) -> Result<OwnedFd> {
    let opened = match opened(CWD, folder, reads) {
        Some(opened) => Ok(opened),
        // Which says why.
        None => openat(CWD, folder, FOLDER, Mode::empty()),
    };
    opened.with_context(|| format!("cannot look at the folder of a run, {}", folder.display()))
}

/// How a folder is opened.
const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
/// How a file is opened: no link is followed, a pipe does not make it wait, and a
/// terminal does not become the grader's.
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Whether the files that are come across are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Nothing,
    Files,
}

/// A file with several names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Linked {
    device: u64,
    number: u64,
    names: u64,
}

/// What was found, by its path from the folder on.
struct Found {
    path: Vec<u8>,
    held: Value,
    links: Option<Linked>,
}

/// A way through a folder, in the order of names.
struct Walk<'a> {
    limits: &'a Limits,
    given: Held,
    reads: Reads,
    held: Held,
    found: Vec<Found>,
    /// How many names were seen of each file that has several.
    links: BTreeMap<Linked, u64>,
    /// Folders that lie too deep.
    deep: Vec<Vec<u8>>,
}

impl Walk<'_> {
    fn new(limits: &Limits, given: Held, reads: Reads) -> Walk<'_> {
        Walk {
            limits,
            given,
            reads,
            held: Held::default(),
            found: Vec::new(),
            links: BTreeMap::new(),
            deep: Vec::new(),
        }
    }

    /// Counts what lies too deep to be told. So many folders deep as there may be
    /// folders, with two descriptors.
    fn deeper(&mut self, top: &OwnedFd) -> ControlFlow<Limit> {
        self.reads = Reads::Nothing;
        while let Some(path) = self.deep.pop() {
            let mut names = path.split(|byte| *byte == b'/');
            let first = names.next().and_then(|name| self.opened(top, name));
            let folder = names.try_fold(first, |at, name| {
                let at = at?;
                Some(self.opened(&at, name))
            });
            // What vanishes has nothing in it.
            if let Some(Some(folder)) = folder {
                self.folder(&folder, &path, 0)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn opened(&self, folder: &OwnedFd, name: &[u8]) -> Option<OwnedFd> {
        opened(folder.as_fd(), name, self.reads)
    }

    /// Goes through a folder, until a limit is passed.
    fn folder(&mut self, folder: &OwnedFd, path: &[u8], depth: usize) -> ControlFlow<Limit> {
        let mut names = Vec::new();
        // What vanishes or cannot be listed has nothing in it that could be told.
        for entry in Dir::read_from(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if name != c"." && name != c".." {
                names.push(name.to_owned());
                self.counts(1, 0)?;
            }
        }
        names.sort();
        for name in names {
            let mut path = path.to_vec();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name.to_bytes());
            self.entry(folder, &name, path, depth)?;
        }
        ControlFlow::Continue(())
    }

    fn entry(
        &mut self,
        folder: &OwnedFd,
        name: &CStr,
        path: Vec<u8>,
        depth: usize,
    ) -> ControlFlow<Limit> {
        let refuse = |walk: &mut Self, path, what| {
            walk.found.push(Found {
                path,
                held: refused(what),
                links: None,
            });
            ControlFlow::Continue(())
        };
        let look = || statat(folder, name, AtFlags::SYMLINK_NOFOLLOW);
        let looked = look().or_else(|error| {
            // Its owner, who is the submission, has taken the right to look at what is
            // in it from everybody: that does not hide how much it is.
            if error == Errno::ACCESS {
                fchmod(folder, Mode::RWXU).map_err(|_| error)?;
                return look();
            }
            Err(error)
        });
        let Ok(stat) = looked else {
            return refuse(self, path, "something that cannot be looked at");
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory if depth >= DEPTH => {
                self.deep.push(path.clone());
                refuse(self, path, "a folder that lies too deep")
            }
            FileType::Directory => match opened(folder.as_fd(), name, self.reads) {
                Some(inner) => self.folder(&inner, &path, depth + 1),
                None => refuse(self, path, "a folder that cannot be read"),
            },
            FileType::RegularFile => {
                self.counts(0, u64::try_from(stat.st_size).unwrap_or(0))?;
                if self.reads == Reads::Nothing {
                    return ControlFlow::Continue(());
                }
                match self.file(folder, name) {
                    Ok((held, links)) => {
                        self.found.push(Found { path, held, links });
                        ControlFlow::Continue(())
                    }
                    Err(what) => refuse(self, path, what),
                }
            }
            FileType::Symlink => refuse(self, path, "a symbolic link"),
            FileType::Fifo => refuse(self, path, "a named pipe"),
            FileType::Socket => refuse(self, path, "a socket"),
            _ => refuse(self, path, "a device"),
        }
    }

    /// So much more was seen.
    fn counts(&mut self, files: u64, bytes: u64) -> ControlFlow<Limit> {
        self.held.files += files;
        self.held.bytes = self.held.bytes.saturating_add(bytes);
        match self.held.passes(self.limits, self.given) {
            Some(limit) => ControlFlow::Break(limit),
            None => ControlFlow::Continue(()),
        }
    }

    /// What a regular file holds; or what it is instead.
    fn file(
        &mut self,
        folder: &OwnedFd,
        name: &CStr,
    ) -> Result<(Value, Option<Linked>), &'static str> {
        let unreadable = "a file that cannot be read";
        let file = openat(folder, name, FILE, Mode::empty())
            .or_else(|_| {
                given_back(folder.as_fd(), name, 0o600).ok_or(Errno::ACCESS)?;
                openat(folder, name, FILE, Mode::empty())
            })
            .map_err(|_| unreadable)?;
        // What was opened, and not what had the name before.
        let stat = fstat(&file).map_err(|_| unreadable)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err("something that is no file");
        }
        #[allow(
            clippy::unnecessary_cast,
            clippy::useless_conversion,
            reason = "these types are not the same on every system"
        )]
        let links = (stat.st_nlink > 1).then_some(Linked {
            device: stat.st_dev as u64,
            number: stat.st_ino as u64,
            names: stat.st_nlink as u64,
        });
        if let Some(file) = links {
            *self.links.entry(file).or_default() += 1;
        }
        let most = self.limits.disk_mib << 20;
        let mut bytes = Vec::new();
        let read = File::from(file).take(most).read_to_end(&mut bytes);
        read.map_err(|_| unreadable)?;
        Ok((contents(&bytes), links))
    }
}

/// A folder by its name in another one, also where its owner, who is the
/// submission, has taken the right to list it from everybody, or, once nobody works
/// there any more, the right to look at what is in it.
fn opened(folder: BorrowedFd<'_>, name: impl Arg + Copy, reads: Reads) -> Option<OwnedFd> {
    let may_all = |folder: &OwnedFd| {
        let mode = fstat(folder).map(|stat| Mode::from_raw_mode(stat.st_mode));
        mode.is_ok_and(|mode| mode.contains(Mode::RWXU))
    };
    match openat(folder, name, FOLDER, Mode::empty()) {
        Ok(opened) if reads == Reads::Nothing || may_all(&opened) => Some(opened),
        opened => {
            let place = given_back(folder, name, 0o700);
            let again = place.and_then(|place| openat(&place, c".", FOLDER, Mode::empty()).ok());
            again.or(opened.ok())
        }
    }
}

/// Gives its owner the right to a folder (`0o700`) or a file (`0o600`) back: to what
/// was found here, whatever has its name by now. A file that has other names may be
/// somebody else's.
#[cfg(target_os = "linux")]
fn given_back(folder: BorrowedFd<'_>, name: impl Arg, rights: u32) -> Option<OwnedFd> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let place = openat(folder, name, flags, Mode::empty()).ok()?;
    let stat = fstat(&place).ok()?;
    let is_its_own = match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => true,
        FileType::RegularFile => stat.st_nlink == 1,
        _ => false,
    };
    if !is_its_own {
        return None;
    }
    let own = format!("/proc/self/fd/{}", place.as_raw_fd());
    fs::set_permissions(own, fs::Permissions::from_mode(rights)).ok()?;
    Some(place)
}

#[cfg(not(target_os = "linux"))]
fn given_back(_: BorrowedFd<'_>, _: impl Arg, _: u32) -> Option<OwnedFd> {
    None
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn given(path: &str, text: &str) -> Given {
        Given {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    fn told(folder: &Path) -> Vec<(String, Value)> {
        told_within(folder, &Limits::default()).unwrap()
    }

    fn told_within(folder: &Path, limits: &Limits) -> Result<Vec<(String, Value)>, Limit> {
        let left = left(folder, limits, Held::default()).unwrap()?;
        let pairs = left.iter().map(|value| match value.as_list().unwrap() {
            [name, held] => (name.as_text().unwrap().to_owned(), held.clone()),
            other => panic!("no pair: {other:?}"),
        });
        Ok(pairs.collect())
    }

    #[test]
    fn files_are_given_and_told_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let all = [given("list.txt", "http://{site}/a\n"), given("b/.c", "")];
        let value = |name: &str| (name == "site").then(|| "1.2.3.4:5".to_owned());
        give(folder.path(), &all, value).unwrap();
        let file = |name: &str, text: &str| (name.to_owned(), Value::from(text));
        let expected = [file("b/.c", ""), file("list.txt", "http://1.2.3.4:5/a\n")];
        assert_eq!(told(folder.path()), expected);
    }

    #[test]
    fn what_is_no_regular_file_is_told_as_what_it_is_and_never_opened() {
        let elsewhere = tempfile::tempdir().unwrap();
        let secret = elsewhere.path().join("secret");
        fs::write(&secret, "secret").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink(&secret, at("link")).unwrap();
        symlink(elsewhere.path(), at("link-to-a-folder")).unwrap();
        symlink("link", at("loop")).unwrap();
        fs::hard_link(&secret, at("hard")).unwrap();
        let fifo = Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(CWD, at("pipe"), FileType::Fifo, fifo, 0).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        fs::write(at("one"), "1").unwrap();
        fs::hard_link(at("one"), at("two")).unwrap();
        let refused = |name: &str, what: &str| (name.to_owned(), value::refused(what));
        assert_eq!(
            told(folder.path()),
            [
                refused("hard", "a hard link to a file elsewhere"),
                refused("link", "a symbolic link"),
                refused("link-to-a-folder", "a symbolic link"),
                refused("loop", "a symbolic link"),
                ("one".to_owned(), "1".into()),
                refused("pipe", "a named pipe"),
                refused("socket", "a socket"),
                ("two".to_owned(), "1".into()),
            ]
        );
    }

    #[test]
    fn what_its_owner_may_not_read_is_read_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("folder");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("file"), "text").unwrap();
        for mode in [0o000, 0o100, 0o400, 0o600] {
            for closed in [path.join("file"), path.clone(), folder.path().to_owned()] {
                fs::set_permissions(closed, fs::Permissions::from_mode(mode)).unwrap();
            }
            assert_eq!(
                told(folder.path()),
                [("folder/file".to_owned(), "text".into())],
                "{mode:o}"
            );
        }
    }

    #[test]
    fn the_folder_itself_may_not_have_become_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("/", &link).unwrap();
        assert!(left(&link, &Limits::default(), Held::default()).is_err());
    }

    #[test]
    fn number_size_and_depth_are_bounded() {
        let limits = Limits {
            files: 10,
            disk_mib: 1,
            ..Limits::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for number in 0..10 {
            fs::write(at(&number.to_string()), "x").unwrap();
        }
        assert_eq!(told_within(folder.path(), &limits).unwrap().len(), 10);
        let before = held(folder.path(), &limits, Held::default()).unwrap();
        assert_eq!((before.files, before.bytes), (10, 10));
        fs::write(at("11"), "").unwrap();
        assert_eq!(told_within(folder.path(), &limits), Err(Limit::Files));
        let after = held(folder.path(), &limits, Held::default()).unwrap();
        assert_eq!(
            after.passes(&limits, Held::default()),
            Some(Limit::Files),
            "{after:?}"
        );
        // What was given does not count.
        assert_eq!(after.passes(&limits, before), None);

        // A file of a size that nothing was written of.
        fs::remove_file(at("11")).unwrap();
        let sparse = File::create(at("9")).unwrap();
        sparse.set_len(1 << 40).unwrap();
        assert_eq!(told_within(folder.path(), &limits), Err(Limit::Disk));

        let deep = tempfile::tempdir().unwrap();
        let mut path = deep.path().to_owned();
        for _ in 0..=DEPTH {
            path.push("d");
        }
        fs::create_dir_all(path.join("e/f")).unwrap();
        let name = "d/".repeat(DEPTH) + "d";
        assert_eq!(
            told(deep.path()),
            [(name, value::refused("a folder that lies too deep"))]
        );
    }

    #[test]
    fn what_lies_too_deep_counts() {
        let deep = tempfile::tempdir().unwrap();
        let mut path = deep.path().to_owned();
        for _ in 0..3 * DEPTH {
            path.push("d");
        }
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("a"), "12345").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        let expected = Held {
            files: 3 * DEPTH as u64 + 1,
            bytes: 5,
        };
        let all = Limits::default();
        let held = |limits| held(deep.path(), limits, Held::default()).unwrap();
        assert_eq!(held(&all), expected);
        let fewer = Limits {
            files: 2 * DEPTH as u64,
            ..all
        };
        let left = left(deep.path(), &fewer, Held::default()).unwrap();
        assert_eq!(left, Err(Limit::Files));
    }

    #[test]
    fn names_are_any_bytes_and_told_escaped() {
        let folder = tempfile::tempdir().unwrap();
        for name in [&b"\xff\xfe"[..], b"a\nok all passed", b"\x1b[2J"] {
            let name = std::ffi::OsStr::from_bytes(name);
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let names: Vec<String> = told(folder.path()).into_iter().map(|told| told.0).collect();
        assert_eq!(names, ["\\u{1b}[2J", "a\\nok all passed", "\\xff\\xfe"]);
    }

    #[test]
    fn a_folder_without_rights_hides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let hidden = folder.path().join("hidden");
        fs::create_dir(&hidden).unwrap();
        fs::write(hidden.join("a"), "1").unwrap();
        fs::set_permissions(&hidden, fs::Permissions::from_mode(0o300)).unwrap();
        assert_eq!(told(folder.path()), [("hidden/a".to_owned(), "1".into())]);
    }
}
