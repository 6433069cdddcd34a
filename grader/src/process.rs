//! TEMP backend on std::process.
use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};

pub(crate) struct Limits;
impl Limits {
    pub(crate) const COMPILER: Limits = Limits;
    pub(crate) const LIBRARIES: Limits = Limits;
    pub(crate) const EXAMINED: Limits = Limits;
    pub(crate) const JUDGE: Limits = Limits;
}

pub(crate) struct Command {
    program: PathBuf,
    folder: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
}

pub(crate) type Stdin = std::process::ChildStdin;

impl Command {
    pub(crate) fn new(program: &Path, folder: &Path, _limits: Limits) -> Command {
        Command {
            program: program.to_owned(),
            folder: folder.to_owned(),
            args: vec![],
            env: vec![],
        }
    }
    pub(crate) fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }
    pub(crate) fn args(&mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> &mut Self {
        self.args
            .extend(args.into_iter().map(|a| a.as_ref().to_owned()));
        self
    }
    pub(crate) fn env(&mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        self.env
            .push((key.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }
    pub(crate) fn envs(&mut self, all: Vec<(String, OsString)>) -> &mut Self {
        for (k, v) in all {
            self.env(k, v);
        }
        self
    }
    pub(crate) fn fixed_addresses(&mut self) -> &mut Self {
        self
    }
    fn command(&self) -> std::process::Command {
        let mut c = std::process::Command::new(&self.program);
        c.args(&self.args)
            .env_clear()
            .envs(self.env.iter().cloned())
            .current_dir(&self.folder);
        if self.env.is_empty() {}
        c
    }
    pub(crate) fn run(&self) -> Result<Finished> {
        let mut c = self.command();
        let path = std::env::var_os("PATH").unwrap_or_default();
        c.env("PATH", path);
        let out = c
            .stdin(std::process::Stdio::null())
            .output()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        Ok(Finished {
            status: out.status,
            stdout: out.stdout,
            stderr: String::from_utf8_lossy(&out.stderr).into_owned(),
        })
    }
    pub(crate) fn start(&self) -> Result<Running> {
        use std::process::Stdio;
        let mut child = self
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut err = child.stderr.take().context("stderr")?;
        let stderr = std::thread::spawn(move || {
            let mut b = vec![];
            let _ = err.read_to_end(&mut b);
            String::from_utf8_lossy(&b).into_owned()
        });
        Ok(Running {
            stdin: child.stdin.take(),
            stdout: child.stdout.take(),
            child: Arc::new(Mutex::new(child)),
            stderr,
        })
    }
}

pub(crate) struct Running {
    child: Arc<Mutex<std::process::Child>>,
    stdin: Option<std::process::ChildStdin>,
    stdout: Option<std::process::ChildStdout>,
    stderr: std::thread::JoinHandle<String>,
}
pub(crate) struct Stopper(Arc<Mutex<std::process::Child>>);
impl Stopper {
    pub(crate) fn stop(&self) {
        let _ = self.0.lock().map(|mut c| c.kill());
    }
}
impl Running {
    pub(crate) fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.child))
    }
    pub(crate) fn stdin(&mut self) -> Stdin {
        self.stdin.take().unwrap()
    }
    pub(crate) fn stdout(&mut self) -> impl Read + Send + use<> {
        self.stdout.take().unwrap()
    }
    pub(crate) fn wait(self) -> Result<Finished> {
        let stderr = self.stderr.join().unwrap_or_default();
        let status = self
            .child
            .lock()
            .map_err(|_| anyhow::anyhow!("x"))?
            .wait()?;
        Ok(Finished {
            status,
            stdout: vec![],
            stderr,
        })
    }
}
#[derive(Debug)]
pub(crate) struct Finished {
    status: std::process::ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}
impl Finished {
    pub(crate) fn succeeded(&self) -> bool {
        self.status.success()
    }
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }
    pub(crate) fn how(&self) -> String {
        format!("ended with {}", self.status)
    }
    pub(crate) fn limit(&self) -> Option<String> {
        None
    }
    pub(crate) fn last_words(&self) -> String {
        self.stderr
            .trim()
            .lines()
            .rev()
            .take(4)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
            .join(" / ")
    }
}
