//! The commits that a class has handed in at, where folders lie in clones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Job;
use crate::git::{Commit, Handed};
use crate::gradebook::{Files, Gradebook};

/// Records the commit of each submission that has just its sources. What is known
/// of a commit already is not asked `again`.
pub(super) fn record(
    gradebook: &mut Gradebook,
    jobs: &[Job<'_>],
    workers: usize,
    again: bool,
    notes: &mut Vec<String>,
) -> Result<()> {
    let known = match again {
        true => Default::default(),
        false => gradebook.commits()?,
    };
    let folders = jobs.iter().filter_map(|job| Some(job.clone?.1));
    let mut clones = asked(folders.collect(), workers);
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    for job in jobs {
        let (Some((folder, clone)), Some(sources)) = (job.clone, job.subject.sources()) else {
            continue;
        };
        let digest = job.subject.digest();
        let commit = match clones.get_mut(clone) {
            None | Some(Ok(Asked { head: None, .. })) => continue,
            Some(Ok(of)) => {
                let is_known = known.get(&job.number).is_some_and(|(sources, commit)| {
                    *sources == digest && Some(commit) == of.head.as_ref()
                });
                if is_known {
                    continue;
                }
                of.commit_with(folder, sources.files())
            }
            Some(Err(error)) => Err(anyhow::anyhow!("{error:#}")),
        };
        match commit {
            Ok(Some(commit)) => found.push((job.number, digest, commit)),
            Ok(None) => {}
            Err(error) => failed.push(format!("{} ({error:#})", job.shown)),
        }
    }
    if let Some(first) = failed.first() {
        notes.push(format!(
            "the commits of {} submissions in clones are not known, the first: {first}",
            failed.len()
        ));
    }
    gradebook.committed(&found)
}

/// The clones at these folders, several asked at a time: of a class that was graded
/// before, this is the most of what is left to do.
fn asked<'a>(folders: BTreeSet<&'a Path>, workers: usize) -> BTreeMap<&'a Path, Result<Asked<'a>>> {
    let folders: Vec<&Path> = folders.into_iter().collect();
    let share = folders.len().div_ceil(workers.max(1)).max(1);
    std::thread::scope(|scope| {
        let ask = |folders: &[&'a Path]| -> Vec<_> {
            let folders = folders.iter();
            folders.map(|folder| (*folder, Asked::at(folder))).collect()
        };
        let shares = folders.chunks(share);
        let threads: Vec<_> = shares
            .map(|folders| scope.spawn(move || ask(folders)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        let found = joined.map(|found| match found {
            Ok(found) => found,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        found.flatten().collect()
    })
}

/// A clone, asked once.
struct Asked<'a> {
    clone: Handed<'a>,
    /// The commit that is checked out.
    head: Option<String>,
    /// What is known of that, once somebody wants to know.
    about: Option<Commit>,
}

impl<'a> Asked<'a> {
    fn at(folder: &'a Path) -> Result<Asked<'a>> {
        let clone = Handed::at(folder)?;
        let head = clone.head().context("git cannot read it")?;
        Ok(Asked {
            clone,
            head,
            about: None,
        })
    }

    /// The commit that is checked out, if these are its sources of a crate.
    fn commit_with(&mut self, folder: &Path, sources: &Files) -> Result<Option<Commit>> {
        let Some(head) = &self.head else {
            return Ok(None);
        };
        let names = sources.keys().map(String::as_str);
        if !self.clone.has(head, folder, names)? {
            return Ok(None);
        }
        if self.about.is_none() {
            self.about = Some(self.clone.about(head.clone())?);
        }
        Ok(self.about.clone())
    }
}
