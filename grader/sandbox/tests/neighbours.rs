//! Real processes on the machine's loopback: they reach the sockets of their own
//! run, as without a sandbox, and no others.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use sandbox::{Ended, How, Job, Layers, Neighbours, Network, preflight, run, spawn};

/// Tries what its arguments say, and prints what came of it.
const PROGRAM: &str = r#"
    use std::io::{ErrorKind, Read, Write};
    use std::net::{SocketAddr, SocketAddrV6, TcpListener, TcpStream, UdpSocket};
    use std::os::fd::AsRawFd;
    use std::time::{Duration, Instant};

    unsafe extern "C" {
        fn connect(socket: i32, to: *const [u8; 16], length: u32) -> i32;
        fn listen(socket: i32, queue: i32) -> i32;
        fn send(socket: i32, bytes: *const [u8; 16], length: usize, flags: i32) -> isize;
        fn getsockopt(socket: i32, level: i32, option: i32, value: *mut [u8; 16], length: *mut u32)
            -> i32;
        fn setsockopt(socket: i32, level: i32, option: i32, value: *const i32, length: u32) -> i32;
    }

    fn told<T>(result: std::io::Result<T>) -> String {
        result.map_or_else(|error| format!("{:?}", error.kind()), |_| "Reached".to_owned())
    }

    fn datagram(to: SocketAddr) -> std::io::Result<()> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(to)?;
        socket.send(b"by connect")?;
        // Who is not there is told when the next thing is done.
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut bytes = [0; 16];
        let length = socket.recv(&mut bytes)?;
        assert_eq!(&bytes[..length], b"answer");
        Ok(())
    }

    fn main() {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let to = |at: usize| args[at].parse::<SocketAddr>().unwrap();
        let shortly = Duration::from_secs(30);
        match args[0].as_str() {
            "tcp" => {
                println!("{}", told(TcpStream::connect(to(1))));
                println!("{}", told(TcpStream::connect_timeout(&to(1), shortly)));
            }
            "udp" => println!("{}", told(datagram(to(1)))),
            "send" => {
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                println!("{:?}", socket.send_to(b"by address", to(1)).unwrap());
            }
            // Connects while another thread writes another address in the place of
            // the one that may be reached.
            "race" => {
                let raw = |to: SocketAddr| {
                    let SocketAddr::V4(to) = to else { panic!() };
                    let mut raw = [0; 16];
                    raw[..2].copy_from_slice(&2u16.to_ne_bytes());
                    raw[2..4].copy_from_slice(&to.port().to_be_bytes());
                    raw[4..8].copy_from_slice(&to.ip().octets());
                    raw
                };
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let (own, service) = (raw(listener.local_addr().unwrap()), raw(to(1)));
                let place = Box::leak(Box::new(own)) as *mut [u8; 16];
                let at = place as usize;
                std::thread::spawn(move || loop {
                    for raw in [own, service] {
                        unsafe { std::ptr::write_volatile(at as *mut [u8; 16], raw) };
                    }
                });
                let mut reached = 0;
                for _ in 0..200 {
                    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                    unsafe { connect(socket.as_raw_fd(), place, 16) };
                    let _ = socket.send(b"raced");
                    // A stream is made by connecting it to where nobody is.
                    let stream = socket2(at);
                    reached += usize::from(stream);
                }
                println!("raced {}", reached > 0);
            }
            // A listener whose queue is full keeps who connects, and nobody else.
            "full" => {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let address = listener.local_addr().unwrap();
                unsafe { listen(listener.as_raw_fd(), 0) };
                let waiting: Vec<_> = (0..4)
                    .map(|_| std::thread::spawn(move || TcpStream::connect(address).is_ok()))
                    .collect();
                std::thread::sleep(Duration::from_millis(100));
                let began = Instant::now();
                let timed = TcpStream::connect_timeout(&address, Duration::from_millis(50));
                assert_eq!(timed.unwrap_err().kind(), ErrorKind::TimedOut);
                let other = TcpListener::bind("127.0.0.1:0").unwrap();
                TcpStream::connect(other.local_addr().unwrap()).unwrap();
                let quick = began.elapsed() < Duration::from_millis(900);
                std::thread::spawn(move || while listener.accept().is_ok() {});
                let connected = waiting.into_iter().all(|thread| thread.join().unwrap());
                println!("{quick} {connected}");
            }
            // Has a socket reach or hear others than those of the run: by a name that
            // is looked up, by disconnecting it, and by what it is bound to.
            "frees" => {
                println!("{}", told(TcpStream::connect("localhost:1")));
                println!("{}", told(UdpSocket::bind("127.0.0.1:0").unwrap().connect("127.0.0.1:0")));
                let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
                println!("{}", told(socket.connect("192.0.2.1:0")));
                let nothing = [0; 16];
                let freed = unsafe { connect(socket.as_raw_fd(), &nothing, 16) };
                println!("{freed} {:?}", std::io::Error::last_os_error().raw_os_error());
                let sent = unsafe { send(socket.as_raw_fd(), &nothing, 16, 0) };
                println!("{sent} {:?}", std::io::Error::last_os_error().raw_os_error());
                for number in 2..16 {
                    let group = SocketAddrV6::new("ff02::1".parse().unwrap(), 0, 0, number);
                    if let Ok(socket) = UdpSocket::bind(group) {
                        let mut name = [0u8; 16];
                        unsafe { getsockopt(socket.as_raw_fd(), 1, 25, &mut name, &mut 16) };
                        assert!(name.starts_with(b"lo\0"), "{number} {name:?}");
                    }
                }
                println!("{}", told(UdpSocket::bind("192.0.2.1:0")));
            }
            "options" => {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                for (level, option) in [(1, 15), (0, 4), (6, 30), (6, 7), (6, 1)] {
                    let one = 1;
                    let set = unsafe {
                        setsockopt(listener.as_raw_fd(), level, option, &one, 4)
                    };
                    print!("{} ", set == 0);
                }
                println!();
            }
            "serve" => {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let socket = UdpSocket::bind(listener.local_addr().unwrap()).unwrap();
                println!("{}", listener.local_addr().unwrap());
                std::thread::spawn(move || {
                    let mut bytes = [0; 16];
                    while let Ok((_, from)) = socket.recv_from(&mut bytes) {
                        socket.send_to(b"answer", from).unwrap();
                    }
                });
                std::thread::spawn(move || while listener.accept().is_ok() {});
                // Until the input ends.
                std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
            }
            // A server that wakes itself up to end.
            "wakes" => {
                let listener = TcpListener::bind(args[1].as_str()).unwrap();
                let address = listener.local_addr().unwrap();
                let loops = std::thread::spawn(move || listener.accept().unwrap());
                TcpStream::connect(address).unwrap().write_all(b"x").unwrap();
                loops.join().unwrap();
                println!("{}", told(TcpStream::connect(address)));
            }
            other => panic!("{other}"),
        }
    }

    /// Whether a new stream connects to what lies there.
    fn socket2(at: usize) -> bool {
        unsafe extern "C" {
            fn socket(family: i32, kind: i32, protocol: i32) -> i32;
            fn close(socket: i32) -> i32;
        }
        unsafe {
            let stream = socket(2, 1, 0);
            let connected = connect(stream, at as *const [u8; 16], 16) == 0;
            close(stream);
            connected
        }
    }
