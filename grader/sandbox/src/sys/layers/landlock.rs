//! Which files a process may use, by Landlock: rules that are made from paths
//! before the process is there, and that it takes upon itself.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, PathBeneath,
    PathFd, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetError,
    Scope,
};

use super::channel::{Stage, Step, check};
use super::{LayerFailed, plan};
use crate::{Job, Keep, Layers, Network};

/// What is asked of Landlock where it is the only thing between a process and
/// the machine's files: before this version files could be emptied that may not
/// be written.
const REQUIRED: ABI = ABI::V3;
/// What is asked of it where the kernel has it: ports, devices, signals and
/// abstract Unix sockets.
const WANTED: ABI = ABI::V6;

/// The version of Landlock that the kernel has; 0 is none.
fn abi() -> u32 {
    static ABI: OnceLock<u32> = OnceLock::new();
    *ABI.get_or_init(|| {
        /// Asks for the version and makes nothing (landlock_create_ruleset(2)).
        const ASK: u32 = 1;
        let (none, size): (*const u8, usize) = (std::ptr::null(), 0);
        // SAFETY: with this flag the call takes no attributes.
        let abi = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, none, size, ASK) };
        u32::try_from(abi).unwrap_or(0)
    })
}

/// The rules for a job, to be taken on with [`restrict`].
pub(super) fn ruleset(job: &Job) -> io::Result<Option<OwnedFd>> {
    let required = job.policy.layers == Layers::Bare;
    if !required && abi() == 0 {
        // Namespaces hold without it.
        return Ok(None);
    }
    let rules = made(job, required)
        .map_err(|error| LayerFailed::error("Landlock", io::Error::other(error.to_string())))?;
    let descriptor: Option<OwnedFd> = rules.into();
    if descriptor.is_none() && required {
        return Err(LayerFailed::error(
            "Landlock",
            io::Error::from_raw_os_error(libc::ENOSYS),
        ));
    }
    Ok(descriptor)
}

/// Rights on files that a process has nowhere: devices, sockets and pipes with
/// names are nothing that a program here should make.
fn never() -> BitFlags<AccessFs> {
    AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::MakeSock | AccessFs::MakeFifo
}

/// Rights in a scratch folder. Where it is the grader's to read afterwards, it
/// can have no symbolic links, which could lead the grader elsewhere.
fn rights_in_scratch(keep: Keep) -> BitFlags<AccessFs> {
    let all = AccessFs::from_all(WANTED) & !never() & !AccessFs::Execute & !AccessFs::IoctlDev;
    match keep {
        Keep::All => all & !AccessFs::MakeSym,
        Keep::Nothing { .. } => all,
    }
}

fn made(job: &Job, required: bool) -> Result<RulesetCreated, RulesetError> {
    let level = match required {
        true => CompatLevel::HardRequirement,
        false => CompatLevel::BestEffort,
    };
    let mut rules = Ruleset::default()
        .set_compatibility(level)
        .handle_access(AccessFs::from_all(REQUIRED))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WANTED))?
        .scope(Scope::from_all(WANTED))?;
    if job.policy.network == Network::None {
        rules = rules.handle_access(AccessNet::from_all(WANTED))?;
    }
    let mut rules = rules.create()?.set_compatibility(CompatLevel::BestEffort);

    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let read_and_run = read | AccessFs::Execute;
    let others = match job.policy.starts_programs {
        true => read_and_run,
        false => read,
    };
    for path in plan::of_the_system(job) {
        rules = allow(rules, path, others)?;
    }
    for path in &job.policy.readable {
        rules = allow(rules, path, others)?;
    }
    rules = allow(rules, &job.program, AccessFs::ReadFile | AccessFs::Execute)?;
    for loader in loaders() {
        rules = allow(rules, loader, AccessFs::ReadFile | AccessFs::Execute)?;
    }
    rules = allow(
        rules,
        Path::new("/dev/null"),
        AccessFs::ReadFile | AccessFs::WriteFile,
    )?;
    if let Some(scratch) = &job.policy.scratch {
        rules = allow(rules, &scratch.folder, rights_in_scratch(scratch.keep))?;
    }
    Ok(rules)
}

/// Adds a rule; what is not there needs none, and what is missing is told by
/// whoever wants it.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    rights: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    let Ok(descriptor) = PathFd::new(path) else {
        return Ok(rules);
    };
    // Rights that only folders can have are an error on a file.
    let rights = match path.is_dir() {
        true => rights,
        false => rights & AccessFs::from_file(WANTED),
    };
    rules.add_rule(PathBeneath::new(descriptor, rights))
}

/// The loaders of dynamic programs: the only programs that a process which may
/// start no others must still be able to run, since the system runs them for it.
fn loaders() -> &'static [PathBuf] {
    static LOADERS: OnceLock<Vec<PathBuf>> = OnceLock::new();
    LOADERS.get_or_init(|| {
        let folders = ["/lib", "/lib64"];
        let entries = folders
            .iter()
            .filter_map(|folder| std::fs::read_dir(folder).ok());
        entries
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with("ld-linux")
                    || name.starts_with("ld-musl")
                    || name.starts_with("ld64.so")
            })
            .collect()
    })
}

/// The rights in a scratch folder in memory, as bits that this kernel knows: the
/// rule for it is made in the child, since the folder is not there before.
pub(super) fn bits_in_scratch(keep: Keep) -> u64 {
    let known = match abi() {
        0 | 1 => ABI::V1,
        2 => ABI::V2,
        3 | 4 => ABI::V3,
        _ => ABI::V5,
    };
    (rights_in_scratch(keep) & AccessFs::from_all(known)).bits()
}

/// Runs in the child: adds the rule for a folder that is open here.
pub(super) fn allow_folder(rules: RawFd, folder: RawFd, rights: u64) -> Step {
    /// `struct landlock_path_beneath_attr`.
    #[repr(C, packed)]
    struct Attributes {
        allowed_access: u64,
        parent_fd: i32,
    }
    /// `LANDLOCK_RULE_PATH_BENEATH`
    const BENEATH: libc::c_int = 1;
    let attributes = Attributes {
        allowed_access: rights,
        parent_fd: folder,
    };
    let no_flags: u32 = 0;
    // SAFETY: the call reads the attributes, which outlive it.
    let added = unsafe {
        libc::syscall(
            libc::SYS_landlock_add_rule,
            rules,
            BENEATH,
            &raw const attributes,
            no_flags,
        )
    };
    check(Stage::Landlock, added)
}

/// Runs in the child: from now on the rules hold.
pub(super) fn restrict(rules: RawFd) -> Step {
    let no_flags: u32 = 0;
    // SAFETY: the call takes numbers and touches no memory.
    let restricted = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, rules, no_flags) };
    check(Stage::Landlock, restricted)
}

/// The descriptor's number.
pub(super) fn number(rules: &Option<OwnedFd>) -> Option<RawFd> {
    rules.as_ref().map(|rules| rules.as_raw_fd())
}
