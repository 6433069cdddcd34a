//! The rules on executions made by hand.

use judge::{Ending, Event, Place, What};

use super::*;

/// A record in the making; every thread has at most one call open.
#[derive(Default)]
struct Record(Vec<Event>);

impl Record {
    fn event(mut self, thread: u32, what: What) -> Record {
        self.0.push(Event { thread, what });
        self
    }

    fn begin(self, thread: u32, op: &str, args: &[u64]) -> Record {
        let args = args.iter().copied().map(Value::from).collect();
        self.event(
            thread,
            What::Call {
                op: op.into(),
                args,
            },
        )
    }

    fn end(self, thread: u32, result: Value) -> Record {
        self.event(thread, What::Return(result))
    }

    /// A call during which no other thread does anything.
    fn call(self, thread: u32, op: &str, args: &[u64], result: Value) -> Record {
        self.begin(thread, op, args).end(thread, result)
    }

    fn ended(self, ending: Ending) -> Execution {
        Execution {
            schedule: "0".into(),
            number: 0,
            preemptions: 0,
            ending,
            began: 0,
            processes: vec![],
            threads: vec![],
            events: self.0,
        }
    }

    fn whole(self) -> Execution {
        self.whole_with(1)
    }

    fn whole_with(self, threads: u64) -> Execution {
        self.event(
            0,
            What::Mark {
                name: "threads".into(),
                value: threads.into(),
            },
        )
        .ended(Ending::Exited { code: 0 })
    }
}

fn account(opening: u64) -> Record {
    Record::default().call(0, "Account::new", &[opening], Value::Unit)
}

fn bank(openings: &[u64]) -> Record {
    let args = vec![Value::from(openings.to_vec())];
    Record::default()
        .event(
            0,
            What::Call {
                op: "Bank::new".into(),
                args,
            },
        )
        .end(0, Value::Unit)
}

fn list(name: &str, fields: &[u64]) -> Value {
    let fields = fields.iter().copied().map(Value::from);
    Value::List(std::iter::once(Value::from(name)).chain(fields).collect())
}

fn ok(balance: u64) -> Value {
    list("Ok", &[balance])
}

fn done() -> Value {
    Value::List(vec!["Ok".into(), Value::Unit])
}

fn err(refusal: Value) -> Value {
    Value::List(vec!["Err".into(), refusal])
}

fn missing(balance: u64, requested: u64) -> Value {
    err(list("InsufficientFunds", &[balance, requested]))
}

fn unknown(account: u64) -> Value {
    err(list("UnknownAccount", &[account]))
}

fn overflow() -> Value {
    err("Overflow".into())
}

#[track_caller]
fn kind_of(judged: Result<(), Fault>) -> FindingKind {
    judged.expect_err("this breaks the contract").kind
}

#[test]
fn what_the_contract_promises_of_an_account_is_accepted() {
    let execution = account(u64::MAX - 5)
        .call(0, "deposit", &[6], overflow())
        .call(0, "deposit", &[5], ok(u64::MAX))
        .call(0, "withdraw", &[u64::MAX], ok(0))
        .call(0, "withdraw", &[1], missing(0, 1))
        .call(0, "deposit", &[0], ok(0))
        .call(0, "balance", &[], 0u64.into())
        .call(0, "drop", &[], Value::Unit)
        .whole();
    assert_eq!(calls(&execution), Ok(()));
}

#[test]
fn what_the_contract_promises_of_a_bank_is_accepted() {
    let execution = bank(&[10, u64::MAX - 10])
        .call(0, "total", &[], u64::MAX.into())
        .call(0, "transfer", &[2, 3, 50], unknown(2))
        .call(0, "transfer", &[0, 3, 50], unknown(3))
        .call(0, "transfer", &[0, 1, 11], missing(10, 11))
        .call(0, "deposit", &[0, 1], ok(11))
        .call(0, "transfer", &[0, 1, 11], overflow())
        .call(0, "transfer", &[1, 1, 11], done())
        .call(0, "balance", &[1], ok(u64::MAX - 10))
        .call(0, "transfer", &[0, 1, 10], done())
        .call(0, "transfer", &[1, 1, 11], done())
        .call(0, "balance", &[1], ok(u64::MAX))
        .whole();
    assert_eq!(calls(&execution), Ok(()));
}

