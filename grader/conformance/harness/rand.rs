//! In place of the crate `rand`, which std's tests use and stable Rust does
//! not have: as much of it as they call.

pub trait RngCore {
    fn next_u32(&mut self) -> u32;

    fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) << 32 | u64::from(self.next_u32())
    }
}

pub trait Rng: RngCore {
    fn random_bool(&mut self, probability: f64) -> bool {
        f64::from(self.next_u32()) < probability * (f64::from(u32::MAX) + 1.0)
    }

    fn gen_bool(&mut self, probability: f64) -> bool {
        self.random_bool(probability)
    }
}

impl<R: RngCore + ?Sized> Rng for R {}

pub trait SeedableRng: Sized {
    type Seed;

    fn from_seed(seed: Self::Seed) -> Self;
}
