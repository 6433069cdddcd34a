//! `grader man` and `grader completions`: what a shell and a reader of manuals get
//! of the same definitions that the command line is read by.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::ui::Ui;

/// Write the manual pages, one for each command
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader man ~/.local/share/man/man1
  grader man pages/ && man ./pages/grader-ci.1")]
pub(super) struct Man {
    /// The folder that they are written to
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Man {
    /// Writes those of this command line.
    pub(super) fn run(self, ui: &mut Ui, command: clap::Command) -> Result<Exit> {
        let folder = &self.folder;
        let context = || format!("cannot write to {}", folder.display());
        std::fs::create_dir_all(folder).with_context(context)?;
        clap_mangen::generate_to(command.disable_help_subcommand(true), folder)
            .with_context(context)?;
        ui.line(&format!("{}: manual pages", folder.display()))?;
        Ok(Exit::Full)
    }
}

/// Print what completes command lines in a shell
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader completions bash > ~/.local/share/bash-completion/completions/grader
  grader completions zsh > ~/.zfunc/_grader
  grader completions fish > ~/.config/fish/completions/grader.fish")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints those of this command line.
    pub(super) fn run(self, ui: &mut Ui, mut command: clap::Command) -> Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "grader", &mut script);
        ui.print(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Full)
    }
}
