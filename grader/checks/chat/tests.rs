//! What servers may do and what they may not, on made-up executions.

use judge::serde_json::json;

use crate::testing::Talk;

const NONE: &[&str] = &[];

/// Ann and bob, who have joined in that order.
fn two() -> Talk {
    let mut talk = Talk::new(NONE, &["ann", "bob"]);
    talk.is_let_in("ann")
        .is_let_in("bob")
        .hears("ann", "* bob joined\n");
    talk
}

/// Ann, bob, cal and dan, where notices do not count.
fn four() -> Talk {
    let mut talk =
        Talk::new(NONE, &["ann", "bob", "cal", "dan"]).params(json!({ "notices": false }));
    talk.is_let_in("ann")
        .is_let_in("bob")
        .is_let_in("cal")
        .is_let_in("dan");
    talk
}

fn assert_kept(talk: &Talk) {
    assert_eq!(talk.judged(), Ok(()));
}

fn assert_broken(talk: &Talk, sentence: &str, message: &str) {
    assert_eq!(talk.told(), (sentence.to_owned(), message.to_owned()));
}

#[test]
fn a_conversation_from_beginning_to_end_is_kept() {
    let mut talk = two();
    talk.sends("ann", "hello\r\n\n/who\n")
        .hears("bob", "ann: he")
        .hears("ann", "here: ann, bob\n")
        .hears("bob", "llo\n")
        .sends("bob", "bye\n")
        .hears("bob", "goodbye bob\n")
        .ends("bob")
        .hears("ann", "* bob left\n")
        .rest(&["bob", "ann"]);
    assert_kept(&talk);
}

#[test]
fn who_finds_nobody_at_the_servers_address_is_told() {
    let mut talk = Talk::apart(NONE, &["ann", "bob"]);
    talk.comes("ann")
        .is_turned_away("bob")
        .rest(&["ann", "bob"]);
    let message = "at the address that the server printed, bob could not connect \
                   (ConnectionRefused)";
    assert_broken(&talk, "C4", message);
    let flooded = talk.flooded().expect_err("there is a fault");
    assert_eq!(flooded.message, message);
}

#[test]
fn who_is_said_to_be_here_counts_where_it_is_asked_for() {
    let asks = |params| {
        let mut talk = Talk::new(NONE, &["ann", "bob"]).params(params);
        talk.is_let_in("ann")
            .is_let_in("bob")
            .sends("ann", "/who\n")
            .hears("ann", "here: bob\n")
            .rest(&["ann", "bob"]);
        talk
    };
    assert_broken(
        &asks(json!({ "notices": false })),
        "C11",
        "ann got `here: bob`, which does not include itself",
    );
    assert_kept(&asks(json!({ "notices": false, "lists": false })));
}

#[test]
fn two_orders_of_two_messages_are_told() {
    let mut talk = four();
    talk.sends("ann", "1\n")
        .sends("bob", "2\n")
        .hears("ann", "bob: 2\n")
        .hears("bob", "ann: 1\n")
        .hears("cal", "ann: 1\nbob: 2\n")
        .hears("dan", "bob: 2\nann: 1\n")
        .rest(&["ann", "bob", "cal", "dan"]);
    assert_broken(
        &talk,
        "C14",
        "cal got `ann: 1` before `bob: 2`, but dan got them the other way round",
    );
}

#[test]
fn a_circle_of_three_is_no_order() {
    let mut talk = Talk::new(NONE, &["ann", "bob", "cal"]).params(json!({ "notices": false }));
    talk.is_let_in("ann").is_let_in("bob").is_let_in("cal");
    talk.sends("ann", "1\n")
        .sends("bob", "2\n")
        .sends("cal", "3\n")
        .hears("ann", "bob: 2\ncal: 3\n")
        .hears("bob", "cal: 3\nann: 1\n");
    let mut kept = talk;
    kept.hears("cal", "bob: 2\nann: 1\n")
        .rest(&["ann", "bob", "cal"]);
    assert_kept(&kept);

    let mut talk = Talk::new(NONE, &["ann", "bob", "cal"]).params(json!({ "notices": false }));
    talk.is_let_in("ann").is_let_in("bob").is_let_in("cal");
    talk.sends("ann", "1\n")
        .sends("bob", "2\n")
        .sends("cal", "3\n")
        .hears("ann", "bob: 2\ncal: 3\n")
        .hears("bob", "cal: 3\nann: 1\n")
        .hears("cal", "ann: 1\nbob: 2\n")
        .rest(&["ann", "bob", "cal"]);
    assert_broken(
        &talk,
        "C14",
        "no one order of all messages and notices agrees with what everybody got: ann got \
         `bob: 2`, `cal: 3`; bob got `cal: 3`, `ann: 1`; cal got `ann: 1`, `bob: 2`",
    );
}

