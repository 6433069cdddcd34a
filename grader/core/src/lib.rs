//! The face of the simulation under core's names.
//!
//! A submission may name `core::sync::atomic` as well as `std::sync::atomic`,
//! and must get the same types. Given to rustc as `core`, this crate has
//! everything that the real core has, but for the atomics, `spin_loop`, what the
//! processor says of itself and `global_allocator`.
//! There is no such crate for `alloc`: nothing in it waits.

pub use ::core::*;

/// See [`core::arch`].
pub mod arch {
    pub use ::core::arch::*;

    /// See [`core::arch::x86_64`].
    #[cfg(target_arch = "x86_64")]
    pub mod x86_64 {
        pub use ::core::arch::x86_64::*;
        pub use sim::processor::{__cpuid, __cpuid_count, __get_cpuid_max};
    }
}

/// See [`core::hint`].
pub mod hint {
    pub use ::core::hint::*;
    pub use sim::thread::spin_loop;
}

/// See [`core::prelude`].
pub mod prelude {
    macro_rules! preludes {
        ($($edition:ident),*) => {
            $(
                /// The prelude of this edition.
                pub mod $edition {
                    pub use ::core::prelude::$edition::*;
                    pub use attributes::global_allocator;
                }
            )*
        };
    }

    preludes!(v1, rust_2015, rust_2018, rust_2021, rust_2024);
}

/// See [`core::sync`].
pub mod sync {
    pub use ::core::sync::*;

    /// See [`core::sync::atomic`].
    pub mod atomic {
        pub use ::core::sync::atomic::*;
        #[expect(deprecated, reason = "core still has them")]
        pub use sim::sync::atomic::{
            ATOMIC_BOOL_INIT, ATOMIC_ISIZE_INIT, ATOMIC_USIZE_INIT, spin_loop_hint,
        };
        pub use sim::sync::atomic::{
            AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr,
            AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, compiler_fence, fence,
        };
    }
}
