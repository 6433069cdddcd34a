//! What a timeline tells beyond its rows: the lanes, which locks are held when,
//! and what goes from one lane to another.
//!
//! It is read from the words of the steps, and told only where they leave no
//! doubt: where steps are left out, what was known before is not known any more.

use std::collections::{BTreeMap, VecDeque};

use verdict::{Step, Timeline};

/// Rows of a timeline from which its middle is left out, which hides steps on
/// things that several threads work on. In a shorter one only such steps are
/// left out as a thread takes on things of its own (`examine/timeline.rs`).
const LONG: usize = 1000;

/// A timeline with what follows from it.
pub(super) struct Story {
    /// The threads and peers, by their numbers.
    pub(super) lanes: Vec<Lane>,
    /// The lane of each step.
    pub(super) lane_of: Vec<usize>,
    /// Of each step, whether its thread waits from then until its next step.
    pub(super) waits_after: Vec<bool>,
    /// Locks, each for as long as it is held.
    pub(super) bars: Vec<Bar>,
    /// What goes from one lane to another.
    pub(super) arrows: Vec<Arrow>,
}

/// A thread or a peer.
pub(super) struct Lane {
    pub(super) thread: u32,
    pub(super) name: String,
    /// Its first and its last step.
    pub(super) first: usize,
    pub(super) last: usize,
    /// Whether it ends with that.
    pub(super) ends: bool,
}

/// A lock that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) lane: usize,
    /// `mutex 1`.
    pub(super) lock: String,
    /// Whether others may hold it, too.
    pub(super) shared: bool,
    /// The step that takes it.
    pub(super) from: usize,
    /// The last step while it is held.
    pub(super) until: usize,
    /// Whether nobody knows of a step that gives it back: it is held at the end,
    /// or what comes next is left out.
    pub(super) open: bool,
}

/// Something that goes from a step to one of another lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: ArrowKind,
    /// The value, where it is known.
    pub(super) label: String,
}

/// What an arrow means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ArrowKind {
    /// A thread starts another one.
    Spawn,
    /// A thread's end, and who waited for it.
    Join,
    /// A message or bytes.
    Message,
    /// A notification, and who wakes of it.
    Wake,
    /// From one that waits for a lock for ever to the step that took it.
    WaitsFor,
}

impl Story {
    /// Reads a timeline.
    pub(super) fn of(timeline: &Timeline) -> Story {
        let lanes = lanes(timeline);
        let lane = |step: &Step| lanes.partition_point(|lane| lane.thread < step.thread);
        let lane_of: Vec<usize> = timeline.iter().map(lane).collect();
        let bars = bars(timeline, &lane_of);
        let mut arrows = arrows(timeline, &lanes, &lane_of);
        arrows.extend(waits(timeline, &lane_of, &bars));
        arrows.sort_by_key(|arrow| (arrow.from.min(arrow.to), arrow.to, arrow.kind));
        let waits_after = waits_after(timeline, &lanes, &lane_of);
        Story {
            lanes,
            lane_of,
            waits_after,
            bars,
            arrows,
        }
    }

    /// What is held after a step, by lane.
    pub(super) fn held(&self, step: usize) -> impl Iterator<Item = &Bar> {
        let is_held = move |bar: &&Bar| {
            bar.from <= step && (step < bar.until || bar.open && step <= bar.until)
        };
        self.bars.iter().filter(is_held)
    }
}

/// Whether steps that several threads know of may be missing before a step.
fn is_gap(timeline: &Timeline, step: &Step) -> bool {
    match step.left_out.as_slice() {
        [] => false,
        [own] => timeline.len() >= LONG || own.thread != step.thread,
        _ => true,
    }
}

fn lanes(timeline: &Timeline) -> Vec<Lane> {
    let mut lanes: BTreeMap<u32, Lane> = BTreeMap::new();
    for (index, step) in timeline.iter().enumerate() {
        let lane = lanes.entry(step.thread).or_insert_with(|| Lane {
            thread: step.thread,
            name: step.name.clone(),
            first: index,
            last: index,
            ends: false,
        });
        lane.last = index;
        lane.ends = is_end(&step.action);
    }
    lanes.into_values().collect()
}

