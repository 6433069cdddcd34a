//! `grader class`

mod alike;
mod commits;
mod site;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use verdict::{Outcome, Verdict};

use super::grade::at_least_one;
use super::{CourseArg, session};
use crate::class::{self, Content, HandIn, Roster};
use crate::course::Course;
use crate::exit::{Exit, usage};
use crate::gradebook::{Book, Claim, Exercise, Gradebook, HandedIn, NewStudent, Stored};
use crate::grading::{Prepared, Subject, Tools, grader};
use crate::home::Home;
use crate::layers::Whose;
use crate::publish::{self, Place, REPORT};
use crate::report::{self, ClassSummary};
use crate::ui::Ui;

/// Grade a class into a gradebook, and only what has changed
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader class students/ --gradebook autumn.sqlite
  grader class submissions.zip --gradebook autumn.sqlite --exercise bank-account
  grader class students/ --gradebook autumn.sqlite --roster canvas.csv
  grader class students/ --gradebook autumn.sqlite --report autumn-report
  grader class students/ --gradebook autumn.sqlite --past spring.sqlite --past solutions/

PATH is a folder with one folder (or ZIP file) a student, in which there is a crate an exercise, or
a clone of the course's repository; folders called `<assignment>-<user>`, as GitHub Classroom and
Classroom 50 name them; or what Canvas and Moodle hand out for an assignment, packed or unpacked.
A folder around all of it makes no difference.

Each verdict is in the gradebook before it is shown: a run that was interrupted or killed goes on
where it stopped when the same command is given again. What is graded again is what has changed:
sources, rubric, checks, toolchain, the grader itself.

--report writes pages of everything that is in the gradebook, to be opened from disk: DIR/index.html
is the class, with a page for each submission. They load nothing from anywhere. A report that is
there already is replaced as a whole, once everything is graded; a folder with other files is refused.

Submissions that are more alike than chance would have it are listed at the end, and side by side in
the report: for a person to judge, no verdict follows from it. Names, values, comments and the order
of functions make no difference; what everybody was given, or many have, does not count.

EXIT CODES:
  0  everything was graded, whatever the points
  2  the command line was wrong
  3  something could not be graded; it is listed, and has no score")]
pub(super) struct Class {
    /// The class: a folder of students, or the ZIP file of an LMS
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The file that the verdicts go to; made if it is not there
    #[arg(long, value_name = "FILE")]
    gradebook: PathBuf,
    /// An exercise to grade; may be given several times [default: all that somebody handed in]
    #[arg(long, value_name = "NAME")]
    exercise: Vec<String>,
    /// PATH is what this one student has handed in
    #[arg(long, value_name = "NAME")]
    student: Option<String>,
    /// The students, as an LMS exports them: Canvas's gradebook, Moodle's grading worksheet
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// How many processes work at once [default: one a core]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    jobs: Option<usize>,
    /// Grade everything again, even what has not changed
    #[arg(long)]
    no_cache: bool,
    /// What the class is compared with, too: a folder or a ZIP file like PATH, or the gradebook, of
    /// another year; may be given several times
    #[arg(long, value_name = "PATH")]
    past: Vec<PathBuf>,
    /// How much of a submission another one must have to be told of, in percent, or `off`
    #[arg(long, value_name = "PERCENT", default_value_t = alike::Threshold::default())]
    alike: alike::Threshold,
    /// Write the report of the gradebook into this folder, for who teaches the class
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    #[command(flatten)]
    course: CourseArg,
}

/// A submission to be graded.
struct Job<'a> {
    /// Its number in the gradebook.
    number: i64,
    student: String,
    shown: String,
    subject: Subject<'a>,
    key: String,
    /// The digest of the exercise and its checks.
    course: &'a str,
    /// Its folder, and that of the clone which it lies in, if it does.
    clone: Option<(&'a Path, &'a Path)>,
}

/// What a worker tells of the job at a place.
enum News {
    Verdict(usize, Box<Verdict>),
    /// Another grader has graded it.
    Done(usize),
    /// Another grader is at it.
    Theirs(usize),
    /// The gradebook cannot be used.
    Failed(anyhow::Error),
}

/// The places of jobs that could not be graded, each with the reason.
type Failed = Vec<(usize, String)>;

/// How long until another grader is asked again whether it is done.
const PAUSE: Duration = Duration::from_millis(300);
/// How many of the last failures are shown with the bar.
const REMARKS: usize = 3;