"#;

/// Where another user is told of the program.
const TOLD: &str = "LOCKSTEP_TEST_PROGRAM";

/// The program, compiled once; `None` where there is no compiler.
fn compiled() -> Option<&'static Path> {
    static BUILT: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        if let Some(told) = std::env::var_os(TOLD) {
            return Some(told.into());
        }
        // It stays as long as the tests are there, which no value of a test is.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("neighbours");
        std::fs::create_dir_all(&folder).unwrap();
        let (source, program) = (folder.join("program.rs"), folder.join("program"));
        std::fs::write(&source, PROGRAM).unwrap();
        let built = Command::new("rustc")
            .args(["--edition", "2024", "-C", "debuginfo=0", "-o"])
            .args([&program, &source])
            .output();
        let built = built.ok()?;
        let told = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{told}");
        Some(program)
    });
    BUILT.as_deref()
}

/// A program of a run.
fn job(program: &Path, layers: Layers, neighbours: &Neighbours, args: &[&str]) -> Job {
    let mut job = Job::new(program, "/");
    job.args = args.iter().map(Into::into).collect();
    job.policy.layers = layers;
    job.policy.network = Network::SharedLoopback(neighbours.clone());
    job
}

/// What such a program prints.
fn printed(job: &Job) -> String {
    let ended: Ended = run(job, b"").unwrap();
    assert_eq!(ended.how, How::Exited(0), "{ended:?}");
    ended.stdout.text()
}

/// A service, with a socket of each kind at a port.
struct Service {
    tcp: TcpListener,
    udp: UdpSocket,
    address: String,
}

impl Service {
    fn new(host: &str) -> Service {
        let tcp = TcpListener::bind((host, 0)).unwrap();
        let mut address: SocketAddr = tcp.local_addr().unwrap();
        let udp = UdpSocket::bind(address).unwrap();
        tcp.set_nonblocking(true).unwrap();
        udp.set_nonblocking(true).unwrap();
        address.set_ip("127.0.0.1".parse().unwrap());
        Service {
            tcp,
            udp,
            address: address.to_string(),
        }
    }

    fn was_reached(&self) -> bool {
        self.tcp.accept().is_ok() || self.udp.recv(&mut [0; 16]).is_ok()
    }
}

fn sets() -> Vec<Layers> {
    let there =
        |name: &str| std::env::var("LOCKSTEP_TEST_LAYERS").is_ok_and(|all| all.contains(name));
    let mut found = Vec::new();
    for set in &preflight().sets {
        // Where a machine is known to have a set, its lack is a fault.
        let is_wanted = there(&set.layers.to_string());
        assert!(set.shared_loopback || !is_wanted, "{set:?}");
        found.extend(set.shared_loopback.then_some(set.layers));
    }
    found
}

