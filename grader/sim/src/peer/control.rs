//! What a peer does to programs, and with other peers.

use verdict::Did;

use super::{Goes, Peer, did, step, wait_until};
use crate::kernel::{self, Outward};

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
            wait_until("await", "was told", &|| told.get());
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

    pub(super) fn types(&self, program: &str, bytes: &[u8]) -> Goes {
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
        wait_until("watch", "has seen it", &|| seen().is_some());
        self.watched[process] = from + seen().map_or(0, |start| start + bytes.len());
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
        step("kill", "kills a program");
        did(Did::Acted);
        if let Some((process, _)) = self.program(program) {
            kernel::kill(process);
        }
        Ok(())
    }
}

/// Where these bytes stand first.
pub(super) fn find(all: &[u8], bytes: &[u8]) -> Option<usize> {
    match bytes {
        [] => Some(0),
        _ => all.windows(bytes.len()).position(|part| part == bytes),
    }
}
