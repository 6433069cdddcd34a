//! The checker against textbook histories and against a search that tries
//! every order.

use std::collections::VecDeque;

use super::*;
use crate::{Returned, Value};

/// A first-in-first-out queue: `enq(x)` gives `()`, `deq()` the first item or
/// `None`.
struct Queue;

impl Queue {
    fn run(state: &VecDeque<u64>, operation: &Operation) -> (VecDeque<u64>, Value) {
        let mut state = state.clone();
        let result = match operation.args.first().and_then(Value::as_number) {
            Some(item) => {
                state.push_back(item);
                Value::Unit
            }
            None => state.pop_front().map_or("None".into(), Value::Number),
        };
        (state, result)
    }
}

impl Specification for Queue {
    type State = VecDeque<u64>;

    fn initial(&self) -> VecDeque<u64> {
        VecDeque::new()
    }

    fn apply(&self, state: &VecDeque<u64>, operation: &Operation) -> Option<VecDeque<u64>> {
        let (after, result) = Queue::run(state, operation);
        agrees(operation, &result).then_some(after)
    }

    fn expected(&self, state: &VecDeque<u64>, operation: &Operation) -> String {
        Queue::run(state, operation).1.to_string()
    }
}

/// An account that holds 100: `withdraw(x)` gives the rest or `Short`,
/// `balance()` what there is.
struct Account;

impl Account {
    fn run(state: u64, operation: &Operation) -> (u64, Value) {
        match operation.args.first().and_then(Value::as_number) {
            Some(amount) => match state.checked_sub(amount) {
                Some(rest) => (rest, rest.into()),
                None => (state, "Short".into()),
            },
            None => (state, state.into()),
        }
    }
}

impl Specification for Account {
    type State = u64;

    fn initial(&self) -> u64 {
        100
    }

    fn apply(&self, state: &u64, operation: &Operation) -> Option<u64> {
        let (after, result) = Account::run(*state, operation);
        agrees(operation, &result).then_some(after)
    }

    fn expected(&self, state: &u64, operation: &Operation) -> String {
        Account::run(*state, operation).1.to_string()
    }
}

fn agrees(operation: &Operation, result: &Value) -> bool {
    match &operation.outcome {
        Returned::Value(value) => value == result,
        Returned::Panicked | Returned::Pending => true,
    }
}

/// A history from calls `(thread, argument, outcome, began, ended)`; one without
/// an argument is a `deq()` or `balance()`.
type Call = (u32, Option<u64>, Returned, usize, Option<usize>);

fn calls(name: &str, without: &str, calls: Vec<Call>) -> Vec<Operation> {
    let mut history: Vec<Operation> = calls
        .into_iter()
        .map(|(thread, argument, outcome, began, ended)| Operation {
            thread,
            op: if argument.is_some() { name } else { without }.into(),
            args: argument.into_iter().map(Value::Number).collect(),
            outcome,
            began,
            ended,
        })
        .collect();
    history.sort_by_key(|operation| operation.began);
    history
}

const X: u64 = 7;
const Y: u64 = 8;

fn enq(thread: u32, item: u64, began: usize, ended: usize) -> Call {
    (
        thread,
        Some(item),
        Returned::Value(Value::Unit),
        began,
        Some(ended),
    )
}

fn deq(thread: u32, item: u64, began: usize, ended: usize) -> Call {
    (
        thread,
        None,
        Returned::Value(item.into()),
        began,
        Some(ended),
    )
}

fn queue(history: Vec<Call>) -> bool {
    check(&Queue, &calls("enq", "deq", history)).is_ok()
}

#[test]
fn herlihy_and_wings_queue_histories_are_told_apart() {
    // Figure 1 (a): the enqueues overlap, and y is dequeued after x.
    assert!(queue(vec![
        enq(1, X, 0, 2),
        enq(2, Y, 1, 3),
        deq(2, X, 4, 6),
        deq(1, Y, 5, 7),
        enq(1, 9, 8, 9),
    ]));
    // The same with the results the other way round: the enqueues overlap.
    assert!(queue(vec![
        enq(1, X, 0, 2),
        enq(2, Y, 1, 3),
        deq(2, Y, 4, 5),
        deq(1, X, 6, 7),
    ]));
    // Figure 1 (b): x was in the queue before y, but y comes out first.
    assert!(!queue(vec![
        enq(1, X, 0, 1),
        enq(2, Y, 2, 4),
        deq(1, Y, 3, 5)
    ]));
    // Figure 1 (c): x is dequeued before its enqueue returned.
    assert!(queue(vec![enq(1, X, 0, 3), deq(2, X, 1, 2)]));
    // Figure 1 (d): y is dequeued twice.
    assert!(!queue(vec![
        enq(1, X, 0, 2),
        enq(2, Y, 1, 3),
        deq(1, Y, 4, 6),
        deq(3, Y, 5, 7),
    ]));
    // x is dequeued before its enqueue began.
    assert!(!queue(vec![deq(2, X, 0, 1), enq(1, X, 2, 3)]));
}