#[test]
fn a_service_of_the_machine_is_not_reached() {
    let Some(built) = compiled() else { return };
    for layers in sets() {
        for host in ["127.0.0.1", "0.0.0.0"] {
            let service = Service::new(host);
            let at = service.address.as_str();
            let neighbours = Neighbours::default();
            let tries = |args: &[&str]| printed(&job(built, layers, &neighbours, args));
            let refused = "ConnectionRefused\n";
            assert_eq!(tries(&["tcp", at]), [refused, refused].concat());
            assert_eq!(tries(&["udp", at]), refused);
            assert_eq!(tries(&["send", at]), "10\n");
            assert!(!service.was_reached(), "{layers}");
        }
    }
}

#[test]
fn no_change_of_the_address_meanwhile_reaches_a_service() {
    let Some(built) = compiled() else { return };
    for layers in sets() {
        let service = Service::new("127.0.0.1");
        let args = ["race", &service.address];
        let told = printed(&job(built, layers, &Neighbours::default(), &args));
        // The race was one: what may be reached was, too.
        assert_eq!(told, "raced true\n", "{layers}");
        assert!(!service.was_reached(), "{layers}");
    }
}

#[test]
fn the_sockets_of_a_run_are_reached_as_without_a_sandbox() {
    let Some(built) = compiled() else { return };
    for layers in sets() {
        let neighbours = Neighbours::default();
        let tries = |args: &[&str]| printed(&job(built, layers, &neighbours, args));
        let service = Service::new("127.0.0.1");
        neighbours.admit(&service.tcp).unwrap();
        neighbours.admit(&service.udp).unwrap();
        assert_eq!(tries(&["tcp", &service.address]), "Reached\nReached\n");
        assert_eq!(tries(&["send", &service.address]), "10\n");
        let mut bytes = [0; 16];
        let length = service.udp.recv(&mut bytes).unwrap();
        assert_eq!(&bytes[..length], b"by address");
        assert_eq!(tries(&["wakes", "127.0.0.1:0"]), "ConnectionRefused\n");
        assert_eq!(tries(&["wakes", "0.0.0.0:0"]), "ConnectionRefused\n");
        assert_eq!(tries(&["wakes", "[::1]:0"]), "ConnectionRefused\n");

        // Another program of the run, and one of another.
        let mut server = spawn(&job(built, layers, &neighbours, &["serve"])).unwrap();
        let mut told = BufReader::new(server.stdout.take().unwrap());
        let mut address = String::new();
        told.read_line(&mut address).unwrap();
        let address = address.trim();
        assert_eq!(tries(&["tcp", address]), "Reached\nReached\n");
        assert_eq!(tries(&["udp", address]), "Reached\n");
        let strangers = Neighbours::default();
        let strange = |args: &[&str]| printed(&job(built, layers, &strangers, args));
        let refused = "ConnectionRefused\n";
        assert_eq!(strange(&["tcp", address]), [refused, refused].concat());
        assert_eq!(strange(&["udp", address]), refused);
        drop(server.stdin.take());
        told.read_to_end(&mut Vec::new()).unwrap();
        assert_eq!(server.wait().unwrap().how, How::Exited(0));
        assert_eq!(tries(&["tcp", address]), [refused, refused].concat());
    }
}

#[test]
fn a_connection_that_waits_holds_up_nothing_else() {
    let Some(built) = compiled() else { return };
    for layers in sets() {
        let full = job(built, layers, &Neighbours::default(), &["full"]);
        let began = Instant::now();
        assert_eq!(printed(&full), "true true\n", "{layers}");
        assert!(began.elapsed() < Duration::from_secs(9));
    }
}

#[test]
fn a_socket_stays_on_the_loopback() {
    let Some(built) = compiled() else { return };
    for layers in sets() {
        let job = job(built, layers, &Neighbours::default(), &["frees"]);
        let told = "ConnectionRefused\nReached\nNetworkUnreachable\n-1 Some(97)\n\
                    -1 Some(89)\nAddrNotAvailable\n";
        assert_eq!(printed(&job), told, "{layers}");
    }
}

#[test]
fn options_that_would_reach_others_later_are_denied() {
    let Some(built) = compiled() else { return };
    for layers in sets() {
        let job = job(built, layers, &Neighbours::default(), &["options"]);
        // Only the last one, which sends small pieces at once, is for everybody.
        let told = "false false false false true \n";
        assert_eq!(printed(&job), told, "{layers}");
    }
}

#[test]
fn the_same_holds_for_another_user() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    /// A user that is nobody's.
    const NOBODY: u32 = 65_534;
    let Some(built) = compiled() else { return };
    if !std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
        return;
    }
    // Both programs may lie where nobody else can read them.
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    open(folder.path());
    let [test, program] = ["test", "program"].map(|name| folder.path().join(name));
    std::fs::copy(std::env::current_exe().unwrap(), &test).unwrap();
    std::fs::copy(built, &program).unwrap();
    open(&test);
    open(&program);
    let output = Command::new(&test)
        .args(["--skip", "the_same_holds_for_another_user"])
        .env_clear()
        .env(TOLD, &program)
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
