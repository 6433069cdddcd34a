//! What can be wrong with the processes of a scenario.

use std::collections::BTreeSet;

use verdict::script::Action;
use verdict::{Limits, Peer, Program, World, placeholder};

use crate::course::rubric::{Scenario, date};

/// Everything that is wrong with a scenario's programs and peers.
pub(super) fn problems(scenario: &Scenario, exercise: &str) -> Vec<String> {
    let world = scenario.world(exercise, Limits::default());
    let mut problems = Vec::new();
    let has_own = !scenario.args.is_empty() || !scenario.stdin.is_empty();
    if has_own && !scenario.programs.is_empty() {
        problems
            .push("has programs, and args or stdin beside them: move these into one".to_owned());
    }
    if scenario
        .date
        .as_ref()
        .is_some_and(|of| date::seconds(of).is_none())
    {
        problems.push("has a date without a day, or before 1970".to_owned());
    }
    if world.network.buffer == 0 {
        problems.push(
            "has a network whose connections hold nothing: give its buffer a byte".to_owned(),
        );
    }
    problems.extend(of_the_names(&world));
    for program in &world.programs {
        problems.extend(of_a_program(program, &world));
    }
    for peer in &world.peers {
        problems.extend(of_a_script(peer, &world));
    }
    let name = &scenario.name;
    let told = problems.into_iter();
    told.map(|problem| format!("the scenario `{name}` {problem}"))
        .collect()
}

fn of_the_names(world: &World) -> Vec<String> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for name in world.names() {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(is_plain) {
            problems.push(format!(
                "has a process called `{name}`, which is not made of letters, digits, `-` and `_`"
            ));
        } else if [placeholder::NOBODY, placeholder::OUT].contains(&name) {
            problems.push(format!(
                "has a process called `{name}`, which means something else"
            ));
        } else if !seen.insert(name) {
            problems.push(format!("has two processes called `{name}`"));
        }
    }
    problems
}

fn of_a_program(program: &Program, world: &World) -> Vec<String> {
    let mut problems = Vec::new();
    let label = &program.label;
    let known = world.placeholders();
    for name in program.args.iter().flat_map(|arg| placeholder::names(arg)) {
        if name == label {
            problems.push(format!(
                "gives `{label}` its own address, which is known only when it runs"
            ));
        } else if !known.contains(&name) && world.names().any(|other| other == name) {
            problems.push(format!(
                "gives `{label}` the address of `{name}`, which has none: let it announce one, or \
                 begin its script with `listen`"
            ));
        }
    }
    if program.announces.as_deref() == Some("") {
        problems.push(format!("lets `{label}` announce its address after nothing"));
    }
    let actions = || world.peers.iter().flat_map(|peer| &peer.script.actions);
    if program.waits && !actions().any(|of| matches!(of, Action::Start(name) if name == label)) {
        problems.push(format!("lets `{label}` wait, but no peer starts it"));
    }
    if program.open && world.peers.is_empty() {
        problems.push(format!(
            "keeps the input of `{label}` open, but no peer types"
        ));
    }
    problems
}

