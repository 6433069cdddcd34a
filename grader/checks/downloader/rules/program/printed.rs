//! The lines that the program prints.

use judge::{Fault, FindingKind};

use crate::program::{Order, Ran, Told, quoted};

/// Standard output has one line for each URL, in order, and nothing else.
pub(crate) fn lines(order: &Order, ran: &Ran) -> Result<(), Fault> {
    let fault = |message: String| Err(Fault::new(FindingKind::WrongOutput, message));
    for line in &ran.stdout {
        if Told::read(line).is_none() {
            return fault(format!(
                "the line `{line}` on standard output is neither `ok URL -> PATH (BYTES bytes)` nor \
                 `failed URL: REASON`"
            ));
        }
    }
    let told: Vec<Told<'_>> = ran
        .stdout
        .iter()
        .filter_map(|line| Told::read(line))
        .collect();
    let (mut got, mut wanted): (Vec<&str>, Vec<&str>) = (
        told.iter().map(|told| told.url).collect(),
        order
            .urls
            .iter()
            .map(|ordered| ordered.url.as_str())
            .collect(),
    );
    if got != wanted {
        let order_given = wanted.join(", ");
        got.sort_unstable();
        wanted.sort_unstable();
        let what = match got == wanted {
            true => "the lines are not in the order of the URLs",
            false => "standard output has not one line for each URL",
        };
        return fault(format!("{what}, {order_given}{}", ran.printed()));
    }
    order
        .urls
        .iter()
        .zip(&told)
        .try_for_each(|(ordered, told)| match (&ordered.body, told.saved) {
            (Some(_), None) => fault(format!(
                "{} was answered, but the program does not print `ok`{}",
                ordered.url,
                ran.printed()
            )),
            (None, Some(_)) => fault(format!(
                "{} cannot be had, but the program prints `ok`{}",
                ordered.url,
                ran.printed()
            )),
            _ => Ok(()),
        })
}

/// Failed downloads are told as failed, and the others as saved, wherever
/// their lines are.
pub(crate) fn told(order: &Order, ran: &Ran) -> Result<(), Fault> {
    for ordered in &order.urls {
        let told = ran.told_of(&ordered.url)?;
        let message = match (&ordered.body, told.saved) {
            (Some(_), None) => "was answered, but the program calls its download failed",
            (None, Some(_)) => "cannot be had, but the program prints `ok` for it",
            _ => continue,
        };
        let message = format!("{} {message}{}", ordered.url, ran.printed());
        return Err(Fault::new(FindingKind::WrongOutput, message));
    }
    Ok(())
}

/// The URLs of a list are those of its lines, but for comments and blank ones.
pub(crate) fn listed(order: &Order, ran: &Ran) -> Result<(), Fault> {
    for ordered in &order.urls {
        ran.told_of(&ordered.url)?;
    }
    let known = |url: &str| order.urls.iter().any(|ordered| ordered.url == url);
    let others: Vec<String> = ran
        .told()
        .filter(|told| !known(told.url))
        .map(|told| told.url.to_owned())
        .collect();
    if others.is_empty() {
        return told(order, ran);
    }
    let message = format!(
        "the program takes {} for a URL of the list{}",
        quoted(&others),
        ran.printed()
    );
    Err(Fault::new(FindingKind::WrongOutput, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Ordered;

    const URLS: [&str; 2] = ["http://{one}/a", "http://{two}/b"];

    fn order(bodies: [Option<&str>; 2]) -> Order {
        let ordered = |(url, body): (&str, Option<&str>)| Ordered {
            url: url.to_owned(),
            body: body.map(str::to_owned),
        };
        Order {
            urls: URLS.into_iter().zip(bodies).map(ordered).collect(),
            ..Order::default()
        }
    }

    fn ran(lines: &[&str]) -> Ran {
        Ran {
            stdout: lines.iter().map(|line| (*line).to_owned()).collect(),
            ..Ran::default()
        }
    }

    const A: &str = "ok http://{one}/a -> a (5 bytes)";
    const B: &str = "ok http://{two}/b -> b (4 bytes)";
    const FAILED: &str = "failed http://{two}/b: no";

    fn message(result: Result<(), Fault>) -> String {
        let fault = result.unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongOutput);
        fault.message
    }

    #[test]
    fn there_is_one_line_for_each_url_in_order() {
        let order = order([Some("alpha"), Some("beta")]);
        assert_eq!(lines(&order, &ran(&[A, B])), Ok(()));
        for (printed, words) in [
            (&[B, A][..], "not in the order"),
            (&[A], "not one line for each"),
            (&[A, B, B], "not one line for each"),
            (&[], "printed nothing"),
            (&[A, B, "done"], "the line `done`"),
            (&[A, FAILED], "does not print `ok`"),
        ] {
            let message = message(lines(&order, &ran(printed)));
            assert!(message.contains(words), "{message}");
        }
        let mut elsewhere = ran(&[]);
        elsewhere.stderr = ran(&[A, B]).stdout;
        assert!(message(lines(&order, &elsewhere)).contains("on standard error"));
        assert_eq!(told(&order, &elsewhere), Ok(()));
    }

    #[test]
    fn failures_and_successes_are_told_apart_whatever_their_order() {
        let order = order([Some("alpha"), None]);
        assert_eq!(lines(&order, &ran(&[A, FAILED])), Ok(()));
        assert_eq!(told(&order, &ran(&[FAILED, A])), Ok(()));
        assert!(message(told(&order, &ran(&[A, B]))).contains("prints `ok`"));
        assert!(message(told(&order, &ran(&[A]))).contains("no line for http://{two}/b"));
        let first = "failed http://{one}/a: no";
        assert!(
            message(told(&order, &ran(&[first, FAILED]))).contains("calls its download failed")
        );
    }

    #[test]
    fn a_list_has_its_urls_and_nothing_else() {
        let order = order([Some("alpha"), Some("beta")]);
        assert_eq!(listed(&order, &ran(&[B, A])), Ok(()));
        let comment = "failed # two: it does not begin with http://";
        assert!(message(listed(&order, &ran(&[comment, A, B]))).contains("takes `# two` for"));
        assert!(message(listed(&order, &ran(&[A]))).contains("no line for http://{two}/b"));
    }
}
