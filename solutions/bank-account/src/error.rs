//! Why a call was refused.

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
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BankError::InsufficientFunds { balance, requested } => {
                write!(
                    f,
                    "insufficient funds: the account holds {balance}, not {requested}"
                )
            }
            BankError::Overflow => write!(f, "the account cannot hold that much"),
            BankError::UnknownAccount(account) => write!(f, "there is no account {account}"),
        }
    }
}

impl Error for BankError {}
