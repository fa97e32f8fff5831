//! Chance that can be repeated: equal seeds give equal numbers on every machine.

/// `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014): 64 bits of state, one addition and three
/// mixing steps a number, passes `BigCrush`. Small and fixed by its paper, so a printed seed
/// stays good.
#[derive(Debug, Clone)]
pub struct Generator(u64);

impl Generator {
    /// A generator that starts at a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    #[must_use = "a number was taken"]
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number of [0, 1), 53 bits of it.
    #[must_use = "a number was taken"]
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a float")]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of the normal distribution with mean 0 and variance 1 (Box and Muller 1958).
    #[must_use = "a number was taken"]
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_paper() {
        let mut generator = Generator::new(1_234_567);
        let numbers = [generator.bits(), generator.bits(), generator.bits()];
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut generator = Generator::new(1);
        let numbers: Vec<f64> = (0..40_000).map(|_| generator.normal()).collect();
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        let squares = numbers.iter().map(|number| number * number).sum::<f64>();
        let variance = squares / numbers.len() as f64 - mean * mean;
        assert!(
            mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03,
            "{mean} {variance}"
        );
    }
}
