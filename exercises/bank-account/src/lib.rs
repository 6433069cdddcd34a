//! Accounts that many threads use at the same time. The contract is in the
//! README; the bodies are yours to write.

use std::error::Error;
use std::fmt;

/// Why a call was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BankError {
    /// The account holds less than was asked for.
    InsufficientFunds {
        /// What it holds.
        balance: u64,
        /// What was asked for.
        requested: u64,
    },
    /// The balance would pass `u64::MAX`.
    Overflow,
    /// The bank has no account of this number.
    UnknownAccount(usize),
}

impl fmt::Display for BankError {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!("say what is wrong: {self:?}")
    }
}

impl Error for BankError {}

/// One account.
pub struct Account {
    // Your fields. Calls take `&self`, from any thread.
}

impl Account {
    /// An account that holds `opening` cents.
    pub fn new(opening: u64) -> Account {
        todo!("open an account with {opening}")
    }

    /// What the account holds.
    pub fn balance(&self) -> u64 {
        todo!("give the balance")
    }

    /// Adds `amount`; gives the balance after it.
    pub fn deposit(&self, amount: u64) -> Result<u64, BankError> {
        todo!("add {amount}")
    }

    /// Takes `amount`; gives the balance after it.
    pub fn withdraw(&self, amount: u64) -> Result<u64, BankError> {
        todo!("take {amount}")
    }
}

/// Several accounts, with the numbers 0, 1, 2, ...
pub struct Bank {
    // Your fields. Calls take `&self`, from any thread.
}

impl Bank {
    /// A bank whose accounts hold these amounts.
    pub fn new(openings: &[u64]) -> Bank {
        todo!("open accounts with {openings:?}")
    }

    /// Adds `amount` to an account; gives its balance after it.
    pub fn deposit(&self, account: usize, amount: u64) -> Result<u64, BankError> {
        todo!("add {amount} to account {account}")
    }

    /// Takes `amount` from an account; gives its balance after it.
    pub fn withdraw(&self, account: usize, amount: u64) -> Result<u64, BankError> {
        todo!("take {amount} from account {account}")
    }

    /// What an account holds.
    pub fn balance(&self, account: usize) -> Result<u64, BankError> {
        todo!("give the balance of account {account}")
    }

    /// Moves `amount` from one account to another one, all or nothing.
    pub fn transfer(&self, from: usize, to: usize, amount: u64) -> Result<(), BankError> {
        todo!("move {amount} from account {from} to account {to}")
    }

    /// What all accounts hold together.
    pub fn total(&self) -> u64 {
        todo!("add up the balances")
    }
}
