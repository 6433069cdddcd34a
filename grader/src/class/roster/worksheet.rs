//! Moodle's grading worksheet in whatever language: its titles are translated, its
//! columns are always the same.

/// The titles of a worksheet's columns in English, told by what is in them: the
/// identifiers come first, the same words with a number each; the maximum grade is
/// the same number everywhere, and before it stand the grades. `None` where the
/// titles are English, or where this is no worksheet.
pub(super) fn titles(header: &[String], rows: &[Vec<String>]) -> Option<Vec<String>> {
    let known = |title: &str| header.iter().any(|header| header.trim() == title);
    if rows.is_empty() || known("Identifier") && known("Grade") {
        return None;
    }
    let all = |column: usize, is: &dyn Fn(&str) -> bool| {
        let cells = rows
            .iter()
            .map(|row| row.get(column).map_or("", |cell| cell.trim()));
        cells.into_iter().all(is)
    };
    let (words, _) = numbered(rows[0].first()?)?;
    let is_identifier = |cell: &str| numbered(cell).is_some_and(|(own, _)| own == words);
    let is_number = |cell: &str| number(cell).is_some();
    // A worksheet has more columns behind these, and a status before them.
    let maximum = (3..header.len().checked_sub(2)?).find(|column| {
        let first = rows[0].get(*column).and_then(|cell| number(cell));
        first.is_some_and(|first| first > 0.0)
            && all(*column, &|cell| number(cell) == first)
            && all(column - 1, &|cell| cell.is_empty() || is_number(cell))
    })?;
    if !all(0, &is_identifier) {
        return None;
    }
    let mut titles = header.to_vec();
    titles[0] = "Identifier".to_owned();
    titles[maximum - 1] = "Grade".to_owned();
    titles[maximum] = "Maximum Grade".to_owned();
    let is_address = |cell: &str| cell.is_empty() || cell.contains('@');
    let before_status = titles.iter_mut().enumerate().take(maximum - 2).skip(1);
    for (column, title) in before_status {
        match all(column, &is_address) {
            true => *title = "Email address".to_owned(),
            false if column == 1 => *title = "Full name".to_owned(),
            false => {}
        }
    }
    // The last time of a change is a dash or a date, and never nothing.
    let last = header.len() - 1;
    if all(last, &|cell| cell.is_empty() || cell.starts_with('<')) {
        titles[last] = "Feedback comments".to_owned();
    }
    Some(titles)
}

/// A text that ends in digits: what stands before them, and they.
fn numbered(text: &str) -> Option<(&str, &str)> {
    let words = text.trim().trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &text.trim()[words.len()..];
    (!words.is_empty() && !digits.is_empty()).then_some((words, digits))
}

/// A number with a point or a comma.
fn number(cell: &str) -> Option<f64> {
    cell.trim().replace(',', ".").parse().ok()
}