#[test]
fn an_answer_comes_after_its_question() {
    let mut talk = four();
    talk.sends("ann", "1\n")
        .hears("bob", "ann: 1\n")
        .sends("bob", "2\n")
        .hears("cal", "bob: 2\nann: 1\n")
        .hears("dan", "bob: 2\nann: 1\n")
        .hears("ann", "bob: 2\n")
        .rest(&["ann", "bob", "cal", "dan"]);
    assert_broken(
        &talk,
        "C14",
        "cal got `bob: 2` before `ann: 1`, but bob had got the latter before it sent the former",
    );
}

#[test]
fn the_order_of_one_sender_is_kept() {
    let mut talk = two();
    talk.sends("ann", "1\n2\n")
        .hears("bob", "ann: 2\nann: 1\n")
        .rest(&["ann", "bob"]);
    assert_broken(
        &talk,
        "C15",
        "bob got `ann: 1` after `ann: 2`, but ann had sent them the other way round",
    );
}

#[test]
fn a_message_during_a_join_may_or_may_not_reach_the_newcomer() {
    for heard in ["", "ann: 1\n"] {
        let mut talk = Talk::new(NONE, &["ann", "bob"]);
        talk.is_let_in("ann")
            .sends("ann", "1\n")
            .is_let_in("bob")
            .hears("ann", "* bob joined\n")
            .hears("bob", heard)
            .rest(&["ann", "bob"]);
        assert_kept(&talk);
    }
}

#[test]
fn a_message_after_the_notice_of_a_join_reaches_the_newcomer() {
    let mut talk = two();
    talk.sends("ann", "1\n").rest(&["ann", "bob"]);
    assert_broken(&talk, "C10", "bob did not get `ann: 1`, which ann had sent");
}

#[test]
fn nothing_comes_before_the_welcome_or_after_the_goodbye() {
    let edges = || json!({ "edges": true });
    let mut talk = Talk::new(NONE, &["ann", "bob"]).params(edges());
    talk.is_let_in("ann")
        .sends("bob", "bob\n")
        .sends("ann", "1\n")
        .hears("bob", "ann: 1\nwelcome bob\n")
        .hears("ann", "* bob joined\n")
        .rest(&["ann", "bob"]);
    assert_broken(
        &talk,
        "C16",
        "the first line that bob got was `ann: 1`, and not `welcome bob`",
    );

    let mut talk = two().params(edges());
    talk.sends("bob", "/quit\n")
        .sends("ann", "1\n")
        .hears("bob", "goodbye bob\nann: 1\n")
        .ends("bob")
        .hears("ann", "* bob left\n")
        .rest(&["ann"]);
    assert_broken(&talk, "C16", "bob got `ann: 1` after `goodbye bob`");
    assert_kept(&talk.params(json!({})));
}

#[test]
fn notices_come_once_to_everybody_else() {
    let mut talk = Talk::apart(NONE, &["ann", "bob"]);
    talk.comes("ann").comes("bob").rest(&["ann", "bob"]);
    assert_broken(
        &talk,
        "C13",
        "ann was present and did not get `* bob joined`",
    );

    let mut talk = two();
    talk.hears("bob", "* bob joined\n").rest(&["ann", "bob"]);
    assert_broken(
        &talk,
        "C13",
        "bob got the notice of its own coming, `* bob joined`: it goes to every other client",
    );
    assert_kept(&talk.params(json!({})));

    let mut talk = two();
    talk.leaves("bob", "reset")
        .hears("ann", "* bob left\n* bob left\n")
        .rest(&["ann"]);
    assert_broken(&talk, "C13", "ann got `* bob left` twice");

    let mut talk = two();
    talk.leaves("bob", "reset").rest(&["ann"]);
    assert_broken(
        &talk,
        "C13",
        "bob had broken its connection, but ann did not get `* bob left`",
    );
    assert_kept(&talk.params(json!({ "notices": false })));
}