impl Class {
    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let home = Home::find()?;
        let course = session::course(&home, &self.course)?;
        if let Some(name) = self.exercise.iter().find(|name| !course.has(name)) {
            let known = course.names().join(", ");
            usage!("there is no exercise `{name}`; the exercises are {known}");
        }
        // Nobody wants to hear of it when everything has been graded.
        let find = |folder| Place::find(&REPORT, folder);
        let place = self.report.as_deref().map(find).transpose()?;
        let roster = self.roster.as_deref().map(read_roster).transpose()?;
        let found = match &self.student {
            Some(student) => class::of_one(&course, &home, &self.path, &self.exercise, student)?,
            None => class::find(&course, &home, &self.path, &self.exercise)?,
        };
        let mut summary = ClassSummary {
            notes: found.notes.clone(),
            ..ClassSummary::default()
        };
        let past = alike::past(&course, &home, &self.past, &mut summary.notes)?;
        let exercises = self.exercises(ui, &course, &found.hand_ins, &mut summary.notes)?;
        let mut gradebook = Gradebook::open_or_create(&self.gradebook)?;
        sandbox::say_on_interrupt(format!(
            "\ninterrupted; every verdict that was shown is in {}, and the same command goes on \
             where this one stopped\n",
            self.gradebook.display()
        ));
        let tools = session::tools(ui, home, Whose::Strangers, self.jobs, !self.no_cache)?;
        let prepared = session::prepare(&tools, exercises, &[])?;

        let listed: Vec<Exercise> = prepared
            .values()
            .map(|prepared| Exercise {
                name: prepared.exercise.name.clone(),
                title: prepared.exercise.manifest.title.clone(),
                points: prepared.exercise.manifest.points,
            })
            .collect();
        gradebook.add_exercises(&listed)?;
        let keys = self.students(&mut gradebook, &found, roster.as_ref(), &mut summary.notes)?;
        let jobs = jobs(
            &tools,
            &prepared,
            &mut gradebook,
            &found,
            &keys,
            &mut summary,
        )?;
        let (workers, again) = (tools.runs.count(), self.no_cache);
        commits::record(&mut gradebook, &jobs, workers, again, &mut summary.notes)?;
        let graded_by = gradebook.keys()?;
        let wanted: Vec<usize> = (0..jobs.len())
            .filter(|place| {
                let job = &jobs[*place];
                self.no_cache || graded_by.get(&job.number) != Some(&job.key)
            })
            .collect();
        summary.unchanged = jobs.len() - wanted.len();

