//! Small programs, run over every schedule; what they may print is written at
//! their top.
//!
//! Each file in `programs/` is a `main.rs` that is compiled against the
//! replaced std and examined in a process of its own. Its first lines say what
//! must come out:
//!
//! ```text
//! //! outputs: ["a\nb\n", "b\na\n"]   every standard output that some schedule
//! //!                                   gives, and no other: a JSON array;
//! //!                                   `any` where they are very long
//! //! ending: deadlock                  a way in which some schedules end, where
//! //!                                   the others exit with code 0
//! //! always: deadlock                  the way in which all schedules end
//! //! says: waits for mutex 1           words that the record of some ending has
//! //! timeline: T1 unlocks mutex 1      a row that the replay of the last told
//! //!                                   execution has, and why its thread runs
//! //! stderr: ["oops\n"]                like `outputs`, where it matters
//! //! panics: ["oops", "no, caught by 0"] the panics of all schedules, with the
//! //!                                   numbers of the threads that caught them
//! //! real: the same                    the real std gives the same output, where
//! //!                                   no `outputs` say which
//! //! stdin: "one\ntwo\n"               what standard input holds
//! //! args: ["-n", "3"]                 the program's arguments
//! //! flags: --cfg x                    more flags for rustc
//! //! scenario: yes                     it may call `sim`, as scenarios do
//! //! search: {"preemptions": 2, ...}   the search, as in a rubric
//! //! network: {"pieces": 0, ...}       what the network may do, as in a rubric
//! //! limits: {"files": 3, ...}         what it may use, as in a rubric
//! ```
//!
//! Endings: `exit N`, `panic` (the same as `exit 101`), `deadlock`, `endless`,
//! `polling`, `unsupported`, `not-simulated`, `too-much`, `crashed`, `over`.
//!
//! `PROGRAMS=io- cargo test --test programs` runs those whose name has that in
//! it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