#[test]
fn a_call_without_a_result_may_or_may_not_have_taken_effect() {
    let pending = |began| (1, Some(X), Returned::Pending, began, None);
    assert!(
        queue(vec![pending(0)]),
        "it need not have a place in the order"
    );
    assert!(queue(vec![pending(0), deq(2, X, 1, 2)]), "it took effect");
    assert!(
        !queue(vec![deq(2, X, 0, 1), pending(2)]),
        "it had not begun"
    );
    assert!(
        !queue(vec![pending(0), deq(2, X, 1, 2), deq(2, X, 3, 4)]),
        "it did so only once"
    );

    let panicked = |ended| (1, Some(X), Returned::Panicked, 0, Some(ended));
    assert!(
        queue(vec![panicked(1), deq(2, X, 2, 3)]),
        "it took effect before it panicked"
    );
    let empty = (2, None, Returned::Value("None".into()), 2, Some(3));
    assert!(queue(vec![panicked(1), empty.clone()]), "it did not");
    assert!(
        !queue(vec![panicked(1), empty.clone(), deq(2, X, 4, 5)]),
        "not after its end"
    );
    assert!(
        queue(vec![panicked(4), empty, deq(2, X, 5, 6)]),
        "it took effect late"
    );
}

/// Whether some order of some of the calls, with all that have a result, gives
/// their results and keeps the order of calls that did not overlap: straight
/// from the definition, every order tried.
fn brute_force<S: Specification>(specification: &S, history: &[Operation]) -> bool {
    fn go_on<S: Specification>(
        specification: &S,
        history: &[Operation],
        order: &mut Vec<usize>,
        state: &S::State,
    ) -> bool {
        let complete = (0..history.len()).all(|call| {
            order.contains(&call) || !matches!(history[call].outcome, Returned::Value(_))
        });
        let keeps_order = order.iter().enumerate().all(|(index, early)| {
            order[index..].iter().all(|late| {
                history[*late]
                    .ended
                    .is_none_or(|ended| ended > history[*early].began)
            })
        });
        if complete || !keeps_order {
            return keeps_order;
        }
        (0..history.len()).any(|call| {
            if order.contains(&call) {
                return false;
            }
            let Some(after) = specification.apply(state, &history[call]) else {
                return false;
            };
            order.push(call);
            let found = go_on(specification, history, order, &after);
            order.pop();
            found
        })
    }
    go_on(
        specification,
        history,
        &mut Vec::new(),
        &specification.initial(),
    )
}

/// Numbers that are the same in every run (Steele, Lea and Flood's SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % limit
    }
}

/// A history of up to `most` calls by three threads, with results that could be
/// and some that could not; now and then a call panics or stays pending.
fn random_history(numbers: &mut Numbers, most: u64, arguments: &[u64]) -> Vec<Operation> {
    let mut told: Vec<Call> = Vec::new();
    let mut open: [Option<usize>; 3] = [None; 3];
    let mut event = 0;
    while told.len() < most as usize || numbers.below(4) > 0 {
        let thread = numbers.below(3) as usize;
        event += 1;
        match open[thread].take() {
            None if told.len() < most as usize => {
                let argument = arguments.get(numbers.below(arguments.len() as u64 + 2) as usize);
                open[thread] = Some(told.len());
                told.push((
                    thread as u32,
                    argument.copied(),
                    Returned::Pending,
                    event,
                    None,
                ));
            }
            None => {}
            Some(call) => {
                let result = match (numbers.below(12), told[call].1) {
                    (0, _) => Returned::Panicked,
                    (_, Some(_)) if arguments == [X, Y] => Returned::Value(Value::Unit),
                    (1..4, _) if arguments == [X, Y] => Returned::Value("None".into()),
                    (1..4, _) => Returned::Value("Short".into()),
                    (4..8, _) => Returned::Value(arguments[0].into()),
                    _ => Returned::Value(arguments[1].into()),
                };
                told[call].2 = result;
                told[call].4 = Some(event);
            }
        }
    }
    calls("do", "get", told)
}

