#!/bin/sh
# Grades one submission for @EXERCISE@ in a container of Gradescope's. Where the
# grader cannot grade there is no results.json, which Gradescope shows as an
# error of the autograder's, and never as a score.
set -eu

root=${AUTOGRADER_ROOT:-/autograder}
export LOCKSTEP_HOME="${LOCKSTEP_HOME:-$root/source/lockstep}"
export RUSTUP_HOME="${RUSTUP_HOME:-/opt/rustup}" CARGO_HOME="${CARGO_HOME:-/opt/cargo}"
PATH=$CARGO_HOME/bin:$PATH
grader=${LOCKSTEP_GRADER:-$LOCKSTEP_HOME/target/release/grader}

rm -f "$root/results/results.json"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A class of one: whatever was handed in is what its only student has.
mkdir -p "$root/results"
"$grader" class "$root/submission" --student submission --gradebook "$work/gradebook.sqlite" \
    --course "$root/source/lockstep/course" --exercise @EXERCISE@
"$grader" export --gradebook "$work/gradebook.sqlite" --to gradescope \
    --student submission --exercise @EXERCISE@ --out "$work/results.json"
# Whole or not at all.
mv "$work/results.json" "$root/results/.results.json"
mv "$root/results/.results.json" "$root/results/results.json"
