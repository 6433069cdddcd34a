//! Accounts that many threads use at the same time.
//!
//! Every call is atomic because it holds the locks of all accounts that it
//! looks at or changes, from the first look to the last change.

mod account;
mod bank;
mod error;

pub use account::Account;
pub use bank::Bank;
pub use error::BankError;
