//! A server says where it listens.

use judge::world::{End, Seen};
use judge::{Fault, FindingKind, Stream};

use crate::evidence::Shown;
use crate::peers::server_ended;

/// The first line of output names this address; where its port is 0, the real
/// port, at which a peer finds the server.
pub(crate) fn announces(seen: &Seen, address: &str) -> Result<Shown, Fault> {
    for server in seen.programs() {
        let lines = server.lines(Stream::Stdout);
        let Some(line) = lines.first().filter(|line| line.ended) else {
            let message = format!(
                "the server printed no line such as `listening on {address}`{}",
                match server_ended(seen) {
                    Some(fault) => format!("; {}", fault.message),
                    None => String::new(),
                }
            );
            return Err(Fault::new(FindingKind::WrongOutput, message));
        };
        let text = line.text.trim_end_matches('\r');
        let told = text.strip_prefix("listening on ");
        let right = match address.strip_suffix(":0") {
            None => told == Some(address),
            Some(host) => told
                .and_then(|told| told.strip_prefix(host)?.strip_prefix(':')?.parse().ok())
                .is_some_and(|port: u16| port != 0),
        };
        if !right {
            let wanted = match address.strip_suffix(":0") {
                None => format!("`listening on {address}`"),
                Some(host) => format!("`listening on {host}:PORT` with the real port"),
            };
            let message = format!(
                "the first line of output is {:?}, and should be {wanted}",
                line.text
            );
            return Err(Fault::new(FindingKind::WrongOutput, message));
        }
    }
    for peer in seen.peers() {
        if matches!(peer.end(), End::Refused(_)) {
            let message = format!("at the address that it printed, {}", peer.story());
            return Err(Fault::new(FindingKind::WrongOutput, message));
        }
    }
    Ok(Shown::Right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, question, server};
    use judge::Did;

    fn judged(address: &str, made: Made) -> Result<Shown, String> {
        let question = question(server(), &[("ann", "connect server\nclose")]);
        let judged = announces(&Seen::new(&question.world, &made.over()), address);
        judged.map_err(|fault| fault.message)
    }

    fn prints(text: &str) -> Made {
        Made::server(&["ann"]).stdout(text)
    }

    #[test]
    fn the_address_or_the_real_port_is_told_on_the_first_line() {
        let usual = "127.0.0.1:1313";
        let line = "listening on 127.0.0.1:1313\n";
        assert_eq!(judged(usual, prints(line)), Ok(Shown::Right));
        assert_eq!(judged("127.0.0.1:0", prints(line)), Ok(Shown::Right));
        let more = prints(line).stdout("ann came\n");
        assert_eq!(judged(usual, more), Ok(Shown::Right));
    }

    #[test]
    fn another_line_is_told() {
        assert_eq!(
            judged("127.0.0.1:0", prints("listening on 127.0.0.1:0\n")),
            Err(
                "the first line of output is \"listening on 127.0.0.1:0\", and should be \
                 `listening on 127.0.0.1:PORT` with the real port"
                    .to_owned()
            )
        );
        assert!(
            judged(
                "127.0.0.1:1313",
                prints("ready\nlistening on 127.0.0.1:1313\n")
            )
            .is_err()
        );
        assert!(judged("127.0.0.1:1313", prints("listening on 0.0.0.0:1313\n")).is_err());
        assert_eq!(
            judged("127.0.0.1:1313", prints("listening on 127.0.0.1:1313")),
            Err("the server printed no line such as `listening on 127.0.0.1:1313`".to_owned())
        );
    }

    #[test]
    fn nobody_there_is_told() {
        let refused = Did::NotConnected("ConnectionRefused".into());
        let made = prints("listening on 127.0.0.1:1313\n").did("ann", 0, refused);
        assert_eq!(
            judged("127.0.0.1:1313", made),
            Err(
                "at the address that it printed, ann could not connect (ConnectionRefused)"
                    .to_owned()
            )
        );
    }
}
