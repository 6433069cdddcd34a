//! One scenario of one submission on the real system: run once, and judged like
//! an execution of the simulation.

use anyhow::{Context as _, Result, bail};
use verdict::record::Seal;
use verdict::{Answer, Coverage, Event, Execution, Record, What, placeholder};

use super::Tools;
use super::coverage::Held;
use super::scenario::{Examined, Judged, Outcome, Session};
use crate::judge::Judge;
use crate::{examine, live};

/// What the message of a finding begins with that has no schedule, since it is
/// one of the real system.
const ON_THE_SYSTEM: &str = "on the real system: ";

impl Examined<'_> {
    /// Runs it on the real system, with the judge of a session.
    pub(super) fn on_the_system(self, tools: &Tools, session: &mut Session) -> Result<Judged> {
        let _run = tools.runs.take();
        let real = self
            .real
            .context("the program was not built for the real system")?;
        let question = self.question();
        let program = live::Called {
            file: real,
            name: &self.exercise.name,
        };
        let execution = live::run(&tools.home, program, &question.world)?;
        // Addresses and folders are others in every run: what is shown has their
        // names.
        let named = judge::namer(&execution);
        let shown = shown(&execution, &named);
        let timeline = examine::shortened(examine::timeline(&shown, &question.world));

        let mut judge = match session.judge.take() {
            Some(judge) => judge,
            None => Judge::start(&tools.home, self.judge)?,
        };
        judge.ask(&question, |_| {})?;
        let end = Record::End {
            nonce: String::new(),
            told: 1,
            seal: Seal::default(),
            coverage: Coverage {
                alike: vec![1],
                ..Coverage::default()
            },
        };
        for record in [Record::Execution(execution.clone()), end] {
            let line = serde_json::to_string(&record).context("cannot write a record")?;
            judge.tell(&(line + "\n"));
        }
        let outcome = match judge.answer()? {
            (Answer::Kept { judged: 1 }, judge) => {
                session.judge = judge;
                Outcome::Kept(Held::on_the_system())
            }
            (Answer::Kept { judged }, _) => bail!("the judge has judged {judged} of 1 execution"),
            (
                Answer::Broken {
                    kind,
                    message,
                    sentence,
                    ..
                },
                _,
            ) => {
                let message = format!("{ON_THE_SYSTEM}{}", named(&message));
                let mut finding = self.finding(kind, message, sentence.as_deref());
                finding.timeline = timeline;
                Outcome::Broken(Box::new(finding))
            }
            (Answer::Lost { reason }, _) => bail!("the judge is at a loss: {reason}"),
            (Answer::CutShort { .. }, _) => bail!("the judge has seen no end"),
        };
        Ok(Judged {
            outcome,
            ran_away: false,
        })
    }
}

/// An execution as it is shown, with other texts. What the names stood for is
/// for judges alone.
fn shown(execution: &Execution, named: impl Fn(&str) -> String) -> Execution {
    let told = execution.events.iter().filter(
        |event| !matches!(&event.what, What::Mark { name, .. } if name == placeholder::ADDRESS),
    );
    let events = told.map(|Event { thread, what }| Event {
        thread: *thread,
        what: match what {
            What::Print { stream, text } => What::Print {
                stream: *stream,
                text: named(text),
            },
            what => what.clone(),
        },
    });
    Execution {
        events: events.collect(),
        ..execution.clone()
    }
}