/// Whether a step is that its thread does nothing until something comes.
pub(super) fn is_wait(step: &Step) -> bool {
    let action = step.action.as_str();
    (action.starts_with("waits ") || action.starts_with("still waits"))
        && !action.starts_with("waits for the threads of its scope")
}

/// That a thread waits is told by its step, or by why another one runs next.
fn waits_after(timeline: &Timeline, lanes: &[Lane], lane_of: &[usize]) -> Vec<bool> {
    let mut waits: Vec<bool> = timeline.iter().map(is_wait).collect();
    for (index, step) in timeline.iter().enumerate().skip(1) {
        let before = lanes[lane_of[index - 1]].name.as_str();
        let label = before.split(" \"").next().unwrap_or(before);
        let rest = step
            .switch
            .as_deref()
            .and_then(|reason| reason.strip_prefix(label));
        if rest.is_some_and(|rest| rest.starts_with(" waits")) {
            waits[index - 1] = true;
        }
    }
    waits
}

fn is_end(action: &str) -> bool {
    action == "ends"
        || action == "was killed"
        || action == "ends the process"
        || action == "returns and ends the process"
        || action.starts_with("has ended with exit code ")
}

/// What a step does to a lock.
enum Deed<'a> {
    Takes { lock: &'a str, shared: bool },
    GivesBack { lock: &'a str },
}

/// What a step does to a mutex or a readers-writer lock, if anything.
fn deed(step: &Step) -> Option<Deed<'_>> {
    let action = step.action.as_str();
    let is_lock = |name: &&str| {
        let number = name
            .strip_prefix("mutex ")
            .or_else(|| name.strip_prefix("rwlock "));
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let of = |verb: &str| {
        let name = action.strip_prefix(verb)?.strip_prefix(' ')?;
        Some(name).filter(is_lock)
    };
    let has = |value: &str| step.value.as_deref() == Some(value);
    for verb in ["unlocks", "read-unlocks", "write-unlocks"] {
        if let Some(lock) = of(verb) {
            return Some(Deed::GivesBack { lock });
        }
    }
    // To begin to wait for it is a step that has this value.
    let taken = [
        ("locks", false, !has("it is held")),
        ("locks again", false, true),
        ("write-locks", false, !has("it is held")),
        ("read-locks", true, !has("it is held")),
        ("goes on to read", true, true),
        ("tries to lock", false, has("locked")),
        ("tries to write-lock", false, has("locked")),
        ("tries to read-lock", true, has("locked")),
    ];
    for (verb, shared, taken) in taken {
        if taken && let Some(lock) = of(verb) {
            return Some(Deed::Takes { lock, shared });
        }
    }
    None
}

fn bars(timeline: &Timeline, lane_of: &[usize]) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    let mut open: Vec<Bar> = Vec::new();
    for (index, step) in timeline.iter().enumerate() {
        let lane = lane_of[index];
        // Those that end here, and whether they do so without a doubt.
        let mut close = |open: &mut Vec<Bar>, certain: bool, ends: &dyn Fn(&Bar) -> bool| {
            open.retain(|bar| {
                let ends = ends(bar);
                if ends {
                    bars.push(Bar {
                        until: if certain { index } else { index - 1 },
                        open: !certain,
                        ..bar.clone()
                    });
                }
                !ends
            });
        };
        let hides = |thread: u32| step.left_out.iter().any(|count| count.thread == thread);
        if !step.left_out.is_empty() && index > 0 {
            let hidden = |bar: &Bar| hides(timeline[bar.from].thread);
            close(&mut open, false, &hidden);
        }
        match deed(step) {
            Some(Deed::GivesBack { lock }) => {
                close(&mut open, true, &|bar| bar.lane == lane && bar.lock == lock);
            }
            Some(Deed::Takes { lock, shared }) => {
                // Whoever had it has given it back, and no step says when.
                let given_back =
                    |bar: &Bar| bar.lock == lock && (!bar.shared || !shared || bar.lane == lane);
                if index > 0 {
                    close(&mut open, false, &given_back);
                }
                open.push(Bar {
                    lane,
                    lock: lock.to_owned(),
                    shared,
                    from: index,
                    until: index,
                    open: true,
                });
            }
            None => {}
        }
        if step.action.starts_with("waits on condvar ") {
            let given = given_to_wait(timeline, index);
            match given {
                Some(mutex) => close(&mut open, true, &|bar| {
                    bar.lane == lane && bar.lock == mutex
                }),
                // It gives one of them back.
                None => {
                    let mutexes = |bar: &&Bar| bar.lane == lane && bar.lock.starts_with("mutex ");
                    let one = open.iter().filter(mutexes).count() == 1;
                    let mine = |bar: &Bar| bar.lane == lane && bar.lock.starts_with("mutex ");
                    close(&mut open, one, &mine);
                }
            }
        }
        if is_end(&step.action) {
            close(&mut open, true, &|bar| bar.lane == lane);
        }
    }
    let last = timeline.len().saturating_sub(1);
    bars.extend(open.into_iter().map(|bar| Bar { until: last, ..bar }));
    bars.sort_by_key(|bar| (bar.from, bar.lane));
    bars
}

