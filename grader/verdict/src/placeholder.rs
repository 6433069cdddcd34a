//! Names in braces that stand for what a run makes up: addresses and folders.
//!
//! They may stand in the arguments of programs, in the files that these are
//! given and in the `Location` of a site's route. `{NAME}` is
//!
//! - the address that the program of that name announced,
//! - the address of the peer of that name, whose script begins with `listen`,
//! - the address of the site of that name,
//! - for [`NOBODY`], an address at which nobody listens,
//! - for [`OUT`], the folder that the programs run in.
//!
//! Anything else in braces is left as it is. What stood for a name is recorded
//! as a mark [`ADDRESS`], so that a judge can call it by its name again:
//! addresses differ from run to run, and must not come into a finding.

use crate::World;
use crate::script::Action;

/// The name of an address at which nobody listens.
pub const NOBODY: &str = "nobody";
/// The name of the folder that the programs run in.
pub const OUT: &str = "out";
/// The mark that tells what a name stood for: its value is `[name, text]`.
pub const ADDRESS: &str = "address";
/// The mark that tells of a file at the end, where a scenario wants that: its
/// value is `[name, contents]`, with [`contents`](crate::value::contents).
pub const FILE: &str = "file";

/// The names in braces in a text, in order.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{')
        .skip(1)
        .filter_map(|after| Some(after.split_once('}')?.0))
}

/// A text with the values of the names that have one.
pub fn filled(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}') {
            Some((name, behind)) if let Some(value) = value(name) => {
                filled.push_str(&value);
                rest = behind;
            }
            _ => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

/// Most bytes of an address: the longest name of a host, and a port.
const LONGEST: usize = 253 + ":65535".len();

/// The address that stands in a line of output, behind the prefix that announces it,
/// as it is told to others. It may be anything, but not so long, and without a zero,
/// that it could not be an argument.
pub fn announced(text: &str) -> String {
    let text = text.trim();
    text[..text.floor_char_boundary(LONGEST)].replace('\0', "\u{fffd}")
}

impl World {
    /// The names that can stand in braces in this world.
    pub fn placeholders(&self) -> Vec<&str> {
        let programs = self.programs.iter();
        let programs = programs.filter(|program| program.announces.is_some());
        let peers = self.peers.iter().filter(|peer| {
            let first = peer.script.actions.first();
            matches!(first, Some(Action::Listen | Action::ListenUdp))
        });
        let programs = programs.map(|program| program.label.as_str());
        let peers = peers.map(|peer| peer.name.as_str());
        let sites = self.sites.iter().map(|site| site.name.as_str());
        let all = programs.chain(peers).chain(sites);
        all.chain([NOBODY, OUT]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Peer, Program};

    #[test]
    fn names_in_braces_are_replaced_where_they_are_known() {
        let value = |name: &str| (name == "site").then(|| "1.2.3.4:5".to_owned());
        for (text, expected) in [
            ("http://{site}/a{site}", "http://1.2.3.4:5/a1.2.3.4:5"),
            ("{other} {{site}} {", "{other} {1.2.3.4:5} {"),
            ("", ""),
        ] {
            assert_eq!(filled(text, value), expected);
        }
        let found: Vec<&str> = names("a {b} {c}d {").collect();
        assert_eq!(found, ["b", "c"]);
    }

    #[test]
    fn programs_that_announce_and_peers_that_listen_have_addresses() {
        let program = |label: &str, announces: Option<&str>| Program {
            label: label.to_owned(),
            announces: announces.map(str::to_owned),
            ..Program::default()
        };
        let peer = |name: &str, script: &str| Peer {
            name: name.to_owned(),
            script: script.parse().unwrap(),
        };
        let world = World {
            programs: vec![program("server", Some("on ")), program("client", None)],
            peers: vec![peer("one", "listen\naccept"), peer("two", "connect server")],
            ..World::default()
        };
        assert_eq!(world.placeholders(), ["server", "one", NOBODY, OUT]);
    }

    #[test]
    fn what_is_announced_can_be_an_argument() {
        assert_eq!(announced(" 127.0.0.1:80\r"), "127.0.0.1:80");
        assert_eq!(announced("a\0b"), "a\u{fffd}b");
        assert_eq!(announced(&"é".repeat(1 << 20)).len(), LONGEST / 2 * 2);
    }
}
