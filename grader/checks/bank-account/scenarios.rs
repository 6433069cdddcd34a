//! Drives an account or a bank as the rubric's script says, and records what
//! the calls gave. It knows no expected value.
//!
//! The parameters are `account = "100"` or `bank = "100 50"` for the openings, and
//! `second` for those of another account or bank beside it that it has nothing to
//! do with; then calls in the language of `driver::script`: `before` and `after` are
//! lists that the main thread makes, `threads` is a list for each thread. The
//! main thread makes the first of these itself: a thread less has far fewer
//! schedules. Once the first account or bank is gone, `last` is a list for the
//! second one.
//!
//! The note `threads` is made last, when the account or bank is gone; a record
//! without it is not whole.

use std::error::Error;
use std::fmt::{Debug, Display};

use bank_account::{Account, Bank, BankError};
use bank_account_driver::{Call, drive, drive_last, end, err, ok, record, refused, script};
use sim::scenario::{self, Value};

/// The bounds are the contract's: what lacks one of them does not compile here.
const _: () = is_shared::<Account>();
const _: () = is_shared::<Bank>();
const fn is_shared<T: Send + Sync + 'static>() {}

/// So are the signatures: a number type that happens to convert is another one.
const _: fn(u64) -> Account = Account::new;
const _: fn(&Account) -> u64 = Account::balance;
const _: fn(&Account, u64) -> Result<u64, BankError> = Account::deposit;
const _: fn(&Account, u64) -> Result<u64, BankError> = Account::withdraw;
const _: fn(&[u64]) -> Bank = Bank::new;
const _: fn(&Bank, usize, u64) -> Result<u64, BankError> = Bank::deposit;
const _: fn(&Bank, usize, u64) -> Result<u64, BankError> = Bank::withdraw;
const _: fn(&Bank, usize) -> Result<u64, BankError> = Bank::balance;
const _: fn(&Bank, usize, usize, u64) -> Result<(), BankError> = Bank::transfer;
const _: fn(&Bank) -> u64 = Bank::total;
const _: fn() = || {
    // Whoever calls with plain numbers need not say of what type they are.
    let _ = Account::new(1).deposit(1);
    let _ = Bank::new(&[1, 2]).transfer(0, 1, 1);
};

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
    let Some(account) = new_account(opening) else {
        return;
    };
    let second = script::line("second").map(|opening| script::numbers(opening)[0]);
    let second = second.and_then(new_account);
    drive(&|call| perform_on_account(chosen(&account, &second, call), call));
    end(account);
    drive_last(second, &|account, call| perform_on_account(account, call));
}

fn on_a_bank(openings: &[u64]) {
    let Some(bank) = new_bank(openings) else {
        return;
    };
    let second = script::line("second").map(script::numbers);
    let second = second.and_then(|openings| new_bank(&openings));
    drive(&|call| perform_on_bank(chosen(&bank, &second, call), call));
    end(bank);
    drive_last(second, &|bank, call| perform_on_bank(bank, call));
}

fn new_account(opening: u64) -> Option<Account> {
    let mut account = None;
    record("Account::new", vec![opening.into()], &mut || {
        account = Some(Account::new(opening));
        Value::Unit
    });
    account
}

fn new_bank(openings: &[u64]) -> Option<Bank> {
    let mut bank = None;
    record("Bank::new", vec![openings.to_vec().into()], &mut || {
        bank = Some(Bank::new(openings));
        Value::Unit
    });
    bank
}

/// What a call is made on.
fn chosen<'a, T>(first: &'a T, second: &'a Option<T>, call: &Call<'_>) -> &'a T {
    match second {
        Some(second) if call.of_second() => second,
        _ if call.of_second() => call.unknown(),
        _ => first,
    }
}

fn perform_on_account(account: &Account, call: &Call<'_>) -> bool {
    match call.parts() {
        ("deposit", &[amount]) => call.record(&mut || balance(account.deposit(amount))),
        ("withdraw", &[amount]) => call.record(&mut || balance(account.withdraw(amount))),
        ("balance", []) => call.record(&mut || account.balance().into()),
        _ => call.unknown(),
    }
}

fn perform_on_bank(bank: &Bank, call: &Call<'_>) -> bool {
    match call.parts() {
        ("deposit", &[account, amount]) => {
            call.record(&mut || balance(bank.deposit(account as usize, amount)))
        }
        ("withdraw", &[account, amount]) => {
            call.record(&mut || balance(bank.withdraw(account as usize, amount)))
        }
        ("balance", &[account]) => call.record(&mut || balance(bank.balance(account as usize))),
        ("transfer", &[from, to, amount]) => {
            call.record(
                &mut || match bank.transfer(from as usize, to as usize, amount) {
                    Ok(()) => ok(Value::Unit),
                    Err(error) => err(refusal(&error)),
                },
            )
        }
        ("total", []) => call.record(&mut || bank.total().into()),
        _ => call.unknown(),
    }
}

fn balance(result: Result<u64, BankError>) -> Value {
    match result {
        Ok(balance) => ok(balance.into()),
        Err(error) => err(refusal(&error)),
    }
}

/// An error as data, by its pattern: the submission's own `PartialEq` and
/// `Debug` have no say in it. A variant that the contract does not have is
/// tolerated as long as no call gives it.
#[allow(
    unreachable_patterns,
    reason = "whether there is such a variant is the submission's to say"
)]
fn refusal(error: &BankError) -> Value {
    match error {
        BankError::InsufficientFunds { balance, requested } => {
            refused("InsufficientFunds", &[*balance, *requested])
        }
        BankError::Overflow => refused("Overflow", &[]),
        BankError::UnknownAccount(account) => refused("UnknownAccount", &[*account as u64]),
        _ => refused("AnotherVariant", &[]),
    }
}

/// Asks errors for their texts, and each pair of them whether they are equal.
fn on_errors(lines: &[&str]) {
    let errors: Vec<BankError> = lines.iter().map(|line| error(line)).collect();
    is_an_error(&errors);
    for one in &errors {
        record("to_string", vec![refusal(one)], &mut || text(one).into());
        for other in &errors {
            record("==", vec![refusal(one), refusal(other)], &mut || {
                (copy(one) == copy(other)).into()
            });
        }
    }
}

/// By the trait, and no method of the same name that the type has of its own.
fn text(error: &impl Display) -> String {
    error.to_string()
}

/// By the trait, too.
fn copy<E: Clone>(error: &E) -> E {
    error.clone()
}

fn error(line: &str) -> BankError {
    let call = script::call(line);
    match call.parts() {
        ("InsufficientFunds", &[balance, requested]) => {
            BankError::InsufficientFunds { balance, requested }
        }
        ("Overflow", []) => BankError::Overflow,
        ("UnknownAccount", &[account]) => BankError::UnknownAccount(account as usize),
        _ => panic!("there is no error {line:?}: correct the rubric"),
    }
}

/// These bounds are the contract's, too.
fn is_an_error<E: Error + Debug + Clone + Eq + Send + Sync + 'static>(_: &[E]) {}
