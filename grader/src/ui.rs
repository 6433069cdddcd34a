//! All output goes through here: results to standard output, progress and
//! complaints to standard error.

use std::io::{ErrorKind, IsTerminal as _, Result, Write as _};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
        let template = "{msg}  {bar:30.green} {pos}/{len} graded  {per_sec}  {eta} left";
        // A template that does not parse would only look plainer.
        if let Ok(look) = ProgressStyle::with_template(template) {
            self.progress.set_style(look);
        }
        self.progress.set_length(total as u64);
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