#[test]
fn it_agrees_with_a_search_of_every_order() {
    fn compare<S: Specification>(specification: &S, arguments: &[u64]) {
        let mut numbers = Numbers(1);
        let mut kept = 0;
        const HISTORIES: u32 = 4_000;
        for number in 0..HISTORIES {
            let most = 2 + numbers.below(5);
            let history = random_history(&mut numbers, most, arguments);
            let right = brute_force(specification, &history);
            let found = check(specification, &history).is_ok();
            assert_eq!(found, right, "history {number}: {history:#?}");
            kept += u32::from(right);
        }
        // Both answers must be common, or the comparison shows little.
        assert!(
            (HISTORIES / 10..HISTORIES * 9 / 10).contains(&kept),
            "{kept} of {HISTORIES}"
        );
    }
    compare(&Queue, &[X, Y]);
    compare(&Account, &[40, 60]);
}

#[test]
fn long_histories_with_much_overlap_are_judged() {
    // In each of 100 rounds four threads enqueue at once, and the items come out
    // in another order. In the second history the very last result is wrong.
    let mut told = Vec::new();
    let mut event = 0;
    for round in 0..100 {
        for thread in 0..4 {
            let began = event + thread as usize;
            told.push(enq(thread, round * 4 + u64::from(thread), began, began + 4));
        }
        event += 8;
        for item in [2, 0, 3, 1] {
            told.push(deq(0, round * 4 + item, event, event + 1));
            event += 2;
        }
    }
    assert!(queue(told.clone()));
    let last = told.len() - 1;
    told[last] = deq(0, 0, event - 2, event - 1);
    assert!(!queue(told));
}

fn withdraw(thread: u32, amount: u64, result: impl Into<Value>, at: (usize, usize)) -> Call {
    (
        thread,
        Some(amount),
        Returned::Value(result.into()),
        at.0,
        Some(at.1),
    )
}

fn message(history: Vec<Call>) -> String {
    let fault = check(&Account, &calls("withdraw", "balance", history)).unwrap_err();
    assert_eq!(
        (fault.kind, fault.sentence),
        (FindingKind::NotLinearizable, None)
    );
    fault.message
}

#[test]
fn the_message_tells_what_the_next_call_would_have_given() {
    assert_eq!(
        message(vec![
            withdraw(1, 60, 40u64, (0, 2)),
            withdraw(2, 60, 40u64, (1, 3))
        ]),
        "no order of the calls gives these results: T1 withdraw(60) gave 40 and T2 withdraw(60) \
         gave 40; the longest order that fits is T1 withdraw(60), after which T2 withdraw(60) \
         would have given Short"
    );
    assert_eq!(
        message(vec![(0, None, Returned::Value(99u64.into()), 0, Some(1))]),
        "no order of the calls gives these results: main balance() gave 99; none of them can come \
         first: main balance() would have given 100"
    );
}

#[test]
fn the_message_tells_calls_without_a_result() {
    assert_eq!(
        message(vec![
            (1, Some(10), Returned::Panicked, 0, Some(3)),
            (2, Some(20), Returned::Pending, 1, None),
            withdraw(3, 30, 70u64, (2, 4)),
            (3, None, Returned::Value(65u64.into()), 5, Some(6)),
        ]),
        "no order of the calls gives these results: T1 withdraw(10) panicked, T2 withdraw(20) did \
         not return, T3 withdraw(30) gave 70 and T3 balance() gave 65; the longest order that fits \
         is T3 withdraw(30), after which T3 balance() would have given 70"
    );
}

#[test]
fn the_message_lists_no_more_than_a_few_calls() {
    let mut told: Vec<Call> = (0..20u64)
        .map(|number| {
            withdraw(
                1,
                1,
                99 - number,
                (number as usize * 2, number as usize * 2 + 1),
            )
        })
        .collect();
    told.push((2, None, Returned::Value(50u64.into()), 40, Some(42)));
    told.push(withdraw(1, 1, 78u64, (41, 43)));
    told.push((1, None, Returned::Value(78u64.into()), 44, Some(45)));
    assert_eq!(
        message(told),
        "no order of the calls gives these results: T1 withdraw(1) gave 85, T1 withdraw(1) gave \
         84, T1 withdraw(1) gave 83, T1 withdraw(1) gave 82, T1 withdraw(1) gave 81, T1 \
         withdraw(1) gave 80, T2 balance() gave 50, T1 withdraw(1) gave 78 and 15 more calls; the \
         longest order that fits is 12 calls, then T1 withdraw(1), then T1 withdraw(1), then T1 \
         withdraw(1), then T1 withdraw(1), then T1 withdraw(1), then T1 withdraw(1), then T1 \
         withdraw(1), then T1 withdraw(1), after which T2 balance() would have given 80 and T1 \
         withdraw(1) would have given 79"
    );
}
