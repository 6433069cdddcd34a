//! Who grades: the user that runs the test, and where that is root another one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A user that is nobody's.
const NOBODY: u32 = 65_534;

/// Whoever grades, with a folder of their own for what grading makes.
pub(crate) struct User {
    target: tempfile::TempDir,
    sets: Vec<String>,
    /// How another user's grader is started; `None` is the user that runs the
    /// test.
    other: Option<Other>,
}

/// What another user's grader is started with.
struct Other {
    /// The program and the arguments before those of the grader.
    prefix: Vec<OsString>,
    /// Where the toolchain, the source tree, the grader and what it has made
    /// are for them.
    places: Places,
    /// The folder that they lie in, or are mounted by way of.
    _stash: tempfile::TempDir,
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.other {
            None => f.write_str("this user"),
            Some(_) => f.write_str("another user"),
        }
    }
}

/// What grading reads.
struct Places {
    sysroot: PathBuf,
    root: PathBuf,
    grader: PathBuf,
    made: PathBuf,
}

/// Tells whoever runs the tests something that they ought to know.
pub(crate) fn say(words: &str) {
    // Not by a macro, whose output a passing test would swallow.
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// Lets anybody into a folder.
pub(crate) fn open_to_all(folder: &Path) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Where what the grader makes once is, for all who grade here.
fn shared_target() -> PathBuf {
    let own = std::env::var_os("LOCKSTEP_TARGET").filter(|value| !value.is_empty());
    let own = own.map_or_else(|| super::root().join("target/lockstep"), PathBuf::from);
    std::path::absolute(own).unwrap()
}

fn grader() -> PathBuf {
    assert_cmd::cargo::cargo_bin!("grader").to_owned()
}

impl User {
    /// All that there can be here, the one who runs the test first; `reached`
    /// are folders that all of them must reach.
    pub(crate) fn all(reached: &[&Path]) -> Vec<User> {
        let mut all = vec![User::new(None)];
        let other = match std::fs::metadata("/proc/self").map(|own| own.uid()) {
            Ok(0) => Other::found(reached),
            _ => Err("only root can become another user".to_owned()),
        };
        match other {
            Ok(other) => all.push(User::new(Some(other))),
            Err(why) => say(&format!("SKIPPED: grading as another user: {why}")),
        }
        all
    }

    fn new(other: Option<Other>) -> User {
        let target = tempfile::tempdir().unwrap();
        open_to_all(target.path());
        let made = other.as_ref().map(|other| other.places.made.clone());
        let made = made.unwrap_or_else(shared_target);
        for made in ["support", "toolchains", "checks"].map(|name| made.join(name)) {
            let shared = made.clone();
            std::fs::create_dir_all(&shared).unwrap();
            std::os::unix::fs::symlink(shared, target.path().join(made.file_name().unwrap()))
                .unwrap();
        }
        if other.is_some() {
            std::os::unix::fs::chown(target.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut user = User {
            target,
            sets: Vec::new(),
            other,
        };
        user.sets = user.holding();
        if user.sets.is_empty() {
            say(&format!(
                "SKIPPED: grading as {user}: no set of layers holds"
            ));
        }
        user
    }

    /// Runs the grader in these layers, and gives what it printed: the report,
    /// and the rest.
    pub(crate) fn grader(&self, layers: &str, args: &[&str]) -> (String, String) {
        let mut command = match &self.other {
            None => Command::new(grader()),
            Some(other) => {
                let mut command = Command::new(&other.prefix[0]);
                command.args(&other.prefix[1..]).arg(&other.places.grader);
                let bin = other.places.sysroot.join("bin");
                let path = [bin, "/usr/bin".into(), "/bin".into()];
                command
                    .env_clear()
                    .env("PATH", std::env::join_paths(path).unwrap())
                    .env("LOCKSTEP_HOME", &other.places.root);
                command
            }
        };
        let cache = self.target.path().join(format!("cache-{layers}"));
        command
            .args(args)
            .current_dir("/")
            .env("LOCKSTEP_TARGET", self.target.path())
            .env("LOCKSTEP_CACHE", cache)
            .env("LOCKSTEP_LAYERS", layers);
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    }

    /// The sets of layers that hold for this user here.
    fn holding(&self) -> Vec<String> {
        let (json, words) = self.grader("", &["doctor", "--format", "json"]);
        let report: Value =
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}{words}"));
        let sets = report["sets"].as_array().unwrap().iter();
        let holding = sets.filter(|set| set["holds"] == true);
        let name = |set: &Value| set["layers"].as_str().unwrap().to_owned();
        holding.map(name).collect()
    }

    /// The sets of layers that hold for this user here.
    pub(crate) fn sets(&self) -> &[String] {
        &self.sets
    }

    /// Whether what is slow is tried by this user in these layers.
    pub(crate) fn is_first(&self, layers: &str) -> bool {
        self.other.is_none() && self.sets.first().is_some_and(|first| first == layers)
    }

    /// Processes that were started by a grading and are still there.
    pub(crate) fn left_alive(&self) -> Vec<String> {
        let own = self.target.path().to_str().unwrap().to_owned();
        let mut left = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Ok(bytes) = std::fs::read(entry.path().join("cmdline")) else {
                continue;
            };
            let words = String::from_utf8_lossy(&bytes).replace('\0', " ");
            if words.contains(&own) || words.contains("lockstep-hostile-daemon") {
                left.push(format!("a process is left: {words}"));
            }
        }
        left
    }
}

impl Other {
    /// How another user can be had. They must reach all that grading reads, some
    /// of which may lie in folders that are closed to them, as the toolchain in
    /// root's home does. That is mounted at its own place over an open folder, in
    /// a mount namespace of theirs; where root may not mount, it is linked or
    /// copied. Nothing of the machine is changed.
    fn found(reached: &[&Path]) -> Result<Other, String> {
        let said = Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(super::root())
            .output();
        let said = said.map_err(|error| format!("rustc cannot be asked: {error}"))?;
        let places = Places {
            sysroot: PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()),
            root: super::root().to_owned(),
            grader: grader(),
            made: shared_target(),
        };
        let temporary = std::env::temp_dir();
        let own = [&places.sysroot, &places.root, &places.grader, &places.made];
        let mut needed: Vec<&Path> = own.map(PathBuf::as_path).to_vec();
        needed.extend([temporary.as_path()]);
        needed.extend(reached);
        let mut closed: BTreeMap<PathBuf, Vec<&Path>> = BTreeMap::new();
        for path in needed {
            if let Some(folder) = closed_above(path) {
                closed.entry(folder).or_default().push(path);
            }
        }
        let stash = tempfile::tempdir().map_err(|error| error.to_string())?;
        open_to_all(stash.path());
        if !closed.is_empty() && std::env::var_os("HOSTILE_COPIES").is_none() {
            let script = format!("{}exec \"$@\"", mounts(&closed, stash.path()));
            let prefix = ["unshare", "--mount", "/bin/sh", "-ec", &script, "sh"];
            let prefix = prefix.map(OsString::from).into_iter();
            let other = Other {
                prefix: prefix.chain(become_them()).collect(),
                places,
                _stash: stash,
            };
            return match other.works() {
                Ok(()) => Ok(other),
                Err(why) => {
                    say(&format!("what is closed to others is copied: {why}"));
                    Other::with_copies(&other.places)
                }
            };
        }
        if !closed.is_empty() {
            return Other::with_copies(&places);
        }
        let other = Other {
            prefix: become_them(),
            places,
            _stash: stash,
        };
        other.works().map(|()| other)
    }

    /// With links to all that grading reads, or copies of it, in a folder that
    /// anybody may read.
    fn with_copies(of: &Places) -> Result<Other, String> {
        let stash = tempfile::tempdir().map_err(|error| error.to_string())?;
        open_to_all(stash.path());
        let at = |name: &str| stash.path().join(name);
        let places = Places {
            sysroot: at("rust"),
            root: at("lockstep"),
            grader: at("grader"),
            made: at("made"),
        };
        let copied = || -> std::io::Result<()> {
            for part in ["bin", "lib"] {
                linked(&of.sysroot.join(part), &places.sysroot.join(part))?;
            }
            for part in ["Cargo.toml", "Cargo.lock", "exercises", "grader"] {
                linked(&of.root.join(part), &places.root.join(part))?;
            }
            linked(&of.grader, &places.grader)?;
            for part in ["support", "checks"] {
                linked(&of.made.join(part), &places.made.join(part))?;
            }
            std::fs::create_dir(places.made.join("toolchains"))?;
            std::os::unix::fs::chown(places.made.join("toolchains"), Some(NOBODY), Some(NOBODY))?;
            for entry in std::fs::read_dir(places.made.join("support"))? {
                // The libraries say where they are.
                let file = entry?.path().join("made.json");
                if let Ok(text) = std::fs::read_to_string(&file) {
                    std::fs::remove_file(&file)?;
                    let (from, to) = (of.made.to_str().unwrap(), places.made.to_str().unwrap());
                    std::fs::write(&file, text.replace(from, to))?;
                }
            }
            Ok(())
        };
        copied().map_err(|error| format!("what grading reads cannot be copied: {error}"))?;
        let other = Other {
            prefix: become_them(),
            places,
            _stash: stash,
        };
        other.works().map(|()| other)
    }

    /// Whether the compiler can be started so.
    fn works(&self) -> Result<(), String> {
        let tried = Command::new(&self.prefix[0])
            .args(&self.prefix[1..])
            .arg(self.places.sysroot.join("bin/rustc"))
            .arg("-V")
            .output();
        match tried {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(format!("{:?} cannot be started: {error}", self.prefix[0])),
        }
    }
}