#[test]
fn what_a_broken_connection_had_sent_may_be_lost() {
    for heard in ["", "bob: 1\n", "bob: 1\nbob: 2\n"] {
        let mut talk = two();
        talk.sends("bob", "1\n2\n")
            .leaves("bob", "reset")
            .hears("ann", format!("{heard}* bob left\n"))
            .rest(&["ann"]);
        assert_kept(&talk);
    }
    let mut talk = two();
    talk.sends("bob", "1\n2\n")
        .leaves("bob", "reset")
        .hears("ann", "bob: 2\n* bob left\n")
        .rest(&["ann"]);
    assert!(talk.judged().is_err());
}

#[test]
fn what_came_before_the_end_of_input_is_carried_out() {
    for goodbye in ["", "goodbye bob\n"] {
        let mut talk = two();
        talk.sends("bob", "hi\n/who\n")
            .leaves("bob", "shutdown")
            .hears("bob", format!("here: ann, bob\n{goodbye}"))
            .hears("ann", "bob: hi\n* bob left\n")
            .ends("bob")
            .rest(&["bob", "ann"]);
        assert_kept(&talk);
    }
    let mut talk = two();
    talk.sends("bob", "hi\n/who\n")
        .leaves("bob", "shutdown")
        .hears("ann", "bob: hi\n* bob left\n")
        .ends("bob")
        .rest(&["bob", "ann"]);
    assert_broken(
        &talk,
        "C17",
        "bob sent `/who` before the end of its input and got no answer",
    );
    let mut talk = two();
    talk.sends("bob", "hi\n")
        .leaves("bob", "shutdown")
        .hears("ann", "* bob left\n")
        .ends("bob")
        .rest(&["bob", "ann"]);
    assert_broken(
        &talk,
        "C17",
        "ann did not get `bob: hi`, which bob had sent before the end of its input",
    );
}

#[test]
fn one_of_two_gets_a_name() {
    let race = |first: &str, second: &str| {
        let mut talk = Talk::new(NONE, &["one", "two"]);
        talk.sends("one", "ann\n").sends("two", "ann\n");
        for (peer, heard) in [("one", first), ("two", second)] {
            talk.hears(peer, heard);
            if heard.starts_with("error") {
                talk.ends(peer);
            }
        }
        talk.rest(&["one", "two"]);
        talk
    };
    assert_kept(&race("welcome ann\n", "error: in use\n"));
    assert_kept(&race("error: in use\n", "welcome ann\n"));
    assert_broken(
        &race("welcome ann\n", "welcome ann\n"),
        "C7",
        "one and two both asked for the name `ann`, and both were welcomed",
    );
    assert_broken(
        &race("error: in use\n", "error: in use\n"),
        "C6",
        "one asked for the name `ann`, which is a name and not in use, and got `error: in use`",
    );
}

