//! A judge at work: a process of the exercise's own that is asked a question, is
//! told a record, and answers.

use std::io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use verdict::{Answer, Question};

use crate::home::Home;
use crate::process::{Allowance, Confined, Limits, Running, Stdin};

/// Most bytes of an answer.
const ANSWER_LIMIT: u64 = 1 << 20;

/// What is called when a question is answered.
type OnAnswer = Box<dyn FnOnce(&Answer) + Send>;

/// A process of a judge. It answers one question after another.
pub(crate) struct Judge {
    running: Running,
    stdin: BufWriter<Stdin>,
    answers: mpsc::Receiver<Answer>,
    on_answer: Arc<Mutex<Option<OnAnswer>>>,
    asked: Instant,
    allowance: Allowance,
    _folder: crate::home::Folder,
}

impl Judge {
    /// Starts a judge.
    pub(crate) fn start(home: &Home, program: &Path) -> Result<Judge> {
        let folder = home.scratch()?;
        let mut running = Confined::new(program, folder.path(), Limits::JUDGE)
            .start()
            .context("cannot start the judge")?;
        let (stdin, stdout) = running.pipes()?;
        let (sender, answers) = mpsc::channel();
        let on_answer: Arc<Mutex<Option<OnAnswer>>> = Arc::default();
        let waiting = on_answer.clone();
        std::thread::spawn(move || {
            let mut stdout = BufReader::new(stdout.take(ANSWER_LIMIT));
            let mut line = String::new();
            while stdout.read_line(&mut line).is_ok_and(|length| length > 0) {
                // What is no answer ends the listening, and so the asking.
                let Ok(answer) = serde_json::from_str(&line) else {
                    break;
                };
                let on_answer = waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take();
                if let Some(on_answer) = on_answer {
                    on_answer(&answer);
                }
                if sender.send(answer).is_err() {
                    break;
                }
                line.clear();
            }
        });
        Ok(Judge {
            running,
            stdin: BufWriter::new(stdin),
            answers,
            on_answer,
            asked: Instant::now(),
            allowance: Allowance::default(),
            _folder: folder,
        })
    }

    /// Asks a question. `answered` is called from another thread when the
    /// answer is there, which may be before all is told.
    pub(crate) fn ask(
        &mut self,
        question: &Question,
        answered: impl FnOnce(&Answer) + Send + 'static,
    ) -> Result<()> {
        self.asked = Instant::now();
        *self
            .on_answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Box::new(answered));
        let mut text = serde_json::to_string(question).context("cannot write the question")?;
        text.push('\n');
        self.tell(&text);
        Ok(())
    }

    /// Tells a line of the record. A judge that has answered need not listen,
    /// so that it cannot be told is no error.
    pub(crate) fn tell(&mut self, line: &str) {
        let _ = self.stdin.write_all(line.as_bytes());
    }

    /// The answer, when everything has been told. A judge that has listened to
    /// the end is given back, ready for another question, as long as enough of
    /// its limits is left for any.
    pub(crate) fn answer(mut self) -> Result<(Answer, Option<Judge>)> {
        let _ = self.stdin.flush();
        match self.answers.recv() {
            Ok(answer @ Answer::Kept { .. }) => {
                self.allowance.used(self.asked.elapsed(), 0);
                let again = self.allowance.is_left().then_some(self);
                Ok((answer, again))
            }
            Ok(answer) => Ok((answer, None)),
            Err(_) => {
                drop(self.stdin);
                let finished = self.running.wait()?;
                bail!(
                    "the judge gave no answer: it {} {}",
                    finished.how(),
                    finished.last_words()
                )
            }
        }
    }

    /// Tells that there is no more to tell, for a record that is cut short, and
    /// gives the answer that there is then.
    pub(crate) fn cut_short(mut self) -> Option<Answer> {
        let _ = self.stdin.flush();
        drop(self.stdin);
        self.answers.recv().ok()
    }
}
