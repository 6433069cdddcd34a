//! What can be wrong with an exercise, each in one sentence.

mod world;

use std::collections::BTreeSet;

use super::exercise::{Exercise, Grading};
use super::rubric::{Check, Kind, On, Rubric, Start};

/// Everything that is wrong with an exercise.
pub(super) fn problems(exercise: &Exercise) -> Vec<String> {
    let mut problems = of_the_manifest(exercise);
    if let Some(grading) = &exercise.grading {
        problems.extend(of_the_folder(grading));
        problems.extend(of_the_points(exercise, grading));
        problems.extend(of_the_sentences(exercise, grading));
        let limits = grading.rubric.limits.problems().into_iter();
        problems.extend(limits.map(|problem| format!("rubric.toml: {problem}")));
        for check in &grading.rubric.checks {
            problems.extend(of_a_check(check, &grading.rubric));
            let scenarios = check.scenarios.iter();
            problems.extend(scenarios.flat_map(|of| world::problems(of, &exercise.name)));
        }
        problems.extend(repeated(
            "check",
            grading.rubric.checks.iter().map(|check| check.id.as_str()),
        ));
    }
    problems
}

fn of_the_manifest(exercise: &Exercise) -> Vec<String> {
    let manifest = &exercise.manifest;
    let mut problems = Vec::new();
    if manifest.title.trim().is_empty() {
        problems.push("exercise.toml has an empty title".to_owned());
    }
    if manifest.hints.is_empty() || manifest.hints.iter().any(|hint| hint.trim().is_empty()) {
        problems.push(
            "exercise.toml needs hints, from gentle to plain, and none of them empty".to_owned(),
        );
    }
    if exercise.grading.is_some() {
        for id in &manifest.visible {
            if !exercise.checks().iter().any(|check| check.id == *id) {
                problems.push(format!(
                    "exercise.toml makes `{id}` visible, but the rubric has no such check"
                ));
            }
        }
    }
    problems
}

fn of_the_folder(grading: &Grading) -> Vec<String> {
    let wanted: &[&str] = match grading.rubric.kind {
        Kind::Library => &["judge.rs", "scenarios.rs"],
        Kind::Program => &["judge.rs"],
    };
    let missing = wanted
        .iter()
        .filter(|file| !grading.folder.join(file).is_file());
    missing
        .map(|file| format!("{file} is missing beside the rubric"))
        .collect()
}

/// Points add up, and no single check decides too much.
fn of_the_points(exercise: &Exercise, grading: &Grading) -> Vec<String> {
    let mut problems = Vec::new();
    let checks = &grading.rubric.checks;
    let total: u32 = checks.iter().map(|check| check.points).sum();
    if total != exercise.manifest.points {
        problems.push(format!(
            "exercise.toml promises {} points, the checks add up to {total}",
            exercise.manifest.points
        ));
    }
    for check in checks {
        if check.points == 0 {
            problems.push(format!("the check `{}` is worth nothing", check.id));
        } else if check.points * 3 > total {
            problems.push(format!(
                "the check `{}` is worth more than a third of the {total} points",
                check.id
            ));
        }
    }
    problems
}

/// Every sentence that can be broken is held, and nothing else is.
fn of_the_sentences(exercise: &Exercise, grading: &Grading) -> Vec<String> {
    let mut problems = Vec::new();
    let mut held = BTreeSet::new();
    let rubric = &grading.rubric;
    let whole = [("the build", &rubric.build), ("later", &rubric.later)];
    let holders = whole.into_iter().chain(
        rubric
            .checks
            .iter()
            .map(|check| (check.id.as_str(), &check.holds)),
    );
    for (holder, ids) in holders {
        for id in ids {
            held.insert(id.as_str());
            if !exercise
                .contract
                .claims()
                .any(|sentence| sentence.id == *id)
            {
                problems.push(format!(
                    "`{holder}` holds {id}, which is no sentence of the contract that can be broken"
                ));
            }
        }
    }
    for sentence in exercise
        .contract
        .claims()
        .filter(|sentence| !held.contains(sentence.id.as_str()))
    {
        problems.push(format!("no check holds {}: {}", sentence.id, sentence.text));
    }
    problems
}

fn of_a_check(check: &Check, rubric: &Rubric) -> Vec<String> {
    let mut problems = Vec::new();
    let id = &check.id;
    if id.is_empty()
        || !id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    {
        problems.push(format!(
            "the check's id `{id}` is not made of a-z, 0-9 and `-`"
        ));
    }
    if check.title.trim().is_empty() {
        problems.push(format!("the check `{id}` has an empty title"));
    }
    if check.holds.is_empty() {
        problems.push(format!(
            "the check `{id}` holds no sentence of the contract"
        ));
    }
    if check.scenarios.is_empty() {
        problems.push(format!("the check `{id}` has no scenario"));
    }
    let starts = rubric.starts(check);
    if starts == Start::Scenarios && rubric.kind == Kind::Program {
        problems.push(format!(
            "the check `{id}` starts scenarios, which only a library has"
        ));
    }
    for scenario in &check.scenarios {
        if scenario.name.is_empty() || scenario.name.contains('@') {
            problems.push(format!(
                "the check `{id}` has a scenario whose name is empty or holds a `@`"
            ));
        }
        if starts == Start::Scenarios && !(scenario.args.is_empty() && scenario.stdin.is_empty()) {
            problems.push(format!(
                "the scenario `{}` has args or stdin, which only a program takes",
                scenario.name
            ));
        }
    }
    for scenario in &check.scenarios {
        let name = &scenario.name;
        if !scenario.sites.is_empty() && scenario.on != On::System {
            problems.push(format!(
                "the scenario `{name}` has a site, which there is on the real system only: give it \
                 `on = \"system\"`"
            ));
        }
        if starts == Start::Scenarios
            && !(scenario.programs.is_empty() && scenario.peers.is_empty())
        {
            problems.push(format!(
                "the scenario `{name}` has programs or peers, which scenarios of a library have not"
            ));
        }
        if starts == Start::Scenarios && scenario.on != On::Simulation {
            problems.push(format!(
                "the scenario `{name}` of a library is to be run on the real system, where only \
                 programs are"
            ));
        }
    }
    let names = check
        .scenarios
        .iter()
        .map(|scenario| scenario.name.as_str());
    problems.extend(repeated(&format!("scenario of `{id}`"), names));
    problems
}

