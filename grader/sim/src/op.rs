//! A step that a simulated thread is about to take.
//!
//! A thread announces each step before it takes it. So the scheduler knows
//! what every thread would do next, whether it can (a lock that is held can
//! not be taken), and whether two next steps have anything to do with each
//! other.

use std::panic::Location;

use verdict::record::Holder;

/// What kind of thing a step works on; with its number, its name in timelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the std type of that name")]
pub enum Kind {
    /// An address of the network.
    Address,
    Arc,
    Atomic,
    Barrier,
    Channel,
    Condvar,
    Connection,
    File,
    Listener,
    Mutex,
    Once,
    Pipe,
    RwLock,
    Socket,
    Stream,
    Thread,
    Other,
}

impl Kind {
    /// The word for it in a timeline.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Address => "address",
            Kind::Arc => "arc",
            Kind::Atomic => "atomic",
            Kind::Barrier => "barrier",
            Kind::Channel => "channel",
            Kind::Condvar => "condvar",
            Kind::Connection => "connection",
            Kind::File => "file",
            Kind::Listener => "listener",
            Kind::Mutex => "mutex",
            Kind::Once => "once",
            Kind::Pipe => "pipe",
            Kind::RwLock => "rwlock",
            Kind::Socket => "socket",
            Kind::Stream => "stream",
            Kind::Thread => "thread",
            Kind::Other => "object",
        }
    }
}

/// The thing that a step works on.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// Its kind.
    pub kind: Kind,
    /// What tells it from others of its kind: its address, or a thread's
    /// number. 0 for a step on nothing.
    pub id: usize,
    /// Where it was made, if that is known.
    pub made: Option<&'static Location<'static>>,
}

impl Object {
    /// Nothing that is shared.
    pub const NONE: Object = Object {
        kind: Kind::Other,
        id: 0,
        made: None,
    };

    /// The thing at an address.
    pub fn at<T: ?Sized>(
        kind: Kind,
        thing: &T,
        made: Option<&'static Location<'static>>,
    ) -> Object {
        Object {
            kind,
            id: std::ptr::from_ref(thing).cast::<()>().addr(),
            made,
        }
    }

    /// A simulated thread.
    pub fn thread(number: u32) -> Object {
        Object {
            kind: Kind::Thread,
            id: number as usize,
            made: None,
        }
    }
}

/// A step, announced.
///
/// Built with [`Op::new`] and the methods that follow it.
#[derive(Clone, Copy)]
pub struct Op<'a> {
    /// The call as std names it: `Mutex::lock`.
    pub(crate) call: &'static str,
    /// What the step does, for the timeline, before the object's name: `locks`.
    pub(crate) verb: &'static str,
    pub(crate) object: Object,
    pub(crate) place: &'static Location<'static>,
    /// Whether the step can be taken now; `None` when it always can.
    pub(crate) enabled: Option<&'a dyn Fn() -> bool>,
    /// When the step can be taken whether it is enabled or not, in nanoseconds
    /// of virtual time.
    pub(crate) deadline: Option<u64>,
    /// Whether its time comes only when nobody else can run and no time comes
    /// sooner: the wait of a peer.
    pub(crate) patience: Option<Patience>,
    /// What the step must wait for even when its time has come.
    pub(crate) late_if: Option<&'a dyn Fn() -> bool>,
    /// When the step may be taken without a reason.
    pub(crate) spurious: Option<&'a dyn Fn() -> bool>,
    /// Whether the step only looks at the object.
    pub(crate) looks: bool,
    /// What the thread does while it waits for nothing but itself, in words:
    /// `is parked`. The object is the thread then, and needs no telling.
    pub(crate) rests: Option<&'static str>,
    /// Whether the thread offers to let others run first.
    pub(crate) yields: bool,
    /// Who stands in the way, for the report of a deadlock.
    pub(crate) holders: Option<&'a dyn Fn() -> Vec<Holder>>,
    /// The notification that came too early, for the report of a deadlock.
    pub(crate) missed: Option<&'a dyn Fn() -> Option<Holder>>,
}