#[test]
fn every_program_does_what_its_first_lines_say() {
    let only = std::env::var("PROGRAMS").unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut programs: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of the programs can be listed")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .filter(|path| name(path).contains(&only))
        .collect();
    programs.sort();
    assert!(!programs.is_empty(), "no program has `{only}` in its name");

    let support = Support::build();
    let next = AtomicUsize::new(0);
    let failures = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..std::thread::available_parallelism().map_or(1, usize::from))
            .map(|_| {
                scope.spawn(|| {
                    std::iter::from_fn(|| programs.get(next.fetch_add(1, Ordering::Relaxed)))
                        .filter_map(|path| {
                            let reason = examine(support, path).err()?;
                            Some(format!("{}: {reason}", name(path)))
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let mut failures: Vec<String> = workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a worker does not panic"))
            .collect();
        failures.sort();
        failures
    });
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

#[test]
fn a_folder_that_is_not_empty_is_not_emptied() {
    let support = Support::build();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-empty");
    let header = Header::of("//! outputs: []").expect("the header is complete");
    let source = "fn main() { let _ = std::fs::write(\"new\", \"\"); }";
    prepare(&folder, source).expect("the folder can be made");
    compile(support, &header, &folder).expect("the program compiles");
    let precious = folder.join("scratch/precious");
    fs::write(&precious, "mine").expect("the file can be written");

    let lost = run(&header, &folder, &json!({ "search": {} }))
        .expect_err("the program refuses to run there");

    assert!(lost.contains("the scratch folder cannot be used"), "{lost}");
    assert_eq!(fs::read_to_string(precious).ok().as_deref(), Some("mine"));
}

/// What a program makes without rights, where nobody can give them back: it sees what it
/// would see elsewhere, and nothing of it is left for the next execution.
#[test]
#[cfg(target_os = "linux")]
fn what_is_made_without_rights_is_removed_where_rights_never_change() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    use std::os::unix::process::CommandExt as _;
    /// A user that is nobody's: from root no right can be taken.
    const NOBODY: u32 = 65_534;
    let support = Support::build();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let header = Header {
        outputs: Some(BTreeSet::from([
            "0 100000 140500 140300\n3 of PermissionDenied\n".to_owned(),
        ])),
        endings: BTreeSet::from(["exit 0".to_owned()]),
        ..Header::of("//! outputs: any").expect("the header is complete")
    };
    let source = r#"
        use std::fs::{self, DirBuilder, OpenOptions};
        use std::io::ErrorKind;
        use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};

        fn main() {
            print!("{}", fs::read_dir(".").unwrap().count());
            DirBuilder::new().mode(0o000).create("closed").unwrap();
            for (name, mode) in [("kept", 0o500), ("unlisted", 0o300)] {
                DirBuilder::new().mode(mode).create(name).unwrap();
            }
            fs::create_dir("unlisted/empty").unwrap();
            let mut new = OpenOptions::new();
            new.write(true).create_new(true).mode(0o000).open("unlisted/file").unwrap();
            for name in ["unlisted/file", "kept", "unlisted"] {
                print!(" {:o}", fs::metadata(name).unwrap().mode() & 0o170777 | 0o100000);
            }
            let refused = [
                fs::write("closed/file", "").unwrap_err(),
                fs::read_dir("unlisted").map(drop).unwrap_err(),
                fs::read("unlisted/file").map(drop).unwrap_err(),
            ];
            let all = refused.iter().all(|error| error.kind() == ErrorKind::PermissionDenied);
            println!("\n{} of {:?}", if all { 3 } else { 0 }, refused[0].kind());
            // So that there is more than one execution.
            let turn = std::sync::Mutex::new(());
            std::thread::scope(|scope| {
                scope.spawn(|| drop(turn.lock()));
                drop(turn.lock());
            });
        }
    "#;
    prepare(folder.path(), source).expect("the folder can be made");
    compile(support, &header, folder.path()).expect("the program compiles");
    for open in [folder.path(), &folder.path().join("scratch")] {
        let all = fs::Permissions::from_mode(0o777);
        fs::set_permissions(open, all).expect("a folder can be opened to all");
    }
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if is_root {
        let scratch = folder.path().join("scratch");
        chown(scratch, Some(NOBODY), Some(NOBODY)).expect("root can give a folder away");
    }
    let mode = json!({ "search": { "preemptions": 1 } });
    let record = std::thread::scope(|scope| {
        // A filter is a thread's, and of what the thread starts.
        let run = scope.spawn(|| {
            never_change_rights();
            run_as(&header, folder.path(), &mode, |command| {
                if is_root {
                    command.uid(NOBODY).gid(NOBODY);
                }
            })
        });
        run.join().expect("the thread does not panic")
    });
    let record = record.expect("the program is not lost");
    compare(&header, &record).expect("it does what it should");
}

/// Denies this thread, for ever, all calls that change the rights to a file.
#[cfg(target_os = "linux")]
fn never_change_rights() {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    /// `fchmodat2(2)`
    const FCHMODAT2: libc::c_long = 452;
    let calls = [
        libc::SYS_fchmod,
        libc::SYS_fchmodat,
        FCHMODAT2,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chmod,
    ];
    let filter = SeccompFilter::new(
        calls.map(|call| (call, Vec::new())).into_iter().collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        std::env::consts::ARCH
            .try_into()
            .expect("it is a known processor"),
    );
    let program: BpfProgram = filter
        .and_then(TryInto::try_into)
        .expect("the filter can be made");
    seccompiler::apply_filter(&program).expect("the filter can be installed");
}

fn name(path: &Path) -> String {
    path.file_stem()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The libraries that programs are linked with, and how they are started.
struct Support {
    libraries: PathBuf,
    lang_start: String,
}

impl Support {
    /// The libraries, built once for all tests.
    fn build() -> &'static Support {
        static SUPPORT: OnceLock<Support> = OnceLock::new();
        SUPPORT.get_or_init(Support::build_now)
    }

    fn build_now() -> Support {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("support");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--profile", "support"])
            .args(["--package", "lockstep-std", "--package", "lockstep-core"])
            .args(["--package", "lockstep-sim"])
            .arg("--target-dir")
            .arg(&target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("Cargo can be started");
        assert!(built.success(), "the support libraries do not build");
        Support {
            libraries: target.join("support"),
            lang_start: lang_start(&target),
        }
    }

    fn library(&self, name: &str) -> String {
        let path = self.libraries.join(format!("liblockstep_{name}.rlib"));
        format!("{name}={}", path.display())
    }
}

/// The symbol of the function of std that runs `main`, from the object file of
/// a program that has nothing else.
fn lang_start(folder: &Path) -> String {
    fs::write(folder.join("empty.rs"), "fn main() {}\n").expect("a program can be written");
    let compiled = Command::new("rustc")
        .args(["--edition", "2024", "--emit", "obj", "empty.rs"])
        .current_dir(folder)
        .status()
        .expect("rustc can be started");
    assert!(compiled.success(), "an empty program does not compile");
    let object = fs::read(folder.join("empty.o")).expect("rustc left an object file");
    let name = b"lang_start_internal";
    let at = object
        .windows(name.len())
        .position(|window| window == name)
        .expect("an empty program wants lang_start_internal");
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$');
    let before = object[..at].iter().rev().take_while(|byte| is_name(byte));
    let after = object[at..].iter().take_while(|byte| is_name(byte));
    let range = at - before.count()..at + after.count();
    String::from_utf8_lossy(&object[range]).into_owned()
}

/// What the first lines of a program say.
#[derive(Default)]
struct Header {
    outputs: Option<BTreeSet<String>>,
    stderr: Option<BTreeSet<String>>,
    panics: Option<BTreeSet<String>>,
    /// Whether the outputs are those with the real std.
    as_real: bool,
    endings: BTreeSet<String>,
    /// Whether no schedule exits with code 0 unless `endings` says so.
    always: bool,
    says: Vec<String>,
    timeline: Vec<String>,
    stdin: String,
    args: Vec<String>,
    flags: Vec<String>,
    /// Whether it is linked with the simulation under its own name.
    is_scenario: bool,
    search: Value,
    network: Value,
    limits: Value,
    /// The world, where it has several processes.
    world: Value,
    /// What processes did, by name.
    stories: BTreeMap<String, BTreeSet<String>>,
}

impl Header {
    fn of(source: &str) -> Result<Header, String> {
        let mut header = Header {
            search: json!({}),
            network: json!({}),
            limits: json!({}),
            ..Header::default()
        };
        let mut outputs = None;
        for line in source.lines().map_while(|line| line.strip_prefix("//!")) {
            let Some((key, value)) = line.trim().split_once(": ") else {
                continue;
            };
            match key {
                "outputs" if value == "any" => outputs = Some(None),
                "outputs" => outputs = Some(Some(texts(line, value)?)),
                "panics" => header.panics = Some(texts(line, value)?),
                "real" => header.as_real = true,
                "stderr" => header.stderr = Some(texts(line, value)?),
                "ending" | "always" => {
                    let ending = if value == "panic" { "exit 101" } else { value };
                    header.endings.insert(ending.to_owned());
                    header.always |= key == "always";
                }
                "says" => header.says.push(value.to_owned()),
                "timeline" => header.timeline.push(value.to_owned()),
                "stdin" => header.stdin = text(line, &read(line, value)?)?,
                "args" => header.args = texts(line, value)?,
                "flags" => header.flags = value.split(' ').map(str::to_owned).collect(),
                "scenario" => header.is_scenario = true,
                "search" => header.search = read(line, value)?,
                "network" => header.network = read(line, value)?,
                "limits" => header.limits = read(line, value)?,
                "world" => header.world = read(line, value)?,
                _ => {
                    let process = key.strip_prefix("peer ").or(key.strip_prefix("program "));
                    if let Some(process) = process {
                        header
                            .stories
                            .insert(process.to_owned(), texts(line, value)?);
                    }
                }
            }
        }
        header.outputs = match outputs {
            Some(outputs) => outputs,
            None if header.as_real => Some(BTreeSet::new()),
            None if !header.stories.is_empty() => None,
            None => return Err("it does not say its outputs".to_owned()),
        };
        if header.endings.is_empty() {
            let usual = match header.world.is_null() {
                true => "exit 0",
                false => "over",
            };
            header.endings.insert(usual.to_owned());
        }
        Ok(header)
    }
}

fn read(line: &str, value: &str) -> Result<Value, String> {
    serde_json::from_str(value).map_err(|error| format!("cannot read `{line}`: {error}"))
}

fn text(line: &str, value: &Value) -> Result<String, String> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| format!("`{line}` has something that is no string"))
}

fn texts<C: FromIterator<String>>(line: &str, value: &str) -> Result<C, String> {
    let value = read(line, value)?;
    let items = value
        .as_array()
        .ok_or_else(|| format!("`{line}` has no array"))?;
    items.iter().map(|item| text(line, item)).collect()
}

/// Compiles a program and compares what it does with what it says.
fn examine(support: &Support, path: &Path) -> Result<(), String> {
    let source = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut header = Header::of(&source)?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("programs")
        .join(name(path));
    prepare(&folder, &source).map_err(|error| format!("its folder cannot be made: {error}"))?;
    if header.as_real {
        let real = real_output(&folder)?;
        header.outputs.get_or_insert_default().insert(real);
    }
    compile(support, &header, &folder)?;
    let record = run(&header, &folder, &json!({ "search": header.search }))?;
    compare(&header, &record)?;
    if !header.timeline.is_empty() {
        let told = record.iter().rev().find_map(|line| line.get("execution"));
        let schedule = told.map(|execution| &execution["schedule"]);
        let replay = json!({ "schedule": schedule, "search": header.search });
        let record = run(&header, &folder, &json!({ "replay": replay }))?;
        compare_timeline(&header, &record)?;
    }
    compare_with_full_search(&header, &folder)
}

/// The search that leaves out what is equal but for the order of independent
/// steps finds the same outcomes as the one that runs every schedule, where
/// both come to an end.
fn compare_with_full_search(header: &Header, folder: &Path) -> Result<(), String> {
    let outcomes = |reduction: bool| -> Result<_, String> {
        let mut search = header.search.clone();
        for (key, value) in [
            ("reduction", json!(reduction)),
            ("executions", json!(2_000)),
            ("steps", json!(2_000)),
            ("random", json!(0)),
            ("polling", json!(false)),
        ] {
            search[key] = value;
        }
        let scratch = folder.join("scratch");
        fs::remove_dir_all(&scratch)
            .and_then(|()| fs::create_dir(&scratch))
            .map_err(|error| format!("its scratch folder cannot be emptied: {error}"))?;
        let record = run(header, folder, &json!({ "search": search }))?;
        let coverage = &record.last().ok_or("its record is empty")?["end"]["coverage"];
        let bound = coverage["preemptions"].clone();
        let outcomes: BTreeSet<String> = record
            .iter()
            .filter_map(|line| line.get("execution"))
            .map(outcome)
            .collect();
        Ok((bound, outcomes))
    };
    let (bound, full) = outcomes(false)?;
    let wanted = header
        .search
        .get("preemptions")
        .unwrap_or(&json!(3))
        .clone();
    if bound != wanted {
        // The budget did not suffice for the full search.
        return Ok(());
    }
    let (bound, reduced) = outcomes(true)?;
    if bound != wanted {
        return Err("with reduction, the search needs more executions than without".to_owned());
    }
    let lost: Vec<_> = full.difference(&reduced).take(4).collect();
    let new: Vec<_> = reduced.difference(&full).take(4).collect();
    if lost.is_empty() && new.is_empty() {
        return Ok(());
    }
    Err(format!(
        "reduction changes its outcomes\n  lost: {lost:?}\n  new: {new:?}"
    ))
}

/// What can be observed of an execution from outside.
fn outcome(execution: &Value) -> String {
    let mut ending = execution["ending"].clone();
    // Names of things are given by first use, which may come in any order.
    for wait in ending["waits"].as_array_mut().into_iter().flatten() {
        wait["object"].take();
    }
    // The last steps are in the order of the schedule.
    ending["places"].take();
    if let Some(processes) = execution["processes"].as_array() {
        // Numbers of threads are given in the order in which they start.
        for wait in ending["waits"].as_array_mut().into_iter().flatten() {
            wait["thread"].take();
            wait["holders"].take();
        }
        if let Some(waits) = ending["waits"].as_array_mut() {
            waits.sort_by_key(Value::to_string);
        }
        let stories: Vec<_> = processes
            .iter()
            .filter_map(|process| Some(story(execution, process["name"].as_str()?)))
            .collect();
        return json!([ending, stories]).to_string();
    }
    json!([
        ending,
        printed(execution, "stdout"),
        printed(execution, "stderr")
    ])
    .to_string()
}

/// What one process printed or received, and how that ended.
fn story(execution: &Value, name: &str) -> String {
    let processes = execution["processes"].as_array();
    let number = processes
        .into_iter()
        .flatten()
        .position(|process| process["name"] == name);
    let own = |event: &&Value| {
        let thread = event["thread"].as_u64().unwrap_or_default() as usize;
        let of = execution["threads"][thread]["process"].as_u64();
        Some(of.unwrap_or_default() as usize) == number
    };
    let mut story = String::new();
    let events = execution["events"].as_array();
    for event in events.into_iter().flatten() {
        let what = &event["what"];
        let exited = &what["exited"];
        if exited.is_object()
            && Some(exited["process"].as_u64().unwrap_or_default() as usize) == number
        {
            match exited["code"].as_i64() {
                Some(code) => story.push_str(&format!(" <exit {code}>")),
                None => story.push_str(" <killed>"),
            }
        }
        if !own(&event) {
            continue;
        }
        let text = what["print"]["text"].as_str().unwrap_or_default();
        match address(execution, name) {
            Some(address) => story.push_str(&text.replace(address, "ADDRESS")),
            None => story.push_str(text),
        }
        let did = &what["peer"]["did"];
        let line = what["peer"]["line"].as_u64().unwrap_or_default() + 1;
        match did.as_str() {
            Some("end") => story.push_str(" <end>"),
            Some("done") => story.push_str(" <done>"),
            Some("gave-up") => story.push_str(&format!(" <gave up at {line}>")),
            _ => {}
        }
        match did["received"].as_str() {
            Some(text) => story.push_str(text),
            None if did["received"].is_array() => story.push_str("<bytes>"),
            None => {}
        }
        for (key, words) in [
            ("broken", "broken"),
            ("not-connected", "not connected"),
            ("not-sent", "not sent"),
        ] {
            if let Some(reason) = did[key].as_str() {
                story.push_str(&format!(" <{words}: {reason}>"));
            }
        }
    }
    story
}

/// The address that a process has told of.
fn address<'a>(execution: &'a Value, name: &str) -> Option<&'a str> {
    let events = execution["events"].as_array();
    events.into_iter().flatten().find_map(|event| {
        let mark = &event["what"]["mark"];
        let of = mark["name"] == "address" && mark["value"][0] == name;
        of.then(|| mark["value"][1].as_str())?
    })
}

