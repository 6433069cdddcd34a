//! What a runner of GitHub Actions tells the programs that it runs.

use std::path::PathBuf;

/// The surroundings of a step; of a terminal, where there is none.
#[derive(Debug, Default)]
pub(crate) struct Runner {
    /// Whether what is printed is read by a runner, which carries out commands
    /// in it.
    pub(crate) listens: bool,
    /// What a pull request is to be merged into.
    pub(crate) base: Option<String>,
    /// The file that the step's summary is written to.
    pub(crate) summary: Option<PathBuf>,
    /// The file that the step's outputs are written to.
    pub(crate) output: Option<PathBuf>,
}

impl Runner {
    /// Reads the environment.
    pub(crate) fn around() -> Runner {
        let text = |name| std::env::var(name).ok().filter(|text| !text.is_empty());
        Runner {
            listens: text("GITHUB_ACTIONS").is_some_and(|text| text == "true"),
            base: text("GITHUB_BASE_REF"),
            summary: super::folder("GITHUB_STEP_SUMMARY"),
            output: super::folder("GITHUB_OUTPUT"),
        }
    }
}
