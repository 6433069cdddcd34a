//! The command line, read in one place and before any work.

/// The one line that a wrong command line is answered with.
pub(crate) const USAGE: &str =
    "usage: daytime server [--addr HOST:PORT] [--udp] | daytime client [--udp] HOST:PORT";

/// What the program was asked to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Server { address: String, udp: bool },
    Client { address: String, udp: bool },
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
    let mut address = String::from("127.0.0.1:1313");
    let mut udp = false;
    while let Some(word) = words.next() {
        match word.as_str() {
            "--addr" => address = words.next()?,
            "--udp" => udp = true,
            _ => return None,
        }
    }
    Some(Command::Server { address, udp })
}

fn client(mut words: impl Iterator<Item = String>) -> Option<Command> {
    let mut address = words.next()?;
    let mut udp = false;
    while address == "--udp" {
        udp = true;
        address = words.next()?;
    }
    let complete = words.next().is_none() && !address.starts_with('-');
    complete.then_some(Command::Client { address, udp })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<Command> {
        parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn a_server_listens_on_the_usual_port_unless_told_otherwise() {
        let usual = Command::Server {
            address: "127.0.0.1:1313".into(),
            udp: false,
        };
        assert_eq!(parsed("server"), Some(usual));
        let told = Command::Server {
            address: "[::1]:0".into(),
            udp: true,
        };
        assert_eq!(parsed("server --udp --addr [::1]:0"), Some(told));
    }

    #[test]
    fn wrong_command_lines_are_refused() {
        for line in [
            "",
            "clock",
            "server --addr",
            "server x",
            "client",
            "client --udp",
            "client a b",
        ] {
            assert_eq!(parsed(line), None, "{line}");
        }
    }
}
