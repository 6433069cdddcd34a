#!/bin/sh
# Makes a container of Gradescope's ready to grade @EXERCISE@: Rust, a linker,
# the grader, and what it makes once. It needs the network; grading does not.
set -eu

source=${AUTOGRADER_ROOT:-/autograder}/source
toolchain=1.95.0

if ! command -v cc >/dev/null 2>&1 || ! command -v curl >/dev/null 2>&1; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -qy --no-install-recommends gcc libc6-dev ca-certificates curl
fi

# The compiler goes where every user can read it: submissions are compiled by
# one who owns nothing.
export RUSTUP_HOME=${RUSTUP_HOME:-/opt/rustup} CARGO_HOME=${CARGO_HOME:-/opt/cargo}
PATH=$CARGO_HOME/bin:$PATH
if ! rustc --version 2>/dev/null | grep -q "^rustc $toolchain "; then
    if command -v rustup >/dev/null 2>&1; then
        rustup toolchain install "$toolchain" --profile minimal
        rustup default "$toolchain"
    else
        curl --proto '=https' --tlsv1.2 --silent --show-error --fail https://sh.rustup.rs |
            sh -s -- -y --no-modify-path --profile minimal --default-toolchain "$toolchain"
    fi
fi

cd "$source/lockstep"
cargo build --locked --release --package grader
# What grading takes is made now, and the attacks on the sandbox are tried.
export LOCKSTEP_HOME=$source/lockstep
mkdir -p "$source/lockstep/course/warm/src"
echo '// Nothing: only what grading takes is made.' >"$source/lockstep/course/warm/src/lib.rs"
cp "$source/lockstep/course/warm/src/lib.rs" "$source/lockstep/course/warm/src/main.rs"
target/release/grader doctor || true
target/release/grader grade "$source/lockstep/course/warm" --course "$source/lockstep/course" \
    --exercise @EXERCISE@ --exit-zero --no-cache
