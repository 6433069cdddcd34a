//! Two threads that speak through two pipes, each with what the other has sent:
//! reading waits for a writer, and the last writer's end is the end of input.
//! outputs: ["1 2 3 end\n"]
//! stderr: ["a PipeReader false\n"]

use std::io::{IsTerminal, PipeReader, PipeWriter, Read, Write, pipe};
use std::thread;

fn answer(mut questions: PipeReader, mut answers: PipeWriter) {
    let mut byte = [0];
    while questions.read(&mut byte).unwrap() == 1 {
        answers.write_all(&[byte[0] + 1]).unwrap();
    }
}

fn main() {
    let (questions, mut ask) = pipe().unwrap();
    let (mut get, answers) = pipe().unwrap();
    eprintln!(
        "a {} {}",
        format!("{get:?}").split('(').next().unwrap(),
        get.is_terminal()
    );
    let other = thread::spawn(|| answer(questions, answers));
    for question in 0..3u8 {
        ask.write_all(&[question]).unwrap();
        let mut byte = [0];
        get.read_exact(&mut byte).unwrap();
        print!("{} ", byte[0]);
    }
    drop(ask);
    let mut rest = String::new();
    get.read_to_string(&mut rest).unwrap();
    println!("{rest}end");
    other.join().unwrap();
}
