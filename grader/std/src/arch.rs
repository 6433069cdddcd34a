//! `std::arch`: everything but what the processor says of itself.

pub use ::std::arch::*;

pub use crate::is_x86_feature_detected;

/// See [`std::arch::x86_64`].
#[cfg(target_arch = "x86_64")]
pub mod x86_64 {
    pub use ::std::arch::x86_64::*;
    pub use sim::processor::{__cpuid, __cpuid_count, __get_cpuid_max};
}
