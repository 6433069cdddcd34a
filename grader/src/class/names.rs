//! What the names of folders and files say: whose they are, for which exercise,
//! and whether they came late.
//!
//! Nothing here looks at a disk.

use unicode_normalization::UnicodeNormalization as _;

/// A student, as a name tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Who {
    /// What no other student of the class is called.
    pub(crate) key: String,
    /// How to show them.
    pub(crate) name: String,
    /// The number that the LMS has for them: for the course with Canvas, for the
    /// one assignment with Moodle.
    pub(crate) lms_id: Option<String>,
}

/// What the name of a folder or of a file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) who: Who,
    /// The exercise, if the name has one's in it.
    pub(super) exercise: Option<String>,
    pub(super) late: bool,
    /// The name that the student has given it, where that is a part.
    pub(super) file: Option<String>,
    /// Whether it was an LMS that named it.
    pub(super) by_lms: bool,
    /// Whether it is a text that was typed in, and no file.
    pub(super) typed: bool,
}

/// Reads a name, without the `.zip` of an archive. `submissions_of` is what the
/// folder around it is called before `-submissions`, as GitHub Classroom has it.
/// `None` for what is no submission.
pub(super) fn read(
    name: &str,
    exercises: &[String],
    submissions_of: Option<&str>,
) -> Option<Named> {
    // A Mac takes accents apart from their letters, and nobody types them so.
    let composed: String = name.nfc().collect();
    let name = composed.as_str();
    if name.starts_with('.') || matches!(name, "__MACOSX" | "target") {
        return None;
    }
    if let Some((person, what)) = name.split_once("_assignsubmission_") {
        return moodle(person, what, exercises);
    }
    if let Some(named) = canvas(name, exercises) {
        return Some(named);
    }
    let (exercise, user) = classroom(name, exercises, submissions_of);
    Some(Named {
        who: Who {
            key: user.to_owned(),
            name: user.to_owned(),
            lms_id: None,
        },
        exercise,
        late: false,
        file: None,
        by_lms: false,
        typed: false,
    })
}

/// Whether it is an LMS that names a file or a folder so.
pub(crate) fn is_handed_out(name: &str, exercises: &[String]) -> bool {
    read(name, exercises, None).is_some_and(|named| named.by_lms)
}

/// What a name says, for [`crate::fuzzing`]: whoever it is of has a key.
pub(crate) fn fuzzed_name(name: &str) {
    let exercises = ["one", "one-more"].map(str::to_owned);
    if let Some(named) = read(name, &exercises, Some("week")) {
        assert!(name.is_empty() || !named.who.key.is_empty(), "{name:?}");
        assert!(named.exercise.is_none_or(|one| exercises.contains(&one)));
    }
}

/// `Full Name_1234567_assignsubmission_file_`, and the file's name after it where
/// Moodle was told to make no folders.
fn moodle(person: &str, what: &str, exercises: &[String]) -> Option<Named> {
    // Texts that were typed in (`onlinetext`) are no crates.
    let (file, typed) = match what.strip_prefix("file") {
        Some(file) => (file.strip_prefix('_').unwrap_or(file), false),
        None => ("", true),
    };
    let (name, id) = match person.rsplit_once('_') {
        Some((name, id)) if is_number(id) => (name, Some(id.to_owned())),
        _ => (person, None),
    };
    if name.is_empty() {
        return None;
    }
    // Where it is graded without names everybody has this one.
    let name = match &id {
        Some(id) if name == "Participant" => format!("{name} {id}"),
        _ => name.to_owned(),
    };
    Some(Named {
        who: Who {
            key: name.clone(),
            name,
            lms_id: id,
        },
        exercise: exercise_in(file, exercises),
        late: false,
        file: (!file.is_empty()).then(|| file.to_owned()),
        by_lms: true,
        typed,
    })
}

/// `lastnamefirstname_LATE_12345_67890_name-of-the-file`: the first number is the
/// student's, the second one the file's.
fn canvas(name: &str, exercises: &[String]) -> Option<Named> {
    let parts: Vec<&str> = name.split('_').collect();
    let at = (1..parts.len().saturating_sub(2))
        .find(|at| is_number(parts[*at]) && is_number(parts[at + 1]))?;
    let late = at > 1 && parts[at - 1] == "LATE";
    let person = parts[..at - usize::from(late)].join("_");
    let file = parts[at + 2..].join("_");
    if person.is_empty() {
        return None;
    }
    Some(Named {
        who: Who {
            key: format!("{person}_{}", parts[at]),
            name: person,
            lms_id: Some(parts[at].to_owned()),
        },
        exercise: exercise_in(&file, exercises),
        late,
        file: Some(file),
        by_lms: true,
        typed: false,
    })
}

