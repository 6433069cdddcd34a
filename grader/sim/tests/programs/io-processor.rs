//! What the processor says of itself is not seen.
//! outputs: ["0 0 (0, 0) false true\n"]

use std::arch::is_x86_feature_detected;
use std::arch::x86_64::{__cpuid, __get_cpuid_max};

fn main() {
    let highest = __cpuid(0).eax;
    let name = core::arch::x86_64::__cpuid_count(0x8000_0002, 0).eax;
    let detected = is_x86_feature_detected!("sse4.2") || std::is_x86_feature_detected!("avx");
    let everywhere = is_x86_feature_detected!("sse2");
    println!(
        "{highest} {name} {:?} {detected} {everywhere}",
        __get_cpuid_max(0)
    );
}
