//! Which layers this machine has, found out by attacking them.
//!
//! Whether a layer can be had is a matter of the kernel's version and
//! configuration, of a container's filter, of rules for users: none of which
//! tells how these play together. So nothing is read here. A process is started
//! in each set of layers, and tries attacks that are known to work outside of
//! it; a set is good when every one of them fails, and what must work does.

use std::path::Path;
use std::sync::OnceLock;

use crate::Layers;

/// What came of the attacks, in each set of layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The sets, strongest first.
    pub sets: Vec<Set>,
}

/// A set of layers and what came of trying it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// It.
    pub layers: Layers,
    /// Whether a process in it can have a loopback interface of its own.
    pub own_loopback: bool,
    /// Whether it can have sockets on the machine's.
    pub shared_loopback: bool,
    /// The attacks, or the layer that this machine has not and why.
    pub tried: Result<Vec<Row>, String>,
}

/// Something that was tried in a set of layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What, as in `an attempt to {what}`.
    pub what: &'static str,
    /// Whether it should have failed.
    pub is_attack: bool,
    /// What came of it.
    pub tried: Tried,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// It worked.
    Worked,
    /// It failed, with this error by its name.
    Failed(String),
}

impl Row {
    /// Whether it is as it should be.
    pub fn is_right(&self) -> bool {
        self.is_attack == matches!(self.tried, Tried::Failed(_))
    }
}

impl Set {
    /// Why nothing that is not trusted may run in it; `None` when it may.
    pub fn fault(&self) -> Option<String> {
        let rows = match &self.tried {
            Ok(rows) => rows,
            Err(why) => return Some(why.clone()),
        };
        let wrong = rows.iter().find(|row| !row.is_right())?;
        Some(match (&wrong.tried, wrong.is_attack) {
            (Tried::Failed(error), _) => {
                format!("a process in it cannot {}: {error}", wrong.what)
            }
            (Tried::Worked, _) => format!("a process in it was able to {}", wrong.what),
        })
    }
}

impl Report {
    /// The strongest set that holds.
    pub fn strongest(&self) -> Option<&Set> {
        self.sets.iter().find(|set| set.fault().is_none())
    }

    /// What was found about a set.
    pub fn set(&self, layers: Layers) -> Option<&Set> {
        self.sets.iter().find(|set| set.layers == layers)
    }
}

/// The sets of layers that there are, strongest first.
pub const SETS: [Layers; 2] = [Layers::Full, Layers::Bare];

/// Tries all sets of layers, once in the life of this process, in the system's
/// folder for temporary files: for tests and benchmarks.
pub fn preflight() -> &'static Report {
    static REPORT: OnceLock<Report> = OnceLock::new();
    REPORT.get_or_init(|| {
        let folder = std::env::temp_dir();
        Report {
            sets: SETS.map(|layers| try_layers(layers, &folder)).into(),
        }
    })
}

/// Whether the memory and the processes of each start are counted together, in a
/// control group of its own.
pub fn uses_cgroup() -> bool {
    #[cfg(target_os = "linux")]
    return crate::sys::cgroup::is_used();
    #[cfg(not(target_os = "linux"))]
    false
}

/// All that what comes of trying the layers may depend on, as far as a process
/// can read it: as long as this is the same, a set that held holds. `None` where
/// it cannot be told, so that everything has to be tried.
pub fn machine() -> Option<Vec<u8>> {
    #[cfg(target_os = "linux")]
    return crate::sys::machine::state();
    #[cfg(not(target_os = "linux"))]
    None
}

/// Tries a set of layers. What is attacked is made in this folder for as long as
/// that takes.
#[cfg(not(target_os = "linux"))]
pub fn try_layers(layers: Layers, _: &Path) -> Set {
    Set {
        layers,
        own_loopback: false,
        shared_loopback: false,
        tried: Err("only Linux has it".to_owned()),
    }
}