/// `<assignment>-<user>` of GitHub Classroom and `<classroom>-<assignment>-<user>`
/// of Classroom 50, where the assignment is called like an exercise or stands in
/// the name of the folder around.
fn classroom<'a>(
    name: &'a str,
    exercises: &[String],
    submissions_of: Option<&str>,
) -> (Option<String>, &'a str) {
    if exercises.iter().any(|exercise| exercise == name) {
        return (None, name);
    }
    let mut longest_first: Vec<&String> = exercises.iter().collect();
    longest_first.sort_by_key(|exercise| std::cmp::Reverse(exercise.len()));
    for exercise in longest_first {
        let begins = name.strip_prefix(exercise.as_str());
        let user = begins
            .and_then(|rest| rest.strip_prefix('-'))
            .or_else(|| Some(name.split_once(&format!("-{exercise}-"))?.1));
        if let Some(user) = user.filter(|user| !user.is_empty()) {
            return (Some(exercise.clone()), user);
        }
    }
    let user = submissions_of
        .and_then(|assignment| name.strip_prefix(assignment)?.strip_prefix('-'))
        .filter(|user| !user.is_empty());
    (None, user.unwrap_or(name))
}

/// The exercise whose name a text has in it as words of its own:
/// `Bank_Account-main (2)` for `bank-account`.
pub(super) fn exercise_in(text: &str, exercises: &[String]) -> Option<String> {
    let words = |text: &str| -> String {
        let letter = |c: char| {
            if c.is_alphanumeric() {
                c.to_lowercase().to_string()
            } else {
                "-".to_owned()
            }
        };
        format!("-{}-", text.chars().map(letter).collect::<String>())
    };
    let text = words(text);
    let inside = exercises
        .iter()
        .filter(|exercise| text.contains(&words(exercise)));
    inside.max_by_key(|exercise| exercise.len()).cloned()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exercises() -> Vec<String> {
        ["bank", "bank-account", "chat"].map(str::to_owned).to_vec()
    }

    /// `(key, name, number, exercise, late, file)`
    fn told(name: &str) -> String {
        match read(name, &exercises(), Some("week-3")) {
            None => "nothing".to_owned(),
            Some(named) => format!(
                "{} | {} | {} | {} | {} | {}",
                named.who.key,
                named.who.name,
                named.who.lms_id.unwrap_or_default(),
                named.exercise.unwrap_or_default(),
                named.late,
                named.file.unwrap_or_default()
            ),
        }
    }

    #[test]
    fn every_house_names_its_students_in_its_own_way() {
        let table = [
            (
                "doejane_LATE_12345_67890_bank-account",
                "doejane_12345 | doejane | 12345 | bank-account | true | bank-account",
            ),
            (
                "müllerzoë_12_6_Bank_Account-1.rs",
                "müllerzoë_12 | müllerzoë | 12 | bank-account | false | Bank_Account-1.rs",
            ),
            ("of_me_1_2_3_4", "of_me_1 | of_me | 1 |  | false | 3_4"),
            (
                "Jane van der Doe_1234567_assignsubmission_file_",
                "Jane van der Doe | Jane van der Doe | 1234567 |  | false | ",
            ),
            (
                "Jane Doe_12_assignsubmission_file_chat",
                "Jane Doe | Jane Doe | 12 | chat | false | chat",
            ),
            (
                "Participant_88_assignsubmission_file",
                "Participant 88 | Participant 88 | 88 |  | false | ",
            ),
            (
                "Jane Doe_12_assignsubmission_onlinetext_",
                "Jane Doe | Jane Doe | 12 |  | false | ",
            ),
            ("_12_assignsubmission_file_", "nothing"),
            (
                "bank-account-jane-doe",
                "jane-doe | jane-doe |  | bank-account | false | ",
            ),
            ("cs101-chat-zoe", "zoe | zoe |  | chat | false | "),
            ("week-3-zoe", "zoe | zoe |  |  | false | "),
            ("zoe", "zoe | zoe |  |  | false | "),
            (
                "bank-account",
                "bank-account | bank-account |  |  | false | ",
            ),
            ("chat", "chat | chat |  |  | false | "),
            (".git", "nothing"),
            ("__MACOSX", "nothing"),
        ];
        for (name, expected) in table {
            assert_eq!(told(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_is_the_same_on_every_system() {
        assert_eq!(told("Zoe\u{308} Mu\u{308}ller"), told("Zoë Müller"));
        assert_eq!(told("Zoe\u{308}_7_8_lib.rs"), told("Zoë_7_8_lib.rs"));
        assert!(told("Zoe\u{308}_7_8_lib.rs").starts_with("Zoë_7 | Zoë | "));
    }

    #[test]
    fn an_exercise_is_found_in_the_name_of_a_file() {
        let inside = |text| exercise_in(text, &exercises());
        assert_eq!(
            inside("Bank_Account-main (2)").as_deref(),
            Some("bank-account")
        );
        assert_eq!(inside("my chat").as_deref(), Some("chat"));
        assert_eq!(inside("chatter"), None);
    }
}
