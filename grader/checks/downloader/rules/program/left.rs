//! The files that the program leaves.

use judge::{Fault, FindingKind, contents, is_refused};

use crate::program::{Order, Ran, plain, quoted};

/// What is printed for a download leads to its file, and tells its size.
pub(crate) fn saved(order: &Order, ran: &Ran) -> Result<(), Fault> {
    let mut taken = Vec::new();
    for (url, body) in order.succeeding() {
        let Some((path, bytes)) = ran.told_of(url)?.saved else {
            let message = format!(
                "{url} was answered, but the program calls its download failed{}",
                ran.printed()
            );
            return Err(Fault::new(FindingKind::WrongOutput, message));
        };
        let fault = |message: String| Err(Fault::new(FindingKind::WrongFile, message));
        match ran.files.get(&plain(path)) {
            None => {
                let files: Vec<String> = ran.files.keys().cloned().collect();
                return fault(format!(
                    "the program prints the path `{path}` for {url}, where there is no file; there \
                     is {}",
                    quoted(&files)
                ));
            }
            Some(held) if is_refused(held).is_some() => {
                let what = is_refused(held).unwrap_or_default();
                return fault(format!(
                    "the program prints the path `{path}` for {url}, and there is {what} there"
                ));
            }
            Some(held) if *held != contents(body.as_bytes()) => {
                return fault(format!(
                    "the program prints the path `{path}` for {url}, but that file does not hold \
                     what {url} was answered with"
                ));
            }
            Some(_) => {}
        }
        if taken.contains(&plain(path)) {
            return fault(format!(
                "the program prints the path `{path}` for two downloads"
            ));
        }
        taken.push(plain(path));
        if bytes != body.len() as u64 {
            let message = format!(
                "the file of {url} has {} bytes, and the program prints {bytes}",
                body.len()
            );
            return Err(Fault::new(FindingKind::WrongOutput, message));
        }
    }
    Ok(())
}

/// The files are in the folder that was asked for, whatever is printed.
pub(crate) fn in_the_folder(order: &Order, ran: &Ran) -> Result<(), Fault> {
    let folder = |path: &str| match path.rsplit_once('/') {
        Some((folder, _)) => folder.to_owned(),
        None => String::new(),
    };
    for (url, body) in order.succeeding() {
        let held = contents(body.as_bytes());
        let paths = ran.files.iter().filter(|(_, other)| **other == held);
        let paths: Vec<String> = paths.map(|(path, _)| path.clone()).collect();
        if paths.iter().any(|path| folder(path) == order.dir) {
            continue;
        }
        let wanted = match order.dir.as_str() {
            "" => "--out is not given, but the current directory".to_owned(),
            dir => format!("--out is {dir}, but that folder"),
        };
        let elsewhere = match paths.as_slice() {
            [] => String::new(),
            paths => format!("; it is {}", quoted(paths)),
        };
        let message = format!("{wanted} does not have the file of {url}{elsewhere}");
        return Err(Fault::new(FindingKind::WrongFile, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{End, Ordered};

    fn order(dir: &str) -> Order {
        let ordered = |url: &str, body: &str| Ordered {
            url: url.to_owned(),
            end: End::Succeeds(body.to_owned()),
        };
        Order {
            urls: vec![
                ordered("http://{one}/a", "alpha"),
                ordered("http://{two}/a", "beta"),
            ],
            dir: dir.to_owned(),
            ..Order::default()
        }
    }

    fn ran(lines: [&str; 2], files: &[(&str, &str)]) -> Ran {
        let file = |(name, held): &(&str, &str)| ((*name).to_owned(), contents(held.as_bytes()));
        Ran {
            stdout: lines.map(str::to_owned).to_vec(),
            files: files.iter().map(file).collect(),
            ..Ran::default()
        }
    }

    const LINES: [&str; 2] = [
        "ok http://{one}/a -> ./out/a (5 bytes)",
        "ok http://{two}/a -> out/a-1 (4 bytes)",
    ];
    const FILES: [(&str, &str); 2] = [("out/a", "alpha"), ("out/a-1", "beta")];

    #[test]
    fn what_is_printed_leads_to_the_file() {
        let order = order("out");
        assert_eq!(saved(&order, &ran(LINES, &FILES)), Ok(()));
        let told = |lines: [&str; 2], files: &[(&str, &str)]| {
            saved(&order, &ran(lines, files)).unwrap_err().message
        };
        let bare = [LINES[0], "ok http://{two}/a -> a-1 (4 bytes)"];
        assert!(
            told(bare, &FILES).contains("the path `a-1` for http://{two}/a, where there is no")
        );
        let same = [LINES[0], "ok http://{two}/a -> out/a (4 bytes)"];
        assert!(told(same, &FILES).contains("does not hold what"));
        let size = [LINES[0], "ok http://{two}/a -> out/a-1 (5 bytes)"];
        assert!(told(size, &FILES).contains("has 4 bytes, and the program prints 5"));
        let failed = [LINES[0], "failed http://{two}/a: no"];
        assert!(told(failed, &FILES).contains("calls its download failed"));
    }

    #[test]
    fn two_downloads_have_two_files_even_where_they_hold_the_same() {
        let mut order = order("out");
        order.urls[1].end = End::Succeeds("alpha".to_owned());
        let same = [LINES[0], "ok http://{two}/a -> out/a (5 bytes)"];
        let fault = saved(&order, &ran(same, &FILES)).unwrap_err();
        assert!(
            fault.message.contains("for two downloads"),
            "{}",
            fault.message
        );
    }

    #[test]
    fn files_are_where_they_are_wanted() {
        assert_eq!(in_the_folder(&order("out"), &ran(LINES, &FILES)), Ok(()));
        let fault = in_the_folder(&order(""), &ran(LINES, &FILES)).unwrap_err();
        assert!(
            fault.message.contains("; it is `out/a`"),
            "{}",
            fault.message
        );
        let none = in_the_folder(&order("out"), &ran(LINES, &[])).unwrap_err();
        assert_eq!(
            none.message,
            "--out is out, but that folder does not have the file of http://{one}/a"
        );
    }
}
