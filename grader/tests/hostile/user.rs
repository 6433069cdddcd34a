//! Who grades: the user that runs the test, and where that is root another one.

use std::fmt;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Whoever grades, with a folder of their own for what grading makes.
pub(crate) struct User {
    /// `None` is the user that runs the test.
    other: Option<u32>,
    target: tempfile::TempDir,
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

impl User {
    /// All that there can be here.
    pub(crate) fn all() -> Vec<User> {
        let this = User::new(None);
        // Has the libraries be there.
        this.sets();
        vec![this]
    }

    fn new(other: Option<u32>) -> User {
        let target = tempfile::tempdir().unwrap();
        open_to_all(target.path());
        for made in ["support", "toolchains", "checks"] {
            let shared = shared_target().join(made);
            std::fs::create_dir_all(&shared).unwrap();
            std::os::unix::fs::symlink(shared, target.path().join(made)).unwrap();
        }
        User { other, target }
    }

    /// Runs the grader in these layers, and gives what it printed: the report,
    /// and the rest.
    pub(crate) fn grader(&self, layers: &str, args: &[&str]) -> (String, String) {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("grader"));
        command
            .args(args)
            .current_dir(super::root())
            .env("LOCKSTEP_TARGET", self.target.path())
            .env(
                "LOCKSTEP_CACHE",
                self.target.path().join(format!("cache-{layers}")),
            )
            .env("LOCKSTEP_LAYERS", layers);
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    }

    /// The sets of layers that hold for this user here.
    pub(crate) fn sets(&self) -> Vec<String> {
        let (json, words) = self.grader("", &["doctor", "--format", "json"]);
        let report: Value =
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {words}"));
        let sets = report["sets"].as_array().unwrap().iter();
        let holding = sets.filter(|set| set["holds"] == true);
        holding
            .map(|set| set["layers"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Whether what is slow is tried by this user in these layers.
    pub(crate) fn is_first(&self, layers: &str) -> bool {
        self.other.is_none() && self.sets().first().is_some_and(|first| first == layers)
    }

    /// Processes that were started by a grading and are still there.
    pub(crate) fn left_alive(&self) -> Vec<String> {
        let own = self.target.path().to_str().unwrap().to_owned();
        let mut left = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let folder = entry.path();
            let Ok(bytes) = std::fs::read(folder.join("cmdline")) else {
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
