//! Several accounts, each behind a lock of its own.
//!
//! Whoever needs several locks takes them in ascending order of the accounts'
//! numbers and lets go of none before it has all. So a thread only ever waits
//! for a lock with a higher number than those it holds, and no circle of
//! waiting threads can close.

use crate::account::{after_deposit, after_withdrawal};
use crate::{Account, BankError};

/// Several accounts, with the numbers 0, 1, 2, ...
#[derive(Debug)]
pub struct Bank {
    accounts: Vec<Account>,
}

impl Bank {
    /// A bank whose accounts hold these amounts.
    pub fn new(openings: &[u64]) -> Bank {
        Bank {
            accounts: openings.iter().copied().map(Account::new).collect(),
        }
    }

    /// Adds `amount` to an account; gives its balance after it.
    pub fn deposit(&self, account: usize, amount: u64) -> Result<u64, BankError> {
        self.account(account)?.deposit(amount)
    }

    /// Takes `amount` from an account; gives its balance after it.
    pub fn withdraw(&self, account: usize, amount: u64) -> Result<u64, BankError> {
        self.account(account)?.withdraw(amount)
    }

    /// What an account holds.
    pub fn balance(&self, account: usize) -> Result<u64, BankError> {
        Ok(self.account(account)?.balance())
    }

    /// Moves `amount` from one account to another one, all or nothing.
    pub fn transfer(&self, from: usize, to: usize, amount: u64) -> Result<(), BankError> {
        let source = self.account(from)?;
        let target = self.account(to)?;
        if from == to {
            // A lock cannot be taken twice, and nothing is to be changed.
            return after_withdrawal(source.balance(), amount).map(drop);
        }
        let (mut source, mut target) = if from < to {
            let source = source.lock();
            (source, target.lock())
        } else {
            let target = target.lock();
            (source.lock(), target)
        };
        // Both results are known before either balance is changed.
        let left = after_withdrawal(*source, amount)?;
        let grown = after_deposit(*target, amount)?;
        *source = left;
        *target = grown;
        Ok(())
    }

    /// What all accounts hold together.
    pub fn total(&self) -> u64 {
        // All locks first, then the sum: money that moved in between would be
        // counted twice or not at all.
        let balances: Vec<_> = self.accounts.iter().map(Account::lock).collect();
        // The contract leaves open what a sum gives that does not fit.
        balances
            .iter()
            .fold(0, |sum: u64, balance| sum.saturating_add(**balance))
    }

    fn account(&self, number: usize) -> Result<&Account, BankError> {
        self.accounts
            .get(number)
            .ok_or(BankError::UnknownAccount(number))
    }
}
