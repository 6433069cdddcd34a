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
    /// The folder of the compiler.
    bin: PathBuf,
    /// A folder for what is mounted on the way.
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
        for made in ["support", "toolchains", "checks"] {
            let shared = shared_target().join(made);
            std::fs::create_dir_all(&shared).unwrap();
            std::os::unix::fs::symlink(shared, target.path().join(made)).unwrap();
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
                command.args(&other.prefix[1..]).arg(grader());
                let usual = ["/usr/bin".into(), "/bin".into()];
                let path = [other.bin.clone()].into_iter().chain(usual);
                command
                    .env_clear()
                    .env("PATH", std::env::join_paths(path).unwrap())
                    .env("LOCKSTEP_HOME", super::root());
                command
            }
        };
        let cache = self.target.path().join(format!("cache-{layers}"));
        command
            .args(args)
            .current_dir(super::root())
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
    /// How another user can be had: they must reach all that grading reads. What
    /// lies below a folder that is closed to them (root's home, with the
    /// toolchain in it) is mounted at the same place, in a mount namespace of
    /// its own, so that nothing of the machine is changed.
    fn found(reached: &[&Path]) -> Result<Other, String> {
        let said = Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(super::root())
            .output();
        let said = said.map_err(|error| format!("rustc cannot be asked: {error}"))?;
        let sysroot = PathBuf::from(String::from_utf8_lossy(&said.stdout).trim());
        let (root, shared) = (super::root().to_owned(), shared_target());
        let mut needed = vec![sysroot.clone(), root, shared, grader()];
        needed.extend(reached.iter().map(|path| path.to_path_buf()));
        needed.push(std::env::temp_dir());

        let mut closed: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for path in needed {
            if let Some(folder) = closed_above(&path) {
                closed.entry(folder).or_default().push(path);
            }
        }
        let stash = tempfile::tempdir().unwrap();
        let become_them = [
            "setpriv",
            &format!("--reuid={NOBODY}"),
            &format!("--regid={NOBODY}"),
            "--clear-groups",
            "--",
        ];
        let become_them = become_them.map(OsString::from).to_vec();
        let prefix = if closed.is_empty() {
            become_them
        } else {
            let script = format!("{}exec \"$@\"", mounts(&closed, stash.path()));
            let mut prefix: Vec<OsString> = ["unshare", "--mount", "/bin/sh", "-ec", &script, "sh"]
                .map(OsString::from)
                .into();
            prefix.extend(become_them);
            prefix
        };
        let other = Other {
            prefix,
            bin: sysroot.join("bin"),
            _stash: stash,
        };
        let tried = Command::new(&other.prefix[0])
            .args(&other.prefix[1..])
            .arg(other.bin.join("rustc"))
            .arg("-V")
            .output();
        match tried {
            Ok(output) if output.status.success() => Ok(other),
            Ok(output) => Err(format!(
                "the toolchain cannot be put where they reach it: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )),
            Err(error) => Err(format!("they cannot be become: {error}")),
        }
    }
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
fn mounts(closed: &BTreeMap<PathBuf, Vec<PathBuf>>, stash: &Path) -> String {
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