fn repeated<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names
        .filter(|name| !seen.insert(*name))
        .map(|name| format!("the {what} `{name}` is there twice"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::course::Contract;

    const SOUND: &str = r#"
        kind = "program"
        build = ["C3"]
        [[check]]
        id = "one"
        title = "One"
        points = 1
        holds = ["C1"]
        [[check.scenario]]
        name = "s"
        rule = "r"
        args = ["1"]
        [[check]]
        id = "two"
        title = "Two"
        points = 1
        holds = ["C2", "C1"]
        [[check.scenario]]
        name = "s"
        rule = "r"
        [[check]]
        id = "three"
        title = "Three"
        points = 1
        holds = ["C2"]
        [[check.scenario]]
        name = "s"
        rule = "r"
        search = { preemptions = 1 }
    "#;

    fn problems_of(rubric: &str, manifest: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("judge.rs"), "").unwrap();
        let readme = "## The contract\n- **C1** a\n- **C2** b\n- **C3** c\n- **O1** open\n";
        problems(&Exercise {
            name: "e".to_owned(),
            folder: PathBuf::new(),
            solution: None,
            manifest: toml::from_str(manifest).unwrap(),
            contract: Contract::parse(readme).unwrap(),
            grading: Some(Grading {
                folder: folder.path().to_owned(),
                rubric: toml::from_str(rubric).unwrap(),
            }),
            problems: Vec::new(),
        })
    }

    const MANIFEST: &str = "title = 'T'\npoints = 3\nhints = ['h']\nvisible = ['one']";

    #[test]
    fn a_sound_exercise_has_no_problems() {
        assert_eq!(problems_of(SOUND, MANIFEST), Vec::<String>::new());
    }

    #[test]
    fn each_problem_is_told_in_a_sentence() {
        let table = [
            ("points = 1", "points = 3", "worth more than a third"),
            ("points = 1", "points = 2", "add up to"),
            ("points = 1", "points = 0", "worth nothing"),
            ("\"two\"", "\"one\"", "the check `one` is there twice"),
            ("\"two\"", "\"Two!\"", "not made of a-z"),
            ("\"C2\"", "\"C7\"", "`two` holds C7"),
            ("\"C2\"", "\"O1\"", "`two` holds O1"),
            ("build = [\"C3\"]", "", "no check holds C3: c"),
            ("\"Two\"", "\" \"", "empty title"),
            ("\"program\"", "\"library\"", "which only a program takes"),
            ("\"program\"", "\"library\"", "scenarios.rs is missing"),
            (
                "rule = \"r\"",
                "rule = \"r\"\npeer = [{ name = 'ann', script = 'connect bob' }]",
                "`bob` is no program that announces",
            ),
            (
                "points = 1",
                "points = 1\nstarts = \"scenarios\"",
                "`one` starts scenarios, which only a library has",
            ),
            ("\"s\"", "\"s@\"", "holds a `@`"),
            (
                "build = [\"C3\"]",
                "build = [\"C3\"]\nlimits = { memory_mib = 0 }",
                "rubric.toml: the limit `memory_mib` is 0; give a number from 8 to 384",
            ),
            (
                "rule = \"r\"",
                "rule = \"r\"\nsite = [{ name = 's' }]",
                "real system only",
            ),
        ];
        for (from, to, expected) in table {
            let changed = problems_of(&SOUND.replacen(from, to, 1), MANIFEST);
            assert!(
                changed.iter().any(|problem| problem.contains(expected)),
                "{from} -> {to}: {changed:?}"
            );
        }
        let manifests = [
            ("'T'", "''", "empty title"),
            ("['h']", "[' ']", "needs hints"),
            ("['h']", "[]", "needs hints"),
            ("['one']", "['four']", "makes `four` visible"),
        ];
        for (from, to, expected) in manifests {
            let changed = problems_of(SOUND, &MANIFEST.replacen(from, to, 1));
            assert!(
                changed.iter().any(|problem| problem.contains(expected)),
                "{from} -> {to}: {changed:?}"
            );
        }
    }

    #[test]
    fn a_library_has_a_program_where_a_check_starts_it() {
        let library = SOUND.replacen("program", "library", 1);
        let starts = library.replacen("points = 1", "points = 1\nstarts = \"program\"", 1);
        let args = |rubric: &str| {
            let problems = problems_of(rubric, MANIFEST);
            problems.iter().any(|problem| problem.contains("args"))
        };
        assert!(args(&library) && !args(&starts));
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let error =
            toml::from_str::<crate::course::Rubric>("kind = 'program'\npionts = 3").unwrap_err();
        assert!(error.to_string().contains("pionts"), "{error}");
    }
}
