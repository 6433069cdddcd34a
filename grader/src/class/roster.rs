//! The roster that a house exports: Canvas's gradebook, Moodle's grading
//! worksheet, GitHub Classroom's and Classroom 50's lists, or any table with
//! names. Who of it a student is, is told by ids first, and then by names.
//!
//! Functions of texts; nothing here reads a file.

mod worksheet;

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization as _;

/// Which house's table it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum House {
    Canvas,
    Moodle,
    Other,
}

/// A table with a line for each person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Roster {
    pub(crate) house: House,
    /// The titles of the columns.
    pub(crate) header: Vec<String>,
    /// The same in English, as far as they are known.
    titles: Vec<String>,
    pub(crate) people: Vec<Person>,
}

/// A line of the roster.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    /// All its cells.
    pub(crate) cells: Vec<String>,
    /// The name as it stands there.
    pub(crate) name: String,
    /// The id that is the person's in every table of the house.
    pub(crate) id: String,
    /// Everything that they may be known by, in lower case.
    ids: BTreeSet<String>,
}

/// Who is who.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Matched {
    /// For each student that was asked for, the place of the person.
    pub(crate) people: Vec<Option<usize>>,
}

impl Roster {
    /// Reads a table; the error is a sentence.
    pub(crate) fn parse(text: &str) -> Result<Roster, String> {
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().next().unwrap_or_default();
        let semicolons = first.matches(';').count() > first.matches(',').count();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(if semicolons { b';' } else { b',' })
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|error| format!("it is no CSV file ({error})"))?;
            rows.push(row.iter().map(str::to_owned).collect::<Vec<_>>());
        }
        let mut rows = rows.into_iter();
        let header = rows.next().ok_or("it is empty")?;
        let rows: Vec<_> = rows.collect();
        let translated = worksheet::titles(&header, &rows);
        let titles = translated.unwrap_or_else(|| header.clone());
        let columns = Columns::of(&titles)?;
        let people = rows.into_iter().filter_map(|cells| columns.person(cells));
        Ok(Roster {
            house: columns.house,
            people: people.collect(),
            header,
            titles,
        })
    }

    /// The place of a column, by its title in English.
    pub(crate) fn column(&self, title: &str) -> Option<usize> {
        self.titles.iter().position(|header| header.trim() == title)
    }

    /// Who of the roster each student is, given what ids and what names they are
    /// known by. Nobody is two of them, and where it could be several it is
    /// nobody.
    pub(crate) fn matched(&self, students: &[(Vec<&str>, Vec<&str>)]) -> Matched {
        let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, person) in self.people.iter().enumerate() {
            for id in &person.ids {
                by_id.entry(id).or_default().push(place);
            }
            for form in forms(&person.name) {
                by_name.entry(form).or_default().push(place);
            }
        }
        let mut people = vec![None; students.len()];
        let mut taken = BTreeSet::new();
        for (person, (ids, _)) in people.iter_mut().zip(students) {
            let found = ids.iter().find_map(|id| {
                let id = lowered(id);
                the_only(by_id.get(id.as_str())?.iter().copied())
            });
            *person = found.filter(|place| taken.insert(*place));
        }
        for (person, (_, names)) in people.iter_mut().zip(students) {
            if person.is_some() {
                continue;
            }
            let all = names.iter().flat_map(|name| forms(name));
            let found = all.filter_map(|form| by_name.get(&form)).flatten();
            let found = the_only(found.copied().collect::<BTreeSet<_>>());
            *person = found.filter(|place| taken.insert(*place));
        }
        Matched { people }
    }
}

impl Matched {
    /// The places of the people that nobody is.
    pub(crate) fn others(&self, roster: &Roster) -> Vec<usize> {
        let known: BTreeSet<usize> = self.people.iter().flatten().copied().collect();
        (0..roster.people.len())
            .filter(|place| !known.contains(place))
            .collect()
    }
}

fn the_only(places: impl IntoIterator<Item = usize>) -> Option<usize> {
    let mut places = places.into_iter();
    let first = places.next()?;
    places.next().is_none().then_some(first)
}