        let mut run = Run {
            tools: &tools,
            jobs: &jobs,
            gradebook: Mutex::new(gradebook),
            again: self.no_cache,
            graded: 0,
            elsewhere: 0,
            remarks: VecDeque::new(),
        };
        ui.begin_class(wanted.len());
        let failed = run.all(ui, wanted)?;
        ui.finish();
        (summary.graded, summary.elsewhere) = (run.graded, run.elsewhere);
        for (place, why) in failed {
            let job = &jobs[place];
            let exercise = job.subject.exercise().to_owned();
            summary.failed.push((job.student.clone(), exercise, why));
        }
        let mut gradebook = run
            .gradebook
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let names: Vec<&str> = listed.iter().map(|of| of.name.as_str()).collect();
        let (book, texts) = (gradebook.book()?, gradebook.texts()?);
        let compared = alike::Compared {
            students: site::names(&book),
            book: &book,
            texts: &texts,
            course: &course,
            past: &past,
        };
        let alike = compared.alike(self.alike)?;
        let mut unopened: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
        for (student, exercise) in &found.unopened {
            let of = unopened.entry(&keys[*student]).or_default();
            of.insert(exercise.as_deref());
        }
        summary.unopened = unopened.len();
        summary.missing = missing(&book, &keys, &names, &unopened);
        for of in alike.iter().filter(|of| names.contains(&of.exercise)) {
            summary
                .alike
                .extend(of.pairs.iter().map(alike::Alike::line));
            summary.not_compared += of.not_compared;
        }
        ui.print(&report::class_summary(&summary))?;
        if let Some(place) = place {
            let site = site::Site {
                gradebook: &gradebook,
                book: &book,
                course: &course,
                course_as: self.course.course.as_deref(),
                title: self.gradebook.file_stem().unwrap_or_default(),
                names: &compared.students,
                texts: &texts,
                alike: &alike,
            };
            ui.status("writing the report ...");
            let class = site.class()?;
            let files = report::html::site::files(&class);
            place.put(files.map(|(path, text)| (path.into(), publish::Content::from(text))))?;
            let index = place.path().join("index.html");
            ui.print(&format!("report: {}\n", index.display()))?;
        }
        Ok(match summary.failed.is_empty() {
            true => Exit::Full,
            false => Exit::Infrastructure,
        })
    }

    /// The exercises that are graded: those asked for, else those handed in.
    fn exercises(
        &self,
        ui: &mut Ui,
        course: &Course,
        hand_ins: &[HandIn],
        notes: &mut Vec<String>,
    ) -> Result<BTreeMap<String, crate::course::Exercise>> {
        let handed_in = hand_ins.iter().map(|hand_in| &hand_in.exercise);
        let names: BTreeSet<&String> = match self.exercise.is_empty() {
            true => handed_in.collect(),
            false => self.exercise.iter().collect(),
        };
        let mut exercises = BTreeMap::new();
        for name in names {
            let exercise = course.exercise(name)?;
            if exercise.grading.is_some() {
                exercises.insert(name.clone(), exercise);
            } else if self.exercise.is_empty() {
                notes.push(format!("`{name}` has no checks yet, and is not graded"));
            } else {
                usage!("the exercise `{name}` has no checks yet");
            }
        }
        if exercises.is_empty() {
            // They may say why.
            ui.print(&report::class_notes(notes))?;
            usage!(
                "nothing in {} is for an exercise of the course; name the exercise with --exercise \
                 ({})",
                self.path.display(),
                course.names().join(", ")
            );
        }
        Ok(exercises)
    }

    /// Records everybody, and gives the keys in the gradebook: first those of the
    /// students that were found, then of who is in the roster only.
    fn students(
        &self,
        gradebook: &mut Gradebook,
        found: &class::Class,
        roster: Option<&Roster>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<String>> {
        let before = gradebook.book()?.students;
        let here: BTreeSet<&str> = found.students.iter().map(|who| who.key.as_str()).collect();
        let mut students: Vec<NewStudent> = found
            .students
            .iter()
            .map(|who| NewStudent {
                key: who.key.clone(),
                name: who.name.clone(),
                roster_id: None,
                lms_id: who.lms_id.clone(),
            })
            .collect();
        let Some(roster) = roster else {
            return gradebook.add_students(&students);
        };
        let mut known: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
        for who in &found.students {
            let ids = who.lms_id.as_deref().into_iter().chain([who.key.as_str()]);
            known.push((ids.collect(), vec![&who.name]));
        }
        // Who has handed in before and is not here now is known by the roster, too.
        for student in before
            .iter()
            .filter(|student| !here.contains(student.key.as_str()))
        {
            let submissions = student.entries.values();
            let ids = submissions
                .filter_map(|entry| entry.submission.as_ref()?.lms_id.as_deref())
                .chain(student.roster_id.as_deref())
                .chain([student.key.as_str()]);
            known.push((ids.collect(), vec![&student.name]));
            students.push(NewStudent {
                key: student.key.clone(),
                name: student.name.clone(),
                ..NewStudent::default()
            });
        }
        let matched = roster.matched(&known);
        for (student, place) in students.iter_mut().zip(&matched.people) {
            match place {
                Some(place) => {
                    let person = &roster.people[*place];
                    student.name.clone_from(&person.name);
                    student.roster_id = Some(person.id.clone());
                }
                None => notes.push(format!("{} is not in the roster", student.name)),
            }
        }
        for place in matched.others(roster) {
            let person = &roster.people[place];
            students.push(NewStudent {
                key: person.id.clone(),
                name: person.name.clone(),
                roster_id: Some(person.id.clone()),
                lms_id: None,
            });
        }
        gradebook.add_students(&students)
    }
}

/// Reads a roster.
pub(super) fn read_roster(path: &Path) -> Result<Roster> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => usage!("cannot read the roster {} ({error})", path.display()),
    };
    // UTF-16 has zeros in it, also where it happens to be UTF-8.
    let text = match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text,
        _ => usage!("{} is not UTF-8: save it as CSV UTF-8", path.display()),
    };
    match Roster::parse(&text) {
        Ok(roster) => Ok(roster),
        Err(why) => usage!("cannot use the roster {}: {why}", path.display()),
    }
}

