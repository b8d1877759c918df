//! What can be computed of the draws of a variable.

/// A number that tells something of the draws of one scalar variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Rank-normalised split R-hat: the larger of bulk and folded.
    Rhat,
    /// Effective sample size of the rank-normalised draws: how well the location is known.
    EssBulk,
    /// The smaller effective sample size of the 5 % and the 95 % quantile.
    EssTail,
    /// Effective sample size of the mean.
    EssMean,
    /// Effective sample size of the standard deviation.
    EssSd,
    /// Monte Carlo standard error of the mean.
    McseMean,
    /// Monte Carlo standard error of the standard deviation.
    McseSd,
    /// Standard deviation of the pooled draws.
    Sd,
    /// The smallest draw.
    Minimum,
    /// The largest draw.
    Maximum,
}

impl Quantity {
    /// Every quantity.
    pub const ALL: [Self; 10] = [
        Self::Rhat,
        Self::EssBulk,
        Self::EssTail,
        Self::EssMean,
        Self::EssSd,
        Self::McseMean,
        Self::McseSd,
        Self::Sd,
        Self::Minimum,
        Self::Maximum,
    ];

    /// The name by which a quantity is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rhat => "rhat",
            Self::EssBulk => "ess_bulk",
            Self::EssTail => "ess_tail",
            Self::EssMean => "ess_mean",
            Self::EssSd => "ess_sd",
            Self::McseMean => "mcse_mean",
            Self::McseSd => "mcse_sd",
            Self::Sd => "sd",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
        }
    }

    /// The quantity of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_found() {
        for quantity in Quantity::ALL {
            assert_eq!(Quantity::from_name(quantity.name()), Some(quantity));
        }
        assert_eq!(Quantity::from_name("R-hat"), None);
    }
}
