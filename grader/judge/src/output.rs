//! What an execution printed, and which threads did.

use verdict::{Execution, Stream, What};

/// Text that one thread printed without another in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// The thread.
    pub thread: u32,
    /// The text.
    pub text: String,
}

/// A line of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its text, without the line end.
    pub text: String,
    /// The threads that wrote a part of it (its end counts), each once, in the
    /// order of their first parts.
    pub threads: Vec<u32>,
    /// Whether it has its end: `false` only for a last line that is cut short.
    pub ended: bool,
}

/// What was printed on a stream, in order, by thread: adjacent prints of one
/// thread are joined.
pub fn printed(execution: &Execution, stream: Stream) -> Vec<Printed> {
    let mut joined: Vec<Printed> = Vec::new();
    for (thread, text) in prints(execution, stream) {
        match joined.last_mut() {
            Some(last) if last.thread == thread => last.text.push_str(text),
            _ => joined.push(Printed {
                thread,
                text: text.to_owned(),
            }),
        }
    }
    joined
}

/// All that was printed on a stream.
pub fn output(execution: &Execution, stream: Stream) -> String {
    prints(execution, stream).map(|(_, text)| text).collect()
}

/// The lines of a stream, with the threads that wrote each.
pub fn lines(execution: &Execution, stream: Stream) -> Vec<Line> {
    lines_of(prints(execution, stream))
}

/// The lines that these prints make.
pub(crate) fn lines_of<'a>(prints: impl Iterator<Item = (u32, &'a str)>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (thread, text) in prints {
        for part in text.split_inclusive('\n') {
            if lines.last().is_none_or(|last| last.ended) {
                lines.push(Line {
                    text: String::new(),
                    threads: Vec::new(),
                    ended: false,
                });
            }
            // The line pushed above, at least, is there.
            let Some(line) = lines.last_mut() else {
                continue;
            };
            line.text.push_str(part.strip_suffix('\n').unwrap_or(part));
            line.ended = part.ends_with('\n');
            if !line.threads.contains(&thread) {
                line.threads.push(thread);
            }
        }
    }
    lines
}

/// The prints on a stream; those of nothing at all are left out.
pub(crate) fn prints(execution: &Execution, stream: Stream) -> impl Iterator<Item = (u32, &str)> {
    execution
        .events
        .iter()
        .filter_map(move |event| match &event.what {
            What::Print {
                stream: other,
                text,
            } if *other == stream && !text.is_empty() => Some((event.thread, text.as_str())),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{event, finished};

    fn example() -> Execution {
        let print = |thread, stream, text: &str| {
            event(
                thread,
                What::Print {
                    stream,
                    text: text.into(),
                },
            )
        };
        finished(vec![
            print(1, Stream::Stdout, "1\n"),
            print(2, Stream::Stdout, "2"),
            print(2, Stream::Stderr, "oh"),
            print(1, Stream::Stdout, ""),
            print(2, Stream::Stdout, "\n3"),
            print(1, Stream::Stdout, "4\n\n5"),
        ])
    }

    #[test]
    fn adjacent_prints_of_a_thread_are_joined() {
        let printed: Vec<_> = printed(&example(), Stream::Stdout)
            .into_iter()
            .map(|print| (print.thread, print.text))
            .collect();
        assert_eq!(
            printed,
            [
                (1, "1\n".into()),
                (2, "2\n3".into()),
                (1, "4\n\n5".to_owned())
            ]
        );
    }

    #[test]
    fn each_stream_is_told_by_itself() {
        assert_eq!(output(&example(), Stream::Stdout), "1\n2\n34\n\n5");
        assert_eq!(output(&example(), Stream::Stderr), "oh");
    }

    #[test]
    fn lines_know_who_wrote_a_part_of_them() {
        let lines: Vec<_> = lines(&example(), Stream::Stdout)
            .into_iter()
            .map(|line| (line.text, line.threads, line.ended))
            .collect();
        assert_eq!(
            lines,
            [
                ("1".to_owned(), vec![1], true),
                ("2".to_owned(), vec![2], true),
                ("34".to_owned(), vec![2, 1], true),
                (String::new(), vec![1], true),
                ("5".to_owned(), vec![1], false),
            ]
        );
        assert!(super::lines(&finished(vec![]), Stream::Stdout).is_empty());
    }
}
