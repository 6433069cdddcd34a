//! All output goes through here: results to standard output, progress and
//! complaints to standard error.

use std::io::{ErrorKind, IsTerminal as _, Result, Write as _};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// The styles, on the sixteen colours of every terminal and never the only
/// carrier of meaning. They vanish in a pipe and under `NO_COLOR`.
pub(crate) mod style {
    use anstyle::{AnsiColor, Style};

    /// Passed, full marks.
    pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
    /// Failed.
    pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
    /// Neither.
    pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
    /// Paths, commands and literals.
    pub(crate) const CODE: Style = AnsiColor::Cyan.on_default();
    /// Headings.
    pub(crate) const HEAD: Style = Style::new().bold();

    /// A text in a style.
    pub(crate) fn paint(style: Style, text: impl std::fmt::Display) -> String {
        format!("{style}{text}{style:#}")
    }
}

/// The terminal, or what stands in for it.
pub(crate) struct Ui {
    out: AutoStream<std::io::Stdout>,
    err: AutoStream<std::io::Stderr>,
    progress: ProgressBar,
    live: bool,
    width: usize,
    /// Whether whoever read standard output has gone away.
    closed: bool,
}

/// The columns of a page where there is no terminal to ask.
const WIDTH: u16 = 100;

impl Ui {
    /// The process's own standard streams. Progress is shown on a terminal
    /// only, and only if `live`.
    pub(crate) fn new(live: bool) -> Ui {
        let terminal = terminal_size::terminal_size_of(std::io::stdout());
        let columns = terminal.map_or(WIDTH, |(columns, _)| columns.0);
        Ui {
            out: AutoStream::new(std::io::stdout(), ColorChoice::Auto),
            err: AutoStream::new(std::io::stderr(), ColorChoice::Auto),
            progress: ProgressBar::hidden(),
            live: live && std::io::stderr().is_terminal() && std::io::stdout().is_terminal(),
            width: columns.into(),
            closed: false,
        }
    }

    /// The columns of the terminal; of a page, where there is none.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Prints a text to standard output as it is. A reader that has seen enough
    /// and gone away changes nothing of what is done and how it ends.
    pub(crate) fn print(&mut self, text: &str) -> Result<()> {
        if self.closed {
            return Ok(());
        }
        let Ui { out, progress, .. } = self;
        let printed = progress.suspend(|| {
            out.write_all(text.as_bytes())?;
            out.flush()
        });
        match printed {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            printed => printed,
        }
    }

    /// Prints a line to standard output.
    pub(crate) fn line(&mut self, text: &str) -> Result<()> {
        self.print(&format!("{text}\n"))
    }

    /// Prints a complaint to standard error, of which nothing reaches the
    /// terminal but text. That it cannot be printed changes
    /// nothing that could still be done about it.
    pub(crate) fn error(&mut self, text: &str) {
        let label = style::paint(style::BAD, "error:");
        let text = crate::report::visible(text);
        let Ui { err, progress, .. } = self;
        let _ = progress.suspend(|| writeln!(err, "{label} {text}"));
    }

    /// Says on standard error what takes a while.
    pub(crate) fn status(&mut self, text: &str) {
        let Ui { err, progress, .. } = self;
        let _ = progress.suspend(|| writeln!(err, "{text}"));
    }

    /// Begins to show how many of `total` steps are done.
    pub(crate) fn begin(&mut self, total: usize) {
        let template = "  {spinner} {pos}/{len} checks decided  {elapsed}";
        // A template that does not parse would only look plainer.
        if let Ok(look) = ProgressStyle::with_template(template) {
            self.progress.set_style(look);
        }
        self.progress.set_length(total as u64);
        if self.live {
            self.progress.set_draw_target(ProgressDrawTarget::stderr());
            self.progress.enable_steady_tick(Duration::from_millis(100));
        }
    }

