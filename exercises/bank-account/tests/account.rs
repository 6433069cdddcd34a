//! One account, from one thread and from several. The operating system picks
//! one schedule of very many here, so passing is a beginning; grading
//! looks at the rest.

use std::thread;

use bank_account::{Account, BankError};

#[test]
fn deposits_and_withdrawals_give_the_balance_after_them() {
    let account = Account::new(100);
    assert_eq!(account.deposit(50), Ok(150));
    assert_eq!(account.withdraw(30), Ok(120));
    assert_eq!(account.balance(), 120);
}

#[test]
fn the_last_cent_can_be_withdrawn_and_no_more() {
    let account = Account::new(100);
    let refused = BankError::InsufficientFunds {
        balance: 100,
        requested: 101,
    };
    assert_eq!(account.withdraw(101), Err(refused));
    assert_eq!(account.withdraw(100), Ok(0));
}

#[test]
fn a_deposit_that_does_not_fit_changes_nothing() {
    let account = Account::new(u64::MAX - 5);
    assert_eq!(account.deposit(6), Err(BankError::Overflow));
    assert_eq!(account.deposit(5), Ok(u64::MAX));
}

#[test]
fn errors_say_what_is_wrong() {
    let error: Box<dyn std::error::Error> = Box::new(BankError::UnknownAccount(7));
    assert_ne!(error.to_string(), "");
}

#[test]
fn no_deposit_of_four_threads_is_lost() {
    let account = Account::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    account.deposit(1).expect("it fits");
                }
            });
        }
    });
    assert_eq!(account.balance(), 4_000);
}

#[test]
fn four_threads_cannot_withdraw_more_than_there_is() {
    let account = Account::new(1_000);
    let withdrawn: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..1_000).filter(|_| account.withdraw(1).is_ok()).count()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no withdrawal panics"))
            .sum()
    });
    assert_eq!(withdrawn, 1_000);
    assert_eq!(account.balance(), 0);
}