/// The mutex that a thread gives back while it waits on a condition variable,
/// where it takes it again later.
fn given_to_wait(timeline: &Timeline, index: usize) -> Option<&str> {
    let thread = timeline[index].thread;
    timeline[index + 1..]
        .iter()
        .filter(|step| step.thread == thread)
        .take_while(|step| !step.action.starts_with("waits on condvar "))
        .take_while(|step| step.left_out.is_empty())
        .find_map(|step| step.action.strip_prefix("locks again "))
}

/// What is under way between two steps, by its channel or its text.
#[derive(Default)]
struct UnderWay<'a> {
    channels: BTreeMap<&'a str, VecDeque<usize>>,
    /// Bytes of a program, for a peer.
    written: BTreeMap<&'a str, Vec<usize>>,
    /// Bytes of a peer, for a program.
    sent: BTreeMap<&'a str, Vec<usize>>,
    /// Threads that were notified, by their numbers.
    notified: BTreeMap<u32, usize>,
}

fn arrows(timeline: &Timeline, lanes: &[Lane], lane_of: &[usize]) -> Vec<Arrow> {
    let mut arrows = Vec::new();
    let mut under_way = UnderWay::default();
    for (index, step) in timeline.iter().enumerate() {
        if is_gap(timeline, step) {
            under_way = UnderWay::default();
        }
        let action = step.action.as_str();
        let value = step.value.as_deref();
        let mut arrow = |from: usize, to: usize, kind, label: &str| {
            if lane_of[from] != lane_of[to] {
                arrows.push(Arrow {
                    from,
                    to,
                    kind,
                    label: label.to_owned(),
                });
            }
        };
        if let Some(label) = action.strip_prefix("spawns ") {
            let born = lane_called(lanes, label).map(|lane| lanes[lane].first);
            if let Some(first) = born.filter(|first| *first > index) {
                arrow(index, first, ArrowKind::Spawn, "");
            }
        } else if let Some(label) = action.strip_prefix("joins ") {
            let lane = lane_called(lanes, label).map(|lane| &lanes[lane]);
            if let Some(lane) = lane.filter(|lane| lane.ends && lane.last < index) {
                arrow(lane.last, index, ArrowKind::Join, "");
            }
        } else if let Some((channel, ends)) = channel_end(action) {
            let queue = under_way.channels.entry(channel).or_default();
            match (ends, value) {
                (ChannelEnd::Sends, None | Some("sent")) => queue.push_back(index),
                (ChannelEnd::Receives, Some("a message")) => {
                    if let Some(from) = queue.pop_front() {
                        arrow(from, index, ArrowKind::Message, "");
                    }
                }
                _ => {}
            }
        } else if action.starts_with("notifies ") {
            for thread in value.into_iter().flat_map(|value| value.split(", ")) {
                let number = thread.strip_prefix('T').and_then(|it| it.parse().ok());
                if let Some(number) = number {
                    under_way.notified.insert(number, index);
                }
            }
        } else if action.starts_with("wakes from condvar ") {
            let by = under_way.notified.remove(&step.thread);
            if let Some(from) = by.filter(|_| !action.ends_with(" without a reason")) {
                arrow(from, index, ArrowKind::Wake, "");
            }
        } else if action.starts_with("writes to connection ") {
            if let Some(text) = value {
                under_way.written.entry(text).or_default().push(index);
            }
        } else if action.starts_with("reads from connection ") {
            // Of two that sent the same, nobody knows whose this is.
            if let Some(text) = value
                && !under_way.written.contains_key(text)
                && let Some([from]) = under_way.sent.remove(text).as_deref()
            {
                arrow(*from, index, ArrowKind::Message, text);
            }
        } else if let Some(text) = action.strip_prefix("sends \"").map(|_| &action[6..]) {
            under_way.sent.entry(text).or_default().push(index);
        } else if let Some(text) = action.strip_prefix("receives \"").map(|_| &action[9..])
            && let Some([from]) = under_way.written.remove(text).as_deref()
        {
            arrow(*from, index, ArrowKind::Message, text);
        }
    }
    arrows
}

