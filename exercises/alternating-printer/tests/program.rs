//! What one run of the program shows. The operating system picks one schedule
//! of very many here, so passing is a beginning; grading looks at the rest.

use std::time::Duration;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::is_empty;

/// The program, stopped after a while so that a deadlock fails the test
/// instead of hanging it.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("alternating-printer"));
    command.args(arguments).timeout(Duration::from_secs(60));
    command
}

/// The numbers from 1 to `limit`, one a line.
fn numbers(limit: u32) -> String {
    (1..=limit).map(|number| format!("{number}\n")).collect()
}

#[test]
fn without_an_argument_it_prints_the_numbers_to_ten() {
    program(&[]).assert().success().stdout(numbers(10));
}

#[test]
fn small_limits_end_where_they_should() {
    for limit in [1, 2, 3] {
        program(&[&limit.to_string()])
            .assert()
            .success()
            .stdout(numbers(limit));
    }
}

#[test]
fn a_limit_of_zero_prints_nothing_and_is_no_error() {
    program(&["0"]).assert().success().stdout(is_empty());
}

#[test]
fn five_thousand_numbers_come_out_in_order() {
    program(&["5000"]).assert().success().stdout(numbers(5_000));
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let wrong: [&[&str]; 6] = [
        &["1000001"],
        &["-1"],
        &["abc"],
        &["1.5"],
        &[""],
        &["4", "4"],
    ];
    for arguments in wrong {
        program(arguments)
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(is_empty().not());
    }
}