#[test]
fn a_name_is_free_when_its_notice_went_out_and_not_before() {
    let mut talk = Talk::apart(NONE, &["ann", "old", "new"]);
    talk.comes("ann")
        .connects("old")
        .sends("old", "bob\n")
        .hears("old", "welcome bob\n")
        .hears("ann", "* bob joined\n")
        .sends("old", "/quit\n")
        .connects("new")
        .sends("new", "bob\n")
        .hears("old", "goodbye bob\n")
        .ends("old");
    let refused = |talk: &mut Talk| {
        talk.hears("new", "error: in use\n").ends("new");
        talk.hears("ann", "* bob left\n").rest(&["ann"]);
    };
    refused(&mut talk);
    assert_kept(&talk);

    let came = |notices: &str| {
        let mut talk = Talk::apart(NONE, &["ann", "old", "new"]);
        talk.comes("ann")
            .connects("old")
            .sends("old", "bob\n")
            .hears("old", "welcome bob\n")
            .hears("ann", "* bob joined\n")
            .sends("old", "/quit\n")
            .connects("new")
            .sends("new", "bob\n")
            .hears("new", "welcome bob\n")
            .hears("old", "goodbye bob\n")
            .ends("old")
            .hears("ann", notices)
            .rest(&["ann", "new"]);
        talk
    };
    assert_kept(&came("* bob left\n* bob joined\n"));
    assert_eq!(came("* bob joined\n* bob left\n").told().0, "C9");

    let mut talk = Talk::apart(NONE, &["ann", "old", "new"]);
    talk.comes("ann")
        .connects("old")
        .sends("old", "bob\n")
        .hears("old", "welcome bob\n")
        .hears("ann", "* bob joined\n")
        .sends("old", "/quit\n")
        .hears("ann", "* bob left\n");
    talk.connects("new")
        .acts("new")
        .sends("new", "bob\n")
        .hears("new", "error: in use\n")
        .ends("new");
    talk.hears("old", "goodbye bob\n")
        .ends("old")
        .rest(&["ann"]);
    assert_broken(
        &talk,
        "C9",
        "new asked for the name `bob` after ann had got `* bob left`, and was refused: the name \
         is free again then",
    );
}

#[test]
fn a_full_server_refuses_and_only_a_full_one() {
    let full = ["--max-clients", "1"];
    let mut talk = Talk::new(&full, &["ann", "bob"]);
    talk.is_let_in("ann")
        .sends("bob", "bob\n")
        .hears("bob", "error: full\n")
        .breaks("bob");
    talk.rest(&["ann"]);
    assert_kept(&talk);

    // It may refuse before it knows the name.
    let mut talk = Talk::apart(&full, &["ann", "bob"]);
    talk.comes("ann")
        .connects("bob")
        .hears("bob", "error: full\n")
        .ends("bob")
        .rest(&["ann"]);
    assert_kept(&talk);

    let mut talk = Talk::new(&full, &["ann", "bob"]);
    talk.is_let_in("ann")
        .is_let_in("bob")
        .hears("ann", "* bob joined\n")
        .rest(&["ann", "bob"]);
    assert_broken(
        &talk,
        "C8",
        "ann, bob were all welcomed and present at the same time, but --max-clients is 1",
    );

    let mut talk = Talk::new(&["--max-clients", "2"], &["ann", "bob"]);
    talk.is_let_in("ann")
        .sends("bob", "bob\n")
        .hears("bob", "error: full\n")
        .ends("bob");
    talk.rest(&["ann"]);
    assert_broken(
        &talk,
        "C6",
        "bob asked for the name `bob`, which is a name and not in use, and got `error: full`",
    );
}

#[test]
fn who_is_here_is_sorted_and_counts_oneself() {
    let who = |answer: &str| {
        let mut talk = two();
        talk.sends("ann", "/who\n")
            .hears("ann", answer)
            .rest(&["ann", "bob"]);
        talk
    };
    assert_kept(&who("here: ann, bob\n"));
    assert_broken(
        &who("here: bob, ann\n"),
        "C11",
        "ann got `here: bob, ann`, which is not sorted by bytes",
    );
    assert_broken(
        &who("here: bob\n"),
        "C11",
        "ann got `here: bob`, which does not include itself",
    );
    assert_broken(
        &who("here: ann, bob, cal\n"),
        "C11",
        "ann got `here: ann, bob, cal`, but nobody of the name `cal` was let in",
    );
    assert_broken(&who(""), "C11", "ann sent `/who` and got no answer");
    assert!(who("here: ann\n").judged().is_err());
}

#[test]
fn bad_lines_end_their_sender_alone() {
    let bad = |line: &[u8], answer: &str, notice: &str| {
        let mut talk = two();
        talk.sends("bob", line).hears("bob", answer).ends("bob");
        talk.hears("ann", notice).rest(&["ann"]);
        talk
    };
    let long = "x".repeat(4097);
    let left = "* bob left\n";
    assert_kept(&bad(b"caf\xe9\n", "error: what\nand more\n", left));
    assert_kept(&bad(long.as_bytes(), "error: what\n", left));
    assert_broken(
        &bad(long.as_bytes(), "", left),
        "C18",
        "bob sent a line of more than 4096 bytes and got no `error: ` line",
    );
    assert_broken(
        &bad(b"caf\xe9\n", "error: what\n", ""),
        "C19",
        "bob was ended for a bad line, but ann did not get `* bob left`",
    );
    let (sentence, _) = bad(b"caf\xe9\n", "error: what\n", "bob: caf\n* bob left\n").told();
    assert_eq!(sentence, "C19");
}

