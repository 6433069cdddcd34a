//! The judge of daytime: what a server may answer and when, and what a client
//! may make of an answer.
//!
//! Each rule asks one thing and looks away from the others: a reset at the end
//! is nothing to the rule on the form of the answer, and a wrong form nothing
//! to the rule on the end.

mod evidence;
mod line;
mod peers;
mod rules;
#[cfg(test)]
mod testing;

use std::process::ExitCode;

use judge::{Judge, Lost, Question};

use evidence::Judged;
use rules::{announces, client, closing, command, datagrams, form, served, time};

fn main() -> ExitCode {
    judge::serve(rule)
}

fn rule(question: &Question) -> Result<Box<dyn Judge>, Lost> {
    let judged: Judged = match question.rule.as_str() {
        "announces" => {
            let address = judge::text(question, "address")?.to_owned();
            Judged::new(question, move |seen| announces::announces(seen, &address))
        }
        "form" => Judged::new(question, form::form),
        "at-once" => Judged::new(question, served::at_once),
        "served" => Judged::new(question, served::served),
        "time" => Judged::new(question, time::time_of_day),
        "date" => Judged::new(question, time::date),
        "closing" => Judged::new(question, closing::in_good_order),
        "datagrams" => Judged::new(question, datagrams::one_for_one),
        "prints" => {
            let line = judge::text(question, "line")?.to_owned();
            Judged::new(question, move |seen| client::prints(seen, &line))
        }
        "fails" => Judged::new(question, client::fails),
        "prints-or-fails" => {
            let line = judge::text(question, "line")?.to_owned();
            Judged::new(question, move |seen| client::prints_or_fails(seen, &line))
        }
        "usage" => Judged::new(question, command::usage),
        "cannot-listen" => Judged::new(question, command::cannot_listen),
        _ => return Err(Lost::unknown_rule(question)),
    };
    Ok(Box::new(judged))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_rubric_is_known() {
        let rules = include_str!("rubric.toml")
            .lines()
            .filter_map(|line| line.strip_prefix("rule = "));
        let mut count = 0;
        for name in rules {
            let question = Question {
                check: "check".into(),
                scenario: "scenario".into(),
                rule: name.trim_matches('"').into(),
                params: judge::serde_json::json!({ "address": "", "line": "" }),
                world: Default::default(),
            };
            assert!(rule(&question).is_ok(), "{name}");
            count += 1;
        }
        assert!(count > 50, "{count} scenarios");
        let question = Question {
            check: "check".into(),
            scenario: "scenario".into(),
            rule: "no such rule".into(),
            params: judge::serde_json::Value::Null,
            world: Default::default(),
        };
        assert!(rule(&question).is_err());
    }
}
