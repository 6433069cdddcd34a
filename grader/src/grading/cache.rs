//! Verdicts that were reached before: the same sources, graded by the same
//! checks on the same libraries, are not graded again.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result};
use verdict::{Outcome, Verdict};

use super::Prepared;
use crate::build::Support;
use crate::digest::Digest;

/// A folder of verdicts, by content address.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache in a folder.
    pub(crate) fn new(folder: &Path) -> Cache {
        Cache {
            folder: folder.to_owned(),
        }
    }

    /// A verdict that was kept. An entry that cannot be read is none.
    pub(super) fn get(&self, key: &str) -> Option<Verdict> {
        serde_json::from_slice(&std::fs::read(self.path(key)).ok()?).ok()
    }

    /// Keeps a verdict, unless it is the grader's own failure.
    pub(super) fn put(&self, key: &str, verdict: &Verdict) -> Result<()> {
        if verdict.outcome == Outcome::InfrastructureError {
            return Ok(());
        }
        let context = || format!("cannot keep a verdict in {}", self.folder.display());
        std::fs::create_dir_all(&self.folder).with_context(context)?;
        // Written beside its place and put there whole, so that nobody ever
        // reads half of it.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).with_context(context)?;
        file.write_all(&serde_json::to_vec(verdict).with_context(context)?)
            .with_context(context)?;
        file.persist(self.path(key)).with_context(context)?;
        Ok(())
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

/// Everything that a verdict is a function of.
pub(super) fn key(
    support: &Support,
    prepared: &Prepared,
    sources: &str,
    only: &[String],
) -> String {
    Digest::default()
        .part(env!("CARGO_PKG_VERSION"))
        .part(grader())
        .part(support.stamp())
        .part(&prepared.digest)
        .part(only.join(" "))
        .part(sources)
        .finish()
}

/// This very build of the grader, so that a change of its own code is never
/// answered with what it thought before.
pub(crate) fn grader() -> String {
    let metadata = std::env::current_exe().and_then(|path| path.metadata());
    let Ok(metadata) = metadata else {
        return String::new();
    };
    let made = metadata.modified().ok();
    let made = made.and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    let made = made.unwrap_or_default();
    // As in `11889936 bytes, 1795321734.037032043`.
    format!(
        "{} bytes, {}.{:09}",
        metadata.len(),
        made.as_secs(),
        made.subsec_nanos()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(outcome: Outcome) -> Verdict {
        Verdict {
            exercise: "e".to_owned(),
            submission: "s".to_owned(),
            outcome,
            score: 1,
            max_score: 2,
            message: "m".to_owned(),
            checks: Vec::new(),
        }
    }

    #[test]
    fn a_verdict_is_kept_and_a_corrupt_entry_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(&folder.path().join("deep/cache"));
        assert_eq!(cache.get("k"), None);
        let kept = verdict(Outcome::Graded);
        cache.put("k", &kept).unwrap();
        assert_eq!(cache.get("k"), Some(kept));
        assert_eq!(cache.get("other"), None);
        std::fs::write(cache.path("k"), "{\"exercise\":").unwrap();
        assert_eq!(cache.get("k"), None);
    }

    #[test]
    fn a_failure_of_the_grader_is_never_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        cache
            .put("k", &verdict(Outcome::InfrastructureError))
            .unwrap();
        assert_eq!(cache.get("k"), None);
    }
}
