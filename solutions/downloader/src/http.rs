//! A small HTTP/1.1 client for `http://` URLs. It comes with the exercise: you
//! may leave it as it is.
//!
//! Each fetch is one `GET` on a connection of its own. The body may come with a
//! length, in chunks, or end with the connection (RFC 9112, section 6). What it
//! deliberately does not do: encryption, compression, proxies, and redirects,
//! which are refused with an error that names the new address.

use std::io::{self, BufRead, BufReader, Error, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::Fetch;

/// How long one address may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server may be silent, or take nothing, before it is given up.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the status line and the headers, or the trailers, may be together.
const LONGEST_HEAD: u64 = 64 * 1024;

/// Fetches `http://` URLs over TCP.
///
/// A status other than 2xx, a body that is cut short and a server that is
/// silent for 30 seconds are errors. Bytes that came before the error have been
/// written by then.
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpFetcher;

impl Fetch for HttpFetcher {
    fn fetch(&self, url: &str, out: &mut dyn Write) -> io::Result<()> {
        let target = Target::parse(url)?;
        let mut stream = connect(&target)?;
        stream.set_read_timeout(Some(IDLE_TIMEOUT))?;
        stream.set_write_timeout(Some(IDLE_TIMEOUT))?;
        stream
            .write_all(target.request().as_bytes())
            .map_err(timed_out)?;
        let mut answer = Answer {
            reader: BufReader::new(stream),
        };
        let head = answer.head()?;
        match head.status {
            200..=299 => answer.body(&head, out),
            300..=399 => match &head.location {
                Some(location) => fail(
                    ErrorKind::Unsupported,
                    format!("moved to {location}: fetch that URL"),
                ),
                None => fail(
                    ErrorKind::Unsupported,
                    format!("redirected with status {}", head.status),
                ),
            },
            404 | 410 => fail(
                ErrorKind::NotFound,
                format!("the server answered {}", head.status),
            ),
            status => fail(ErrorKind::Other, format!("the server answered {status}")),
        }
    }
}

/// Where a request goes and what it asks for.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    /// What the `Host` header says: the host, with the port where the URL has one.
    authority: String,
    host: String,
    port: u16,
    /// Path and query.
    path: String,
}

