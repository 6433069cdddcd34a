//! In place of the crate `rand_xorshift`: Marsaglia's xorshift with 128 bits.

#[derive(Clone, Debug)]
pub struct XorShiftRng([u32; 4]);

impl rand::SeedableRng for XorShiftRng {
    type Seed = [u8; 16];

    fn from_seed(seed: [u8; 16]) -> XorShiftRng {
        let mut state = [1; 4];
        for (word, bytes) in state.iter_mut().zip(seed.chunks_exact(4)) {
            *word = bytes.iter().fold(1, |word, byte| word << 8 | u32::from(*byte));
        }
        XorShiftRng(state)
    }
}

impl rand::RngCore for XorShiftRng {
    fn next_u32(&mut self) -> u32 {
        let [x, y, z, w] = self.0;
        let t = x ^ x << 11;
        let next = w ^ w >> 19 ^ t ^ t >> 8;
        self.0 = [y, z, w, next];
        next
    }
}
