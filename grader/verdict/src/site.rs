//! An HTTP server of the check's own, for programs that ask one.

use serde::{Deserialize, Serialize};

use crate::Bytes;

/// An HTTP/1.1 server on a free port of 127.0.0.1, whose address (`HOST:PORT`)
/// is `{NAME}` in the arguments of programs and in the files that they are
/// given. There is one on the real system only: the simulation has scripted
/// peers instead.
///
/// It is a process of the execution, after the peers, and a thread, too. What
/// it is asked for and what it answers are [`What::Peer`](crate::What) events
/// of that thread ([`Did::Asked`](crate::Did), [`Did::Answered`](crate::Did)),
/// whose `line` is the number of the route; a path without a route is answered
/// with 404, and its `line` is the number of routes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// What it answers.
    #[serde(default, rename = "route")]
    pub routes: Vec<Route>,
}

/// What a site answers to those who ask for one path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Route {
    /// The path with its query, as it stands in the request: `/a.txt?x=1`.
    pub path: String,
    /// The status.
    pub status: u16,
    /// The body, `repeat` times over.
    pub body: Bytes,
    /// How often the body is repeated.
    pub repeat: usize,
    /// How the end of the body is told.
    pub length: Length,
    /// The header `Location`; `{NAME}` is an address in it.
    pub location: Option<String>,
    /// Bytes of the body after which the transfer breaks off.
    pub breaks_after: Option<usize>,
    /// The answer is held back until so many requests of the site are under way
    /// at once, this one counted: from a request's arrival until just before
    /// the last byte of its answer goes out. Once they were, nobody is held
    /// back for that number any more. If as many never come, it is answered
    /// after a generous time, and [`Did::GaveUp`](crate::Did) comes before.
    pub together: u32,
    /// It is held back until these paths have been asked for, too.
    pub after: Vec<String>,
    /// Milliseconds that the answer is held back beyond that, so that one
    /// request too many has the time to come. No right program may need it.
    pub linger_ms: u64,
    /// Bytes of the body that go out before it is held back; none, and no
    /// headers either, where this is not given.
    pub held_after: Option<usize>,
}

impl Default for Route {
    fn default() -> Self {
        Route {
            path: "/".to_owned(),
            status: 200,
            body: Bytes::default(),
            repeat: 1,
            length: Length::default(),
            location: None,
            breaks_after: None,
            together: 0,
            after: Vec::new(),
            linger_ms: 0,
            held_after: None,
        }
    }
}

impl Route {
    /// The whole body.
    pub fn whole(&self) -> Vec<u8> {
        self.body.repeat(self.repeat)
    }
}

/// How a site tells where a body ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// By a header `Content-Length`. The connection is kept, unless the client
    /// wants otherwise.
    #[default]
    ContentLength,
    /// In chunks. The connection is kept, likewise.
    Chunked,
    /// By closing the connection.
    Close,
}