impl<'a> Op<'a> {
    /// A step that can always be taken.
    #[track_caller]
    pub fn new(call: &'static str, verb: &'static str, object: Object) -> Op<'a> {
        Op {
            call,
            verb,
            object,
            place: Location::caller(),
            enabled: None,
            deadline: None,
            patience: None,
            late_if: None,
            spurious: None,
            looks: false,
            rests: None,
            yields: false,
            holders: None,
            missed: None,
        }
    }

    /// It is taken at this place of the source.
    pub fn at(mut self, place: &'static Location<'static>) -> Self {
        self.place = place;
        self
    }

    /// It can only be taken while this holds. The condition must depend on
    /// nothing but what simulated threads do, and take no step itself.
    pub fn when(mut self, enabled: &'a dyn Fn() -> bool) -> Self {
        self.enabled = Some(enabled);
        self
    }

    /// It can also be taken once this time (nanoseconds of virtual time) has
    /// come, but not while `late_if` holds (a waiter that was notified is no
    /// longer in time to time out).
    pub fn until(mut self, deadline: Option<u64>, late_if: Option<&'a dyn Fn() -> bool>) -> Self {
        self.deadline = deadline;
        self.late_if = late_if;
        self
    }

    /// Its time comes only when nobody else can run.
    pub(crate) fn patient(mut self, patience: Patience) -> Self {
        self.patience = Some(patience);
        self
    }

    /// It may also be taken without a reason, as POSIX allows a condition
    /// variable, while `may` holds.
    pub fn spurious(mut self, may: &'a dyn Fn() -> bool) -> Self {
        self.spurious = Some(may);
        self
    }

    /// It only looks at the object: two such steps can change places, and
    /// nobody would know.
    pub fn looking(mut self) -> Self {
        self.looks = true;
        self
    }

    /// While it waits, the thread `rests` on its own: it `is parked`.
    pub fn resting(mut self, rests: &'static str) -> Self {
        self.rests = Some(rests);
        self
    }

    /// The thread offers to let others run first.
    pub fn yielding(mut self) -> Self {
        self.yields = true;
        self
    }

    /// Who stands in the way, for the report of a deadlock.
    pub fn held_by(mut self, holders: &'a dyn Fn() -> Vec<Holder>) -> Self {
        self.holders = Some(holders);
        self
    }

    /// The notification that came too early, for the report of a deadlock.
    pub fn missing(mut self, missed: &'a dyn Fn() -> Option<Holder>) -> Self {
        self.missed = Some(missed);
        self
    }

    fn is_ready(&self) -> bool {
        self.enabled.is_none_or(|enabled| enabled())
    }

    fn is_barred(&self) -> bool {
        self.late_if.is_some_and(|late_if| late_if())
    }

    pub(crate) fn state(&self) -> State {
        if self.is_ready() {
            State::Ready
        } else if self.is_barred() {
            State::Blocked
        } else {
            match self.deadline {
                // The longest durations never end.
                Some(u64::MAX) | None => State::Blocked,
                Some(deadline) => State::Timed(deadline),
            }
        }
    }

    /// Whether a step that is not ready could be taken without a reason.
    pub(crate) fn may_wake_spuriously(&self) -> bool {
        self.spurious.is_some_and(|may| may())
    }
}

/// How a peer waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Until its time has come.
    Sleeping,
    /// Until then, or until all else goes on in vain.
    Waiting,
    /// Until all else has come to rest.
    Resting,
}

/// Whether an announced step can be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Ready,
    /// When this time comes.
    Timed(u64),
    Blocked,
}

/// Why a step was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// It could be.
    Ready,
    /// Its time had come.
    TimedOut,
    /// For no reason.
    Spurious,
}