/// The only lane with this name: `T1`, shown as `T1` or as `T1 "writer"`.
fn lane_called(lanes: &[Lane], label: &str) -> Option<usize> {
    let is_it = |lane: &Lane| {
        let rest = lane.name.strip_prefix(label);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" \""))
    };
    let mut found = (0..lanes.len()).filter(|lane| is_it(&lanes[*lane]));
    let lane = found.next()?;
    found.next().is_none().then_some(lane)
}

enum ChannelEnd {
    Sends,
    Receives,
}

/// The channel of a step that may send or receive a message.
fn channel_end(action: &str) -> Option<(&str, ChannelEnd)> {
    let (verb, number) = action.split_once(" channel ")?;
    let end = match verb {
        "sends on" | "tries to send on" | "offers a message on" => ChannelEnd::Sends,
        "receives from" | "asks for a message on" => ChannelEnd::Receives,
        _ => return None,
    };
    Some((number, end))
}

/// From those that wait for a lock at the end to those that hold it.
fn waits(timeline: &Timeline, lane_of: &[usize], bars: &[Bar]) -> Vec<Arrow> {
    let mut arrows = Vec::new();
    let last = timeline.len().saturating_sub(1);
    for (index, step) in timeline.iter().enumerate() {
        let action = step.action.as_str();
        let for_ever = action
            .strip_prefix("waits for ")
            .and_then(|rest| rest.strip_suffix(" for ever"));
        let Some(lock) = for_ever.or_else(|| action.strip_prefix("still waits for ")) else {
            continue;
        };
        for bar in bars {
            if bar.lock == lock && bar.open && bar.until == last && bar.lane != lane_of[index] {
                arrows.push(Arrow {
                    from: index,
                    to: bar.from,
                    kind: ArrowKind::WaitsFor,
                    label: String::new(),
                });
            }
        }
    }
    arrows
}

#[cfg(test)]
pub(super) mod tests {
    use verdict::timeline::LeftOut;

    use super::*;

    pub(in super::super) fn step(thread: u32, action: &str, value: Option<&str>) -> Step {
        Step {
            step: 0,
            thread,
            name: match thread {
                0 => "main".to_owned(),
                number => format!("T{number}"),
            },
            action: action.to_owned(),
            place: None,
            value: value.map(str::to_owned),
            switch: None,
            own: false,
            left_out: Vec::new(),
        }
    }

    /// A line for each step, `1 locks mutex 1: value`, with `...` before it
    /// where steps of that thread are left out.
    fn timeline(lines: &str) -> Timeline {
        let line = |line: &str| {
            let (gap, line) = match line.strip_prefix("... ") {
                Some(line) => (true, line),
                None => (false, line),
            };
            let (thread, action) = line.split_once(' ').unwrap();
            let (action, value) = match action.split_once(": ") {
                Some((action, value)) => (action, Some(value)),
                None => (action, None),
            };
            let mut step = step(thread.parse().unwrap(), action, value);
            if gap {
                step.left_out = vec![LeftOut {
                    thread: step.thread,
                    name: step.name.clone(),
                    steps: 3,
                }];
            }
            step
        };
        lines.trim().lines().map(|it| line(it.trim())).collect()
    }

    /// The locks in words: `T1 mutex 1 2-4`, with `...` where the end is open.
    fn held(lines: &str) -> Vec<String> {
        let story = Story::of(&timeline(lines));
        let told = |bar: &Bar| {
            let end = if bar.open { "..." } else { "" };
            let who = &story.lanes[bar.lane].name;
            format!("{who} {} {}-{}{end}", bar.lock, bar.from, bar.until)
        };
        story.bars.iter().map(told).collect()
    }

    fn drawn(lines: &str) -> Vec<(usize, usize, ArrowKind)> {
        let story = Story::of(&timeline(lines));
        let told = |arrow: &Arrow| (arrow.from, arrow.to, arrow.kind);
        story.arrows.iter().map(told).collect()
    }

