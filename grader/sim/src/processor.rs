//! `std::arch`: what the processor says of itself. It must not be seen: the same
//! program must do the same on every machine.
#![cfg(target_arch = "x86_64")]

use std::arch::x86_64::CpuidResult;

/// See [`std::arch::x86_64::__cpuid_count`]: of a processor that tells nothing.
#[must_use]
pub fn __cpuid_count(_leaf: u32, _sub_leaf: u32) -> CpuidResult {
    CpuidResult {
        eax: 0,
        ebx: 0,
        ecx: 0,
        edx: 0,
    }
}

/// See [`std::arch::x86_64::__cpuid`].
#[must_use]
pub fn __cpuid(leaf: u32) -> CpuidResult {
    __cpuid_count(leaf, 0)
}

/// See [`std::arch::x86_64::__get_cpuid_max`].
#[must_use]
pub fn __get_cpuid_max(_leaf: u32) -> (u32, u32) {
    (0, 0)
}
