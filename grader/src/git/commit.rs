//! The commit that something was handed in at, as the clone that it lies in tells.
//!
//! The clone is its student's, down to git's own configuration and objects: git
//! runs in the layers for submissions, reads that folder and nothing else, and is
//! asked only for what needs no program that the configuration names.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{complaint, unbothered};
use crate::home;
use crate::process::{Confined, Finished, Limits};

/// A commit, with what is known of it on its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    /// Its name, in hexadecimal digits.
    pub(crate) id: String,
    /// The date of its committer, in seconds since 1970.
    pub(crate) at: i64,
    /// The page of its repository, `https://host/owner/name`: only where the clone
    /// has it from there, or has seen it there.
    pub(crate) host: Option<String>,
    /// The tag `submit/...` that it was handed in by.
    pub(crate) tag: Option<String>,
}

/// What tags of what is handed in begin with, as Classroom 50 makes them.
const HANDED_IN: &str = "submit/";

/// A clone that a student has handed in.
#[derive(Debug)]
pub(crate) struct Handed<'a> {
    git: PathBuf,
    /// Its folder, as crates in it are told.
    given: &'a Path,
    /// The same, wherever one is.
    root: PathBuf,
}

impl<'a> Handed<'a> {
    /// The one at a folder, which has a `.git`.
    pub(crate) fn at(given: &'a Path) -> Result<Handed<'a>> {
        let git = home::program("git").context("there is no git on this machine")?;
        let root = given
            .canonicalize()
            .with_context(|| format!("cannot find {}", given.display()))?;
        Ok(Handed { git, given, root })
    }

    /// The name of the commit that is checked out; `None` where nothing is
    /// committed yet.
    pub(crate) fn head(&self) -> Result<Option<String>> {
        let told = self.ask(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?;
        match told.code() {
            Some(0) => Ok(Some(told.stdout().trim().to_owned())),
            // It is quiet where there is no such commit, and complains of the rest.
            Some(1) if told.stderr().trim().is_empty() => Ok(None),
            _ => bail!("{}", complaint(&told)),
        }
    }

    /// Whether a commit has these sources of the crate in a folder as they lie
    /// there, and no others: `names` are theirs, relative to the crate.
    pub(crate) fn has<'n>(
        &self,
        commit: &str,
        folder: &Path,
        names: impl Iterator<Item = &'n str>,
    ) -> Result<bool> {
        let inner = folder.strip_prefix(self.given).unwrap_or(folder);
        let Some(inner) = inner.to_str() else {
            return Ok(false);
        };
        let tree = format!("{commit}:{inner}");
        let told = self.ask(&["ls-tree", "-r", "-z", "--full-tree", &tree, "--", "src/"])?;
        let Some(list) = told.bytes().filter(|_| told.succeeded()) else {
            // The commit has no such folder.
            return Ok(false);
        };
        let entries = list.split(|byte| *byte == 0).filter_map(entry);
        let mut committed: Vec<(&str, &str)> = entries.collect();
        let names: Vec<&str> = names.collect();
        let paths = names.iter().map(|name| Path::new(inner).join(name));
        let paths: Vec<PathBuf> = paths.collect();
        // Filters would be programs of the student's.
        let mut args: Vec<&std::ffi::OsStr> = ["hash-object", "--no-filters", "--"]
            .map(AsRef::as_ref)
            .into();
        args.extend(paths.iter().map(|path| path.as_os_str()));
        let told = self.ask(&args)?;
        if !told.succeeded() {
            bail!("{}", complaint(&told));
        }
        let digests = told.stdout();
        let mut here: Vec<(&str, &str)> = names.into_iter().zip(digests.lines()).collect();
        committed.sort_unstable();
        here.sort_unstable();
        Ok(committed == here)
    }

    /// What there is to know of a commit.
    pub(crate) fn about(&self, commit: String) -> Result<Commit> {
        let told = self.ask(&["cat-file", "commit", &commit])?;
        let text = told.stdout();
        let mut header = text.lines().take_while(|line| !line.is_empty());
        let at = header.find_map(committed_at);
        let Some(at) = at.filter(|_| told.succeeded()) else {
            bail!("{}", complaint(&told));
        };
        let contains = format!("--contains={commit}");
        let format = "--format=%(objectname) %(*objectname) %(refname)";
        let folders = ["refs/remotes", "refs/tags/submit"];
        let told = self.ask(&["for-each-ref", format, &contains, folders[0], folders[1]])?;
        if !told.succeeded() {
            bail!("{}", complaint(&told));
        }
        let refs = told.stdout();
        let mut tags = refs.lines().filter_map(|line| {
            let (objects, name) = line.rsplit_once(' ')?;
            let is_of_it = objects.split(' ').any(|object| object == commit);
            let tag = name.strip_prefix("refs/tags/").filter(|_| is_of_it)?;
            tag.starts_with(HANDED_IN).then(|| tag.to_owned())
        });
        // They are sorted, and a time comes first in their names.
        let tag = tags.next_back();
        let host = match refs.is_empty() {
            // Nobody but the student has it, as far as the clone tells.
            true => None,
            false => {
                let url = self.ask(&["config", "--get", "remote.origin.url"])?;
                page(url.stdout().trim())
            }
        };
        Ok(Commit {
            id: commit,
            at,
            host,
            tag,
        })
    }

    fn ask(&self, args: &[impl AsRef<std::ffi::OsStr>]) -> Result<Finished> {
        let mut command = Confined::new(&self.git, &self.root, Limits::HANDED_IN);
        command.only_reads(vec![self.root.clone()]);
        unbothered(&mut command)
            .env("GIT_DIR", self.root.join(".git"))
            .env("GIT_WORK_TREE", &self.root)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            // What is missing is not fetched, from anywhere.
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "")
            // Whose it is does not matter where nothing of it is run.
            .args(["-c", "safe.directory=*"])
            .args(args);
        command.run()
    }
}

