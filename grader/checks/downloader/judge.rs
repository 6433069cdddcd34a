//! The judge of the downloader: what `download_all` may return, how many
//! fetches it may have under way, and which files it may leave; and what the
//! program around it prints.
//!
//! Each rule asks one thing. It lets pass what others ask, but a submission
//! that does nothing keeps none of them.

mod asked;
mod names;
mod program;
mod rules;
mod run;
#[cfg(test)]
mod testing;

use std::process::ExitCode;

use judge::{Execution, Fault, Judge, Lost, Question};

use asked::Asked;
use program::{Order, Ran};
use rules::program::{ended, left, printed, under_way};
use rules::{concurrency, faults, naming, overwriting, results, temporaries, threads, visibility};
use run::Run;

fn main() -> ExitCode {
    judge::serve(rule)
}

fn rule(question: &Question) -> Result<Box<dyn Judge>, Lost> {
    match question.rule.strip_prefix("program-") {
        Some(rule) => of_the_program(question, rule),
        None => of_the_library(question),
    }
}

fn of_the_program(question: &Question, rule: &str) -> Result<Box<dyn Judge>, Lost> {
    let order = Order::read(question)?;
    if rule == "jobs" {
        return Ok(Box::new(move |execution: &Execution| {
            under_way::at_once(&order, execution)
        }));
    }
    let rule: fn(&Order, &Ran) -> Result<(), Fault> = match rule {
        "lines" => printed::lines,
        "told" => printed::told,
        "listed" => printed::listed,
        "saved" => left::saved,
        "in-the-folder" => left::in_the_folder,
        "code" => ended::code,
        "usage" => ended::usage,
        "unread-list" => ended::unread_list,
        _ => return Err(Lost::unknown_rule(question)),
    };
    Ok(Box::new(move |execution: &Execution| {
        rule(&order, &Ran::read(&order.world, execution)?)
    }))
}

fn of_the_library(question: &Question) -> Result<Box<dyn Judge>, Lost> {
    let asked = Asked::read(question)?;
    if question.rule == "never-more" {
        return Ok(Box::new(move |execution: &Execution| {
            concurrency::never_more(&asked, &run::fetches(execution))
        }));
    }
    let rule: fn(&Asked, &Run) -> Result<(), Fault> = match question.rule.as_str() {
        "order" => results::in_order,
        "saved" => results::saved,
        "at-most" => concurrency::at_most,
        "at-once" => concurrency::at_once,
        "fails-alone" => faults::alone,
        "leaves-nothing" => faults::leaves_nothing,
        "complete" => visibility::complete,
        "hidden" => temporaries::hidden_and_gone,
        "stale" => temporaries::stale,
        "names" => naming::names,
        "refused" => naming::refused,
        "distinct" => naming::distinct,
        "kept" => overwriting::kept,
        "threads" => threads::ended,
        _ => return Err(Lost::unknown_rule(question)),
    };
    Ok(Box::new(move |execution: &Execution| {
        if concurrency::is_beyond_the_system(&asked, execution) {
            return Ok(());
        }
        rule(&asked, &Run::read(&asked, execution)?)
    }))
}
