//! A bank, from one thread and from several. The operating system picks one
//! schedule of very many here, so passing is a beginning; grading looks
//! at the rest.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use bank_account::{Bank, BankError};

/// Runs `work` in a thread of its own, so that a deadlock fails the test
/// instead of hanging it.
fn without_deadlock(work: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let worker = thread::spawn(move || {
        work();
        // Nobody listens any more only when the test has failed already.
        let _ = done.send(());
    });
    match is_done.recv_timeout(Duration::from_secs(30)) {
        Err(RecvTimeoutError::Timeout) => panic!("the calls did not return: is it a deadlock?"),
        // The worker is done, or panicked, and then so does this.
        _ => worker.join().expect("the work does not panic"),
    }
}

#[test]
fn a_transfer_moves_money() {
    let bank = Bank::new(&[100, 50]);
    assert_eq!(bank.transfer(0, 1, 30), Ok(()));
    assert_eq!(bank.balance(0), Ok(70));
    assert_eq!(bank.balance(1), Ok(80));
    assert_eq!(bank.total(), 150);
}

#[test]
fn a_refused_transfer_changes_nothing() {
    let bank = Bank::new(&[100, 50]);
    let refused = BankError::InsufficientFunds {
        balance: 100,
        requested: 101,
    };
    assert_eq!(bank.transfer(0, 1, 101), Err(refused));
    assert_eq!(bank.transfer(0, 2, 10), Err(BankError::UnknownAccount(2)));
    assert_eq!(bank.balance(0), Ok(100));
    assert_eq!(bank.balance(1), Ok(50));
}

#[test]
fn an_unknown_account_is_reported_by_its_number() {
    let bank = Bank::new(&[100]);
    assert_eq!(bank.balance(1), Err(BankError::UnknownAccount(1)));
    assert_eq!(bank.deposit(2, 10), Err(BankError::UnknownAccount(2)));
    assert_eq!(bank.withdraw(3, 10), Err(BankError::UnknownAccount(3)));
    assert_eq!(bank.transfer(5, 4, 10), Err(BankError::UnknownAccount(5)));
}

#[test]
fn a_transfer_from_an_account_to_itself_changes_nothing() {
    without_deadlock(|| {
        let bank = Bank::new(&[100]);
        assert_eq!(bank.transfer(0, 0, 60), Ok(()));
        assert_eq!(bank.balance(0), Ok(100));
    });
}

#[test]
fn opposite_transfers_come_to_their_end() {
    without_deadlock(|| {
        let bank = Bank::new(&[1_000, 1_000]);
        thread::scope(|scope| {
            for (from, to) in [(0, 1), (1, 0)] {
                let bank = &bank;
                scope.spawn(move || {
                    for _ in 0..1_000 {
                        bank.transfer(from, to, 1).expect("there is enough");
                    }
                });
            }
        });
        assert_eq!(bank.balance(0), Ok(1_000));
        assert_eq!(bank.balance(1), Ok(1_000));
    });
}

#[test]
fn the_total_stays_the_same_while_money_moves() {
    without_deadlock(|| {
        let bank = Bank::new(&[1_000, 1_000, 1_000]);
        thread::scope(|scope| {
            for (from, to) in [(0, 1), (1, 2), (2, 0)] {
                let bank = &bank;
                scope.spawn(move || {
                    for _ in 0..1_000 {
                        bank.transfer(from, to, 1).expect("there is enough");
                    }
                });
            }
            for _ in 0..1_000 {
                assert_eq!(bank.total(), 3_000);
            }
        });
    });
}