#[test]
fn who_misses_something_of_a_flood_does_not_stay() {
    let flood = |heard: &str, cut_off: bool| {
        let mut talk = Talk::new(NONE, &["ann", "bob"]);
        talk.is_let_in("ann")
            .is_let_in("bob")
            .sends("ann", "1\n1\n1\n")
            .hears("bob", heard);
        if cut_off {
            talk.ends("bob");
        }
        talk.rest(&["ann", "bob"]);
        talk.flooded()
    };
    assert_eq!(flood("ann: 1\nann: 1\nann: 1\n", false), Ok(()));
    assert_eq!(flood("ann: 1\nan", true), Ok(()));
    let fault = flood("ann: 1\n", false).expect_err("two lines are missing");
    assert_eq!(fault.sentence.as_deref(), Some("C21"));
    assert_eq!(
        fault.message,
        "bob got 1 of the 3 lines of ann, and its connection is still open"
    );
}

#[test]
fn a_slow_reader_holds_nobody_up_and_may_be_cut_off_late() {
    let lines = |count: usize| (0..count).map(|n| format!("{n}\n")).collect::<String>();
    let said = |count: usize| {
        (0..count)
            .map(|n| format!("ann: {n}\n"))
            .collect::<String>()
    };
    let slow = |count: usize, heard: usize, left: &str| {
        let mut talk = Talk::new(NONE, &["ann", "bob", "cal"]);
        talk.is_let_in("ann")
            .is_let_in("bob")
            .hears("ann", "* bob joined\n")
            .is_let_in("cal")
            .hears("ann", "* cal joined\n")
            .hears("bob", "* cal joined\n")
            .sends("ann", lines(count))
            .hears("bob", said(count))
            .hears("cal", said(heard));
        if !left.is_empty() {
            talk.ends("cal").hears("ann", left).hears("bob", left);
        }
        talk.rest(&["ann", "bob"]);
        if left.is_empty() {
            talk.rest(&["cal"]);
        }
        talk
    };
    assert_kept(&slow(200, 200, ""));
    assert_kept(&slow(400, 400, ""));
    assert_kept(&slow(400, 100, "* cal left\n"));
    assert_broken(
        &slow(200, 100, "* cal left\n"),
        "C21",
        "the server closed the connection of cal, which had not asked for that and for which no \
         more than 204 lines can have waited",
    );
    assert!(slow(400, 100, "").judged().is_err());

    let mut talk = Talk::new(NONE, &["ann", "bob", "cal"]).params(json!({ "notices": false }));
    talk.is_let_in("ann").is_let_in("bob").is_let_in("cal");
    talk.acts("ann")
        .sends("ann", "1\n2\n")
        .hears("bob", "ann: 1\n")
        .gives_up("bob")
        .rest(&["ann"]);
    assert_broken(
        &talk,
        "C20",
        "bob did not get `ann: 2`, which ann had sent, while cal did not read",
    );
}

#[test]
fn a_goodbye_is_owed_and_closes() {
    let quit = |more: &str| {
        let mut talk = two();
        talk.sends("bob", format!("/quit\n{more}"))
            .hears("ann", "* bob left\n");
        talk
    };
    let mut talk = quit("more\n");
    talk.breaks("bob").done("bob").rest(&["ann"]);
    assert_broken(
        &talk,
        "C12",
        "bob asked to leave and did not get `goodbye bob`: the server broke the connection off (a \
         socket that is closed while it holds unread input does), and what it had sent may be lost",
    );
    let mut talk = quit("");
    talk.hears("bob", "goodbye bob\n").rest(&["bob", "ann"]);
    assert_broken(
        &talk,
        "C12",
        "bob got `goodbye bob`, but the server did not close the connection",
    );
}

