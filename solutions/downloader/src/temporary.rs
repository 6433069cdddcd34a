//! A file on its way to its final name.
//!
//! The operating system decides who gets a name: a temporary file is made with
//! `create_new`, and a link takes the final name only if it is free. Nothing is
//! looked up first, for the answer could be out of date by the time it is used.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Saved, name};

/// Tells the temporary files of this process apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A file under a temporary name, which goes away with this value.
pub(crate) struct Temporary {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Temporary {
    /// Makes a new file in `dir`, under a name that begins with a dot.
    pub(crate) fn create(dir: &Path) -> io::Result<Temporary> {
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = dir.join(format!(".download-{}-{number}", process::id()));
            match File::create_new(&path) {
                Ok(file) => {
                    return Ok(Temporary {
                        path,
                        file: BufWriter::new(file),
                    });
                }
                // Another process that had our number was killed here.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives the file the name or, where that is taken, the next one with a
    /// number that is free.
    pub(crate) fn keep(mut self, dir: &Path, name: &str) -> io::Result<Saved> {
        // What is still in the buffer must be in the file before it is seen.
        self.file.flush()?;
        let bytes = self.file.get_ref().metadata()?.len();
        let mut path = dir.join(name);
        for number in 1.. {
            match fs::hard_link(&self.path, &path) {
                Ok(()) => break,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    path = dir.join(name::numbered(name, number));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Saved { path, bytes })
    }
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // If even this fails, nobody is left who could do better.
        let _ = fs::remove_file(&self.path);
    }
}
