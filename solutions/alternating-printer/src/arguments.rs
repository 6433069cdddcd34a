//! What the command line means.

const DEFAULT_LIMIT: u32 = 10;
const LARGEST_LIMIT: u32 = 1_000_000;

/// The LIMIT that these arguments give, or what is wrong with them.
pub fn limit(mut arguments: impl Iterator<Item = String>) -> Result<u32, String> {
    let Some(limit) = arguments.next() else {
        return Ok(DEFAULT_LIMIT);
    };
    if let Some(surplus) = arguments.next() {
        return Err(format!(
            "there is one argument at most, so {surplus:?} is too many"
        ));
    }
    match limit.parse() {
        Ok(limit) if limit <= LARGEST_LIMIT => Ok(limit),
        _ => Err(format!(
            "LIMIT is a whole number from 0 to {LARGEST_LIMIT}, not {limit:?}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(arguments: &[&str]) -> Option<u32> {
        limit(arguments.iter().map(|&argument| argument.to_owned())).ok()
    }

    #[test]
    fn the_limit_is_ten_when_it_is_not_given() {
        assert_eq!(given(&[]), Some(10));
    }

    #[test]
    fn whole_numbers_to_a_million_are_limits() {
        assert_eq!(given(&["0"]), Some(0));
        assert_eq!(given(&["1000000"]), Some(1_000_000));
    }

    #[test]
    fn nothing_else_is_a_limit() {
        for wrong in ["1000001", "-1", "abc", "1.5", "", "99999999999999999999"] {
            assert_eq!(given(&[wrong]), None, "{wrong:?}");
        }
        assert_eq!(given(&["4", "4"]), None);
    }
}