/// What columns a table has.
struct Columns {
    house: House,
    /// What stands before the names, in their order: one column, or two.
    names: Vec<usize>,
    /// The ids, the person's own first.
    ids: Vec<usize>,
    /// What stands for a name where there is none: GitHub Classroom's list has names
    /// in the column of what the course knows its students by.
    instead: Option<usize>,
    /// The column whose number at the end is an id, and only for one assignment.
    numbered: Option<usize>,
}

/// Titles of columns of names, in lower case.
const NAMES: [&str; 4] = ["full name", "name", "student", "student name"];
/// Titles of columns of ids, in lower case; those that are the person's own for
/// longest come first.
const IDS: [&str; 15] = [
    "id",
    "sis user id",
    "sis login id",
    "integration id",
    "id number",
    "student id",
    "student_id",
    "username",
    "github_username",
    "github username",
    "login",
    "identifier",
    "roster_identifier",
    "email",
    "email address",
];

impl Columns {
    fn of(header: &[String]) -> Result<Columns, String> {
        let lower: Vec<String> = header
            .iter()
            .map(|title| title.trim().to_lowercase())
            .collect();
        let at = |title: &str| lower.iter().position(|header| header == title);
        let first_of = |titles: &[&str]| titles.iter().find_map(|title| at(title));
        let pair = |last: &str, first: &str| Some(vec![at(last)?, at(first)?]);
        let names = pair("lastname", "firstname")
            .or_else(|| pair("last_name", "first_name"))
            .or_else(|| pair("last name", "first name"))
            .or_else(|| pair("surname", "first name"))
            .or_else(|| Some(vec![first_of(&NAMES)?]));
        let mut ids: Vec<usize> = IDS.iter().filter_map(|title| at(title)).collect();
        let house = match (at("student").or(at("lastname")), at("section")) {
            (Some(0), Some(_)) if at("id").is_some() => House::Canvas,
            _ if at("identifier").is_some() && at("grade").is_some() => House::Moodle,
            _ => House::Other,
        };
        let numbered = at("identifier").filter(|_| house == House::Moodle);
        ids.retain(|column| Some(*column) != numbered);
        let instead = first_of(&["identifier", "roster_identifier"]);
        let instead = instead.filter(|_| numbered.is_none());
        match names {
            None if ids.is_empty() && numbered.is_none() => Err(format!(
                "none of its columns ({}) is one of names or ids; give Canvas's gradebook export, \
                 Moodle's grading worksheet, or a table with a column `name` or `id`",
                header.join(", ")
            )),
            names => Ok(Columns {
                house,
                names: names.unwrap_or_default(),
                ids,
                instead,
                numbered,
            }),
        }
    }

    /// The person of a line; none for one that describes the columns.
    fn person(&self, cells: Vec<String>) -> Option<Person> {
        let cell = |column: &usize| cells.get(*column).map_or("", |cell| cell.trim());
        let parts: Vec<&str> = self.names.iter().map(cell).collect();
        let mut name = parts.join(", ");
        let mut ids: Vec<String> = self
            .ids
            .iter()
            .map(cell)
            .filter(|id| !id.is_empty())
            .map(lowered)
            .collect();
        let described = ["points possible", "student, test", ","];
        if described.contains(&name.trim().to_lowercase().as_str()) {
            return None;
        }
        // The row that says which assignments are posted by hand.
        if self.house == House::Canvas && ids.is_empty() && name.is_empty() {
            return None;
        }
        if name.is_empty() || name == ", " {
            // A worksheet that is graded without names has their numbers only.
            let columns = self.instead.iter().chain(&self.ids).chain(&self.numbered);
            let mut others = columns.map(cell);
            name = others.find(|id| !id.is_empty())?.to_owned();
        }
        let own = match self.house {
            House::Moodle => self.ids.iter().map(cell).find(|id| !id.is_empty()),
            House::Canvas | House::Other => self.ids.first().map(cell),
        };
        let id = own.filter(|id| !id.is_empty()).unwrap_or(&name).to_owned();
        let user_of = |id: &String| Some(id.split_once('@')?.0.to_owned());
        let users: Vec<String> = ids.iter().filter_map(user_of).collect();
        ids.extend(users);
        if let Some(number) = self.numbered.as_ref().map(cell) {
            let digits = number.trim_start_matches(|c: char| !c.is_ascii_digit());
            ids.push(digits.to_owned());
        }
        Some(Person {
            name,
            id,
            ids: ids.into_iter().filter(|id| !id.is_empty()).collect(),
            cells,
        })
    }
}

