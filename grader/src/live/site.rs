//! A site at work: an HTTP server after the rubric's plan.
//!
//! It counts which requests are under way at once, and holds answers back until
//! as many are, so that what is done at once is seen without a look at a clock.

mod body;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Version};
use hyper_util::rt::TokioIo;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use verdict::site::{Length, Route};
use verdict::{Did, Site, placeholder};

use super::board::Board;
use body::{Body, Feed};

/// A site that serves, until this is dropped.
#[derive(Debug)]
pub(super) struct Serving {
    runtime: Option<Runtime>,
}

impl Serving {
    /// Has a site serve at this listener. `number` is that of its process and of
    /// its thread.
    pub(super) fn begin(
        site: &Site,
        listener: TcpListener,
        board: &Arc<Board>,
        number: u32,
    ) -> Result<Serving> {
        let context = || format!("cannot serve the site `{}`", site.name);
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("site")
            .enable_all()
            .build()
            .with_context(context)?;
        listener.set_nonblocking(true).with_context(context)?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener).with_context(context)?
        };
        let at_work = Arc::new(AtWork {
            site: site.clone(),
            board: Arc::clone(board),
            number,
            count: Mutex::default(),
            changed: Notify::new(),
        });
        runtime.spawn(async move {
            // An error is that of a connection that was gone before it was
            // accepted; whoever made it knows.
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(connection(Arc::clone(&at_work), stream));
                }
            }
        });
        Ok(Serving {
            runtime: Some(runtime),
        })
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Its tasks end where they wait.
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

async fn connection(at_work: Arc<AtWork>, stream: tokio::net::TcpStream) {
    // The bytes before a break go out when they are written.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(|request| {
        let at_work = Arc::clone(&at_work);
        async move { Ok::<_, Infallible>(at_work.answer(&request).await) }
    });
    // How a connection ends is the client's to say, and the plan's.
    let _ = http1::Builder::new()
        .half_close(true)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

/// What the connections of a site share.
#[derive(Debug)]
struct AtWork {
    site: Site,
    board: Arc<Board>,
    number: u32,
    count: Mutex<Count>,
    changed: Notify,
}

/// What a site counts.
#[derive(Debug, Default)]
struct Count {
    under_way: u32,
    most: u32,
    /// The paths that somebody has asked for, of those that others wait for.
    asked: BTreeSet<String>,
}

/// A request that is under way, until it has landed or the client is gone.
#[derive(Debug)]
struct Flight {
    at_work: Arc<AtWork>,
    path: String,
    line: u32,
    landed: bool,
}

impl Flight {
    /// The answer is about to come to its end.
    fn lands(&mut self) {
        if !std::mem::replace(&mut self.landed, true) {
            self.at_work.count().under_way -= 1;
            let path = self.path.clone();
            self.at_work.did(self.line, Did::Answered { path });
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.landed {
            self.at_work.count().under_way -= 1;
        }
    }
}

impl AtWork {
    fn count(&self) -> MutexGuard<'_, Count> {
        // It is right between any two statements that change it.
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn did(&self, line: u32, did: Did) {
        self.board.did(self.number, line, did);
    }

    /// Takes off.
    fn asked(self: &Arc<Self>, path: &str) -> (Flight, Route) {
        let routes = &self.site.routes;
        let index = routes.iter().position(|route| route.path == path);
        let nowhere = || Route {
            status: StatusCode::NOT_FOUND.as_u16(),
            ..Route::default()
        };
        let route = index.map_or_else(nowhere, |index| routes[index].clone());
        // Routes are few.
        let line = index.unwrap_or(routes.len()) as u32;
        let mut count = self.count();
        count.under_way += 1;
        count.most = count.most.max(count.under_way);
        if routes.iter().any(|route| is_after(route, path)) {
            count.asked.insert(path.to_owned());
        }
        let under_way = count.under_way;
        let path = path.to_owned();
        // Told while nobody else can be counted, so that the order is right.
        let asked = path.clone();
        self.did(
            line,
            Did::Asked {
                path: asked,
                under_way,
            },
        );
        drop(count);
        self.changed.notify_waiters();
        let flight = Flight {
            at_work: Arc::clone(self),
            path,
            line,
            landed: false,
        };
        (flight, route)
    }

    /// Waits for what a route's answer is held back for.
    async fn holds(&self, flight: &Flight, route: &Route) {
        let since = Instant::now();
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on a change is not missed.
            changed.as_mut().enable();
            let there = {
                let count = self.count();
                let all = route.after.iter().all(|path| count.asked.contains(path));
                count.most >= route.together && all
            };
            if there {
                break;
            }
            let Some(left) = self.board.held(since) else {
                self.did(flight.line, Did::GaveUp);
                return;
            };
            // Whether the time was up is looked at above.
            let _ = tokio::time::timeout(left, changed).await;
        }
        if route.linger_ms > 0 {
            tokio::time::sleep(Duration::from_millis(route.linger_ms)).await;
        }
    }

    async fn answer(self: Arc<Self>, request: &Request<Incoming>) -> Response<Body> {
        let path = request.uri().path_and_query();
        let path = path.map_or("/", |path| path.as_str());
        let (mut flight, route) = self.asked(path);
        if route.held_after.is_none() {
            self.holds(&flight, &route).await;
        }
        let whole = route.whole();
        let sized = (route.length == Length::ContentLength).then_some(whole.len() as u64);
        let (body, feed) = body::planned(sized);
        let mut response = Response::new(body);
        // A status that is none is the rubric's mistake, and seen as this one.
        let status = StatusCode::from_u16(route.status);
        *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(location) = &route.location {
            let names = self.board.state().names.clone();
            let location = placeholder::filled(location, |name| names.get(name).cloned());
            if let Ok(location) = HeaderValue::from_str(&location) {
                response.headers_mut().insert(LOCATION, location);
            }
        }
        if route.length == Length::Close {
            // With no length, and no chunks in that version, its end is that of
            // the connection.
            *response.version_mut() = Version::HTTP_10;
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        if whole.is_empty() && route.breaks_after.is_none() {
            // The headers are all that there is.
            flight.lands();
        }
        tokio::spawn(feeding(feed, flight, route, whole));
        response
    }
}

/// Whether an answer is held back until somebody has asked for this path.
fn is_after(route: &Route, path: &str) -> bool {
    route.after.iter().any(|after| after == path)
}

/// Sends a body as the route says.
async fn feeding(feed: Feed, mut flight: Flight, route: Route, whole: Vec<u8>) {
    let end = route.breaks_after.unwrap_or(whole.len()).min(whole.len());
    let held = route.held_after.unwrap_or_default().min(end);
    if feed.bytes(&whole[..held]).await.is_err() {
        return;
    }
    if route.held_after.is_some() {
        let at_work = Arc::clone(&flight.at_work);
        at_work.holds(&flight, &route).await;
    }
    if route.breaks_after.is_some() {
        let _ = feed.bytes(&whole[held..end]).await;
        flight.lands();
        feed.breaks().await;
        return;
    }
    let last = end.saturating_sub(1).max(held);
    if feed.bytes(&whole[held..last]).await.is_err() {
        return;
    }
    flight.lands();
    let _ = feed.bytes(&whole[last..end]).await;
}

#[cfg(test)]
mod tests;