/// A file of a tree that counts, by its name and its digest. Anything else that is
/// called like one has a digest that no file has.
fn entry(line: &[u8]) -> Option<(&str, &str)> {
    let (about, name) = std::str::from_utf8(line).ok()?.split_once('\t')?;
    let mut words = about.split(' ');
    let (mode, digest) = (words.next()?, words.nth(1)?);
    let is_file = mode.starts_with("100");
    name.ends_with(".rs")
        .then_some((name, if is_file { digest } else { "" }))
}

/// The time in a commit's line `committer NAME <EMAIL> SECONDS ZONE`.
fn committed_at(line: &str) -> Option<i64> {
    let line = line.strip_prefix("committer ")?;
    let (_, time) = line.rsplit_once('>')?;
    time.split_whitespace().next()?.parse().ok()
}

/// The page of a repository that is fetched from a URL, without anything that
/// somebody signs in with. `None` where it is on no host that shows pages.
fn page(url: &str) -> Option<String> {
    let (host, path) = match url.split_once("://") {
        Some(("https", rest)) => rest.split_once('/')?,
        Some(("ssh", rest)) => {
            let (host, path) = rest.split_once('/')?;
            (without_port(host), path)
        }
        Some(_) => return None,
        // As scp has it.
        None => url.split_once(':')?,
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_plain = |text: &str, others: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
        !text.is_empty() && text.chars().all(plain)
    };
    let is_host = is_plain(host, ".-:") && without_port(host).contains('.');
    let mut parts = path.split('/');
    let is_path = path.contains('/')
        && parts.all(|part| is_plain(part, "._-~") && !part.bytes().all(|byte| byte == b'.'));
    (is_host && is_path).then(|| format!("https://{host}/{path}"))
}

fn without_port(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(host, _)| host)
}

/// The clone that a folder lies in, within `top`.
pub(crate) fn clone_around<'a>(folder: &'a Path, top: &Path) -> Option<&'a Path> {
    folder
        .ancestors()
        .take_while(|ancestor| ancestor.starts_with(top))
        .find(|ancestor| ancestor.join(".git").symlink_metadata().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_repository_has_nothing_to_sign_in_with() {
        let is = "https://github.com/cs101/one-ann";
        for url in [
            "https://github.com/cs101/one-ann",
            "https://github.com/cs101/one-ann.git",
            "https://x-access-token:secret@github.com/cs101/one-ann/",
            "git@github.com:cs101/one-ann.git",
            "ssh://git@github.com:22/cs101/one-ann.git",
        ] {
            assert_eq!(page(url).as_deref(), Some(is), "{url}");
        }
        let port = "https://git.example.org:8443/a/b/c.git";
        let page_there = page(port);
        assert_eq!(
            page_there.as_deref(),
            Some("https://git.example.org:8443/a/b/c")
        );
        for url in [
            "",
            "/srv/git/one.git",
            "../one",
            "file:///srv/git/one.git",
            "http://github.com/cs101/one",
            "ext::sh -c id",
            "https://github.com/",
            "https://github.com/alone",
            "https://github.com/a/../b",
            "https://github.com/a/b?c=<script>",
            "git@work:cs101/one.git",
            "https://user@:8080/a/b",
        ] {
            assert_eq!(page(url), None, "{url}");
        }
    }

    #[test]
    fn the_committer_may_be_called_anything() {
        let line = "committer Ann > 1 <ann@example.org> 1795301442 +0100";
        assert_eq!(committed_at(line), Some(1_795_301_442));
        assert_eq!(committed_at("author Ann <a> 1 +0000"), None);
        assert_eq!(committed_at("committer Ann"), None);
    }

    #[test]
    fn only_ordinary_files_of_a_tree_are_sources() {
        let line = |text: &'static str| entry(text.as_bytes());
        assert_eq!(
            line("100755 blob 0a1b\tsrc/a b.rs"),
            Some(("src/a b.rs", "0a1b"))
        );
        assert_eq!(
            line("120000 blob 0a1b\tsrc/link.rs"),
            Some(("src/link.rs", ""))
        );
        assert_eq!(line("100644 blob 0a1b\tsrc/notes.md"), None);
        assert_eq!(line(""), None);
    }
}
