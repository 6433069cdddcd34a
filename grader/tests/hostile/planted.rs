//! What is there to be stolen, changed or reached: planted before anything is
//! graded, looked at afterwards.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What nobody may learn. A report that has it tells of a leak.
pub(crate) const SECRET: &str = "the-secret-that-no-submission-may-learn";

/// The bait.
pub(crate) struct Planted {
    folder: tempfile::TempDir,
    service: TcpListener,
    /// At the same port.
    datagrams: UdpSocket,
    by_path: UnixListener,
    by_name: UnixListener,
    name: String,
}

impl Planted {
    /// Plants it: a home with a secret that anybody could read, a service on the
    /// loopback (of TCP and of UDP), and Unix sockets of both kinds.
    pub(crate) fn plant() -> Planted {
        let folder = tempfile::tempdir().unwrap();
        let open = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        std::fs::write(home.join("secret"), SECRET).unwrap();
        // It is the layers that are to keep it, and not its mode.
        for path in [folder.path(), &home] {
            open(path, 0o777);
        }
        open(&home.join("secret"), 0o666);
        let socket = folder.path().join("socket");
        let by_path = UnixListener::bind(&socket).unwrap();
        open(&socket, 0o777);
        let name = format!("lockstep-hostile-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let by_name = UnixListener::bind_addr(&address).unwrap();
        let service = TcpListener::bind("127.0.0.1:0").unwrap();
        service.set_nonblocking(true).unwrap();
        let datagrams = UdpSocket::bind(service.local_addr().unwrap()).unwrap();
        datagrams.set_nonblocking(true).unwrap();
        by_path.set_nonblocking(true).unwrap();
        by_name.set_nonblocking(true).unwrap();
        Planted {
            folder,
            service,
            datagrams,
            by_path,
            by_name,
            name,
        }
    }

    /// A folder that anybody could write to.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A source with what was planted in the place of what is nowhere.
    pub(crate) fn aimed(&self, text: &str) -> String {
        let path = |path: PathBuf| path.to_str().unwrap().to_owned();
        text.replace("/nowhere/lockstep", &path(super::root().to_owned()))
            .replace("/nowhere/home", &path(self.folder().join("home")))
            .replace("/nowhere/socket", &path(self.folder().join("socket")))
            .replace("nowhere-by-name", &self.name)
            .replace(
                "127.0.0.1:9",
                &self.service.local_addr().unwrap().to_string(),
            )
    }

    /// Who has come to what listens.
    pub(crate) fn visits(&self) -> Vec<String> {
        let mut visits = Vec::new();
        while let Ok((mut stream, from)) = self.service.accept() {
            let said = said(stream.set_nonblocking(true).and_then(|()| {
                let mut bytes = [0; 64];
                let length = stream.read(&mut bytes)?;
                Ok(bytes[..length].to_vec())
            }));
            visits.push(format!(
                "{from} connected to a service on the loopback{said}"
            ));
        }
        let mut bytes = [0; 64];
        while let Ok((length, from)) = self.datagrams.recv_from(&mut bytes) {
            let said = said(Ok(bytes[..length].to_vec()));
            visits.push(format!(
                "{from} sent a datagram to a service on the loopback{said}"
            ));
        }
        while self.by_path.accept().is_ok() {
            visits.push("somebody connected to a Unix socket by its path".to_owned());
        }
        while self.by_name.accept().is_ok() {
            visits.push("somebody connected to an abstract Unix socket".to_owned());
        }
        visits
    }

    /// All files that must stay as they are, each with what would tell of a
    /// change: what was planted, what is in /dev/shm, the fixtures, what is
    /// right in the homes and in the folder for temporary files by names that
    /// fixtures would give.
    pub(crate) fn watched(&self) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let fixtures = super::root().join("fixtures/hostile");
        for folder in [self.folder(), &fixtures] {
            for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
                all.extend(told(entry.path()));
            }
        }
        // Others may use these at the same time, so only names count here.
        for folder in ["/dev/shm", "/tmp", "/var/tmp", "/root", "/", "/dev/mqueue"] {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            for entry in entries {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.contains("hostile") {
                    all.insert(format!("{folder}/{name}"));
                }
            }
        }
        all
    }
}

/// What somebody said who came: their own name, where they are one of ours.
fn said(bytes: std::io::Result<Vec<u8>>) -> String {
    match bytes {
        Ok(bytes) if !bytes.is_empty() => {
            format!(" and said {:?}", String::from_utf8_lossy(&bytes))
        }
        _ => String::new(),
    }
}

/// A file, with its size, its mode and the time of its last change.
fn told(path: &Path) -> Option<String> {
    let data = path.symlink_metadata().ok()?;
    let changed = Duration::new(
        data.mtime().unsigned_abs(),
        data.mtime_nsec().unsigned_abs() as u32,
    );
    let path = path.display();
    Some(format!(
        "{path} ({:o}, {} bytes, {changed:?})",
        data.mode(),
        data.len()
    ))
}
