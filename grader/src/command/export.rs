//! `grader export`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use super::class::read_roster;
use super::r#override;
use crate::class::House;
use crate::exit::{Exit, usage};
use crate::gradebook::{Book, Exercise, Gradebook};
use crate::output::{self, Output};
use crate::report;
use crate::report::export::{self, Document, Exported, Selection};
use crate::ui::Ui;

/// Write a gradebook as another program imports it
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader export --gradebook autumn.sqlite --to canvas --roster canvas.csv --out import.csv
  grader export --gradebook autumn.sqlite --to moodle --exercise chat --roster worksheet.csv
  grader export --gradebook autumn.sqlite --to gradescope --out results/

Points given by hand win. Who has handed in nothing has an empty cell in canvas, moodle and csv,
`null` in json, and no document in the formats with one document a submission: gradescope,
classroom50 and exercism. Of these, one goes to a file, several to a folder DIR as
DIR/EXERCISE/STUDENT.json, or to standard output as a line each.

What was graded in a clone, just as a commit has it, is told to classroom50 with the page of that
commit (its name, where the clone has not seen it on a host), and with the release of its tag
submit/..., where it has one; else release and review are what the commit is. What is of no
commit is told by the digest of its sources.")]
pub(super) struct Export {
    /// The gradebook
    #[arg(long, value_name = "FILE")]
    gradebook: PathBuf,
    /// Who imports it
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Format,
    /// The exercises; may be given several times [default: all]
    #[arg(long, value_name = "NAME")]
    exercise: Vec<String>,
    /// One student only
    #[arg(long, value_name = "STUDENT")]
    student: Option<String>,
    /// The students, as the LMS exports them; theirs are the columns that are kept
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// The classroom's name in Classroom 50 [default: as in the name of the repository
    /// CLASSROOM-EXERCISE-STUDENT, else the gradebook's]
    #[arg(long, value_name = "NAME")]
    classroom: Option<String>,
    /// Where it goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Who imports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Canvas's gradebook.
    Canvas,
    /// Moodle's offline grading worksheet, of one exercise.
    Moodle,
    /// A table: a line a student, a column an exercise.
    Csv,
    /// Gradescope's results.json.
    Gradescope,
    /// Classroom 50's result, classroom50/result/v1.
    Classroom50,
    /// exercism's results.json, version 3.
    Exercism,
    /// Everything, with whole verdicts.
    Json,
}

