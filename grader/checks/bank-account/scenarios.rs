//! Drives an account or a bank as the rubric's script says, and records what
//! the calls gave. It knows no expected value.
//!
//! The parameters are `account = "100"` or `bank = "100 50"` for the openings,
//! then calls in the language of the module `script`: `before` and `after` are
//! lists that the main thread makes, `threads` is a list for each thread. The
//! main thread makes the first of these itself: a thread less has far fewer
//! schedules.
//!
//! The note `threads` is made last, when the account or bank is gone; a record
//! without it is not whole.

mod script;

use std::error::Error;
use std::fmt::Debug;

use bank_account::{Account, Bank, BankError};
use sim::scenario::{self, Value};

fn main() {
    if let Some(opening) = script::line("account") {
        on_an_account(script::numbers(opening)[0]);
    } else if let Some(openings) = script::line("bank") {
        on_a_bank(&script::numbers(openings));
    } else {
        on_errors(&script::lines("errors"));
    }
    scenario::mark("threads", scenario::threads_alive());
}

fn on_an_account(opening: u64) {
    let account = scenario::call(
        "Account::new",
        [opening],
        || Account::new(opening),
        |_| Value::Unit,
    );
    let Some(account) = account else { return };
    is_shared(&account);
    drive(&|line| perform_on_account(&account, line));
    let end = move || {
        let _gone = account;
    };
    scenario::call("drop", (), end, |()| Value::Unit);
}

fn on_a_bank(openings: &[u64]) {
    let list = vec![Value::from(openings.to_vec())];
    let bank = scenario::call("Bank::new", list, || Bank::new(openings), |_| Value::Unit);
    let Some(bank) = bank else { return };
    is_shared(&bank);
    drive(&|line| perform_on_bank(&bank, line));
    let end = move || {
        let _gone = bank;
    };
    scenario::call("drop", (), end, |()| Value::Unit);
}

/// Makes the calls of the script, each by `perform`.
fn drive(perform: &(impl Fn(&str) -> Option<()> + Sync)) {
    run(perform, &script::lines("before"));
    let threads = script::threads();
    if let Some((first, others)) = threads.split_first() {
        std::thread::scope(|scope| {
            let others: Vec<_> = others
                .iter()
                .map(|lines| scope.spawn(|| run(perform, lines)))
                .collect();
            run(perform, first);
            for other in others {
                other
                    .join()
                    .expect("a call that panics does not unwind into its thread");
            }
        });
    }
    run(perform, &script::lines("after"));
}

/// Makes calls one after another by `perform`, which gives `None` for a call
/// that panicked, up to the first that panics: whatever comes
/// after that says nothing new.
fn run(perform: &impl Fn(&str) -> Option<()>, lines: &[&str]) {
    let _ = lines.iter().try_for_each(|line| perform(line));
}

fn perform_on_account(account: &Account, line: &str) -> Option<()> {
    let (op, args) = script::call(line);
    let call = Call { op, args: &args };
    match (op, args.as_slice()) {
        ("deposit", &[amount]) => call.record(|| account.deposit(amount), balance_or_refusal),
        ("withdraw", &[amount]) => call.record(|| account.withdraw(amount), balance_or_refusal),
        ("balance", []) => call.record(|| account.balance(), |balance| Value::from(*balance)),
        _ => panic!("an account has no call {line:?}: correct the rubric"),
    }
}

fn perform_on_bank(bank: &Bank, line: &str) -> Option<()> {
    let (op, args) = script::call(line);
    let call = Call { op, args: &args };
    match (op, args.as_slice()) {
        ("deposit", &[account, amount]) => {
            call.record(|| bank.deposit(number(account), amount), balance_or_refusal)
        }
        ("withdraw", &[account, amount]) => call.record(
            || bank.withdraw(number(account), amount),
            balance_or_refusal,
        ),
        ("balance", &[account]) => {
            call.record(|| bank.balance(number(account)), balance_or_refusal)
        }
        ("transfer", &[from, to, amount]) => call.record(
            || bank.transfer(number(from), number(to), amount),
            done_or_refusal,
        ),
        ("total", []) => call.record(|| bank.total(), |total| Value::from(*total)),
        _ => panic!("a bank has no call {line:?}: correct the rubric"),
    }
}

/// A call under the name and with the arguments that the record shows.
struct Call<'a> {
    op: &'a str,
    args: &'a [u64],
}

impl Call<'_> {
    fn record<R>(self, f: impl FnOnce() -> R, to_value: impl FnOnce(&R) -> Value) -> Option<()> {
        let args: Vec<Value> = self.args.iter().copied().map(Value::from).collect();
        scenario::call(self.op, args, f, to_value).map(drop)
    }
}

/// The number of an account.
fn number(account: u64) -> usize {
    usize::try_from(account).expect("the rubric's account numbers are usize")
}

fn balance_or_refusal(result: &Result<u64, BankError>) -> Value {
    match result {
        Ok(balance) => Value::List(vec!["Ok".into(), (*balance).into()]),
        Err(error) => Value::List(vec!["Err".into(), refusal(error)]),
    }
}

fn done_or_refusal(result: &Result<(), BankError>) -> Value {
    match result {
        Ok(()) => Value::List(vec!["Ok".into(), Value::Unit]),
        Err(error) => Value::List(vec!["Err".into(), refusal(error)]),
    }
}

/// An error as data, by its pattern: the submission's own `PartialEq` and
/// `Debug` have no say in it.
fn refusal(error: &BankError) -> Value {
    match error {
        BankError::InsufficientFunds { balance, requested } => Value::List(vec![
            "InsufficientFunds".into(),
            (*balance).into(),
            (*requested).into(),
        ]),
        BankError::Overflow => "Overflow".into(),
        BankError::UnknownAccount(account) => {
            Value::List(vec!["UnknownAccount".into(), (*account).into()])
        }
    }
}

/// Asks errors for their texts, and each pair of them whether they are equal.
fn on_errors(lines: &[&str]) {
    let errors: Vec<BankError> = lines.iter().map(|line| error(line)).collect();
    is_an_error(&errors);
    for one in &errors {
        scenario::call(
            "to_string",
            vec![refusal(one)],
            || one.to_string(),
            |text| Value::from(text.as_str()),
        );
        for other in &errors {
            scenario::call(
                "==",
                vec![refusal(one), refusal(other)],
                || one.clone() == other.clone(),
                |equal| Value::from(*equal),
            );
        }
    }
}

fn error(line: &str) -> BankError {
    let (name, fields) = script::call(line);
    match (name, &fields[..]) {
        ("InsufficientFunds", &[balance, requested]) => {
            BankError::InsufficientFunds { balance, requested }
        }
        ("Overflow", []) => BankError::Overflow,
        ("UnknownAccount", &[account]) => BankError::UnknownAccount(number(account)),
        _ => panic!("there is no error {line:?}: correct the rubric"),
    }
}

/// The bounds are the contract's: what lacks one of them does not compile here.
fn is_an_error<E: Error + Debug + Clone + Eq + Send + Sync + 'static>(_: &[E]) {}

/// As are these.
fn is_shared<T: Send + Sync>(_: &T) {}
