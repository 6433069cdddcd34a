//! One account: a balance behind a lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::BankError;

/// One account.
#[derive(Debug)]
pub struct Account {
    balance: Mutex<u64>,
}

impl Account {
    /// An account that holds `opening` cents.
    pub fn new(opening: u64) -> Account {
        Account {
            balance: Mutex::new(opening),
        }
    }

    /// What the account holds.
    pub fn balance(&self) -> u64 {
        *self.lock()
    }

    /// Adds `amount`; gives the balance after it.
    pub fn deposit(&self, amount: u64) -> Result<u64, BankError> {
        let mut balance = self.lock();
        *balance = after_deposit(*balance, amount)?;
        Ok(*balance)
    }

    /// Takes `amount`; gives the balance after it.
    pub fn withdraw(&self, amount: u64) -> Result<u64, BankError> {
        // The guard lives to the end, so that nobody takes the money between
        // the look at the balance and the change of it.
        let mut balance = self.lock();
        *balance = after_withdrawal(*balance, amount)?;
        Ok(*balance)
    }

    /// The balance, for as long as the guard lives nobody else's. Each change
    /// is a single assignment, so that even after a panic the balance is right.
    pub(crate) fn lock(&self) -> MutexGuard<'_, u64> {
        self.balance.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The balance after a deposit into an account that holds `balance`.
pub(crate) fn after_deposit(balance: u64, amount: u64) -> Result<u64, BankError> {
    balance.checked_add(amount).ok_or(BankError::Overflow)
}

/// The balance after a withdrawal from an account that holds `balance`.
pub(crate) fn after_withdrawal(balance: u64, amount: u64) -> Result<u64, BankError> {
    balance
        .checked_sub(amount)
        .ok_or(BankError::InsufficientFunds {
            balance,
            requested: amount,
        })
}