#[test]
fn each_question_who_is_here_has_one_answer() {
    let who = |asked: usize, answered: usize| {
        let mut talk = two();
        talk.sends("ann", "/who\n".repeat(asked))
            .hears("ann", "here: ann, bob\n".repeat(answered))
            .rest(&["ann", "bob"]);
        talk
    };
    for asked in 1..5 {
        assert_kept(&who(asked, asked));
    }
    assert_broken(
        &who(1, 3),
        "C11",
        "ann got 3 `here: ` lines, but had asked `/who` once",
    );
    assert_broken(
        &who(2, 80_000),
        "C11",
        "ann got 80000 `here: ` lines, but had asked `/who` twice",
    );
    assert_broken(
        &who(3, 4),
        "C11",
        "ann got 4 `here: ` lines, but had asked `/who` 3 times",
    );

    // Each line says something else, and what it says does not count.
    let lists = ["ann", "ann, bob", "ann, bob, cal", "ann, cal"];
    let lists = lists.map(|names| format!("here: {names}\n"));
    let mut talk = Talk::new(NONE, &["ann", "bob", "cal"]).params(json!({ "lists": false }));
    talk.is_let_in("ann")
        .is_let_in("bob")
        .hears("ann", "* bob joined\n")
        .is_let_in("cal")
        .hears("ann", "* cal joined\n")
        .hears("bob", "* cal joined\n")
        .sends("ann", "/who\n")
        .hears("ann", lists.concat().repeat(20_000))
        .rest(&["ann", "bob", "cal"]);
    let message = "ann got 80000 `here: ` lines, but had asked `/who` once";
    assert_broken(&talk, "C11", message);
    assert_broken(&talk.params(json!({})), "C11", message);
}

#[test]
fn who_is_called_here_may_talk() {
    let talks = |heard: &str| {
        let mut talk = Talk::new(NONE, &["ann", "here"]);
        talk.is_let_in("ann")
            .is_let_in("here")
            .hears("ann", "* here joined\n")
            .sends("here", "ann, here\nno\nann, here\n")
            .sends("ann", "/who\n")
            .hears("ann", heard)
            .rest(&["ann", "here"]);
        talk
    };
    let (list, no) = ("here: ann, here\n", "here: no\n");
    for heard in [[list, list, no, list], [list, no, list, list]] {
        assert_kept(&talks(&heard.concat()));
    }
    assert_broken(
        &talks(&[list, no, list].concat()),
        "C11",
        "ann got `here: no`, which does not include itself",
    );

    let mut talk = Talk::new(NONE, &["ann", "here"]);
    talk.is_let_in("ann")
        .is_let_in("here")
        .hears("ann", "* here joined\n")
        .sends("here", "hi\nhi\n")
        .hears("ann", "here: hi\nhere: hi\n");
    let mut more = talk;
    more.hears("ann", "here: hi\n").rest(&["ann", "here"]);
    assert_broken(
        &more,
        "C11",
        "ann got 3 `here: ` lines, but had not asked `/who`, and `here` had said 2 lines",
    );
}

#[test]
fn what_follows_an_error_is_open_however_much_it_is() {
    let flood = "here: ann, bob\nbob: hi\n".repeat(40_000);
    let mut talk = two();
    talk.sends("bob", b"/who\ncaf\xe9\n")
        .hears("bob", format!("here: ann, bob\nerror: what\n{flood}"))
        .ends("bob")
        .hears("ann", "* bob left\n")
        .rest(&["ann"]);
    assert_kept(&talk);

    let mut talk = Talk::apart(NONE, &["ann", "bob"]);
    talk.comes("ann")
        .connects("bob")
        .sends("bob", "no name\n")
        .hears("bob", format!("error: what\n{flood}"))
        .ends("bob")
        .rest(&["ann"]);
    assert_kept(&talk);
}

/// Enough lines that a look at all of them for each of them takes minutes.
const MANY: usize = 20_000;

/// As many lines, of which none is like another.
fn numbered(what: &str) -> String {
    let lines = (0..MANY).map(|n| format!("{what}x{n}\n"));
    lines.collect()
}

