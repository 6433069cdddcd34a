//! `grader doctor`

use anyhow::{Context as _, Result};
use clap::Args;
use sandbox::{Layers, Report, Row, SETS, Set, Tried};
use serde_json::{Value, json};

use super::grade::Format;
use crate::exit::Exit;
use crate::home::Home;
use crate::report;
use crate::ui::Ui;
use crate::ui::style::{BAD, CODE, GOOD, HEAD, WARN, paint};

/// Try attacks on this machine's sandbox, and say what to do where it has none
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader doctor
  grader doctor --format json

Submissions are compiled and run in the strongest set of layers that no attack
gets through. The exit code is 0 where there is one, and 3 where there is none.")]
pub(super) struct Doctor {
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Doctor {
    /// Whether people read the output.
    pub(super) fn is_text(&self) -> bool {
        self.format == Format::Text
    }

    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let report = tried()?;
        let cgroup = sandbox::uses_cgroup();
        match self.format {
            Format::Text => ui.print(&text(&report, cgroup))?,
            Format::Json => {
                let text = serde_json::to_string_pretty(&json(&report, cgroup))
                    .context("cannot write the report")?;
                ui.line(&text)?;
            }
        }
        Ok(match report.strongest() {
            Some(_) => Exit::Full,
            None => Exit::Infrastructure,
        })
    }
}

/// Tries all sets, now: what was found at another time is not asked.
fn tried() -> Result<Report> {
    // Without the course's sources there is no folder of the grader's.
    let home = Home::find();
    let own = home.as_ref().ok().map(Home::scratch).transpose()?;
    let folder = match &own {
        Some(folder) => folder.path().to_owned(),
        None => std::env::temp_dir(),
    };
    Ok(Report {
        sets: SETS
            .map(|layers| sandbox::try_layers(layers, &folder))
            .into(),
    })
}

/// What a set of layers is made of.
fn made_of(layers: Layers) -> &'static str {
    match layers {
        Layers::Full => "namespaces, an empty root, Landlock, seccomp, limits",
        Layers::Bare => "Landlock, seccomp, limits",
        Layers::None => "limits",
    }
}

fn text(report: &Report, cgroup: bool) -> String {
    let mut text = String::new();
    let mut rows = vec![
        ["", "SET", "MADE OF"]
            .map(|cell| paint(HEAD, cell))
            .to_vec(),
    ];
    for set in &report.sets {
        let mark = match set.fault() {
            None => paint(GOOD, "holds"),
            Some(_) => paint(BAD, "no"),
        };
        let name = paint(CODE, set.layers);
        rows.push(vec![mark, name, made_of(set.layers).to_owned()]);
    }
    text.push_str(&report::table(&rows));
    for set in &report.sets {
        if let Some(why) = set.fault() {
            text.push_str(&format!("Not {}: {why}.\n", paint(CODE, set.layers)));
        }
    }
    let tried: Vec<&Set> = report.sets.iter().filter(|set| set.tried.is_ok()).collect();
    if let Some(first) = tried.first().and_then(|set| set.tried.as_ref().ok()) {
        let mut header = vec![paint(HEAD, "AN ATTEMPT TO")];
        header.extend(tried.iter().map(|set| paint(HEAD, set.layers)));
        let mut rows = vec![header];
        for (number, row) in first.iter().enumerate() {
            let mut cells = vec![row.what.to_owned()];
            let of_all = tried
                .iter()
                .filter_map(|set| set.tried.as_ref().ok()?.get(number));
            cells.extend(of_all.map(cell));
            rows.push(cells);
        }
        text.push('\n');
        text.push_str(&report::table(&rows));
    }
    text.push('\n');
    text.push_str(&conclusion(report));
    if report.strongest().is_some_and(|set| !set.shared_loopback) {
        text.push_str(&format!(
            "{} The grader cannot make connections for what it starts, so\n\
             checks on the real system come to no result. In a container of Docker or Podman,\n\
             give it `--cap-add SYS_PTRACE`.\n",
            paint(WARN, "There are no real runs.")
        ));
    }
    text.push_str(match cgroup {
        true => "Memory and processes of each start are counted together, in a control group.\n",
        false => {
            "No control group can be written to here. The limits hold without one, each process\n\
             counted by itself.\n"
        }
    });
    text
}

/// What came of an attempt: whether it is as it should be, and the error.
fn cell(row: &Row) -> String {
    match (&row.tried, row.is_right()) {
        (Tried::Failed(error), true) => format!("{} {error}", paint(GOOD, "denied")),
        (Tried::Failed(error), false) => format!("{} {error}", paint(BAD, "FAILS")),
        (Tried::Worked, true) => paint(GOOD, "works"),
        (Tried::Worked, false) => paint(BAD, "GETS THROUGH"),
    }
}

