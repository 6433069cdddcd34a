//! What the contract promises of calls that are made one after another.
//!
//! An account is a bank with one account: its calls have one argument less.

use judge::linearizability::Specification;
use judge::{Operation, Returned, Value};

/// The sequential specification of `Account` and of `Bank`.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    /// What the accounts hold before the first call.
    pub(crate) openings: Vec<u64>,
}

impl Ledger {
    /// The accounts that `Account::new` or `Bank::new` gives.
    ///
    /// # Panics
    ///
    /// On another call: the record cannot be judged.
    pub(crate) fn opened_by(call: &Operation) -> Ledger {
        let openings = match (call.op.as_str(), call.args.as_slice()) {
            ("Account::new", [opening]) => vec![number(opening)],
            ("Bank::new", [Value::List(openings)]) => openings.iter().map(number).collect(),
            _ => panic!("the record begins with {call}, which opens no account"),
        };
        Ledger { openings }
    }
}

/// Whether a call is made on the second account or bank of two.
pub(crate) fn is_of_second(call: &Operation) -> bool {
    call.op.starts_with(SECOND)
}

/// The name of a call, whichever account or bank it is made on.
pub(crate) fn plain(call: &Operation) -> &str {
    call.op.strip_prefix(SECOND).unwrap_or(&call.op)
}

/// What the names of calls of the second account or bank begin with.
const SECOND: &str = "second.";

/// What a call may give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// This.
    Exactly(Value),
    /// Anything: the contract leaves it open.
    Open,
}

impl Answer {
    /// Whether a result is what the call may give.
    pub(crate) fn allows(&self, result: &Value) -> bool {
        match self {
            Answer::Exactly(value) => value == result,
            Answer::Open => true,
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Answer::Exactly(value) => write!(f, "{value}"),
            Answer::Open => f.write_str("anything"),
        }
    }
}

impl Specification for Ledger {
    /// The balances.
    type State = Vec<u64>;

    fn initial(&self) -> Vec<u64> {
        self.openings.clone()
    }

    fn apply(&self, state: &Vec<u64>, operation: &Operation) -> Option<Vec<u64>> {
        let (answer, after) = perform(state, operation);
        match &operation.outcome {
            Returned::Value(result) => answer.allows(result).then_some(after),
            Returned::Panicked | Returned::Pending => Some(after),
        }
    }

    fn expected(&self, state: &Vec<u64>, operation: &Operation) -> String {
        perform(state, operation).0.to_string()
    }
}

/// What a call gives where the accounts hold `balances`, and what they hold
/// after it.
///
/// # Panics
///
/// On a call that the contract does not have: the record cannot be judged.
pub(crate) fn perform(balances: &[u64], operation: &Operation) -> (Answer, Vec<u64>) {
    let mut after = balances.to_vec();
    let result = match (plain(operation), operation.args.as_slice()) {
        ("balance", []) => Ok(Value::Number(balances[0])),
        ("total", []) => match sum(balances) {
            Some(total) => Ok(Value::Number(total)),
            None => return (Answer::Open, after),
        },
        ("balance", [account]) => {
            known(balances, number(account)).map(|account| ok(Value::Number(balances[account])))
        }
        ("deposit", [args @ .., amount]) => {
            deposit(&mut after, account_of(args), number(amount)).map(ok)
        }
        ("withdraw", [args @ .., amount]) => {
            withdraw(&mut after, account_of(args), number(amount)).map(ok)
        }
        ("transfer", [from, to, amount]) => {
            transfer(&mut after, number(from), number(to), number(amount)).map(ok)
        }
        _ => panic!("the record has a call that no rule knows: {operation}"),
    };
    match result {
        Ok(value) => (Answer::Exactly(value), after),
        // A refused call changes nothing.
        Err(refusal) => (
            Answer::Exactly(Value::List(vec!["Err".into(), refusal])),
            balances.to_vec(),
        ),
    }
}

fn deposit(balances: &mut [u64], account: u64, amount: u64) -> Result<Value, Value> {
    let account = known(balances, account)?;
    balances[account] = balances[account]
        .checked_add(amount)
        .ok_or_else(|| Value::from("Overflow"))?;
    Ok(balances[account].into())
}

fn withdraw(balances: &mut [u64], account: u64, amount: u64) -> Result<Value, Value> {
    let account = known(balances, account)?;
    let balance = balances[account];
    balances[account] = balance.checked_sub(amount).ok_or_else(|| {
        Value::List(vec![
            "InsufficientFunds".into(),
            balance.into(),
            amount.into(),
        ])
    })?;
    Ok(balances[account].into())
}

/// The order of the faults is the contract's: both accounts, the funds, the
/// overflow. Where the accounts are the same, what was withdrawn fits again.
fn transfer(balances: &mut [u64], from: u64, to: u64, amount: u64) -> Result<Value, Value> {
    known(balances, from)?;
    known(balances, to)?;
    withdraw(balances, from, amount)?;
    deposit(balances, to, amount)?;
    Ok(Value::Unit)
}

/// The index of an account that there is.
fn known(balances: &[u64], account: u64) -> Result<usize, Value> {
    usize::try_from(account)
        .ok()
        .filter(|index| *index < balances.len())
        .ok_or_else(|| Value::List(vec!["UnknownAccount".into(), account.into()]))
}

/// The sum of all balances, if it fits.
pub(crate) fn sum(balances: &[u64]) -> Option<u64> {
    balances
        .iter()
        .try_fold(0u64, |sum, balance| sum.checked_add(*balance))
}

fn ok(value: Value) -> Value {
    Value::List(vec!["Ok".into(), value])
}

/// The account that a call names before its amount; an `Account` has but one.
fn account_of(args: &[Value]) -> u64 {
    args.first().map_or(0, number)
}

fn number(value: &Value) -> u64 {
    value
        .as_number()
        .unwrap_or_else(|| panic!("the record has {value} where a number should be"))
}