#[test]
fn a_total_that_does_not_fit_may_be_anything() {
    for total in [0, 4, u64::MAX] {
        let execution = bank(&[u64::MAX, 0])
            .call(0, "deposit", &[1, 5], ok(5))
            .call(0, "total", &[], total.into())
            .whole();
        assert_eq!(calls(&execution), Ok(()));
    }
}

#[test]
fn a_wrong_result_of_calls_one_after_another_is_told_plainly() {
    let table = [
        (
            "withdraw",
            vec![0, 71],
            ok(0),
            "Err(InsufficientFunds(70, 71))",
        ),
        ("deposit", vec![1, 1], ok(30), "Ok(31)"),
        ("total", vec![], 70u64.into(), "100"),
        ("balance", vec![2], ok(0), "Err(UnknownAccount(2))"),
        (
            "transfer",
            vec![0, 2, 80],
            missing(70, 80),
            "Err(UnknownAccount(2))",
        ),
        ("transfer", vec![0, 0, 70], missing(0, 70), "Ok(())"),
    ];
    for (op, args, result, right) in table {
        let execution = bank(&[100, 0])
            .call(0, "transfer", &[0, 1, 30], done())
            .call(0, op, &args, result)
            .whole();
        let fault = calls(&execution).expect_err("the last result is wrong");
        assert_eq!(fault.kind, FindingKind::WrongResult);
        let words = format!("right is {right}");
        assert!(
            fault.message.starts_with("with the balances 70, 30, `"),
            "{}",
            fault.message
        );
        assert!(fault.message.ends_with(&words), "{}", fault.message);
    }
}

/// Two withdrawals of 60 from 100 that overlap.
fn race(first: Value, second: Value) -> Execution {
    account(100)
        .begin(0, "withdraw", &[60])
        .begin(1, "withdraw", &[60])
        .end(1, first)
        .end(0, second)
        .whole()
}

#[test]
fn overlapping_calls_may_take_effect_in_either_order() {
    assert_eq!(calls(&race(ok(40), missing(40, 60))), Ok(()));
    assert_eq!(calls(&race(missing(40, 60), ok(40))), Ok(()));
}

#[test]
fn results_of_no_order_are_not_linearizable() {
    assert_eq!(
        kind_of(calls(&race(ok(40), ok(40)))),
        FindingKind::NotLinearizable
    );
    assert_eq!(
        kind_of(calls(&race(missing(100, 60), ok(40)))),
        FindingKind::NotLinearizable
    );
}

#[test]
fn money_in_flight_is_seen() {
    for (total, expected) in [(100u64, true), (70, false), (130, false)] {
        let execution = bank(&[100, 0])
            .begin(0, "transfer", &[0, 1, 30])
            .call(1, "total", &[], total.into())
            .end(0, done())
            .whole();
        assert_eq!(calls(&execution).is_ok(), expected, "{total}");
    }
}

#[test]
fn a_call_that_only_has_to_return_may_give_anything() {
    assert_eq!(returns(&race(ok(40), ok(40))), Ok(()));
}

#[test]
fn an_undone_transfer_is_seen() {
    let execution = bank(&[100, 0])
        .begin(0, "transfer", &[0, 9, 40])
        .call(1, "withdraw", &[0, 100], missing(60, 100))
        .end(0, unknown(9))
        .whole();
    assert_eq!(kind_of(calls(&execution)), FindingKind::NotLinearizable);
}

#[test]
fn a_call_does_not_see_the_past() {
    let execution = account(100)
        .begin(0, "deposit", &[10])
        .call(1, "deposit", &[20], ok(130))
        .call(1, "balance", &[], 110u64.into())
        .end(0, ok(110))
        .whole();
    assert_eq!(kind_of(calls(&execution)), FindingKind::NotLinearizable);
}

