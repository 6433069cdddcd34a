//! Gradescope's autograder in a root of its own, with the folders that Gradescope
//! has: `setup.sh` makes it ready, and `run_autograder` grades without a network.
//!
//! It builds the grader from the pack, so it takes minutes, and is run by
//! `cargo test -p grader --test container -- --ignored --nocapture`, as root. The
//! root is the machine's own `/usr`, read-only; or the folder that
//! `CONTAINER_ROOT` names, as debootstrap makes one.

#![allow(
    clippy::unwrap_used,
    reason = "what these functions of the tests cannot do is a failure of the test"
)]

mod tiny;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tiny::{RIGHT, TWO_STEPS, Tiny};

/// Makes the root `$1` of what there is, with `$2` as its `/autograder`, the
/// toolchain `$3` and Cargo's home `$4`, and runs `$5` in it.
const ENTER: &str = r#"
set -eu
root=$1
if [ -z "${CONTAINER_ROOT:-}" ]; then
    mount -t tmpfs tmpfs "$root"
    mkdir "$root/usr" "$root/etc" "$root/tmp" "$root/root" "$root/var"
    chmod 1777 "$root/tmp"
    mount --bind /usr "$root/usr"
    mount -o remount,bind,ro "$root/usr"
    for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
    for file in passwd group nsswitch.conf ld.so.cache; do cp "/etc/$file" "$root/etc/$file"; done
    for folder in ssl alternatives; do
        mkdir "$root/etc/$folder"
        mount --bind "/etc/$folder" "$root/etc/$folder"
    done
fi
mkdir -p "$root/proc" "$root/dev" "$root/autograder" "$root/opt/rust" "$root/opt/cargo/registry"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
for device in null zero full random urandom; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm"
mount --bind "$2" "$root/autograder"
mount --bind "$3" "$root/opt/rust"
# Of Cargo's home what was downloaded, and no compiler.
mount --bind "$4/registry" "$root/opt/cargo/registry"
mount -o remount,bind,ro "$root/opt/cargo/registry"
if [ -f "$4/config.toml" ]; then cp "$4/config.toml" "$root/opt/cargo/config.toml"; fi
# As every container has it: a network of its own begins without its loopback.
ip link set lo up
cd "$root"
exec chroot "$root" /usr/bin/env -i PATH=/opt/rust/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/root CARGO_HOME=/opt/cargo CARGO_NET_OFFLINE=true sh -c "cd /autograder && $5"
"#;

/// Runs a command in the container, and fails with what it said if it fails.
fn inside(root: &Path, autograder: &Path, network: bool, command: &str) {
    let sysroot = Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .unwrap();
    let sysroot = String::from_utf8(sysroot.stdout).unwrap();
    let user = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    let cargo = std::env::var_os("CARGO_HOME").map_or(user.join(".cargo"), PathBuf::from);
    let mut unshare = Command::new("unshare");
    unshare.args([
        "--mount",
        "--propagation",
        "private",
        "--pid",
        "--fork",
        "--kill-child",
    ]);
    if !network {
        unshare.arg("--net");
    }
    let status = unshare
        .args(["sh", "-c", ENTER, "enter"])
        .args([root, autograder, Path::new(sysroot.trim()), &cargo])
        .arg(command)
        .status()
        .unwrap();
    assert!(status.success(), "{command}: {status}");
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout == b"0\n")
}

#[test]
#[ignore = "it builds the grader once more, which takes minutes"]
fn the_pack_grades_in_an_empty_root() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let has_ip = Command::new("ip").arg("-V").output().is_ok();
    if !is_root() || !has_ip || !["unshare", "chroot", "mount"].into_iter().all(has) {
        let _ = writeln!(
            std::io::stderr(),
            "!! SKIPPED, NOT PASSED: the container takes root, and the programs unshare, chroot, mount and ip"
        );
        return;
    }
    let tiny = Tiny::new();
    let mut grader = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("grader"));
    grader.args(["pack", "gradescope", "--exercise", "counter", "--course"]);
    grader
        .arg(tiny.path("course"))
        .arg("--out")
        .arg(tiny.path("autograder.zip"));
    grader.assert().success();
    // As Gradescope unpacks it.
    let archive = std::fs::File::open(tiny.path("autograder.zip")).unwrap();
    let source = tiny.path("autograder/source");
    zip::ZipArchive::new(archive)
        .unwrap()
        .extract(&source)
        .unwrap();
    tiny.write("autograder/results/stdout", "");
    tiny.write("autograder/submission_metadata.json", "{}");
    let autograder = tiny.path("autograder");
    std::fs::copy(
        source.join("run_autograder"),
        autograder.join("run_autograder"),
    )
    .unwrap();
    let root = match std::env::var_os("CONTAINER_ROOT") {
        Some(root) => PathBuf::from(root),
        None => tiny.path("root"),
    };
    std::fs::create_dir_all(&root).unwrap();

    inside(&root, &autograder, true, "source/setup.sh");
    let grade = |text: &str| -> Value {
        tiny.write("autograder/submission/lib.rs", text);
        inside(&root, &autograder, false, "./run_autograder");
        let results = std::fs::read(autograder.join("results/results.json")).unwrap();
        serde_json::from_slice(&results).unwrap()
    };
    assert_eq!(grade(RIGHT)["score"], 4);
    assert_eq!(grade(&RIGHT.replace(TWO_STEPS.0, TWO_STEPS.1))["score"], 2);
    assert_eq!(grade("fn")["score"], 0);
}
