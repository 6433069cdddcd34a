//! A judge at work: a process of the exercise's own that is asked one question,
//! is told a record, and answers.

use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::thread::JoinHandle;

use anyhow::{Context as _, Result, bail};
use verdict::{Answer, Question};

use crate::home::Home;
use crate::process::{Confined, Limits, Running, Stdin};

/// Most bytes of an answer.
const ANSWER_LIMIT: u64 = 1 << 20;

/// A judge that has been asked.
pub(crate) struct Judge {
    running: Running,
    stdin: BufWriter<Stdin>,
    answer: JoinHandle<std::io::Result<String>>,
    _folder: tempfile::TempDir,
}

impl Judge {
    /// Starts a judge and asks it. `answered` is called from another thread
    /// when the answer is there, which may be before all is told.
    pub(crate) fn ask(
        home: &Home,
        program: &Path,
        question: &Question,
        answered: impl FnOnce() + Send + 'static,
    ) -> Result<Judge> {
        let folder = home.scratch()?;
        let mut running = Confined::new(program, folder.path(), Limits::JUDGE)
            .start()
            .context("cannot start the judge")?;
        let (stdin, stdout) = running.pipes()?;
        let answer = std::thread::spawn(move || {
            let mut line = String::new();
            BufReader::new(stdout.take(ANSWER_LIMIT)).read_line(&mut line)?;
            answered();
            Ok(line)
        });
        let mut judge = Judge {
            running,
            stdin: BufWriter::new(stdin),
            answer,
            _folder: folder,
        };
        let mut text = serde_json::to_string(question).context("cannot write the question")?;
        text.push('\n');
        judge.tell(&text);
        Ok(judge)
    }

    /// Tells a line of the record. A judge that has answered need not listen,
    /// so that it cannot be told is no error.
    pub(crate) fn tell(&mut self, line: &str) {
        let _ = self.stdin.write_all(line.as_bytes());
    }

    /// The answer, when everything has been told.
    pub(crate) fn answer(self) -> Result<Answer> {
        let Judge {
            running,
            mut stdin,
            answer,
            _folder,
        } = self;
        let _ = stdin.flush();
        drop(stdin);
        let line = answer
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let finished = running.wait()?;
        match serde_json::from_str(&line.context("cannot read the judge's answer")?) {
            Ok(answer) => Ok(answer),
            Err(_) => bail!(
                "the judge gave no answer: it {} {}",
                finished.how(),
                finished.last_words()
            ),
        }
    }
}