    /// Begins to show how many of `total` submissions are graded, how fast that
    /// is, and when all will be.
    pub(crate) fn begin_class(&mut self, total: usize) {
        let template = match bar_width(self.width, total) {
            0 => "{msg}  {pos}/{len} graded  {pace}".to_owned(),
            bar => format!("{{msg}}  {{bar:{bar}.green}} {{pos}}/{{len}} graded  {{pace}}"),
        };
        // A template that does not parse would only look plainer.
        if let Ok(look) = ProgressStyle::with_template(&template) {
            let told = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let pace = pace(state.pos(), state.len().unwrap_or(0), state.elapsed());
                // What cannot be shown is only shown the next time.
                let _ = out.write_str(&pace);
            };
            self.progress.set_style(look.with_key("pace", told));
        }
        self.progress.set_length(total as u64);
        self.progress.reset_elapsed();
        if self.live {
            self.progress.set_draw_target(ProgressDrawTarget::stderr());
            self.progress.enable_steady_tick(Duration::from_millis(200));
        }
    }

    /// Whether progress is seen, so that no line for each step is needed.
    pub(crate) fn is_live(&self) -> bool {
        self.live
    }

    /// Shows lines above the bar, in place of those before.
    pub(crate) fn remark(&mut self, lines: &[String]) {
        let room = self.width.saturating_sub(4);
        let lines = lines.iter().map(|line| {
            // The bar knows nothing of `NO_COLOR`.
            let plain = anstream::adapter::strip_str(line).to_string();
            let short: String = plain.chars().take(room).collect();
            format!("  {short}\n")
        });
        self.progress.set_message(lines.collect::<String>());
    }

    /// A step is done.
    pub(crate) fn advance(&mut self) {
        self.progress.inc(1);
    }

    /// All steps are done.
    pub(crate) fn finish(&mut self) {
        self.progress.finish_and_clear();
    }
}

/// The longest that [`pace`] becomes in a class that is graded in a day.
const PACE: usize = "  999 a minute, 59m left".len();

/// How wide a bar fits in a line beside what is told of a class; none if there is
/// no room for one that shows anything.
fn bar_width(columns: usize, total: usize) -> usize {
    let numbers = 2 * total.to_string().len() + "    / graded".len();
    let room = columns.saturating_sub(numbers + PACE + 1);
    if room < 5 { 0 } else { room.min(30) }
}

/// How fast things are done and when all will be; nothing until one is.
fn pace(done: u64, total: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if done == 0 || seconds <= 0.0 {
        return String::new();
    }
    // Losing digits of such counts changes nothing that is shown.
    #[expect(
        clippy::cast_precision_loss,
        reason = "nobody has handed in 2^52 crates"
    )]
    let (done, left) = (done as f64, total.saturating_sub(done) as f64);
    let rate = match done * 60.0 / seconds {
        rate if rate >= 1.0 => format!("{rate:.0} a minute"),
        rate => format!("{:.0} an hour", rate * 60.0),
    };
    let left = match left * seconds / done {
        left if left < 60.0 => format!("{left:.0}s"),
        left if left < 3600.0 => format!("{:.0}m", left / 60.0),
        left => format!("{:.0}h", left / 3600.0),
    };
    format!("{rate}, {left} left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_told_once_something_is_done() {
        let pace = |done, total, seconds| pace(done, total, Duration::from_secs(seconds));
        assert_eq!(pace(0, 14, 30), "");
        assert_eq!(pace(12, 72, 60), "12 a minute, 5m left");
        assert_eq!(pace(1, 3, 100), "36 an hour, 3m left");
        assert_eq!(pace(13, 14, 26), "30 a minute, 2s left");
        assert_eq!(pace(14, 14, 28), "30 a minute, 0s left");
        assert_eq!(pace(10, 3610, 20), "30 a minute, 2h left");
    }

    #[test]
    fn a_bar_is_as_wide_as_there_is_room() {
        assert_eq!(bar_width(100, 14), 30);
        assert_eq!(bar_width(30, 14), 0);
        for (columns, total) in [(50, 14), (60, 200), (80, 1000), (45, 9)] {
            let bar = bar_width(columns, total);
            let line = format!(
                "  {} {total}/{total} graded  {}",
                "#".repeat(bar),
                "999 a minute, 59m left"
            );
            assert!(line.len() < columns, "{columns}: {line}");
        }
    }
}
