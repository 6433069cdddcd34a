//! `grader man` and `grader completions`: what a shell and a reader of manuals get
//! of the same definitions that the command line is read by.

use std::path::{Path, PathBuf};

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
        let mut command = command.disable_help_subcommand(true);
        command.build();
        pages(&command, folder).with_context(context)?;
        ui.line(&format!("{}: manual pages", folder.display()))?;
        Ok(Exit::Full)
    }
}

/// Writes the page of a command, and those of its subcommands.
fn pages(command: &clap::Command, folder: &Path) -> std::io::Result<()> {
    for inner in command.get_subcommands().filter(|of| !of.is_hide_set()) {
        pages(inner, folder)?;
    }
    // What stands after the help has headings and lines of its own, which would be
    // filled as if it were prose.
    let after = command.get_after_help().map(ToString::to_string);
    let page = clap_mangen::Man::new(command.clone().after_help(None::<&str>));
    let mut text = Vec::new();
    page.render(&mut text)?;
    text.extend(sections(&after.unwrap_or_default()).into_bytes());
    std::fs::write(folder.join(page.get_filename()), text)
}

/// A text for roff: each line of capitals that ends in a colon is a heading, and the
/// others stay lines.
fn sections(text: &str) -> String {
    let mut roff = String::new();
    for line in text.lines() {
        let heading = line
            .strip_suffix(':')
            .filter(|of| !of.is_empty() && of.chars().all(|c| c.is_ascii_uppercase() || c == ' '));
        match heading {
            Some(heading) => {
                roff.push_str(&format!(".fi\n.SH \"{heading}\"\n.nf\n"));
            }
            None => {
                let line = line.replace('\\', "\\e").replace('-', "\\-");
                // A line that begins so would be a command.
                let guard = if line.starts_with(['.', '\'']) {
                    "\\&"
                } else {
                    ""
                };
                roff.push_str(&format!("{guard}{line}\n"));
            }
        }
    }
    match roff.is_empty() {
        true => roff,
        false => roff + ".fi\n",
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
