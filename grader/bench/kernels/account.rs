//! `account`: a check of the final balance has the sign of one term wrong, and
//! matters only when it comes last.

use crate::model::sync::Mutex;
use crate::model::thread;

#[derive(Default)]
struct Account {
    balance: i32,
    deposited: bool,
    withdrawn: bool,
}

pub(super) fn run() {
    let (opening, deposit, withdrawal) = (1, 2, 4);
    let account = &Mutex::new(Account {
        balance: opening,
        ..Account::default()
    });
    thread::scope(|scope| {
        scope.spawn(move || {
            let account = account.lock().unwrap();
            if account.deposited && account.withdrawn {
                assert_eq!(account.balance, opening - deposit - withdrawal);
            }
        });
        scope.spawn(move || {
            let mut account = account.lock().unwrap();
            account.balance += deposit;
            account.deposited = true;
        });
        scope.spawn(move || {
            let mut account = account.lock().unwrap();
            account.balance -= withdrawal;
            account.withdrawn = true;
        });
    });
}