/// A folder with a program's source and the folder that it runs in.
fn prepare(folder: &Path, source: &str) -> std::io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder.join("src"))?;
    fs::create_dir_all(folder.join("scratch"))?;
    fs::write(folder.join("src/main.rs"), source)
}

fn compile(support: &Support, header: &Header, folder: &Path) -> Result<(), String> {
    let wrapped = &support.lang_start;
    let sim = format!("sim={}", support.libraries.join("libsim.rlib").display());
    let sim: &[&str] = match header.is_scenario {
        true => &["--extern", &sim],
        false => &[],
    };
    let compiled = Command::new("rustc")
        .args(["--edition", "2024", "--crate-name", "program"])
        .args(["-C", "debug-assertions=on", "--cap-lints", "allow"])
        .args([
            "-C",
            "passes=tsan",
            "-F",
            "unsafe_code",
            "src/main.rs",
            "-o",
            "program",
        ])
        .args(["--extern", &support.library("std")])
        .args(["--extern", &support.library("core")])
        .args(sim)
        .arg("-L")
        .arg(format!(
            "dependency={}",
            support.libraries.join("deps").display()
        ))
        .arg(format!("-Clink-arg=-Wl,--wrap={wrapped}"))
        .arg(format!(
            "-Clink-arg=-Wl,--defsym=__wrap_{wrapped}=lockstep_lang_start"
        ))
        .args(&header.flags)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("rustc cannot be started: {error}"))?;
    if compiled.status.success() {
        Ok(())
    } else {
        let words = String::from_utf8_lossy(&compiled.stderr).into_owned();
        Err(format!("it does not compile:\n{words}"))
    }
}