/// Tries a set of layers. What is attacked is made in this folder for as long as
/// that takes.
#[cfg(target_os = "linux")]
pub fn try_layers(layers: Layers, folder: &Path) -> Set {
    use crate::{Neighbours, Network};

    let mut tried = linux::try_all(layers, Network::None, folder);
    // Sockets are more to attack with: where there are any, these rows count.
    let mut with = |network| {
        let Ok(more) = linux::try_all(layers, network, folder) else {
            return false;
        };
        if let Ok(rows) = &mut tried {
            for (row, more) in rows.iter_mut().zip(more) {
                if row.is_right() {
                    *row = more;
                }
            }
        }
        true
    };
    let shared_loopback = with(Network::SharedLoopback(Neighbours::default()));
    let own_loopback = with(Network::Loopback);
    Set {
        layers,
        own_loopback,
        shared_loopback,
        tried,
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::CString;
    use std::fs::{DirBuilder, File, Permissions};
    use std::io::{self, Read as _};
    use std::net::{TcpListener, UdpSocket};
    use std::os::fd::AsRawFd as _;
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    use std::os::unix::net::{SocketAddr, UnixListener};
    use std::os::unix::process::ExitStatusExt as _;
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::{Duration, Instant};

    use super::{Row, Tried};
    use crate::sys::attacks::{self, Attack, LENGTH, Outcome, Seen, Targets};
    use crate::sys::{self, Waited};
    use crate::{Job, Keep, Layers, Network, Policy, Scratch};

    /// Far more than the attacks take.
    const PATIENCE: Duration = Duration::from_secs(20);

    pub(super) fn try_all(
        layers: Layers,
        network: Network,
        folder: &Path,
    ) -> Result<Vec<Row>, String> {
        let range =
            Range::new(folder).map_err(|error| format!("cannot make what is attacked: {error}"))?;
        range
            .attack(layers, network)
            .map_err(|error| error.to_string())
    }

    /// What is attacked, gone with the value.
    struct Range {
        folder: PathBuf,
        scratch: PathBuf,
        name: Vec<u8>,
        /// Somebody has to listen, or a refusal would mean nothing.
        service: TcpListener,
        datagrams: UdpSocket,
        neighbour: TcpListener,
        _by_name_and_path: (UnixListener, UnixListener),
    }

    impl Range {
        fn new(parent: &Path) -> io::Result<Range> {
            static COUNTER: AtomicU32 = AtomicU32::new(0);
            let number = COUNTER.fetch_add(1, Ordering::Relaxed);
            let name = format!("lockstep-preflight-{}-{number}", std::process::id());
            let folder = parent.canonicalize()?.join(&name);
            let scratch = folder.join("scratch");
            // Who is kept out by the modes of files alone shows nothing of layers.
            DirBuilder::new().create(&folder)?;
            let made = || {
                std::fs::set_permissions(&folder, Permissions::from_mode(0o777))?;
                DirBuilder::new().mode(0o700).create(&scratch)?;
                for file in ["secret", "removable"] {
                    std::fs::write(folder.join(file), "nobody knows")?;
                    std::fs::set_permissions(folder.join(file), Permissions::from_mode(0o666))?;
                }
                let datagrams = UdpSocket::bind("127.0.0.1:0")?;
                datagrams.set_nonblocking(true)?;
                attacks::share(&datagrams);
                // The address of a socket is too short for many a path.
                let entered = File::open(&folder)?;
                let short = format!("/proc/self/fd/{}/socket", entered.as_raw_fd());
                let by_path = UnixListener::bind(short)?;
                std::fs::set_permissions(folder.join("socket"), Permissions::from_mode(0o777))?;
                let by_name = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;
                Ok(Range {
                    folder: folder.clone(),
                    scratch: scratch.clone(),
                    name: [b"\0", name.as_bytes()].concat(),
                    service: TcpListener::bind("127.0.0.1:0")?,
                    datagrams,
                    neighbour: TcpListener::bind("127.0.0.1:0")?,
                    _by_name_and_path: (by_path, by_name),
                })
            };
            made().inspect_err(|_| {
                let _ = std::fs::remove_dir_all(&folder);
            })
        }

        fn targets(&self, network: &Network) -> io::Result<Targets> {
            let string = |path: &Path| CString::new(path.as_os_str().as_encoded_bytes());
            let grader = std::process::id();
            Ok(Targets {
                folder: string(&self.folder)?,
                secret: string(&self.folder.join("secret"))?,
                removable: string(&self.folder.join("removable"))?,
                planted: string(&self.folder.join("planted"))?,
                // The process works in the folder beside it.
                socket: c"../socket".to_owned(),
                name: self.name.clone(),
                port: self.service.local_addr()?.port(),
                datagrams: self.datagrams.local_addr()?.port(),
                neighbour: self.neighbour.local_addr()?.port(),
                grader: libc::pid_t::try_from(grader).map_err(io::Error::other)?,
                memory: CString::new(format!("/proc/{grader}/mem"))?,
                sockets: *network != Network::None,
                shared: matches!(network, Network::SharedLoopback(_)),
            })
        }

        /// Whether what an attack did is to be seen here, where that can be.
        fn shows(&self, attack: &Attack) -> bool {
            match attack.seen {
                None => true,
                Some(Seen::File(name, there)) => self.folder.join(name).exists() == there,
                // All attacks are over by then: each takes one that has come.
                Some(Seen::Datagram) => self.datagrams.recv(&mut [0; 4]).is_ok(),
            }
        }

        fn attack(&self, layers: Layers, network: Network) -> io::Result<Vec<Row>> {
            if let Network::SharedLoopback(neighbours) = &network {
                neighbours.admit(&self.neighbour)?;
            }
            let targets = self.targets(&network)?;
            // Simulated programs have no sockets and leave nothing; real ones have both.
            let keep = match network {
                Network::None | Network::Loopback => Keep::Nothing { bytes: 1 << 20 },
                Network::SharedLoopback(_) => Keep::All,
            };
            let mut job = Job::new(std::env::current_exe()?, &self.scratch);
            job.policy = Policy {
                layers,
                network,
                scratch: Some(Scratch {
                    folder: self.scratch.clone(),
                    keep,
                    at: None,
                }),
                ..Policy::default()
            };
            let layered = sys::layers::spawn_attacks(&job, targets)?;
            let mut pipe = File::from(layered.stdout);
            let mut told = Vec::new();
            let mut buffer = [0; 4096];
            while sys::wait_readable(&pipe, &pipe, Some(PATIENCE))? == Waited::Ready {
                match pipe.read(&mut buffer)? {
                    0 => break,
                    length => told.extend_from_slice(&buffer[..length]),
                }
            }
            sys::wait_for_end(layered.pid, Instant::now().checked_add(PATIENCE));
            sys::kill_group(layered.pid);
            let status = layered.reaped.reap()?;
            let (outcomes, _) = told.as_chunks::<LENGTH>();
            let mut rows: Vec<Row> = attacks::each()
                .map(|attack| (attack, true))
                .chain(attacks::USES.iter().map(|attack| (attack, false)))
                .zip(outcomes)
                .map(|((attack, is_attack), outcome)| Row {
                    what: attack.name,
                    is_attack,
                    tried: match Outcome::decode(*outcome) {
                        Outcome::Through if self.shows(attack) => Tried::Worked,
                        Outcome::Through => Tried::Failed("not seen outside".to_owned()),
                        Outcome::Denied(number) => Tried::Failed(name_of(number)),
                    },
                })
                .collect();
            let attacks = attacks::each().count();
            if rows.len() < attacks + attacks::USES.len() {
                let after = rows.last().map_or("nothing", |row| row.what);
                return Err(io::Error::other(format!(
                    "the process that attacks ended early ({status}), after an attempt to {after}"
                )));
            }
            if cfg!(target_arch = "x86_64") {
                rows.insert(
                    attacks,
                    Row {
                        what: attacks::LAST,
                        is_attack: true,
                        tried: match (outcomes.get(rows.len()), status.signal()) {
                            (None, Some(libc::SIGSYS)) => Tried::Failed("SIGSYS".to_owned()),
                            (Some(outcome), _) => match Outcome::decode(*outcome) {
                                Outcome::Denied(number) => Tried::Failed(name_of(number)),
                                Outcome::Through => Tried::Worked,
                            },
                            (None, _) => Tried::Worked,
                        },
                    },
                );
            }
            Ok(rows)
        }
    }

    impl Drop for Range {
        fn drop(&mut self) {
            // What cannot be removed is a few empty files in the system's own
            // folder for such.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    /// An error by the name that manuals use.
    fn name_of(number: i32) -> String {
        let name = match number {
            libc::EPERM => "EPERM",
            libc::ENOENT => "ENOENT",
            libc::ESRCH => "ESRCH",
            libc::EBADF => "EBADF",
            libc::EAGAIN => "EAGAIN",
            libc::EACCES => "EACCES",
            libc::EINVAL => "EINVAL",
            libc::ENOTTY => "ENOTTY",
            libc::ENODEV => "ENODEV",
            libc::EADDRINUSE => "EADDRINUSE",
            libc::EROFS => "EROFS",
            libc::ENOSPC => "ENOSPC",
            libc::ENOSYS => "ENOSYS",
            libc::ENETUNREACH => "ENETUNREACH",
            libc::ECONNREFUSED => "ECONNREFUSED",
            libc::EAFNOSUPPORT => "EAFNOSUPPORT",
            number => return format!("error {number}"),
        };
        name.to_owned()
    }
}