    #[test]
    fn a_lock_is_held_from_the_step_that_takes_it_to_the_one_that_gives_it_back() {
        let lines = "0 locks mutex 1
            0 tries to lock mutex 2: it is held
            0 tries to lock mutex 3: locked
            1 write-locks rwlock 1: it is held
            0 unlocks mutex 1
            1 write-locks rwlock 1
            1 goes on to read rwlock 1
            0 locks standard output
            0 ends";
        assert_eq!(
            held(lines),
            [
                "main mutex 1 0-4",
                "main mutex 3 2-8",
                "T1 rwlock 1 5-5...",
                "T1 rwlock 1 6-8..."
            ]
        );
        let story = Story::of(&timeline(lines));
        let held = |step| {
            story
                .held(step)
                .map(|bar| bar.lock.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(held(3), ["mutex 1", "mutex 3"]);
        assert_eq!(held(4), ["mutex 3"]);
        assert_eq!(held(8), ["rwlock 1"]);
    }

    #[test]
    fn who_waits_on_a_condition_variable_has_given_the_mutex_back() {
        let lines = "1 locks mutex 1
            1 locks mutex 2
            1 waits on condvar 1
            2 locks mutex 2
            2 unlocks mutex 2
            1 wakes from condvar 1
            1 locks again mutex 2
            1 unlocks mutex 2
            1 waits on condvar 1";
        assert_eq!(
            held(lines),
            [
                "T1 mutex 1 0-8",
                "T1 mutex 2 1-2",
                "T2 mutex 2 3-4",
                "T1 mutex 2 6-7"
            ]
        );
        // It gives one of two back, and nothing says which.
        let lines = "1 locks mutex 1\n1 locks mutex 2\n1 waits on condvar 1\n2 yields";
        assert_eq!(held(lines), ["T1 mutex 1 0-1...", "T1 mutex 2 1-1..."]);
    }

    #[test]
    fn what_is_left_out_ends_what_is_known() {
        let lines = "1 locks mutex 1\n2 locks mutex 2\n... 1 loads atomic 1\n2 unlocks mutex 2";
        assert_eq!(held(lines), ["T1 mutex 1 0-1...", "T2 mutex 2 1-3"]);
    }

    #[test]
    fn messages_go_to_who_receives_them() {
        let lines = "0 spawns T1
            0 sends on channel 1
            0 sends on channel 1: there is no receiver any more
            0 tries to send on channel 1: there is no room
            0 tries to send on channel 1: sent
            1 receives from channel 1: a message
            1 receives from channel 1: a message
            1 receives from channel 1: there is no sender any more
            1 ends
            0 joins T1";
        assert_eq!(
            drawn(lines),
            [
                (0, 5, ArrowKind::Spawn),
                (1, 5, ArrowKind::Message),
                (4, 6, ArrowKind::Message),
                (8, 9, ArrowKind::Join),
            ]
        );
    }

    #[test]
    fn bytes_go_to_who_reads_them_unless_two_have_sent_the_same() {
        let lines = "1 sends \"a\"
            0 reads from connection 1: \"a\"
            0 writes to connection 1: \"b\"
            1 receives \"b\"
            1 sends \"c\"
            2 sends \"c\"
            0 reads from connection 2: \"c\"";
        assert_eq!(
            drawn(lines),
            [(0, 1, ArrowKind::Message), (2, 3, ArrowKind::Message)]
        );
    }

    #[test]
    fn a_notification_goes_to_who_wakes_of_it() {
        let lines = "1 waits on condvar 1
            2 notifies condvar 1: T1
            1 wakes from condvar 1
            2 notifies condvar 1: nobody waits
            1 waits on condvar 1
            1 wakes from condvar 1 without a reason";
        assert_eq!(drawn(lines), [(1, 2, ArrowKind::Wake)]);
    }

    #[test]
    fn a_deadlock_is_a_circle() {
        let lines = "1 locks mutex 1
            2 locks mutex 2
            1 waits for mutex 2 for ever
            2 waits for mutex 1 for ever";
        assert_eq!(
            drawn(lines),
            [(3, 0, ArrowKind::WaitsFor), (2, 1, ArrowKind::WaitsFor)]
        );
    }
}