/// What starts a program as another user.
fn become_them() -> Vec<OsString> {
    let user = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
    let words = ["setpriv", &user[0], &user[1], "--clear-groups", "--"];
    words.map(OsString::from).to_vec()
}

/// A file or a folder with links to the same files, or with copies of them where
/// there can be none. What Cargo works in is left out.
fn linked(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
        open_to_all(folder);
    }
    let walk = walkdir::WalkDir::new(from).into_iter();
    let worked_in = |entry: &walkdir::DirEntry| {
        let name = entry.file_name();
        entry.file_type().is_dir() && (name == "cargo" || name == "target")
    };
    let walk = walk.filter_entry(|entry| !worked_in(entry));
    for entry in walk {
        let entry = entry?;
        let inner = entry.path().strip_prefix(from).unwrap_or(entry.path());
        let place = match inner.as_os_str().is_empty() {
            true => to.to_owned(),
            false => to.join(inner),
        };
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&place)?;
            open_to_all(&place);
        } else if entry.path_is_symlink() {
            std::os::unix::fs::symlink(entry.path().read_link()?, place)?;
        } else if std::fs::hard_link(entry.path(), &place).is_err() {
            std::fs::copy(entry.path(), &place)?;
        }
    }
    Ok(())
}

/// The highest folder on the way to a path that is closed to others.
fn closed_above(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut above: Vec<&Path> = path.ancestors().skip(1).collect();
    above.reverse();
    let is_closed = |folder: &&Path| {
        let mode = folder.metadata().map_or(0, |data| data.mode());
        mode & 0o001 == 0
    };
    above.into_iter().find(is_closed).map(Path::to_owned)
}

/// A script that puts an open folder over each that is closed, with what is
/// needed at its place.
fn mounts(closed: &BTreeMap<PathBuf, Vec<&Path>>, stash: &Path) -> String {
    let quoted = |path: &Path| format!("'{}'", path.to_str().unwrap().replace('\'', r"'\''"));
    let mut script = String::from("umask 022\n");
    for (number, (folder, paths)) in closed.iter().enumerate() {
        let place = |index: usize| quoted(&stash.join(format!("{number}-{index}")));
        let made = |path: &Path, at: &str| match path.is_dir() {
            true => format!("mkdir -p {at}\n"),
            false => format!("mkdir -p \"$(dirname {at})\"\n: > {at}\n"),
        };
        for (index, path) in paths.iter().enumerate() {
            let at = place(index);
            let made = made(path, &at);
            script.push_str(&format!("{made}mount --bind {} {at}\n", quoted(path)));
        }
        let over = quoted(folder);
        script.push_str(&format!("mount -t tmpfs -o mode=755 tmpfs {over}\n"));
        for (index, path) in paths.iter().enumerate() {
            let at = quoted(path);
            let made = made(path, &at);
            script.push_str(&format!("{made}mount --bind {} {at}\n", place(index)));
        }
    }
    script
}
