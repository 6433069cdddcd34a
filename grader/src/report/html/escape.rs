//! The one way by which text that is not ours gets onto a page.

use maud::Render;

use crate::report::words::visible;

/// Blanks that a tab of a source is shown as.
const TAB: &str = "    ";

/// A text of somebody else's: a name, a message, a value.
///
/// What is special to HTML is escaped by `maud`, in texts and in attributes;
/// what would change the order of what is read, or could not be seen, is shown
/// as the escape that Rust has for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a>(pub(super) &'a str);

impl Render for Shown<'_> {
    fn render_to(&self, buffer: &mut String) {
        visible(self.0).render_to(buffer);
    }
}

/// A text of somebody else's that is cut where it is longer than there is room.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut<'a>(pub(super) &'a str, pub(super) usize);

impl Cut<'_> {
    /// What is left of it.
    pub(super) fn text(&self) -> String {
        let Cut(text, most) = *self;
        let text = visible(text).replace('\n', "\\n");
        match text.char_indices().nth(most) {
            None => text,
            Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
        }
    }
}

impl Render for Cut<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.text().render_to(buffer);
    }
}

/// A line of a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceLine<'a>(pub(super) &'a str);

impl Render for SourceLine<'_> {
    fn render_to(&self, buffer: &mut String) {
        let line = self.0.strip_suffix('\r').unwrap_or(self.0);
        Shown(&line.replace('\t', TAB)).render_to(buffer);
    }
}

/// A name as a part of an id or of a file's name: nothing but small letters,
/// digits and hyphens. Several names may be alike in it.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    // Some file systems know no longer names.
    slug.truncate(60);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    #[test]
    fn no_text_is_markup_or_turns_the_page_around() {
        let text = "</script><b a=\"x\" c='y'>&\u{202e}z\x1b[m\0";
        let page = html! { p title=(Shown(text)) { (Shown(text)) } }.into_string();
        let told = "&lt;/script&gt;&lt;b a=&quot;x&quot; c='y'&gt;&amp;\\u{202e}z\\u{1b}[m\\u{0}";
        assert_eq!(page, format!("<p title=\"{told}\">{told}</p>"));
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(Cut("twelve chars", 12).text(), "twelve chars");
        assert_eq!(Cut("twelve chars", 11).text(), "twelve cha…");
        assert_eq!(Cut("ä\nb", 9).text(), "ä\\nb");
        assert_eq!(Shown("a\tb").render().into_string(), "a\\tb");
        assert_eq!(SourceLine("\ta\r").render().into_string(), "    a");
    }

    #[test]
    fn slugs_are_safe_anywhere() {
        for (name, expected) in [
            ("Ann Lee", "ann-lee"),
            ("../../etc/passwd", "etc-passwd"),
            ("src/lib.rs", "src-lib-rs"),
            ("\u{202e}今日", ""),
        ] {
            assert_eq!(slug(name), expected);
        }
        assert_eq!(slug(&"x".repeat(300)).len(), 60);
    }
}
