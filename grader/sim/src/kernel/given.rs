//! What a scenario gives its programs beside arguments: files, in which names in
//! braces stand for addresses, as in arguments.

use verdict::placeholder::{self, ADDRESS, FILE, NOBODY, OUT};
use verdict::{Event, Value, What, World};

use super::world::{FOLDER, NOWHERE};
use super::{Kernel, Run};
use crate::host;

/// A note of the simulation's own.
fn mark(name: &str, about: &str, value: impl Into<Value>) -> Event {
    Event {
        thread: 0,
        what: What::Mark {
            name: name.to_owned(),
            value: vec![Value::from(about), value.into()].into(),
        },
    }
}

/// Puts what is known before anything runs in the place of its names, and gives
/// the notes that tell of it.
pub(super) fn settle(world: &mut World) -> Vec<Event> {
    let mut told = Vec::new();
    for (name, value) in [(NOBODY, NOWHERE), (OUT, FOLDER)] {
        // The folder's own path may come into what programs print of files.
        let mut used = name == OUT && world.files;
        let args = world.programs.iter_mut().flat_map(|of| &mut of.args);
        let files = world.given.iter_mut().map(|given| &mut given.text);
        for text in args.chain(files) {
            used |= placeholder::names(text).any(|other| other == name);
            *text = placeholder::filled(text, |other| (other == name).then(|| value.to_owned()));
        }
        if used {
            told.push(mark(ADDRESS, name, value));
        }
    }
    told
}

/// The texts in which a program may find addresses.
pub(super) fn texts(world: &World, program: usize) -> impl Iterator<Item = &str> {
    let args = world.programs.get(program).into_iter();
    let args = args.flat_map(|program| &program.args);
    let files = world.given.iter().map(|given| &given.text);
    args.chain(files).map(String::as_str)
}

impl Kernel {
    /// Writes the files that are given, before the first program starts. All
    /// that they name is known then.
    pub(super) fn give_files(&mut self) {
        let given = &self.plan.world.given;
        if given.is_empty() || std::mem::replace(&mut self.run.given, true) {
            return;
        }
        let processes = self.run.processes.as_ref();
        let value = |name: &str| processes.and_then(|processes| processes.value(name));
        host::give(&mut self.run.emptied, given, |text| {
            placeholder::filled(text, value)
        });
    }
}

impl Run {
    /// Records the files that are there when everything is over, of this many bytes
    /// together.
    pub(crate) fn tells_of_files(&mut self, bytes: u64) {
        let files = host::left(&mut self.emptied, bytes).into_iter();
        self.events
            .extend(files.map(|(name, held)| mark(FILE, &name, held)));
    }
}

#[cfg(test)]
mod tests {
    use verdict::{Given, Program};

    use super::*;

    #[test]
    fn what_is_known_beforehand_takes_the_place_of_its_names() {
        let mut world = World::of(Program {
            args: vec!["http://{nobody}/{site}".to_owned()],
            ..Program::default()
        });
        world.given.push(Given {
            path: "list".to_owned(),
            text: "{out}/a".to_owned(),
        });
        let told = settle(&mut world);
        let texts: Vec<&str> = texts(&world, 0).collect();
        assert_eq!(texts, ["http://127.0.0.1:9/{site}", "/scratch/a"]);
        let marks = [mark(ADDRESS, NOBODY, NOWHERE), mark(ADDRESS, OUT, FOLDER)];
        assert_eq!(told, marks);
        assert!(settle(&mut World::default()).is_empty());
    }
}
