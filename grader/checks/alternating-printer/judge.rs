//! The judge of the alternating printer: what two threads that take turns may
//! print, and how the program around them may end.
//!
//! Each rule asks one thing and looks away from the others: an execution that
//! gets stuck is nothing to the rule on order, and numbers out of order are
//! nothing to the rule on getting stuck.

mod evidence;
mod numbers;
mod rules;
#[cfg(test)]
mod testing;

use std::process::ExitCode;

use judge::{Judge, Lost, Question};

use rules::{blocked, done, limit, order, stuck, threads, usage};

/// LIMIT where the command line has none.
const DEFAULT_LIMIT: u32 = 10;

fn main() -> ExitCode {
    judge::serve(rule)
}

fn rule(question: &Question) -> Result<Box<dyn Judge>, Lost> {
    Ok(match question.rule.as_str() {
        "order" => Box::new(order::Order::new(limit_of(question)?)),
        "threads" => Box::new(threads::Threads::new(limit_of(question)?)),
        "threads-of-printed" => Box::new(threads::Threads::of_printed()),
        "blocked" => Box::new(blocked::Blocked::default()),
        "stuck" => Box::new(stuck::Stuck::new(limit_of(question)?)),
        "done" => Box::new(done::Done::new(limit_of(question)?)),
        "limit" => Box::new(limit::whole(limit_of(question)?)),
        "limit-cut-off" => Box::new(limit::cut_off(limit_of(question)?)),
        "usage" => Box::new(usage::usage_error),
        _ => return Err(Lost::unknown_rule(question)),
    })
}

/// The LIMIT that the program was started with.
fn limit_of(question: &Question) -> Result<u32, Lost> {
    let program = question.world.program();
    match program.map_or(&[][..], |program| &program.args) {
        [] => Ok(DEFAULT_LIMIT),
        [limit] => limit.parse().map_err(|_| {
            Lost(format!(
                "the scenario {:?} needs a whole number as its argument, not {limit:?}: correct \
                 args in rubric.toml",
                question.scenario
            ))
        }),
        arguments => Err(Lost(format!(
            "the scenario {:?} needs at most one argument, not {}: correct args in rubric.toml",
            question.scenario,
            arguments.len()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use judge::{Program, World};

    fn question(rule: &str, args: &[&str]) -> Question {
        Question {
            check: "check".into(),
            scenario: "scenario".into(),
            rule: rule.into(),
            params: judge::serde_json::Value::Null,
            world: World::of(Program {
                args: args.iter().map(|&arg| arg.into()).collect(),
                ..Program::default()
            }),
        }
    }

    #[test]
    fn the_limit_is_the_argument_or_ten() {
        assert_eq!(limit_of(&question("order", &[])).ok(), Some(10));
        assert_eq!(limit_of(&question("order", &["4"])).ok(), Some(4));
        assert!(limit_of(&question("order", &["abc"])).is_err());
        assert!(limit_of(&question("order", &["4", "4"])).is_err());
    }

    #[test]
    fn every_rule_of_the_rubric_is_known() {
        for line in include_str!("rubric.toml").lines() {
            if let Some(name) = line.strip_prefix("rule = ") {
                assert!(
                    rule(&question(name.trim_matches('"'), &["4"])).is_ok(),
                    "{name}"
                );
            }
        }
        assert!(rule(&question("no such rule", &["4"])).is_err());
    }
}
