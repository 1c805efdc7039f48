//! Numbers between 0 and 1, whose refusal names the parameter.

use deserr::Deserr;

use super::fault::Refused;
use super::query::FromText;

fn check(name: &str, value: f64) -> Result<f64, Refused> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Refused(refusal(name)))
    }
}

fn refusal(name: &str) -> String {
    format!("the value of `{name}` is invalid, expected a float between `0.0` and `1.0`.")
}

macro_rules! ratio {
    ($(#[$doc:meta])* $name:ident, $parameter:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Deserr)]
        #[deserr(try_from(f64) = $name::checked -> Refused)]
        pub struct $name(pub f64);

        impl $name {
            fn checked(value: f64) -> Result<Self, Refused> {
                check($parameter, value).map($name)
            }
        }

        impl FromText for $name {
            fn from_text(text: &str) -> Result<Self, String> {
                let value = text.parse::<f64>().map_err(|_| refusal($parameter))?;
                Self::checked(value).map_err(|refused| refused.0)
            }
        }
    };
}

ratio!(
    /// The score below which a hit is dropped.
    ScoreThreshold,
    "rankingScoreThreshold"
);
ratio!(
    /// The weight of the vectors in a hybrid search.
    SemanticRatio,
    "semanticRatio"
);