#[test]
fn a_call_that_does_not_return_is_never_a_pass() {
    let panicked = account(100)
        .begin(0, "deposit", &[10])
        .event(
            0,
            What::Panic {
                message: "attempt to add".into(),
                place: Some(Place {
                    file: "src/lib.rs".into(),
                    line: 3,
                    column: 1,
                }),
                caught: None,
            },
        )
        .event(0, What::CallPanicked);
    let pending = || account(100).begin(0, "deposit", &[10]);
    let table = [
        (panicked.whole(), FindingKind::Panic),
        (
            pending().event(0, What::CallPanicked).whole(),
            FindingKind::Panic,
        ),
        (
            pending().ended(Ending::Exited { code: 0 }),
            FindingKind::WrongResult,
        ),
        (
            pending().ended(Ending::Deadlock { waits: vec![] }),
            FindingKind::Deadlock,
        ),
        (
            pending().ended(Ending::Endless { places: vec![] }),
            FindingKind::Livelock,
        ),
    ];
    for (execution, kind) in table {
        for rule in [calls, returns, no_thread_left, errors] {
            let fault = rule(&execution).expect_err("the call did not return");
            assert_eq!((fault.kind, fault.sentence.as_deref()), (kind, Some("C15")));
        }
    }
}

#[test]
fn a_record_without_its_last_note_is_never_a_pass() {
    let cut_short = account(100).ended(Ending::Exited { code: 0 });
    let failed = account(100)
        .event(
            0,
            What::Mark {
                name: "threads".into(),
                value: 1u64.into(),
            },
        )
        .ended(Ending::Exited { code: 1 });
    for execution in [cut_short, failed] {
        for rule in [calls, returns, no_thread_left, errors] {
            assert_eq!(kind_of(rule(&execution)), FindingKind::WrongResult);
        }
    }
}

#[test]
fn a_thread_that_outlives_its_value_is_left() {
    assert_eq!(no_thread_left(&account(1).whole_with(1)), Ok(()));
    let fault = no_thread_left(&account(1).whole_with(2)).expect_err("a thread is left");
    assert_eq!(fault.kind, FindingKind::ThreadLeft);
    assert!(
        fault.message.starts_with("1 thread was still alive"),
        "{}",
        fault.message
    );
    // The other rules leave it to this one.
    assert_eq!(calls(&account(1).whole_with(2)), Ok(()));
}

/// An error is asked for its text, and whether it equals another one.
fn asked(text: &str, same: bool, different: bool) -> Execution {
    let one = || list("UnknownAccount", &[7]);
    let equals = |other: Value| What::Call {
        op: "==".into(),
        args: vec![one(), other],
    };
    Record::default()
        .event(
            0,
            What::Call {
                op: "to_string".into(),
                args: vec![one()],
            },
        )
        .end(0, text.into())
        .event(0, equals(one()))
        .end(0, same.into())
        .event(0, equals("Overflow".into()))
        .end(0, different.into())
        .whole()
}

#[test]
fn errors_have_a_text_and_equal_only_themselves() {
    assert_eq!(errors(&asked("no account 7", true, false)), Ok(()));
    let wrong = [
        asked(" ", true, false),
        asked("x", false, false),
        asked("x", true, true),
    ];
    for execution in wrong {
        assert_eq!(kind_of(errors(&execution)), FindingKind::WrongResult);
    }
}

/// Two accounts, the calls of the second one by its name.
fn two_accounts(second: u64) -> Record {
    account(100)
        .call(0, "Account::new", &[7], Value::Unit)
        .call(0, "deposit", &[5], ok(105))
        .call(0, "second.balance", &[], second.into())
        .call(0, "drop", &[], Value::Unit)
        .call(0, "second.drop", &[], Value::Unit)
}

#[test]
fn what_is_done_to_one_account_is_not_seen_in_another() {
    assert_eq!(calls(&two_accounts(7).whole()), Ok(()));
    let fault = calls(&two_accounts(105).whole()).expect_err("it is the other one's balance");
    assert_eq!(
        fault.message,
        "with a balance of 7, `second.balance()` gave 105; right is 7"
    );
    assert_eq!(fault.sentence.as_deref(), Some("C1"));
}

fn panics(record: Record, op: &str, args: &[u64], message: &str) -> Record {
    let message = message.into();
    record
        .begin(0, op, args)
        .event(
            0,
            What::Panic {
                message,
                place: None,
                caught: None,
            },
        )
        .event(0, What::CallPanicked)
}