/// Reads and records what was handed in.
fn jobs<'a>(
    tools: &Tools,
    prepared: &'a BTreeMap<String, Prepared>,
    gradebook: &mut Gradebook,
    found: &'a class::Class,
    keys: &[String],
    summary: &mut ClassSummary,
) -> Result<Vec<Job<'a>>> {
    let mut jobs = Vec::new();
    let mut all = Vec::new();
    for hand_in in &found.hand_ins {
        let Some(prepared) = prepared.get(&hand_in.exercise) else {
            continue;
        };
        let student = &found.students[hand_in.student];
        let subject = match &hand_in.content {
            Content::Crate(folder) => Subject::read(prepared, folder),
            Content::Refused(why) => Ok(Subject::refused(prepared, why)),
        };
        let subject = match subject {
            Ok(subject) => subject,
            Err(error) => {
                let (name, exercise) = (student.name.clone(), hand_in.exercise.clone());
                summary.failed.push((name, exercise, format!("{error:#}")));
                continue;
            }
        };
        all.push(HandedIn {
            student: keys[hand_in.student].clone(),
            exercise: hand_in.exercise.clone(),
            handed_in_as: hand_in.shown.clone(),
            lms_id: hand_in.lms_id.clone(),
            late: hand_in.late,
            sources: subject.digest(),
        });
        jobs.push(Job {
            number: 0,
            student: student.name.clone(),
            shown: hand_in.shown.clone(),
            key: subject.key(tools),
            subject,
            course: prepared.digest(),
            clone: match (&hand_in.content, &hand_in.clone) {
                (Content::Crate(folder), Some(clone)) => Some((folder.as_path(), clone.as_path())),
                _ => None,
            },
        });
    }
    for (job, number) in jobs.iter_mut().zip(gradebook.hand_in(&all)?) {
        job.number = number;
    }
    let texts = jobs.iter().zip(&all).filter_map(|(job, handed_in)| {
        let sources = job.subject.sources()?;
        Some((handed_in.sources.clone(), sources.files()))
    });
    gradebook.keep(&texts.collect::<Vec<_>>())?;
    Ok(jobs)
}

/// Who of these students lacks what, by name. Of whom there is something that cannot
/// be opened, for an exercise or for nobody knows which, has not handed in nothing.
fn missing(
    book: &Book,
    keys: &[String],
    exercises: &[&str],
    unopened: &BTreeMap<&str, BTreeSet<Option<&str>>>,
) -> Vec<(String, Vec<String>)> {
    let keys: BTreeSet<&String> = keys.iter().collect();
    let students = book.students.iter();
    let lacks = students
        .filter(|student| keys.contains(&student.key))
        .map(|student| {
            let handed_in = |exercise: &&&str| {
                let entry = student.entries.get(**exercise);
                let unopened = unopened.get(student.key.as_str());
                entry.is_some_and(|entry| entry.submission.is_some())
                    || unopened
                        .is_some_and(|of| of.contains(&None) || of.contains(&Some(**exercise)))
            };
            let lacks = exercises.iter().filter(|exercise| !handed_in(exercise));
            let lacks: Vec<String> = lacks.map(|name| (*name).to_owned()).collect();
            (student.name.clone(), lacks)
        });
    lacks
        .filter(|(_, exercises)| !exercises.is_empty())
        .collect()
}

/// Grading under way.
struct Run<'a> {
    tools: &'a Tools,
    jobs: &'a [Job<'a>],
    gradebook: Mutex<Gradebook>,
    /// Whether what has a verdict is graded again.
    again: bool,
    graded: usize,
    /// What another grader has graded meanwhile.
    elsewhere: usize,
    remarks: VecDeque<String>,
}

