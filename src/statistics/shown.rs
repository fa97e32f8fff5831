//! Figures as people read them.

/// A shift: two decimals, a sign, a real minus; 0 has no sign.
#[must_use]
pub fn signed(number: f64) -> String {
    let text = format!("{:.2}", number.abs());
    match text.as_str() {
        "0.00" => text,
        _ if number < 0.0 => format!("−{text}"),
        _ => format!("+{text}"),
    }
}

/// A figure between −1 and 1: `.31`; `1.00` and `−.05` where they are.
#[must_use]
pub fn ratio(number: f64) -> String {
    let text = format!("{:.2}", number.abs());
    let short = text.strip_prefix('0').unwrap_or(&text);
    match short {
        ".00" => short.to_owned(),
        _ if number < 0.0 => format!("−{short}"),
        _ => short.to_owned(),
    }
}

/// A p: three decimals, or that it is less.
#[must_use]
pub fn probability(p: f64) -> String {
    if p < 0.001 {
        "<0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shift_is_written_with_its_sign() {
        let shown = [-0.45, 0.0, 0.004, -0.004, 1.0].map(signed);
        assert_eq!(shown, ["−0.45", "0.00", "0.00", "0.00", "+1.00"]);
    }

    #[test]
    fn a_ratio_has_no_leading_zero_and_a_small_p_says_that_it_is_less() {
        let ratios = [0.306, -0.05, 1.0, -0.004].map(ratio);
        assert_eq!(ratios, [".31", "−.05", "1.00", ".00"]);
        assert_eq!([0.0004, 0.25].map(probability), ["<0.001", "0.250"]);
    }
}