impl Export {
    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let mut gradebook = Gradebook::open(&self.gradebook)?;
        self.spare_what_is_read()?;
        let mut book = gradebook.book()?;
        if let Some(meant) = &self.student {
            let key = r#override::student(&book, meant)?.key.clone();
            book.students.retain(|student| student.key == key);
        }
        let exercises = self.exercises(&book)?;
        let roster = self.roster.as_deref().map(read_roster).transpose()?;
        if let Some(roster) = &roster {
            let needed = match self.to {
                Format::Canvas => Some((House::Canvas, "Canvas's gradebook export")),
                Format::Moodle => Some((House::Moodle, "Moodle's grading worksheet")),
                _ => None,
            };
            if let Some((_, what)) = needed.filter(|(house, _)| *house != roster.house) {
                let path = self.roster.as_deref().unwrap_or(Path::new(""));
                usage!("the roster {} is not {what}; give that one", path.display());
            }
        }
        let selection = Selection {
            book: &book,
            exercises: &exercises,
            roster: roster.as_ref(),
        };
        match self.to {
            Format::Canvas => self.write(ui, export::canvas(selection)),
            Format::Csv => self.write(ui, export::table(selection)),
            Format::Moodle => match &exercises[..] {
                [exercise] => self.write(ui, export::moodle(selection, exercise)),
                _ => usage!("a worksheet of Moodle's is of one exercise; give it with --exercise"),
            },
            Format::Json => {
                let verdict = |submission| gradebook.verdict(submission);
                let text = report::gradebook::<anyhow::Error>(&book, &exercises, verdict)?;
                let notes = Vec::new();
                self.write(ui, Exported { text, notes })
            }
            Format::Gradescope => self.documents(ui, export::gradescope(selection)),
            Format::Exercism => self.documents(ui, export::exercism(selection)),
            Format::Classroom50 => {
                let own = self.gradebook.file_stem().unwrap_or_default();
                let own = own.to_string_lossy();
                let named = self.classroom.as_deref();
                self.documents(ui, export::classroom50(selection, named, &own))
            }
        }
    }

    fn exercises<'a>(&self, book: &'a Book) -> Result<Vec<&'a Exercise>> {
        let all = &book.exercises;
        let known = |name: &String| all.iter().any(|exercise| exercise.name == *name);
        if let Some(name) = self.exercise.iter().find(|name| !known(name)) {
            let names: Vec<&str> = all.iter().map(|of| of.name.as_str()).collect();
            usage!(
                "the gradebook has no exercise `{name}`; it has {}",
                names.join(", ")
            );
        }
        let wanted = |of: &&Exercise| self.exercise.is_empty() || self.exercise.contains(&of.name);
        Ok(all.iter().filter(wanted).collect())
    }

    /// What is written must not take the place of what is read.
    fn spare_what_is_read(&self) -> Result<()> {
        let Some(out) = &self.out else {
            return Ok(());
        };
        let roster = self.roster.as_deref().map(|roster| (roster, "the roster"));
        for (read, what) in [(&*self.gradebook, "the gradebook")]
            .into_iter()
            .chain(roster)
        {
            if output::is_same(out, read) {
                usage!("{} is {what}: name another file for --out", out.display());
            }
        }
        Ok(())
    }

    fn write(&self, ui: &mut Ui, exported: Exported) -> Result<Exit> {
        match &self.out {
            Some(path) => write(path, &exported.text)?,
            None => ui.print(&exported.text)?,
        }
        for note in &exported.notes {
            ui.status(&format!("note: {}", report::visible_line(note)));
        }
        Ok(Exit::Full)
    }

    fn documents(&self, ui: &mut Ui, documents: Vec<Document>) -> Result<Exit> {
        let alone = self.student.is_some() && documents.len() == 1;
        match (&documents[..], &self.out) {
            ([], _) => usage!(
                "nothing of this was handed in and graded, so there is no document to write \
                 (points by hand alone make none); grade it first with `grader class`"
            ),
            ([one], Some(path)) if alone => write(path, &pretty(one)?)?,
            ([one], None) => ui.print(&pretty(one)?)?,
            (several, Some(folder)) => {
                for one in several {
                    let name = format!("{}.json", file_name(&one.student));
                    let parent = folder.join(&one.exercise);
                    std::fs::create_dir_all(&parent)
                        .with_context(|| format!("cannot make {}", parent.display()))?;
                    write(&parent.join(name), &pretty(one)?)?;
                }
            }
            (several, None) => {
                for one in several {
                    ui.line(&one.document.to_string())?;
                }
            }
        }
        Ok(Exit::Full)
    }
}

fn pretty(document: &Document) -> Result<String> {
    Ok(serde_json::to_string_pretty(&document.document)? + "\n")
}

fn write(path: &Path, text: &str) -> Result<()> {
    Output::new(path)?.write(text)
}

/// A student's key as the name of a file, which is no other's.
fn file_name(key: &str) -> String {
    let mut name = String::new();
    for (at, c) in key.char_indices() {
        let special = c.is_control() || "/\\:*?\"<>|%".contains(c) || (at == 0 && c == '.');
        match special {
            true => name.push_str(&format!("%{:02X}", u32::from(c))),
            false => name.push(c),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn no_key_leads_out_of_the_folder_or_to_the_file_of_another() {
        let table = [
            ("Jane Doe (7)", "Jane Doe (7)"),
            ("..", "%2E."),
            ("a/../b", "a%2F..%2Fb"),
            ("a%2Fb", "a%252Fb"),
        ];
        for (key, expected) in table {
            assert_eq!(file_name(key), expected);
        }
    }
}
