//! The command line, read in one place and before any work.

/// The one line that a wrong command line is answered with.
pub(crate) const USAGE: &str =
    "usage: chat server [--addr HOST:PORT] [--max-clients N] | chat client HOST:PORT NAME";

/// What the program was asked to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Server { address: String, max_clients: usize },
    Client { address: String, name: String },
}

/// Reads the arguments that follow the program's name; `None` means that they are wrong.
pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Option<Command> {
    match words.next()?.as_str() {
        "server" => server(words),
        "client" => client(words),
        _ => None,
    }
}

fn server(mut words: impl Iterator<Item = String>) -> Option<Command> {
    let mut address = String::from("127.0.0.1:4000");
    let mut max_clients = 64;
    while let Some(word) = words.next() {
        match word.as_str() {
            "--addr" => address = words.next()?,
            "--max-clients" => max_clients = words.next()?.parse().ok()?,
            _ => return None,
        }
    }
    Some(Command::Server {
        address,
        max_clients,
    })
}

fn client(mut words: impl Iterator<Item = String>) -> Option<Command> {
    let address = words.next()?;
    let name = words.next()?;
    let complete = words.next().is_none() && !address.starts_with('-');
    complete.then_some(Command::Client { address, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<Command> {
        parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn a_server_has_usual_values_unless_told_otherwise() {
        let usual = Command::Server {
            address: "127.0.0.1:4000".into(),
            max_clients: 64,
        };
        assert_eq!(parsed("server"), Some(usual));
        let told = Command::Server {
            address: "[::1]:0".into(),
            max_clients: 3,
        };
        assert_eq!(parsed("server --max-clients 3 --addr [::1]:0"), Some(told));
    }

    #[test]
    fn wrong_command_lines_are_refused() {
        for line in [
            "",
            "talk",
            "server x",
            "server --addr",
            "server --max-clients few",
        ] {
            assert_eq!(parsed(line), None, "{line}");
        }
        for line in [
            "client",
            "client 127.0.0.1:4000",
            "client 127.0.0.1:4000 a b",
        ] {
            assert_eq!(parsed(line), None, "{line}");
        }
    }
}
