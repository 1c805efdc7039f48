//! The locales of the public API: two-letter and three-letter codes of the languages that the tokenizer knows.

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, Value, ValueKind, ValuePointerRef,
    take_cf_content,
};
use milli_core::tokenizer::Language;

use super::query::FromText;

/// Both codes of a language, in the order in which error messages list them.
const CODES: [(&str, &str); 69] = [
    ("af", "afr"),
    ("ak", "aka"),
    ("am", "amh"),
    ("ar", "ara"),
    ("az", "aze"),
    ("be", "bel"),
    ("bn", "ben"),
    ("bg", "bul"),
    ("ca", "cat"),
    ("cs", "ces"),
    ("da", "dan"),
    ("de", "deu"),
    ("el", "ell"),
    ("en", "eng"),
    ("eo", "epo"),
    ("et", "est"),
    ("fi", "fin"),
    ("fr", "fra"),
    ("gu", "guj"),
    ("he", "heb"),
    ("hi", "hin"),
    ("hr", "hrv"),
    ("hu", "hun"),
    ("hy", "hye"),
    ("id", "ind"),
    ("it", "ita"),
    ("jv", "jav"),
    ("ja", "jpn"),
    ("kn", "kan"),
    ("ka", "kat"),
    ("km", "khm"),
    ("ko", "kor"),
    ("la", "lat"),
    ("lv", "lav"),
    ("lt", "lit"),
    ("ml", "mal"),
    ("mr", "mar"),
    ("mk", "mkd"),
    ("my", "mya"),
    ("ne", "nep"),
    ("nl", "nld"),
    ("nb", "nob"),
    ("or", "ori"),
    ("pa", "pan"),
    ("fa", "pes"),
    ("pl", "pol"),
    ("pt", "por"),
    ("ro", "ron"),
    ("ru", "rus"),
    ("si", "sin"),
    ("sk", "slk"),
    ("sl", "slv"),
    ("sn", "sna"),
    ("es", "spa"),
    ("sr", "srp"),
    ("sv", "swe"),
    ("ta", "tam"),
    ("te", "tel"),
    ("tl", "tgl"),
    ("th", "tha"),
    ("tk", "tuk"),
    ("tr", "tur"),
    ("uk", "ukr"),
    ("ur", "urd"),
    ("uz", "uzb"),
    ("vi", "vie"),
    ("yi", "yid"),
    ("zh", "zho"),
    ("zu", "zul"),
];

/// A language named by a client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Locale(pub Language);

impl Locale {
    /// The language of a code of either form.
    pub fn from_code(code: &str) -> Option<Self> {
        let long = match CODES.iter().find(|(short, _)| *short == code) {
            Some((_, long)) => long,
            None => code,
        };
        Language::from_code(long).map(Locale)
    }
}

/// Every accepted code, in the order of the error message.
pub fn accepted_codes() -> Vec<&'static str> {
    let short = CODES.iter().map(|(short, _)| *short);
    let long = CODES.iter().map(|(_, long)| *long);
    short.chain(long).chain(std::iter::once("cmn")).collect()
}

impl FromText for Locale {
    fn from_text(text: &str) -> Result<Self, String> {
        Self::from_code(text).ok_or_else(|| {
            let (mut short, mut long): (Vec<_>, Vec<_>) = CODES.iter().copied().unzip();
            long.push("cmn");
            short.sort_unstable();
            long.sort_unstable();
            short.append(&mut long);
            format!(
                "Unsupported locale `{text}`, expected one of {}",
                short.join(", ")
            )
        })
    }
}

impl<E: DeserializeError> Deserr<E> for Locale {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        location: ValuePointerRef,
    ) -> Result<Self, E> {
        match value {
            Value::String(code) => Locale::from_code(&code).ok_or_else(|| {
                let accepted = accepted_codes();
                let kind = ErrorKind::UnknownValue {
                    value: &code,
                    accepted: &accepted,
                };
                take_cf_content(E::error::<V>(None, kind, location))
            }),
            actual => {
                let kind = ErrorKind::IncorrectValueKind {
                    actual,
                    accepted: &[ValueKind::String],
                };
                Err(take_cf_content(E::error(None, kind, location)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_code_names_a_language() {
        for code in accepted_codes() {
            assert!(Locale::from_code(code).is_some(), "{code}");
        }
    }

    #[test]
    fn both_forms_of_a_code_name_the_same_language() {
        for (short, long) in CODES {
            assert_eq!(Locale::from_code(short), Locale::from_code(long));
        }
        assert!(Locale::from_code("xx").is_none());
    }
}
