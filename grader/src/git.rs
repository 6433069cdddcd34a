//! What the program `git` tells of a repository.
//!
//! A repository is strangers' work, too: git is asked so that it starts no
//! program that the repository's own configuration names.

mod commit;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::exit::usage;
use crate::home;
use crate::process::{Confined, Finished, Limits};
use crate::report::visible_line;

pub(crate) use commit::{Commit, Handed, clone_around};

/// A repository with its working tree.
#[derive(Debug)]
pub(crate) struct Repository {
    git: PathBuf,
    root: PathBuf,
}

impl Repository {
    /// The one that a folder lies in.
    pub(crate) fn around(folder: &Path) -> Result<Repository> {
        let git =
            home::program("git").context("cannot tell what has changed without git; install it")?;
        let unrooted = Repository {
            git,
            root: folder.to_owned(),
        };
        let told = unrooted.ask(&["rev-parse", "--show-toplevel"])?;
        let Some(root) = told.bytes().filter(|_| told.succeeded()) else {
            usage!(
                "git knows no repository at {}: {}",
                folder.display(),
                complaint(&told)
            );
        };
        Ok(Repository {
            root: PathBuf::from(OsStr::from_bytes(root.trim_ascii_end())),
            ..unrooted
        })
    }

    /// The folder of its working tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The files of the working tree that differ from where it left `base`, or
    /// are not there any more, relative to the root.
    pub(crate) fn touched(&self, base: &str) -> Result<Vec<PathBuf>> {
        let base = self.merge_base(base)?;
        let changed = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff"];
        let mut paths = self.paths(&[&changed[..], &[&base, "--"]].concat())?;
        paths.extend(self.paths(&["ls-files", "--others", "--exclude-standard", "-z"])?);
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    /// The commit that the working tree's commit has left `base` at.
    fn merge_base(&self, base: &str) -> Result<String> {
        let Some(commit) = self.commit(base)? else {
            usage!(
                "git knows no `{}` here to compare with; fetch it (in a workflow: `fetch-depth: 0` \
                 of actions/checkout), or give another one with --base",
                visible_line(base)
            );
        };
        let told = self.ask(&["merge-base", &commit, "HEAD"])?;
        match told.code() {
            Some(0) => Ok(told.stdout().trim().to_owned()),
            Some(1) if self.is_shallow()? => usage!(
                "the history that was fetched is too short to tell where it left `{}`; fetch all of it \
                 (in a workflow: `fetch-depth: 0` of actions/checkout)",
                visible_line(base)
            ),
            Some(1) => usage!(
                "HEAD and `{}` have no commit in common, so nothing tells what has changed; give another \
                 one with --base",
                visible_line(base)
            ),
            _ => bail!("git cannot compare: {}", complaint(&told)),
        }
    }

    /// The commit that a name means: that of a branch which was only fetched, too.
    fn commit(&self, name: &str) -> Result<Option<String>> {
        if name.starts_with('-') {
            return Ok(None);
        }
        for name in [name.to_owned(), format!("refs/remotes/origin/{name}")] {
            let told = self.ask(&[
                "rev-parse",
                "--verify",
                "--quiet",
                &format!("{name}^{{commit}}"),
            ])?;
            if told.succeeded() {
                return Ok(Some(told.stdout().trim().to_owned()));
            }
        }
        Ok(None)
    }

    fn is_shallow(&self) -> Result<bool> {
        let told = self.ask(&["rev-parse", "--is-shallow-repository"])?;
        Ok(told.stdout().trim() == "true")
    }

    /// The paths that git tells, which are separated by NUL.
    fn paths(&self, args: &[&str]) -> Result<Vec<PathBuf>> {
        let told = self.ask(args)?;
        let Some(list) = told.bytes().filter(|_| told.succeeded()) else {
            bail!("git cannot tell what has changed: {}", complaint(&told));
        };
        let paths = list
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty());
        Ok(paths.map(|path| OsStr::from_bytes(path).into()).collect())
    }

    fn ask(&self, args: &[&str]) -> Result<Finished> {
        let mut command = Confined::new(&self.git, &self.root, Limits::GIT);
        command.envs(home::git_environment());
        unbothered(&mut command).args(args);
        command.run()
    }
}

/// git as it is only asked, never asks back, and runs nothing of a repository's.
fn unbothered(command: &mut Confined) -> &mut Confined {
    command
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
}

/// What git complained of, on one line.
fn complaint(told: &Finished) -> String {
    let said = told.stderr();
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let words: Vec<&str> = lines.take(5).collect();
    match words.is_empty() {
        true => "it did not say why".to_owned(),
        false => visible_line(&words.join(" ")),
    }
}
