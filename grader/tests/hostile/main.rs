//! Every hostile submission is contained: it gains no point, learns nothing, harms
//! nothing and disturbs nobody, in each set of layers that this machine can have,
//! for root as for another user. Adding one is adding a folder to
//! `fixtures/hostile` with `src/`, a `Cargo.toml` that names its exercise, and
//! `expected.toml`.
//!
//! Next to each one, a right submission is graded, and gets full marks.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod class;
mod planted;
mod user;

use std::path::Path;

use class::Class;
use planted::Planted;
use user::User;

fn root() -> &'static Path {
    let grader = Path::new(env!("CARGO_MANIFEST_DIR"));
    grader
        .parent()
        .expect("the grader is a folder of the workspace")
}

#[test]
fn no_hostile_submission_wins_learns_or_harms_anything() {
    let planted = Planted::plant();
    let class = Class::made(&planted);
    let reached = [planted.folder(), class.folder()];
    let mut wrong = Vec::new();
    let mut graded = 0;
    // Half of what there is: each user once, and each set of layers once.
    let quick = std::env::var_os("HOSTILE_QUICK").is_some();
    for (number, user) in User::all(&reached).into_iter().enumerate() {
        for (place, layers) in user.sets().to_vec().into_iter().enumerate() {
            if quick && number != place {
                user::say(&format!(
                    "!! SKIPPED, NOT PASSED: {user}, layers `{layers}` (HOSTILE_QUICK is set)"
                ));
                continue;
            }
            let began = std::time::Instant::now();
            let before = planted.watched();
            let told = class.graded(&user, &layers);
            let mut complain =
                |words: String| wrong.push(format!("{user}, layers `{layers}`: {words}"));
            told.into_iter().for_each(&mut complain);
            let after = planted.watched();
            for line in before.symmetric_difference(&after) {
                complain(format!("something changed outside: {line}"));
            }
            planted.visits().into_iter().for_each(&mut complain);
            user.left_alive().into_iter().for_each(&mut complain);
            graded += 1;
            user::say(&format!(
                "hostile: {user}, layers `{layers}`: done in {:?}",
                began.elapsed()
            ));
        }
    }
    assert!(graded > 0, "this machine has no set of layers");
    assert!(
        wrong.is_empty(),
        "{} things are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