#[test]
fn a_total_may_panic_where_the_sum_does_not_fit_and_nowhere_else() {
    let full = || bank(&[u64::MAX, 0]).call(0, "deposit", &[1, 5], ok(5));
    let open = || panics(full(), "total", &[], "attempt to add");
    assert_eq!(
        calls(&open().call(0, "balance", &[1], ok(5)).whole()),
        Ok(())
    );

    let lost = open().call(0, "balance", &[1], ok(0)).whole();
    assert_eq!(kind_of(calls(&lost)), FindingKind::WrongResult);

    let poisoned = panics(open(), "balance", &[1], "PoisonError").whole();
    let fault = calls(&poisoned).expect_err("the next call does not return");
    assert_eq!(fault.kind, FindingKind::Panic);
    assert!(fault.message.contains("PoisonError"), "{}", fault.message);

    let fits = panics(bank(&[u64::MAX, 0]), "total", &[], "attempt to add").whole();
    assert_eq!(kind_of(calls(&fits)), FindingKind::Panic);
    // Before it began, the sum was small again.
    let fits = open().call(0, "withdraw", &[1, 5], ok(0));
    let fits = panics(fits, "total", &[], "attempt to add").whole();
    assert_eq!(kind_of(calls(&fits)), FindingKind::Panic);
}

#[test]
fn who_is_held_up_may_be_waited_for_for_ever() {
    let polling = Ending::Polling {
        held_up: 0,
        thread: 1,
        places: vec![],
    };
    let waits = account(100).begin(1, "deposit", &[10]);
    assert_eq!(held_up(&waits.ended(polling)), Ok(()));
    let gives_up = account(100).call(1, "deposit", &[10], overflow()).whole();
    assert_eq!(kind_of(held_up(&gives_up)), FindingKind::WrongResult);
}

#[test]
fn a_wrong_result_is_told_with_the_sentence_that_it_breaks() {
    let small = || bank(&[100, 0]);
    let full = || bank(&[100, u64::MAX - 100]);
    let table = [
        (small().call(0, "deposit", &[0, 5], ok(100)), "C1"),
        (
            small().call(0, "withdraw", &[0, 100], missing(100, 100)),
            "C2",
        ),
        (small().call(0, "withdraw", &[0, 101], ok(0)), "C2"),
        (full().call(0, "deposit", &[1, 101], ok(0)), "C3"),
        (small().call(0, "balance", &[2], ok(0)), "C4"),
        (small().call(0, "balance", &[1], unknown(1)), "C4"),
        (
            small()
                .call(0, "transfer", &[0, 1, 30], done())
                .call(0, "balance", &[1], ok(0)),
            "C5",
        ),
        (small().call(0, "transfer", &[0, 0, 100], overflow()), "C6"),
        (
            small().call(0, "transfer", &[0, 2, 101], missing(100, 101)),
            "C7",
        ),
        (small().call(0, "transfer", &[2, 3, 1], unknown(3)), "C7"),
        (small().call(0, "transfer", &[0, 2, 1], unknown(1)), "C4"),
        (small().call(0, "total", &[], 0u64.into()), "C8"),
        (full().call(0, "deposit", &[0, 1], overflow()), "C9"),
    ];
    for (record, sentence) in table {
        let fault = calls(&record.whole()).expect_err("the last result is wrong");
        assert_eq!(
            fault.sentence.as_deref(),
            Some(sentence),
            "{}",
            fault.message
        );
    }
}

#[test]
fn results_of_no_order_are_told_with_the_sentence_that_they_break() {
    let fault = |execution: Execution| {
        let fault = atomic(&execution).expect_err("these results fit no order");
        fault.sentence
    };
    assert_eq!(fault(race(ok(40), ok(40))).as_deref(), Some("C11"));
    let stale = account(100)
        .begin(0, "withdraw", &[60])
        .call(1, "deposit", &[20], ok(120))
        .call(1, "balance", &[], 100u64.into())
        .end(0, ok(60))
        .whole();
    assert_eq!(fault(stale).as_deref(), Some("C12"));
    // Nothing overlaps, but another thread made the deposit.
    let cached = account(100)
        .call(1, "balance", &[], 100u64.into())
        .call(0, "deposit", &[10], ok(110))
        .call(1, "balance", &[], 100u64.into())
        .whole();
    assert_eq!(fault(cached).as_deref(), Some("C12"));
}
