//! What a submission's program may use.

use serde::{Deserialize, Serialize};

/// What a program of a submission may use of each thing, as a rubric gives it.
///
/// In the simulation and on the real system they mean the same as far as they
/// can; where they differ, `ARCHITECTURE.md` says how. Past one of them, the
/// program is ended and the finding says which it was ([`Limits::passed`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Seconds on the processors.
    pub cpu_seconds: u64,
    /// Seconds on the wall; on the real system only.
    pub wall_seconds: u64,
    /// MiB of memory.
    pub memory_mib: u64,
    /// Processes and threads at once. A submission has one process, so these
    /// are its threads, the main one counted.
    pub processes: u64,
    /// MiB of output.
    pub output_mib: u64,
    /// MiB in files.
    pub disk_mib: u64,
    /// Files and folders at once.
    pub files: u64,
    /// Open descriptors at once, the three standard streams counted.
    pub open_files: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cpu_seconds: 60,
            wall_seconds: 300,
            memory_mib: 384,
            processes: 500,
            output_mib: 8,
            disk_mib: 64,
            files: 1_000,
            open_files: 1_024,
        }
    }
}

/// A thing that is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Time on the processors.
    Cpu,
    /// Time on the wall.
    Wall,
    /// Memory.
    Memory,
    /// Threads.
    Processes,
    /// What is printed.
    Output,
    /// Bytes in files.
    Disk,
    /// Files.
    Files,
    /// Open descriptors.
    OpenFiles,
}

impl Limit {
    /// All of them, in the order in which they are told.
    pub const ALL: [Limit; 8] = [
        Limit::Cpu,
        Limit::Wall,
        Limit::Memory,
        Limit::Processes,
        Limit::Output,
        Limit::Disk,
        Limit::Files,
        Limit::OpenFiles,
    ];

    /// Its key in a rubric.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Limit::Cpu => "cpu_seconds",
            Limit::Wall => "wall_seconds",
            Limit::Memory => "memory_mib",
            Limit::Processes => "processes",
            Limit::Output => "output_mib",
            Limit::Disk => "disk_mib",
            Limit::Files => "files",
            Limit::OpenFiles => "open_files",
        }
    }

    /// The smallest and the largest number that a rubric may give: with less,
    /// no program runs at all, and more the grader does not have. A main thread
    /// and the standard streams are always there, the simulation's memory has
    /// 384 MiB, a record holds no more output, and most systems let a process
    /// have 1,024 descriptors.
    #[must_use]
    pub fn range(self) -> (u64, u64) {
        match self {
            Limit::Cpu => (1, 600),
            Limit::Wall => (1, 3_600),
            Limit::Memory => (8, 384),
            Limit::Processes => (1, 500),
            Limit::Output => (1, 8),
            Limit::Disk => (1, 1_024),
            Limit::Files => (1, 10_000),
            Limit::OpenFiles => (16, 1_024),
        }
    }
}

impl Limits {
    /// The number that a thing is limited to.
    #[must_use]
    pub fn of(&self, limit: Limit) -> u64 {
        match limit {
            Limit::Cpu => self.cpu_seconds,
            Limit::Wall => self.wall_seconds,
            Limit::Memory => self.memory_mib,
            Limit::Processes => self.processes,
            Limit::Output => self.output_mib,
            Limit::Disk => self.disk_mib,
            Limit::Files => self.files,
            Limit::OpenFiles => self.open_files,
        }
    }

    /// What a program has done that passed a limit, with the number: `it used
    /// more than 64 MiB of memory`.
    #[must_use]
    pub fn passed(&self, limit: Limit) -> String {
        let most = self.of(limit);
        let seconds = if most == 1 { "second" } else { "seconds" };
        match limit {
            Limit::Cpu => format!("it used more than {most} {seconds} of processor time"),
            Limit::Wall => format!("it ran for more than {most} {seconds}"),
            Limit::Memory => format!("it used more than {most} MiB of memory"),
            Limit::Processes if most == 1 => "it had more than 1 thread at once".to_owned(),
            Limit::Processes => format!("it had more than {most} threads at once"),
            Limit::Output => format!("it printed more than {most} MiB"),
            Limit::Disk => format!("it wrote more than {most} MiB to files"),
            Limit::Files if most == 1 => "it had more than 1 file at once".to_owned(),
            Limit::Files => format!("it had more than {most} files at once"),
            Limit::OpenFiles => format!("it had more than {most} files and sockets open at once"),
        }
    }

    /// What is wrong with these numbers, in sentences.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let wrong = Limit::ALL.into_iter().filter_map(|limit| {
            let (least, most) = limit.range();
            let given = self.of(limit);
            (!(least..=most).contains(&given)).then(|| {
                let key = limit.key();
                format!("the limit `{key}` is {given}; give a number from {least} to {most}")
            })
        });
        wrong.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default_which_is_allowed() {
        let limits: Limits = serde_json::from_str(r#"{"processes":64}"#).unwrap();
        assert_eq!(
            limits,
            Limits {
                processes: 64,
                ..Limits::default()
            }
        );
        assert_eq!(Limits::default().problems(), Vec::<String>::new());
        assert!(serde_json::from_str::<Limits>(r#"{"proceses":64}"#).is_err());
    }

    #[test]
    fn nonsense_is_told_with_what_would_be_right() {
        let limits = Limits {
            memory_mib: 0,
            open_files: 1 << 20,
            ..Limits::default()
        };
        assert_eq!(
            limits.problems(),
            [
                "the limit `memory_mib` is 0; give a number from 8 to 384",
                "the limit `open_files` is 1048576; give a number from 16 to 1024",
            ]
        );
    }

    #[test]
    fn each_limit_has_a_sentence_with_its_number() {
        let limits = Limits::default();
        for limit in Limit::ALL {
            let told = limits.passed(limit);
            assert!(told.contains(&limits.of(limit).to_string()), "{told}");
        }
        let few = Limits {
            processes: 1,
            cpu_seconds: 1,
            ..limits
        };
        assert_eq!(
            few.passed(Limit::Processes),
            "it had more than 1 thread at once"
        );
        assert_eq!(
            few.passed(Limit::Cpu),
            "it used more than 1 second of processor time"
        );
    }
}
