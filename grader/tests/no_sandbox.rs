//! A machine on which no set of layers can be had: strangers' submissions are
//! not graded there, and one's own are, with a word of warning.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod tiny;

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output};

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use tiny::{RIGHT, Tiny};

/// The arguments of a grader that is to have no sandbox, one a line.
const ARGS: &str = "LOCKSTEP_TEST_GRADER_ARGS";

/// Runs the grader where the kernel refuses namespaces and, unless it is
/// `merciful`, has no Landlock.
fn graded(tiny: &Tiny, submission: &Path, only: Option<&str>, merciful: bool) -> Output {
    let mut helper = Command::new(std::env::current_exe().unwrap());
    helper.args(["--exact", "grader_without_a_sandbox", "--ignored"]);
    let submission = submission.to_str().unwrap();
    let course = tiny.path("course");
    let course = course.to_str().unwrap();
    let args = [
        "grade",
        "--exercise",
        "counter",
        "--no-cache",
        "--course",
        course,
        submission,
    ];
    helper.env(ARGS, args.join("\n"));
    helper.env("LOCKSTEP_TEST_MERCIFUL", if merciful { "yes" } else { "" });
    helper.env("LOCKSTEP_CACHE", tiny.path("cache"));
    match only {
        Some(only) => helper.env("LOCKSTEP_LAYERS", only),
        None => helper.env_remove("LOCKSTEP_LAYERS"),
    };
    helper.output().unwrap()
}

/// Not a test of its own: becomes a grader under a filter.
#[test]
#[ignore = "it is what other tests run, and becomes another program"]
fn grader_without_a_sandbox() {
    let refuse = |rules: BTreeMap<i64, Vec<SeccompRule>>, error: u32| {
        let filter = SeccompFilter::new(
            rules,
            SeccompAction::Allow,
            SeccompAction::Errno(error),
            std::env::consts::ARCH.try_into().unwrap(),
        );
        let program: BpfProgram = filter.unwrap().try_into().unwrap();
        seccompiler::apply_filter(&program).unwrap();
    };
    const CLONE_NEWPID: u64 = 0x2000_0000;
    let is_new = SeccompCondition::new(
        0,
        SeccompCmpArgLen::Qword,
        SeccompCmpOp::MaskedEq(CLONE_NEWPID),
        CLONE_NEWPID,
    );
    let is_new = SeccompRule::new(vec![is_new.unwrap()]).unwrap();
    const EPERM: u32 = 1;
    const ENOSYS: u32 = 38;
    #[cfg(target_arch = "x86_64")]
    const CLONE: i64 = 56;
    #[cfg(target_arch = "aarch64")]
    const CLONE: i64 = 220;
    const CLONE3: i64 = 435;
    const LANDLOCK_CREATE_RULESET: i64 = 444;
    refuse([(CLONE, vec![is_new])].into(), EPERM);
    let mut missing = vec![(CLONE3, vec![])];
    if std::env::var("LOCKSTEP_TEST_MERCIFUL").is_ok_and(|merciful| merciful.is_empty()) {
        missing.push((LANDLOCK_CREATE_RULESET, vec![]));
    }
    refuse(missing.into_iter().collect(), ENOSYS);
    let args = std::env::var(ARGS).unwrap();
    let mut grader = Command::new(assert_cmd::cargo::cargo_bin!("grader"));
    panic!("{}", grader.args(args.lines()).exec());
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn strangers_submissions_are_not_graded_without_a_sandbox() {
    let tiny = Tiny::new();
    let stranger = tiny.submit("ann", RIGHT);
    let output = graded(&tiny, &stranger, None, false);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let told = words(&output);
    assert!(
        told.contains("full: cannot set up the layer `namespaces`: Operation not permitted")
            && told.contains("bare: cannot set up the layer `Landlock`")
            && told.contains("nothing is graded but your own exercises; `grader doctor` says"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("No lost"));
}

#[test]
fn a_set_of_layers_that_is_asked_for_and_cannot_be_had_is_not_replaced() {
    let tiny = Tiny::new();
    let stranger = tiny.submit("ann", RIGHT);
    let refused = graded(&tiny, &stranger, Some("full"), true);
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let told = words(&refused);
    assert!(
        told.contains("(full: cannot set up the layer `namespaces`") && !told.contains("bare"),
        "{told}"
    );
    let unknown = graded(&tiny, &stranger, Some("fulll"), true);
    assert_eq!(unknown.status.code(), Some(2), "{unknown:?}");
    assert!(words(&unknown).contains("there are `full` and `bare`"));
    // The weaker one is there, and is taken where any may be.
    let weaker = sandbox::preflight().set(sandbox::Layers::Bare);
    if weaker.is_some_and(|set| set.fault().is_none()) {
        let graded = graded(&tiny, &stranger, None, true);
        assert_eq!(graded.status.code(), Some(0), "{graded:?}");
    }
}

#[test]
fn ones_own_exercise_is_graded_without_a_sandbox_and_that_is_said_once() {
    let tiny = Tiny::new();
    let own = tiny.path("course/exercises/counter");
    // What held before the filter was there is not believed.
    let usual = tiny.grader("grade").arg(&own).output().unwrap();
    assert_eq!(usual.status.code(), Some(1), "{usual:?}");
    assert!(!words(&usual).contains("no sandbox"));
    let output = graded(&tiny, &own, None, false);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(
        words(&output).matches("has no sandbox").count(),
        1,
        "{output:?}"
    );
    let score = |output: &Output| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines()
            .filter(|line| line.contains("points"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(score(&output), score(&usual));
}
