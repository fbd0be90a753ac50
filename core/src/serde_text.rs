//! Types that are texts in serde's data: what `FromStr` reads.

/// Implements serde's traits for a type that is written as a text and read by its `FromStr`; nothing
/// without the feature `serde`.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! serde_as_text {
    ($type:ident, |$value:ident| $text:expr) => {
        impl $crate::serde_text::Serialize for $type {
            fn serialize<S: $crate::serde_text::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                let $value = self;
                serializer.collect_str(&$text)
            }
        }

        impl<'de> $crate::serde_text::Deserialize<'de> for $type {
            fn deserialize<D: $crate::serde_text::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::serde_text::read(deserializer)
            }
        }
    };
}

/// Nothing, without the feature `serde`.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! serde_as_text {
    ($type:ident, |$value:ident| $text:expr) => {};
}

#[cfg(feature = "serde")]
mod reading {
    use core::{fmt, marker::PhantomData, str::FromStr};

    use serde::de::{Error, Visitor};
    pub use serde::{Deserialize, Deserializer, Serialize, Serializer};

    struct Text<T>(PhantomData<T>);

    impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    /// Reads a text and what it stands for; the default where that is not known here, as a name that a
    /// newer version has written.
    ///
    /// # Errors
    /// Where it is no text.
    pub fn read_or_default<'de, T: FromStr + Default, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        struct Known<T>(T);
        impl<T: FromStr + Default> FromStr for Known<T> {
            type Err = core::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self(text.parse().unwrap_or_default()))
            }
        }
        deserializer
            .deserialize_str(Text(PhantomData::<Known<T>>))
            .map(|Known(value)| value)
    }

    /// Reads a text and what it stands for.
    ///
    /// # Errors
    /// Where it is no text, or stands for nothing.
    pub fn read<'de, T: FromStr<Err: fmt::Display>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        deserializer.deserialize_str(Text(PhantomData))
    }
}

#[cfg(feature = "serde")]
pub use reading::{Deserialize, Deserializer, Serialize, Serializer, read, read_or_default};

#[cfg(all(test, feature = "records"))]
mod tests {
    use std::string::ToString;

    use crate::{
        delivery::{
            report::{DeliveryReport, Failure},
            status::DeliveryStatus,
        },
        failure::remedy::Remedy,
        key::ContentKey,
    };

    #[test]
    fn a_report_and_a_key_read_back_from_json_and_an_unknown_name_does_not() {
        let mut report = DeliveryReport::new("msg-1", DeliveryStatus::Failed);
        report.failure = Some(Failure {
            remedy: Remedy::RetryLater,
            ..Failure::default()
        });
        let mut json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["status"], "failed");
        assert_eq!(json["failure"]["remedy"], "retry_later");
        assert_eq!(
            serde_json::from_value::<DeliveryReport>(json.clone()).unwrap(),
            report
        );
        // A name of a newer version leaves the rest of the failure as it is.
        json["failure"]["remedy"] = "pray".into();
        let newer = serde_json::from_value::<DeliveryReport>(json.clone()).unwrap();
        assert_eq!(newer.failure, Some(Failure::default()));
        json["status"] = "teleported".into();
        let error = serde_json::from_value::<DeliveryReport>(json).unwrap_err();
        assert!(error.to_string().starts_with("expected one of queued, "));

        let key = ContentKey::of_body(b"");
        let json = serde_json::to_string(&key).unwrap();
        // SHA-256 of the empty string begins so.
        assert_eq!(json, "\"e3b0c44298fc1c149afbf4c8996fb924\"");
        assert_eq!(serde_json::from_str::<ContentKey>(&json).unwrap(), key);
    }
}
