//! Iterators over the messages of a channel.

use std::fmt;
use std::panic::Location;

use super::Receiver;
use super::channel::Call;

/// See [`std::sync::mpsc::Iter`].
pub struct Iter<'a, T: 'a> {
    rx: &'a Receiver<T>,
    made: &'static Location<'static>,
}

/// See [`std::sync::mpsc::TryIter`].
pub struct TryIter<'a, T: 'a> {
    rx: &'a Receiver<T>,
    made: &'static Location<'static>,
}

/// See [`std::sync::mpsc::IntoIter`].
pub struct IntoIter<T> {
    rx: Receiver<T>,
    made: &'static Location<'static>,
}

impl<T> Receiver<T> {
    /// See [`std::sync::mpsc::Receiver::iter`].
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        let made = Location::caller();
        Iter { rx: self, made }
    }

    /// See [`std::sync::mpsc::Receiver::try_iter`].
    #[track_caller]
    pub fn try_iter(&self) -> TryIter<'_, T> {
        let made = Location::caller();
        TryIter { rx: self, made }
    }
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx
            .wait(Call::nearest("Receiver::recv", self.made))
            .ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx
            .look(Call::nearest("Receiver::try_recv", self.made))
            .ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.rx
            .wait(Call::nearest("Receiver::recv", self.made))
            .ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[track_caller]
    fn into_iter(self) -> IntoIter<T> {
        let made = Location::caller();
        IntoIter { rx: self, made }
    }
}

// std derives these three, which is why they ask for `T: Debug`.

impl<T: fmt::Debug> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("rx", &self.rx).finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryIter").field("rx", &self.rx).finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").field("rx", &self.rx).finish()
    }
}