/// What the program prints with the real std.
fn real_output(folder: &Path) -> Result<String, String> {
    let compiled = Command::new("rustc")
        .args(["--edition", "2024", "--crate-name", "program"])
        .args(["--cap-lints", "allow", "src/main.rs", "-o", "real"])
        .current_dir(folder)
        .output()
        .map_err(|error| format!("rustc cannot be started: {error}"))?;
    if !compiled.status.success() {
        let words = String::from_utf8_lossy(&compiled.stderr).into_owned();
        return Err(format!("it does not compile with the real std:\n{words}"));
    }
    let output = Command::new(folder.join("real"))
        .current_dir(folder.join("scratch"))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("it cannot be started with the real std: {error}"))?;
    if !output.status.success() {
        return Err(format!("with the real std: {}", output.status));
    }
    // What it left there is none of the simulation's.
    fs::remove_dir_all(folder.join("scratch"))
        .and_then(|()| fs::create_dir(folder.join("scratch")))
        .map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a search or a replay; the record, line by line.
fn run(header: &Header, folder: &Path, mode: &Value) -> Result<Vec<Value>, String> {
    run_as(header, folder, mode, |_| {})
}

/// The same, for a program that is started with something of its own.
fn run_as(
    header: &Header,
    folder: &Path,
    mode: &Value,
    prepared: impl FnOnce(&mut Command),
) -> Result<Vec<Value>, String> {
    let mut world = match header.world.is_null() {
        true => json!({
            "programs": [{ "args": header.args, "stdin": header.stdin }],
            "network": header.network,
            "limits": header.limits,
        }),
        false => header.world.clone(),
    };
    for program in world["programs"].as_array_mut().into_iter().flatten() {
        program["name"] = json!("program");
    }
    let plan = json!({ "nonce": "programs", "scenario": "", "world": world, "mode": mode });
    let mut command = Command::new(folder.join("program"));
    command
        .current_dir(folder.join("scratch"))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    prepared(&mut command);
    let mut child = command
        .spawn()
        .map_err(|error| format!("it cannot be started: {error}"))?;
    // Dropped at the end of the statement, so that the program finds the end.
    let written = child
        .stdin
        .take()
        .map(|mut stdin| writeln!(stdin, "{plan}"));
    let output = child
        .wait_with_output()
        .map_err(|error| format!("it cannot be waited for: {error}"))?;
    if !output.status.success() || !matches!(written, Some(Ok(()))) {
        return Err(format!(
            "it was lost ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|error| format!("{error} in `{line}`")))
        .collect()
}

fn compare(header: &Header, record: &[Value]) -> Result<(), String> {
    if record.last().is_none_or(|last| last.get("end").is_none()) {
        return Err("its record has no end".to_owned());
    }
    let executions: Vec<&Value> = record
        .iter()
        .filter_map(|line| line.get("execution"))
        .collect();
    let mut endings: BTreeSet<String> = executions
        .iter()
        .map(|execution| ending(&execution["ending"]))
        .collect();
    if !header.always && !header.endings.contains("exit 0") {
        endings.remove("exit 0");
    }
    same("endings", &header.endings, &endings, &executions)?;
    if let Some(expected) = &header.outputs {
        let outputs = executions
            .iter()
            .map(|run| printed(run, "stdout"))
            .collect();
        same("outputs", expected, &outputs, &executions)?;
    }
    for (process, expected) in &header.stories {
        let stories = executions.iter().map(|run| story(run, process)).collect();
        same(
            &format!("stories of {process}"),
            expected,
            &stories,
            &executions,
        )?;
    }
    if let Some(expected) = &header.stderr {
        let outputs = executions
            .iter()
            .map(|run| printed(run, "stderr"))
            .collect();
        same("outputs on stderr", expected, &outputs, &executions)?;
    }
    if let Some(expected) = &header.panics {
        let panics = executions.iter().flat_map(|run| panics(run)).collect();
        same("panics", expected, &panics, &executions)?;
    }
    for words in &header.says {
        let told = |execution: &&Value| execution["ending"].to_string().contains(words.as_str());
        if !executions.iter().any(told) {
            return Err(format!("no ending says `{words}`: {:?}", some(&executions)));
        }
    }
    Ok(())
}

/// The steps of a replay, as `T1 locks mutex 1 (main is preempted)`.
fn compare_timeline(header: &Header, record: &[Value]) -> Result<(), String> {
    let execution = record.iter().find_map(|line| line.get("execution"));
    let execution = execution.ok_or("its replay has no execution")?;
    let events = execution["events"].as_array();
    let rows: Vec<String> = events
        .into_iter()
        .flatten()
        .filter_map(|event| {
            let thread = label(execution, event["thread"].as_u64()? as usize);
            let step = &event["what"]["step"];
            let row = format!("{thread} {}", step["action"].as_str()?);
            Some(match step["switch"].as_str() {
                Some(switch) => format!("{row} ({switch})"),
                None => row,
            })
        })
        .collect();
    match header.timeline.iter().find(|row| !rows.contains(row)) {
        Some(row) => Err(format!("its timeline has no row `{row}`, only {rows:#?}")),
        None => Ok(()),
    }
}

/// `main`, `T1`; with several processes `server`, `server T1`.
fn label(execution: &Value, thread: usize) -> String {
    let process = |thread: &Value| thread["process"].as_u64().unwrap_or_default() as usize;
    let threads = execution["threads"].as_array();
    let of = process(&execution["threads"][thread]);
    let before = threads.into_iter().flatten().take(thread);
    let number = before.filter(|other| process(other) == of).count();
    match (execution["processes"][of]["name"].as_str(), number) {
        (None, 0) => "main".to_owned(),
        (None, number) => format!("T{number}"),
        (Some(name), 0) => name.to_owned(),
        (Some(name), number) => format!("{name} T{number}"),
    }
}

/// A few of the distinct endings, for a message.
fn some(executions: &[&Value]) -> Vec<String> {
    let all: BTreeSet<String> = executions
        .iter()
        .map(|execution| execution["ending"].to_string())
        .collect();
    all.into_iter().take(4).collect()
}

fn same(
    what: &str,
    expected: &BTreeSet<String>,
    found: &BTreeSet<String>,
    executions: &[&Value],
) -> Result<(), String> {
    let never: Vec<_> = expected.difference(found).collect();
    let wrong: Vec<_> = found.difference(expected).take(8).collect();
    if never.is_empty() && wrong.is_empty() {
        return Ok(());
    }
    if let ([never], [wrong]) = (never.as_slice(), wrong.as_slice()) {
        let pairs = never.lines().zip(wrong.lines());
        let differ: Vec<_> = pairs.filter(|(one, other)| one != other).collect();
        if never.lines().count() > 20 && !differ.is_empty() {
            return Err(format!("its {what} differ in {differ:#?}"));
        }
    }
    Err(format!(
        "its {what} are others, in {} distinct executions\n  never seen: {never:?}\n  not expected: \
         {wrong:?}\n  endings: {:?}",
        executions.len(),
        some(executions)
    ))
}

fn ending(ending: &Value) -> String {
    match (ending["how"].as_str(), ending["code"].as_i64()) {
        (Some("exited"), Some(code)) => format!("exit {code}"),
        (how, _) => how.unwrap_or("nothing").to_owned(),
    }
}

/// What an execution printed on a stream.
fn printed(execution: &Value, stream: &str) -> String {
    let events = execution["events"].as_array();
    events
        .into_iter()
        .flatten()
        .map(|event| &event["what"]["print"])
        .filter(|print| print["stream"] == stream)
        .filter_map(|print| print["text"].as_str())
        .collect()
}

/// The panics of an execution, with the threads that caught them.
fn panics(execution: &Value) -> Vec<String> {
    let events = execution["events"].as_array();
    events
        .into_iter()
        .flatten()
        .map(|event| &event["what"]["panic"])
        .filter_map(|panic| {
            let message = panic["message"].as_str()?;
            Some(match panic["caught"].as_u64() {
                Some(thread) => format!("{message}, caught by {thread}"),
                None => message.to_owned(),
            })
        })
        .collect()
}