fn of_a_script(peer: &Peer, world: &World) -> Vec<String> {
    let mut problems = Vec::new();
    let listens = |of: &Peer| {
        let first = of.script.actions.first();
        matches!(first, Some(Action::Listen))
    };
    let program = |name: &str| world.programs.iter().find(|of| of.label == name);
    for (action, line) in peer.script.actions.iter().zip(&peer.script.lines) {
        let wrong = match action {
            Action::Connect { to } | Action::Udp { to } => {
                let known = to.contains(':') || world.placeholders().contains(&to.as_str());
                (!known).then(|| {
                    format!(
                        "`{to}` is no program that announces an address and no peer that listens"
                    )
                })
            }
            Action::Accept { from } => {
                let of = match from {
                    None => Some(peer),
                    Some(name) => world.peers.iter().find(|of| of.name == *name),
                };
                (!of.is_some_and(listens)).then(|| {
                    let whose = from.as_ref().unwrap_or(&peer.name);
                    format!("`{whose}` is no peer whose script begins with `listen`")
                })
            }
            Action::Await(what) => {
                let mut others = world.peers.iter().flat_map(|of| &of.script.actions);
                let is_told = others.any(|of| matches!(of, Action::Tell(told) if told == what));
                (!is_told).then(|| format!("no peer tells `{what}`"))
            }
            Action::Start(name)
            | Action::Type { program: name, .. }
            | Action::HangUp(name)
            | Action::Watch { program: name, .. }
            | Action::Exit(name)
            | Action::Kill(name) => match (program(name), action) {
                (None, _) => Some(format!("there is no program `{name}`")),
                (Some(of), Action::Start(_)) if !of.waits => {
                    Some(format!("`{name}` starts by itself: let it wait"))
                }
                (Some(of), Action::Type { .. } | Action::HangUp(_)) if !of.open => {
                    Some(format!("the input of `{name}` is not open"))
                }
                _ => None,
            },
            _ => None,
        };
        problems.extend(
            wrong.map(|reason| format!("has the line `{line}` of `{}`, but {reason}", peer.name)),
        );
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
        name = "s"
        rule = "r"
        date = 2024-02-29T23:59:58
        network = { pieces = 2 }
        [[program]]
        name = "server"
        args = ["server", "{site}"]
        announces = "listening on "
        [[program]]
        name = "client"
        args = ["client", "{server}"]
        open = true
        waits = true
        [[peer]]
        name = "ann"
        script = """
        connect server
        tell ready
        start client
        type client "x"
        hang up client
        exit client
        """
        [[peer]]
        name = "site"
        script = "listen\nawait ready\naccept\nkill server"
        [[peer]]
        name = "second"
        script = "accept from site"
    "#;

    fn problems_of(scenario: &str) -> Vec<String> {
        let scenario: Scenario = toml::from_str(scenario).unwrap();
        problems(&scenario, "e")
    }

    #[test]
    fn a_sound_scenario_has_no_problems() {
        assert_eq!(problems_of(SOUND), Vec::<String>::new());
        assert_eq!(
            problems_of("name = 's'\nrule = 'r'\nargs = ['{x}']"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn each_problem_is_told_in_a_sentence() {
        let table = [
            (
                "name = \"client\"",
                "name = \"server\"",
                "has two processes called `server`",
            ),
            (
                "name = \"ann\"",
                "name = \"a b\"",
                "`a b`, which is not made of",
            ),
            (
                "name = \"ann\"",
                "name = \"out\"",
                "`out`, which means something else",
            ),
            (
                "connect server",
                "connect client",
                "`client` is no program that announces",
            ),
            (
                "connect server",
                "udp nobody2",
                "`nobody2` is no program that announces",
            ),
            (
                "accept from site",
                "accept from ann",
                "`ann` is no peer whose script",
            ),
            (
                "accept from site",
                "accept",
                "`second` is no peer whose script",
            ),
            ("tell ready", "tell steady", "but no peer tells `ready`"),
            ("start client", "start server", "`server` starts by itself"),
            ("start client", "rest", "but no peer starts it"),
            ("exit client", "exit cleint", "there is no program `cleint`"),
            ("type client", "type ann", "there is no program `ann`"),
            (
                "type client",
                "type server",
                "the input of `server` is not open",
            ),
            ("{server}", "{client}", "its own address"),
            ("{server}", "{ann}", "the address of `ann`, which has none"),
            (
                "\"listening on \"",
                "\"\"",
                "announce its address after nothing",
            ),
            (
                "rule = \"r\"",
                "rule = \"r\"\nstdin = \"x\"",
                "args or stdin beside them",
            ),
            ("2024-02-29T23:59:58", "1969-12-31", "or before 1970"),
            ("pieces = 2", "buffer = 0", "hold nothing"),
        ];
        for (from, to, expected) in table {
            let changed = problems_of(&SOUND.replacen(from, to, 1));
            assert!(
                changed.iter().any(|problem| problem.contains(expected)),
                "{from} -> {to}: {changed:?}"
            );
        }
    }
}