#[test]
fn a_flood_of_any_line_is_told() {
    let told = |flood: &str| {
        let mut talk = two().params(json!({ "edges": true, "own": true }));
        talk.sends("ann", "1\n/who\n")
            .hears("ann", "here: ann, bob\n")
            .hears("bob", "ann: 1\n")
            .sends("bob", "/who\n/quit\n")
            .hears("bob", format!("here: ann, bob\n{flood}goodbye bob\n"))
            .ends("bob")
            .hears("ann", "* bob left\n")
            .rest(&["ann"]);
        talk.told()
    };
    for (line, sentence, message) in [
        (
            "here: ann, bob\n",
            "C11",
            "bob got 20001 `here: ` lines, but had asked `/who` once",
        ),
        ("ann: 1\n", "C14", "bob got `ann: 1` twice"),
        (
            "* bob joined\n",
            "C13",
            "bob got the notice of its own coming",
        ),
        ("* ann joined\n", "C13", "bob got `* ann joined` twice"),
        ("* ann left\n", "C13", "bob got `* ann left` twice"),
        ("welcome bob\n", "C14", "bob got `welcome bob`, but"),
        ("goodbye bob\n", "C16", "bob got `goodbye bob` after"),
        ("error: what\n", "C14", "bob got `error: what`, but"),
    ] {
        let (broken, said) = told(&line.repeat(MANY));
        assert_eq!(
            (broken.as_str(), said.starts_with(message)),
            (sentence, true),
            "{said}"
        );
    }
    let (_, message) = told(&numbered("ann: "));
    assert_eq!(message, "bob got `ann: x0`, but ann had said `1`");
}

#[test]
fn many_lines_are_judged_as_soon_as_few() {
    // What follows an error is open: none of these is a fault of its own.
    let floods = [
        "here: abe, ann, bob, cal\n".repeat(MANY),
        "error: what\n".repeat(MANY),
        "goodbye\nwelcome abe\n".repeat(MANY),
        numbered(""),
        numbered("ann: "),
        numbered("here: "),
        numbered("error: "),
        format!("{}bob: 2\n", numbered("cal: ")),
    ];
    let talks = |flood: &str| {
        let names = ["abe", "ann", "bob", "cal"];
        let mut talk = Talk::new(NONE, &names).params(json!({ "lists": false, "notices": false }));
        for name in names {
            talk.is_let_in(name);
        }
        talk.sends("abe", b"/who\ncaf\xe9\n")
            .hears("abe", format!("here: abe, ann\nerror: what\n{flood}"))
            .ends("abe");
        talk
    };
    for flood in &floods {
        let mut talk = talks(flood);
        talk.sends("ann", "1\n")
            .hears("bob", "ann: 1\n")
            .sends("bob", "2\n")
            .hears("cal", "bob: 2\nann: 1\n")
            .hears("ann", "bob: 2\n")
            .rest(&["ann", "bob", "cal"]);
        assert_broken(
            &talk,
            "C14",
            "cal got `bob: 2` before `ann: 1`, but bob had got the latter before it sent the \
             former",
        );

        let mut talk = talks(flood);
        talk.acts("ann")
            .sends("ann", "1\n")
            .hears("bob", "ann: 1\n");
        talk.rest(&["ann", "bob", "cal"]);
        assert_broken(&talk, "C10", "cal did not get `ann: 1`, which ann had sent");

        let mut talk = talks(flood);
        talk.sends("ann", "1\n")
            .hears("bob", "ann: 1\n")
            .hears("cal", "ann: 1\n");
        talk.rest(&["ann", "bob", "cal"]);
        assert_kept(&talk);
    }
}

#[test]
fn every_rule_of_the_rubric_is_known() {
    let world = judge::World {
        programs: vec![judge::Program {
            label: "client".into(),
            args: ["client", "{server}", "ann"].map(Into::into).to_vec(),
            ..judge::Program::default()
        }],
        ..judge::World::default()
    };
    let ask = |rule: &str| {
        crate::rule(&judge::Question {
            check: "check".into(),
            scenario: "scenario".into(),
            rule: rule.into(),
            params: json!({}),
            world: world.clone(),
        })
        .is_ok()
    };
    for line in include_str!("rubric.toml").lines() {
        if let Some(name) = line.strip_prefix("rule = ") {
            assert!(ask(name.trim_matches('"')), "{name}");
        }
    }
    assert!(!ask("no such rule"));
}