/// A name as it may be written elsewhere, without what lies between its parts:
/// `Doe, Jane Ann` is `doejaneann` and `janeanndoe`.
fn forms(name: &str) -> BTreeSet<String> {
    let parts: Vec<String> = match name.split_once(',') {
        Some((last, first)) => vec![squeezed(last), squeezed(first)],
        None => name.split_whitespace().map(squeezed).collect(),
    };
    let turned = (0..parts.len()).map(|at| [&parts[at..], &parts[..at]].concat().concat());
    turned.filter(|form| !form.is_empty()).collect()
}

/// In small letters, with accents on theirs: a Mac takes them apart.
fn lowered(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}

fn squeezed(text: &str) -> String {
    let letters = text.nfc().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVAS: &str = "\u{feff}Student,ID,SIS User ID,SIS Login ID,Section,Bank (77)\n\
        ,,,,,Manual Posting\n\
        \"    Points Possible\",,,,,20\n\
        \"Doe, Jane Ann\",12345,S-1,jdoe@school.edu,A,\n\
        \"Müller, Zoë\",12346,,zoe,A,3\n\
        \"Student, Test\",9,,,A,\n";

    const MOODLE: &str = "Identifier,Full name,Email address,Status,Grade,Maximum Grade\n\
        Participant 71,Jane Doe,jane@x.org,Submitted,,20.00\n\
        Participant 72,Ann Ash,ann@x.org,No submission,,20.00\n\
        Participant 73,Ann Ash,ann2@x.org,No submission,,20.00\n";

    fn who(roster: &Roster, ids: &[&str], names: &[&str]) -> Option<String> {
        let matched = roster.matched(&[(ids.to_vec(), names.to_vec())]);
        matched.people[0].map(|place| roster.people[place].id.clone())
    }

    #[test]
    fn a_student_is_found_by_id_and_then_by_name() {
        let canvas = Roster::parse(CANVAS).unwrap();
        assert_eq!((canvas.house, canvas.people.len()), (House::Canvas, 2));
        let jane = Some("12345".to_owned());
        assert_eq!(who(&canvas, &["12345"], &[]), jane);
        assert_eq!(who(&canvas, &["JDOE"], &[]), jane);
        assert_eq!(who(&canvas, &["?"], &["doejaneann"]), jane);
        assert_eq!(who(&canvas, &[], &["Jane Ann Doe"]), jane);
        assert_eq!(who(&canvas, &[], &["müllerzoë"]), Some("12346".to_owned()));
        // As a Mac writes it.
        let apart = ["Zoe\u{308} Mu\u{308}ller"];
        assert_eq!(who(&canvas, &[], &apart), Some("12346".to_owned()));
        let roster = Roster::parse("name,username\nZoe\u{308},e\u{301}ve\n").unwrap();
        assert_eq!(who(&roster, &[], &["Zoë"]), Some("e\u{301}ve".to_owned()));
        assert_eq!(who(&roster, &["éve"], &[]), Some("e\u{301}ve".to_owned()));
        assert_eq!(who(&canvas, &[], &["Jane"]), None);

        let moodle = Roster::parse(MOODLE).unwrap();
        assert_eq!(moodle.house, House::Moodle);
        assert_eq!(who(&moodle, &["72"], &["x"]), Some("ann@x.org".to_owned()));
        assert_eq!(
            who(&moodle, &[], &["Doe, Jane"]),
            Some("jane@x.org".to_owned())
        );
        // It could be either.
        assert_eq!(who(&moodle, &[], &["Ann Ash"]), None);
    }

    #[test]
    fn a_worksheet_without_names_has_numbers() {
        let blind = "Identifier,Status,Grade\nParticipant 88,Submitted,\n";
        let roster = Roster::parse(blind).unwrap();
        let known = Some("Participant 88".to_owned());
        assert_eq!(who(&roster, &["88"], &[]), known);
        assert_eq!(who(&roster, &[], &["Participant 88"]), known);
    }

    #[test]
    fn a_worksheet_of_moodles_is_known_in_any_language() {
        let german = "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;Bewertung kann \
            geändert werden;Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);Feedback als Kommentar\n\
            Teilnehmer/in71;Jane Doe;jane@x.org;Zur Bewertung abgegeben;;20,00;Ja;Montag, 2. März 2026;-;\n\
            Teilnehmer/in72;Ann Ash;ann@x.org;Keine Abgabe;7,50;20,00;Ja;-;Montag, 2. März 2026;<p>Gut</p>\n";
        let roster = Roster::parse(german).unwrap();
        assert_eq!(roster.house, House::Moodle);
        assert_eq!(roster.header[4], "Bewertung");
        let columns = [
            "Identifier",
            "Full name",
            "Grade",
            "Maximum Grade",
            "Feedback comments",
        ];
        let places = columns.map(|title| roster.column(title));
        assert_eq!(places, [Some(0), Some(1), Some(4), Some(5), Some(9)]);
        assert_eq!(who(&roster, &["72"], &[]), Some("ann@x.org".to_owned()));
        assert_eq!(
            who(&roster, &[], &["Doe, Jane"]),
            Some("jane@x.org".to_owned())
        );

        // Without names, and without comments.
        let blind = "Identifiant,Statut,Note,Note maximale,Modifiable,Dernière modification (note)\n\
            Participant 8,Remis,,10.00,Oui,-\nParticipant 9,Remis,,10.00,Oui,-\n";
        let roster = Roster::parse(blind).unwrap();
        assert_eq!(
            (roster.house, roster.column("Grade")),
            (House::Moodle, Some(2))
        );
        assert_eq!(roster.column("Feedback comments"), None);
        assert_eq!(who(&roster, &["9"], &[]), Some("Participant 9".to_owned()));

        // Numbers alone make no worksheet.
        for table in [
            "a,b,c,d,e\nx 1,,3,4,5\n",
            "name,b,c,d\nx1,,1,2\nx2,,1,2\n",
            "a,b,c,d\n",
        ] {
            let house = Roster::parse(table).map(|roster| roster.house);
            assert!(house != Ok(House::Moodle), "{table}");
        }
    }

    #[test]
    fn nobody_is_two_people_and_the_others_are_told() {
        let moodle = Roster::parse(MOODLE).unwrap();
        let matched = moodle.matched(&[
            (vec![], vec!["Jane Doe"]),
            (vec!["jane"], vec![]),
            (vec!["eve"], vec!["Eve"]),
        ]);
        assert_eq!(matched.people, [None, Some(0), None]);
        assert_eq!(matched.others(&moodle), [1, 2]);
    }

    #[test]
    fn other_tables_are_read_by_the_titles_of_their_columns() {
        let table = "username;last_name;first_name;email\nzoe99;Müller;Zoë;z@x.org\n;;;\n";
        let roster = Roster::parse(table).unwrap();
        assert_eq!((roster.house, roster.people.len()), (House::Other, 1));
        assert_eq!(who(&roster, &["Zoe99"], &[]), Some("zoe99".to_owned()));
        assert_eq!(who(&roster, &[], &["Zoë Müller"]), Some("zoe99".to_owned()));
        // GitHub Classroom's, whose names are empty.
        let table = "identifier,github_username,github_id,name\n\
            \"Müller, Zoë\",zoe99,1,\n,max,2,\nann@x.org,ann,3,Ann Ash\n";
        let roster = Roster::parse(table).unwrap();
        let names: Vec<&str> = roster.people.iter().map(|of| of.name.as_str()).collect();
        assert_eq!(names, ["Müller, Zoë", "max", "Ann Ash"]);
        assert_eq!(who(&roster, &["zoe99"], &[]), Some("zoe99".to_owned()));
        assert_eq!(who(&roster, &[], &["Zoë Müller"]), Some("zoe99".to_owned()));
        let grades = "assignment_name,github_username,roster_identifier\none,zoe99,Zoë\n";
        assert_eq!(Roster::parse(grades).unwrap().people[0].name, "Zoë");
        assert!(Roster::parse("").unwrap_err().contains("empty"));
        assert!(Roster::parse("a,b\n1,2\n").unwrap_err().contains("(a, b)"));
    }
}
