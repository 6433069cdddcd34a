//! One scenario of one submission on the real system: run once, and judged like
//! an execution of the simulation.

use anyhow::{Context as _, Result, bail};
use verdict::{Answer, Coverage, Record};

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
        let _slot = tools.slots.take();
        let real = self
            .real
            .context("the program was not built for the real system")?;
        let question = self.question();
        let execution = live::run(&tools.home, real, &question.world)?;
        let timeline = examine::shortened(examine::timeline(&execution));

        let mut judge = match session.judge.take() {
            Some(judge) => judge,
            None => Judge::start(&tools.home, self.judge)?,
        };
        judge.ask(&question, |_| {})?;
        let end = Record::End {
            nonce: String::new(),
            told: 1,
            coverage: Coverage {
                alike: vec![1],
                ..Coverage::default()
            },
        };
        for record in [Record::Execution(execution), end] {
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
                let message = format!("{ON_THE_SYSTEM}{message}");
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
