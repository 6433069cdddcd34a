//! The value that passed in a step, as it is kept for the timeline.

use std::fmt;

/// Bytes of a value, beyond which nobody reads on.
const LONGEST: usize = 200;

/// A value that passed. What is copied is put into words only when somebody
/// reads them.
#[derive(Debug)]
pub enum Value {
    /// In words that are always the same.
    Words(&'static str),
    /// In words.
    Text(String),
    /// The thread that a step is about, as in `T3`.
    Thread(u32),
    /// What was loaded or stored.
    Scalar(Scalar),
    /// What a compare-exchange gave.
    Exchanged(Result<Scalar, Scalar>),
}

/// What an atomic can hold. Its `Debug` form is that of the value.
#[derive(Clone, Copy)]
pub enum Scalar {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Pointer(*const ()),
}

impl Value {
    /// The words of it.
    pub(super) fn words(self) -> String {
        match self {
            Value::Words(words) => words.to_owned(),
            Value::Text(text) => text,
            Value::Thread(thread) => format!("T{thread}"),
            Value::Scalar(scalar) => format!("{scalar:?}"),
            Value::Exchanged(result) => format!("{result:?}"),
        }
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Bool(value) => value.fmt(f),
            Scalar::Signed(value) => value.fmt(f),
            Scalar::Unsigned(value) => value.fmt(f),
            Scalar::Pointer(value) => value.fmt(f),
        }
    }
}

impl From<&'static str> for Value {
    fn from(words: &'static str) -> Self {
        Value::Words(words)
    }
}

impl From<String> for Value {
    fn from(mut text: String) -> Self {
        crate::panics::shorten(&mut text, LONGEST);
        Value::Text(text)
    }
}

/// What atomics hold, and what a compare-exchange of them gives.
macro_rules! scalars {
    ($($({$generic:ident})? $type:ty: $variant:ident as $kept:ty;)*) => {
        $(
            impl$(<$generic>)? From<$type> for Scalar {
                fn from(value: $type) -> Self {
                    Scalar::$variant(value as $kept)
                }
            }

            impl$(<$generic>)? From<$type> for Value {
                fn from(value: $type) -> Self {
                    Value::Scalar(value.into())
                }
            }

            impl$(<$generic>)? From<Result<$type, $type>> for Value {
                fn from(result: Result<$type, $type>) -> Self {
                    Value::Exchanged(result.map(Into::into).map_err(Into::into))
                }
            }
        )*
    };
}

scalars! {
    bool: Bool as bool;
    i8: Signed as i64;
    i16: Signed as i64;
    i32: Signed as i64;
    i64: Signed as i64;
    isize: Signed as i64;
    u8: Unsigned as u64;
    u16: Unsigned as u64;
    u32: Unsigned as u64;
    u64: Unsigned as u64;
    usize: Unsigned as u64;
    {T} *mut T: Pointer as *const ();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a value.
    fn words(value: impl Into<Value>) -> String {
        value.into().words()
    }

    #[test]
    fn a_value_is_told_as_its_debug_form() {
        assert_eq!(words(true), "true");
        assert_eq!(words(-5i8), "-5");
        assert_eq!(words(u64::MAX), u64::MAX.to_string());
        assert_eq!(words(Ok::<u32, u32>(3)), "Ok(3)");
        assert_eq!(words(Err::<bool, bool>(false)), "Err(false)");
        let pointer = &raw mut *Box::new(0u8);
        assert_eq!(words(pointer), format!("{pointer:?}"));
        let result: Result<*mut u8, *mut u8> = Err(pointer);
        assert_eq!(words(result), format!("{result:?}"));
    }

    #[test]
    fn a_long_text_is_cut_off() {
        assert_eq!(words("a".repeat(LONGEST)), "a".repeat(LONGEST));
        let told = words("a".repeat(LONGEST + 1));
        assert!(told.ends_with("... (1 more bytes)"), "{told}");
    }
}