fn conclusion(report: &Report) -> String {
    match report.strongest().map(|set| set.layers) {
        Some(layers @ Layers::Full) => format!(
            "Submissions are compiled and run in the layers `{layers}`, the strongest there are.\n"
        ),
        Some(layers) => format!(
            "Submissions are compiled and run in the layers `{layers}`. {}\n\
             For `full`:\n{}",
            paint(WARN, "There are stronger ones."),
            remedies()
        ),
        None => format!(
            "{} Only your own exercises can be graded here.\n{}",
            paint(BAD, "This machine has no sandbox."),
            remedies()
        ),
    }
}

/// What to do to have more layers.
fn remedies() -> String {
    if !cfg!(target_os = "linux") {
        return "- Grade classes on Linux 6.2 or later, or in a container on such a system.\n"
            .to_owned();
    }
    let grader = std::env::current_exe().map_or_else(
        |_| "/path/to/grader".to_owned(),
        |path| path.display().to_string(),
    );
    format!(
        "\
- On Ubuntu 24.04 and later, AppArmor keeps namespaces from users. Either run
  the grader as root, or allow it to have them, once. Put this into
  /etc/apparmor.d/lockstep-grader:
      abi <abi/4.0>,
      include <tunables/global>
      profile lockstep-grader {grader} flags=(unconfined) {{
        userns,
      }}
  and load it:
      sudo apparmor_parser -r /etc/apparmor.d/lockstep-grader
- In a container of Docker or Podman, give it what its filter keeps back:
      docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined \\
        --security-opt apparmor=unconfined ...
  or go on with the layers `bare`, which need Landlock in the host's kernel.
- Elsewhere namespaces may be switched off: sysctl user.max_user_namespaces must
  not be 0, nor kernel.unprivileged_userns_clone, where there is one.
- Landlock is in Linux 6.2 and later as it is needed here, if `landlock` is
  among the kernel's security modules (the boot parameter lsm=).
"
    )
}

/// For programs. The fields may be added to, and do not change.
fn json(report: &Report, cgroup: bool) -> Value {
    let row = |row: &Row| {
        let (outcome, error) = match &row.tried {
            Tried::Worked => ("worked", Value::Null),
            Tried::Failed(error) => ("failed", json!(error)),
        };
        json!({
            "attempt": row.what,
            "attack": row.is_attack,
            "outcome": outcome,
            "error": error,
            "right": row.is_right(),
        })
    };
    let set = |set: &Set| {
        let rows: Vec<Value> = set.tried.iter().flatten().map(row).collect();
        json!({
            "layers": set.layers.to_string(),
            "made_of": made_of(set.layers),
            "holds": set.fault().is_none(),
            "why_not": set.fault(),
            "attempts": rows,
        })
    };
    json!({
        "schema": "lockstep-doctor/1",
        "layers": report.strongest().map(|set| set.layers.to_string()),
        "cgroup": cgroup,
        "sets": report.sets.iter().map(set).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(tried: Tried, unavailable: &str) -> Report {
        let row = Row {
            what: "read a secret",
            is_attack: true,
            tried,
        };
        Report {
            sets: vec![
                Set {
                    layers: Layers::Full,
                    own_loopback: true,
                    shared_loopback: true,
                    tried: Err(unavailable.to_owned()),
                },
                Set {
                    layers: Layers::Bare,
                    own_loopback: true,
                    shared_loopback: true,
                    tried: Ok(vec![row]),
                },
            ],
        }
    }

    #[test]
    fn a_machine_with_weaker_layers_is_told_how_to_have_stronger_ones() {
        let report = report(Tried::Failed("EACCES".to_owned()), "no namespaces here");
        let text = anstream::adapter::strip_str(&text(&report, true)).to_string();
        assert!(
            text.contains("denied EACCES") && text.contains("no namespaces here"),
            "{text}"
        );
        assert!(
            text.contains("in the layers `bare`") && text.contains("apparmor_parser"),
            "{text}"
        );
        // The path of this program may be longer.
        let long = |line: &&str| line.chars().count() > 80 && !line.contains("profile ");
        assert_eq!(text.lines().find(long), None);
        let json = json(&report, true);
        assert_eq!(
            (&json["layers"], &json["cgroup"]),
            (&"bare".into(), &true.into())
        );
        assert_eq!(json["sets"][0]["why_not"], "no namespaces here");
    }

    #[test]
    fn a_machine_where_an_attack_gets_through_has_no_sandbox() {
        let report = report(Tried::Worked, "no namespaces here");
        let text = anstream::adapter::strip_str(&text(&report, true)).to_string();
        assert!(
            text.contains("GETS THROUGH") && text.contains("has no sandbox"),
            "{text}"
        );
        assert_eq!(json(&report, true)["layers"], Value::Null);
        let fault = report.sets[1].fault().unwrap();
        assert_eq!(fault, "a process in it was able to read a secret");
    }
}