impl Run<'_> {
    /// Grades the jobs at these places, and gives those that could not be, with
    /// the reason.
    fn all(&mut self, ui: &mut Ui, places: Vec<usize>) -> Result<Failed> {
        let (failed, mut theirs) = self.some(ui, places, false)?;
        // What failed may have failed because of what else was going on.
        let again = failed.into_iter().map(|(place, _)| place).collect();
        let (mut failed, more) = self.some(ui, again, true)?;
        theirs.extend(more);
        if !theirs.is_empty() {
            let count = theirs.len();
            ui.status(&format!(
                "waiting for {count} that another grader is at ..."
            ));
        }
        while !theirs.is_empty() {
            std::thread::sleep(PAUSE);
            let (more, left) = self.some(ui, theirs, true)?;
            failed.extend(more);
            theirs = left;
        }
        Ok(failed)
    }

    /// The same, once. Of what another grader is at the places are given, too;
    /// only the `last` time a failure is told.
    fn some(
        &mut self,
        ui: &mut Ui,
        places: Vec<usize>,
        last: bool,
    ) -> Result<(Failed, Vec<usize>)> {
        let (mut failed, mut theirs) = (Vec::new(), Vec::new());
        let workers = self.tools.runs.count().min(places.len());
        let queue = Mutex::new(VecDeque::from(places));
        let (sender, receiver) = mpsc::channel();
        let (tools, jobs, again) = (self.tools, self.jobs, self.again);
        let gradebook = &self.gradebook;
        let (graded, elsewhere) = (&mut self.graded, &mut self.elsewhere);
        let remarks = &mut self.remarks;
        std::thread::scope(|scope| {
            for _ in 0..workers {
                let sender = sender.clone();
                let queue = &queue;
                scope.spawn(move || work(tools, jobs, again, gradebook, queue, &sender));
            }
            drop(sender);
            let told = receive(&receiver, |news| {
                let (place, verdict) = match news {
                    News::Failed(error) => return Err(error),
                    News::Theirs(place) => {
                        theirs.push(place);
                        return Ok(());
                    }
                    News::Done(place) => {
                        *elsewhere += 1;
                        ui.advance();
                        if !ui.is_live() {
                            let job = &jobs[place];
                            let (who, what) = (&job.student, job.subject.exercise());
                            let who = report::visible(who);
                            ui.line(&format!("{who}  {what}  graded by another grader"))?;
                        }
                        return Ok(());
                    }
                    News::Verdict(place, verdict) => (place, verdict),
                };
                let job = &jobs[place];
                if verdict.outcome == Outcome::InfrastructureError {
                    lock(gradebook).trouble(job.number, &verdict.message)?;
                    failed.push((place, verdict.message.clone()));
                    if !last {
                        return Ok(());
                    }
                } else {
                    let stored = Stored {
                        verdict: &verdict,
                        key: &job.key,
                        sources: &job.subject.digest(),
                        course: job.course,
                        libraries: tools.support.stamp(),
                        grader: &format!("{} {}", env!("CARGO_PKG_VERSION"), grader()),
                    };
                    lock(gradebook).store(job.number, stored)?;
                    *graded += 1;
                }
                let line = report::class_line(&job.student, &verdict);
                ui.advance();
                if !ui.is_live() {
                    ui.line(&line)?;
                } else if verdict.outcome != Outcome::Graded || verdict.score < verdict.max_score {
                    remarks.push_back(line);
                    if remarks.len() > REMARKS {
                        remarks.pop_front();
                    }
                    ui.remark(remarks.make_contiguous());
                }
                Ok(())
            });
            if told.is_err() {
                // No worker begins another submission.
                lock(&queue).clear();
            }
            told
        })?;
        Ok((failed, theirs))
    }
}

/// Tells of everything until no worker is left or something fails.
fn receive(receiver: &Receiver<News>, mut tell: impl FnMut(News) -> Result<()>) -> Result<()> {
    receiver.iter().try_for_each(&mut tell)
}

fn work(
    tools: &Tools,
    jobs: &[Job<'_>],
    again: bool,
    gradebook: &Mutex<Gradebook>,
    queue: &Mutex<VecDeque<usize>>,
    sender: &Sender<News>,
) {
    loop {
        let Some(place) = lock(queue).pop_front() else {
            break;
        };
        let job = &jobs[place];
        let key = (!again).then_some(job.key.as_str());
        let claim = lock(gradebook).claim(job.number, key);
        let news = match claim.context("cannot claim a submission") {
            Ok(Claim::Ours) => {
                let verdict = job.subject.grade(tools, &job.shown);
                // Its processes may have been killed by the interrupt, which ends
                // this process in a moment.
                if sandbox::interrupted() {
                    break;
                }
                News::Verdict(place, Box::new(verdict))
            }
            Ok(Claim::Done) => News::Done(place),
            Ok(Claim::Theirs) => News::Theirs(place),
            Err(error) => News::Failed(error),
        };
        // Nobody listens once something has failed.
        if sender.send(news).is_err() {
            break;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere spoils nothing of what is held: transactions are whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
