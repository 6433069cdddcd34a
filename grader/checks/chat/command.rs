//! The command line, and where the server listens.

use judge::world::Seen;
use judge::{Execution, Fault, FindingKind, Stream, World};

use crate::server;

/// Exit code 2, nothing on standard output, something on standard error; what
/// it says is for people.
pub(crate) fn usage_error(execution: &Execution) -> Result<(), Fault> {
    // Output comes first: a server that starts to listen never ends.
    let output = judge::output(execution, Stream::Stdout);
    if !output.is_empty() {
        let message = format!(
            "a wrong command line prints nothing on standard output, but {output:?} was printed"
        );
        return Err(Fault::new(FindingKind::WrongOutput, message).sentence("C3"));
    }
    let code = judge::exited(execution)?;
    if code != 2 {
        judge::no_panic(execution)?;
        let message = format!("the exit code of a wrong command line is 2, but it was {code}");
        return Err(Fault::new(FindingKind::WrongExitCode, message).sentence("C3"));
    }
    complains(
        &judge::output(execution, Stream::Stderr),
        "a wrong command line",
    )
}

fn complains(stderr: &str, about: &str) -> Result<(), Fault> {
    match stderr.trim() {
        "" => {
            let message = format!(
                "{about} is complained about on standard error, but nothing was printed there"
            );
            Err(Fault::new(FindingKind::WrongOutput, message).sentence("C3"))
        }
        _ => Ok(()),
    }
}

/// A server without arguments listens where the contract says.
pub(crate) fn default_address(world: World) -> impl FnMut(&Execution) -> Result<(), Fault> {
    move |execution| {
        judge::exited(execution)?;
        let seen = Seen::new(&world, execution);
        let program = seen.program("server");
        let wrong = |message: String| {
            let fault = Fault::new(FindingKind::WrongOutput, message).sentence("C4");
            Err(fault)
        };
        if program.has_ended() {
            judge::no_panic(execution)?;
        }
        match program.announced() {
            Some(address) if address == "127.0.0.1:4000" => {
                server::is_there(&seen)?;
                seen.nobody_gave_up()
            }
            Some(address) => wrong(format!(
                "without --addr the server listens on 127.0.0.1:4000, but it said {address:?}"
            )),
            None => wrong(format!(
                "the server should say `listening on 127.0.0.1:4000`, but its output was {:?}",
                program.stdout()
            )),
        }
    }
}

/// A server whose address is taken fails.
pub(crate) fn cannot_listen(world: World) -> impl FnMut(&Execution) -> Result<(), Fault> {
    move |execution| {
        judge::exited(execution)?;
        let seen = Seen::new(&world, execution);
        let server = seen.program("server");
        let code = match server.exit() {
            Some(1) => {
                return complains(&server.stderr(), "a server that cannot listen");
            }
            Some(code) => format!("its exit code was {code}"),
            None => "it goes on".to_owned(),
        };
        judge::no_panic(execution)?;
        let message =
            format!("a server whose address is in use fails with exit code 1, but {code}");
        Err(Fault::new(FindingKind::WrongExitCode, message).sentence("C3"))
    }
}
