//! What a peer does to programs, and with other peers.

use std::time::Duration;

use verdict::Did;
use verdict::script::find;

use super::{GivesUp, Goes, Peer, did, step, wait_until};
use crate::kernel::{self, Outward};
use crate::op::{Object, Op, Woken};
use crate::time::deadline;

impl Peer {
    /// A program by its name, and what is seen of it; a rubric names none that
    /// there is not.
    fn program(&self, name: &str) -> Option<(usize, &'static Outward)> {
        let process = kernel::process_called(name)?;
        Some((process, self.common.programs.get(process)?))
    }

    pub(super) fn tells(&self, name: &str) -> Goes {
        step("tell", "tells the others");
        if let Some((_, told)) = self.common.told.iter().find(|(known, _)| known == name) {
            told.set(true);
        }
        did(Did::Acted);
        Ok(())
    }

    pub(super) fn awaits(&self, name: &str) -> Goes {
        if let Some((_, told)) = self.common.told.iter().find(|(known, _)| known == name) {
            let is_told = || told.get();
            // Who waits for a program gives up before those who wait for it.
            let until = deadline(2 * Duration::from_nanos(kernel::MINUTE));
            let op = Op::new("await", "was told", Object::NONE).when(&is_told);
            if kernel::step(&op.shared().until(Some(until), None)) == Woken::TimedOut {
                return Err(GivesUp);
            }
        }
        did(Did::Acted);
        Ok(())
    }

    pub(super) fn starts(&self, program: &str) -> Goes {
        step("start", "starts a program");
        did(Did::Acted);
        if let Some((process, _)) = self.program(program) {
            kernel::start(process);
        }
        Ok(())
    }

    /// Waits until a program has started, where it has not.
    fn awaits_start(&self, program: &str) {
        if let Some((_, program)) = self.program(program)
            && !program.started.get()
        {
            wait_until("start", "has seen it start", &|| program.started.get());
        }
    }

    pub(super) fn types(&self, program: &str, bytes: &[u8]) -> Goes {
        self.awaits_start(program);
        step("type", "types");
        did(Did::Acted);
        if let Some((_, program)) = self.program(program) {
            program
                .typed
                .with_mut(|typed| typed.extend_from_slice(bytes));
        }
        Ok(())
    }

    pub(super) fn hangs_up_on(&self, program: &str) -> Goes {
        self.awaits_start(program);
        step("hang up", "hangs up");
        did(Did::Acted);
        if let Some((_, program)) = self.program(program) {
            program.hung_up.set(true);
        }
        Ok(())
    }

    pub(super) fn watches(&mut self, program: &str, bytes: &[u8]) -> Goes {
        let Some((process, program)) = self.program(program) else {
            return Ok(());
        };
        let from = self.watched[process];
        let seen = || {
            program
                .printed
                .look(|printed| find(&printed[from..], bytes))
        };
        // One that has ended prints no more.
        let over = || program.ended.get();
        wait_until("watch", "has watched", &|| seen().is_some() || over());
        self.watched[process] = from + seen().ok_or(GivesUp)? + bytes.len();
        did(Did::Acted);
        Ok(())
    }

    pub(super) fn awaits_exit(&self, program: &str) -> Goes {
        if let Some((_, program)) = self.program(program) {
            wait_until("exit", "has seen it end", &|| program.ended.get());
        }
        did(Did::Acted);
        Ok(())
    }

    pub(super) fn kills(&self, program: &str) -> Goes {
        self.awaits_start(program);
        step("kill", "kills a program");
        did(Did::Acted);
        if let Some((process, _)) = self.program(program) {
            kernel::kill(process);
        }
        Ok(())
    }
}
