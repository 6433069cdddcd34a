//! Who is present, and the one order of everything that is said.
//!
//! One lock guards the list of members, and every line is put into all the outboxes while it is
//! held. The order in which threads get the lock is therefore the order in which everybody sees
//! the lines. Nothing in here waits for a socket.

use crate::name::Name;
use crate::outbox::Outbox;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

type Members = BTreeMap<Name, Arc<Outbox>>;

pub(crate) struct Room {
    seats: usize,
    members: Mutex<Members>,
}

/// Why somebody may not come in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    NameInUse,
}

/// The place of a member in a room: what can be done there is done through it.
pub(crate) struct Seat<'room> {
    room: &'room Room,
    name: Name,
    outbox: Arc<Outbox>,
}

impl Room {
    pub(crate) fn new(seats: usize) -> Room {
        Room {
            seats,
            members: Mutex::new(BTreeMap::new()),
        }
    }

    /// Welcomes somebody, and tells the others.
    pub(crate) fn join(&self, name: Name, outbox: &Arc<Outbox>) -> Result<Seat<'_>, Refusal> {
        let mut members = self.lock();
        if members.contains_key(&name) {
            return Err(Refusal::NameInUse);
        }
        if members.len() >= self.seats {
            return Err(Refusal::Full);
        }
        members.insert(name.clone(), Arc::clone(outbox));
        tell(&mut members, &name, &format!("welcome {name}"));
        tell_others(&mut members, &name, &format!("* {name} joined"));
        Ok(Seat {
            room: self,
            name,
            outbox: Arc::clone(outbox),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Members> {
        self.members
            .lock()
            .expect("nobody panics with the room locked")
    }
}

impl Seat<'_> {
    /// Says something to all the others.
    pub(crate) fn say(&self, text: &str) {
        if let Some(mut members) = self.members() {
            tell_others(&mut members, &self.name, &format!("{}: {text}", self.name));
        }
    }

    /// Answers this member alone with the names of all who are here.
    pub(crate) fn list(&self) {
        if let Some(mut members) = self.members() {
            let names: Vec<String> = members.keys().map(Name::to_string).collect();
            tell(
                &mut members,
                &self.name,
                &format!("here: {}", names.join(", ")),
            );
        }
    }

    /// The last word for somebody who leaves of their own accord.
    pub(crate) fn goodbye(&self) -> String {
        format!("goodbye {}", self.name)
    }

    /// Gives the seat up with a last word to the one who leaves, and tells the others.
    pub(crate) fn leave(self, last: &str) {
        if let Some(mut members) = self.members() {
            members.remove(&self.name);
            self.outbox.close(Some(line(last)));
            tell_others(&mut members, &self.name, &format!("* {} left", self.name));
        }
    }

    /// The members, if this one is still among them: it may have been cut off meanwhile, and its
    /// name may even belong to somebody else by now.
    fn members(&self) -> Option<MutexGuard<'_, Members>> {
        let members = self.room.lock();
        let present = members
            .get(&self.name)
            .is_some_and(|outbox| Arc::ptr_eq(outbox, &self.outbox));
        present.then_some(members)
    }
}

/// Gives one line to one member.
fn tell(members: &mut Members, name: &Name, text: &str) {
    deliver(members, |candidate| candidate == name, text);
}

/// Gives one line to everybody but one.
fn tell_others(members: &mut Members, name: &Name, text: &str) {
    deliver(members, |candidate| candidate != name, text);
}

/// Gives one line to those for whom it is meant. Whoever has no room for it is cut off, and that is
/// news for all who remain, who may have no room for it either.
fn deliver(members: &mut Members, is_meant: impl Fn(&Name) -> bool, text: &str) {
    let mut gone = VecDeque::new();
    put(members, is_meant, &line(text), &mut gone);
    while let Some(name) = gone.pop_front() {
        put(
            members,
            |_| true,
            &line(&format!("* {name} left")),
            &mut gone,
        );
    }
}

fn put(
    members: &mut Members,
    is_meant: impl Fn(&Name) -> bool,
    line: &Arc<str>,
    gone: &mut VecDeque<Name>,
) {
    members.retain(|name, outbox| {
        let stays = !is_meant(name) || outbox.push(line).is_ok();
        if !stays {
            outbox.cut_off();
            gone.push_back(name.clone());
        }
        stays
    });
}

fn line(text: &str) -> Arc<str> {
    format!("{text}\n").into()
}