impl Target {
    fn parse(url: &str) -> io::Result<Target> {
        let refuse = |why: &str| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("{url:?} cannot be fetched: {why}"),
            )
        };
        // A line break would let a URL write headers of its own.
        if url
            .bytes()
            .any(|byte| byte.is_ascii_control() || byte == b' ')
        {
            return Err(refuse("it holds a blank or a control character"));
        }
        let rest = match url.split_at_checked("http://".len()) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http://") => rest,
            _ => return Err(refuse("it does not begin with http://")),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(refuse("user names are not supported"));
        }
        let (host, port) = match authority.rsplit_once(':') {
            // The colons of an IPv6 address are inside its brackets.
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (authority, ""),
        };
        let port = match port {
            "" => 80,
            port => port
                .parse()
                .map_err(|_| refuse("its port is not a number from 0 to 65535"))?,
        };
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if host.is_empty() {
            return Err(refuse("it names no host"));
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        let mut target = format!("{slash}{path}");
        if !target.is_ascii() {
            target = target.bytes().map(escaped).collect();
        }
        Ok(Target {
            authority: authority.to_owned(),
            host: host.to_owned(),
            port,
            path: target,
        })
    }

    fn request(&self) -> String {
        format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: downloader\r\nAccept: */*\r\n\
             Accept-Encoding: identity\r\nConnection: close\r\n\r\n",
            self.path, self.authority
        )
    }
}

/// A byte as it may stand in a request.
fn escaped(byte: u8) -> String {
    if byte.is_ascii() {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// Connects to the first of the host's addresses that accepts.
fn connect(target: &Target) -> io::Result<TcpStream> {
    let mut refused = None;
    for address in (target.host.as_str(), target.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok(stream),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.unwrap_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!("{} has no address", target.host),
        )
    }))
}

/// What a response says before its body.
#[derive(Debug, Default, PartialEq, Eq)]
struct Head {
    status: u16,
    length: Option<u64>,
    chunked: bool,
    location: Option<String>,
}

/// The response, as it is read.
struct Answer<R> {
    reader: R,
}

impl<R: BufRead> Answer<R> {
    /// The head of the final response; interim ones (1xx) are skipped.
    fn head(&mut self) -> io::Result<Head> {
        let mut budget = LONGEST_HEAD;
        loop {
            let status = status_of(&self.line(&mut budget)?)?;
            let mut head = Head {
                status,
                ..Head::default()
            };
            loop {
                let line = self.line(&mut budget)?;
                if line.is_empty() {
                    break;
                }
                head.take(&line)?;
            }
            if !(100..=199).contains(&status) || status == 101 {
                return Ok(head);
            }
        }
    }

    /// Copies the body to `out`.
    fn body(&mut self, head: &Head, out: &mut dyn Write) -> io::Result<()> {
        match head.length {
            _ if head.status == 204 => Ok(()),
            _ if head.chunked => self.chunks(out),
            Some(length) => self.exactly(length, out),
            None => self.copy(u64::MAX, out).map(drop),
        }
    }

    fn chunks(&mut self, out: &mut dyn Write) -> io::Result<()> {
        loop {
            let mut budget = LONGEST_HEAD;
            let line = self.line(&mut budget)?;
            // After a semicolon there may be extensions, which mean nothing here.
            let digits = line.split(';').next().unwrap_or_default().trim();
            match hexadecimal(digits) {
                None => {
                    return fail(
                        ErrorKind::InvalidData,
                        format!("{digits:?} is not the size of a chunk"),
                    );
                }
                Some(0) => break,
                Some(size) => self.exactly(size, out)?,
            }
            if !self.line(&mut budget)?.is_empty() {
                return fail(
                    ErrorKind::InvalidData,
                    "a chunk is longer than its size says".to_owned(),
                );
            }
        }
        let mut budget = LONGEST_HEAD;
        while !self.line(&mut budget)?.is_empty() {}
        Ok(())
    }

    fn exactly(&mut self, length: u64, out: &mut dyn Write) -> io::Result<()> {
        match self.copy(length, out)? {
            copied if copied == length => Ok(()),
            copied => fail(
                ErrorKind::UnexpectedEof,
                format!("the connection was closed after {copied} bytes of {length}"),
            ),
        }
    }

    /// Copies up to `most` bytes, fewer only at the end of the connection.
    fn copy(&mut self, most: u64, out: &mut dyn Write) -> io::Result<u64> {
        io::copy(&mut self.reader.by_ref().take(most), out).map_err(timed_out)
    }

    /// The next line without its end.
    fn line(&mut self, budget: &mut u64) -> io::Result<String> {
        let mut line = Vec::new();
        let read = self
            .reader
            .by_ref()
            .take(*budget)
            .read_until(b'\n', &mut line)
            .map_err(timed_out)?;
        *budget -= read as u64;
        if line.pop() != Some(b'\n') {
            return match *budget {
                0 => fail(
                    ErrorKind::InvalidData,
                    format!("the headers are longer than {LONGEST_HEAD} bytes"),
                ),
                _ => fail(
                    ErrorKind::UnexpectedEof,
                    "the connection was closed within the headers".to_owned(),
                ),
            };
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }
}

impl Head {
    /// Takes from a header line what matters for the body.
    fn take(&mut self, line: &str) -> io::Result<()> {
        let Some((name, value)) = line.split_once(':') else {
            return fail(ErrorKind::InvalidData, format!("{line:?} is not a header"));
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            let length =
                decimal(value).filter(|length| self.length.is_none_or(|other| other == *length));
            if length.is_none() {
                return fail(
                    ErrorKind::InvalidData,
                    format!("the content length {value:?} makes no sense"),
                );
            }
            self.length = length;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            if !value.eq_ignore_ascii_case("chunked") {
                return fail(
                    ErrorKind::Unsupported,
                    format!("the transfer encoding {value:?} is not supported"),
                );
            }
            self.chunked = true;
        } else if name.eq_ignore_ascii_case("location") {
            self.location = Some(value.to_owned());
        }
        Ok(())
    }
}

/// The status of a status line such as `HTTP/1.1 200 OK`.
fn status_of(line: &str) -> io::Result<u16> {
    let mut words = line.split(' ');
    let version = words.next().unwrap_or_default();
    let status = words
        .next()
        .filter(|status| status.len() == 3)
        .and_then(decimal);
    match status.and_then(|status| u16::try_from(status).ok()) {
        Some(status) if version.starts_with("HTTP/1.") => Ok(status),
        _ => fail(
            ErrorKind::InvalidData,
            format!("{line:?} is not an answer in HTTP/1.1"),
        ),
    }
}

/// Digits only: `parse` would take a sign, too.
fn decimal(digits: &str) -> Option<u64> {
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())
        .flatten()
}

fn hexadecimal(digits: &str) -> Option<u64> {
    digits
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then(|| u64::from_str_radix(digits, 16).ok())
        .flatten()
}

/// Some systems call a read that timed out one that would block.
fn timed_out(error: Error) -> Error {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::new(
            ErrorKind::TimedOut,
            format!(
                "nothing passed between the server and here for {} seconds",
                IDLE_TIMEOUT.as_secs()
            ),
        ),
        _ => error,
    }
}

fn fail<T>(kind: ErrorKind, message: String) -> io::Result<T> {
    Err(Error::new(kind, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(response: &str) -> io::Result<String> {
        let mut answer = Answer {
            reader: response.as_bytes(),
        };
        let head = answer.head()?;
        let mut out = Vec::new();
        answer.body(&head, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_url_becomes_a_host_a_port_and_a_path() {
        let parse = |url: &str| {
            let target = Target::parse(url).unwrap();
            (target.authority, target.host, target.port, target.path)
        };
        let owned =
            |a: &str, h: &str, port: u16, p: &str| (a.to_owned(), h.to_owned(), port, p.to_owned());
        assert_eq!(parse("http://host"), owned("host", "host", 80, "/"));
        assert_eq!(
            parse("HTTP://host:8080/a/b?c#d"),
            owned("host:8080", "host", 8080, "/a/b?c")
        );
        assert_eq!(parse("http://host?q#/x"), owned("host", "host", 80, "/?q"));
        assert_eq!(
            parse("http://[::1]:81/é"),
            owned("[::1]:81", "::1", 81, "/%C3%A9")
        );
        assert_eq!(parse("http://[::1]"), owned("[::1]", "::1", 80, "/"));
        for refused in [
            "ftp://host/",
            "http:///a",
            "http://host:x/",
            "http://a b/",
            "http://u@host/",
            "ü",
        ] {
            assert_eq!(
                Target::parse(refused).unwrap_err().kind(),
                ErrorKind::InvalidInput,
                "{refused}"
            );
        }
    }

    #[test]
    fn a_body_has_a_length_or_chunks_or_ends_with_the_connection() {
        assert_eq!(
            read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef").unwrap(),
            "abc"
        );
        assert_eq!(
            read("HTTP/1.0 200 OK\r\n\r\nall of it").unwrap(),
            "all of it"
        );
        let chunks = "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";
        assert_eq!(
            read(&format!(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n{chunks}"
            ))
            .unwrap(),
            "abc0123456789"
        );
        assert_eq!(
            read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\nrest").unwrap(),
            ""
        );
    }

    #[test]
    fn a_response_that_is_cut_short_or_malformed_is_an_error() {
        let kind = |response: &str| read(response).unwrap_err().kind();
        assert_eq!(
            kind("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"),
            ErrorKind::UnexpectedEof
        );
        assert_eq!(
            kind("HTTP/1.1 200 OK\r\nContent-Le"),
            ErrorKind::UnexpectedEof
        );
        assert_eq!(
            kind("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"),
            ErrorKind::UnexpectedEof
        );
        assert_eq!(
            kind("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"),
            ErrorKind::InvalidData
        );
        assert_eq!(
            kind("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n"),
            ErrorKind::InvalidData
        );
        assert_eq!(
            kind("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"),
            ErrorKind::Unsupported
        );
        assert_eq!(
            kind("HTTP/1.1 200\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n"),
            ErrorKind::InvalidData
        );
        assert_eq!(kind("SSH-2.0-server\r\n"), ErrorKind::InvalidData);
        let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(70_000));
        assert_eq!(kind(&endless), ErrorKind::InvalidData);
    }
}
