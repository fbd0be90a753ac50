use core::fmt;

/// Declares an enum whose variants have stable names: what stands in answers, events and stores.
///
/// Each variant stands with its name, and everything else follows from that: the lists `ALL` and
/// `NAMES`, `as_str`, `Display`, and `FromStr`, which reads the name exactly. So no variant can be
/// written and then not be read.
///
/// `Variant = "name" if "feature"` is a variant that a feature of the crate brings.
///
/// With the feature `serde` they are their names in serde's data, too.
///
/// `named!(without Display …)` is for errors, which are shown by what they say; `named!(only as_str …)`
/// for what is read in another way, too.
#[doc(hidden)]
#[macro_export]
macro_rules! named {
    (
        only as_str $(#[$meta:meta])* $visibility:vis enum $type:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $name:literal $(if $feature:tt)?,)+
        }
    ) => {
        $(#[$meta])*
        $visibility enum $type {
            $($(#[$variant_meta])* $(#[cfg(feature = $feature)])? $variant,)+
        }

        #[allow(dead_code, reason = "an enum of a crate's own may need only a part of this")]
        impl $type {
            /// Every variant, in the order of their declaration.
            $visibility const ALL: &'static [Self] = &[$($(#[cfg(feature = $feature)])? Self::$variant),+];

            /// The names of all, in the same order.
            $visibility const NAMES: &'static [&'static str] = &[$($(#[cfg(feature = $feature)])? $name),+];

            /// The stable name.
            #[must_use]
            $visibility const fn as_str(self) -> &'static str {
                match self {
                    $($(#[cfg(feature = $feature)])? Self::$variant => $name,)+
                }
            }
        }
    };
    (
        without Display $(#[$meta:meta])* $visibility:vis enum $type:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $name:literal $(if $feature:tt)?,)+
        }
    ) => {
        $crate::named! {
            only as_str $(#[$meta])* $visibility enum $type {
                $($(#[$variant_meta])* $variant = $name $(if $feature)?,)+
            }
        }

        impl ::core::str::FromStr for $type {
            type Err = $crate::UnknownName;

            /// Reads the stable name.
            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($(#[cfg(feature = $feature)])? $name => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownName::among(Self::NAMES)),
                }
            }
        }

        $crate::serde_as_text! { $type, |value| value.as_str() }
    };
    (
        $(#[$meta:meta])* $visibility:vis enum $type:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $name:literal $(if $feature:tt)?,)+
        }
    ) => {
        $crate::named! {
            without Display $(#[$meta])* $visibility enum $type {
                $($(#[$variant_meta])* $variant = $name $(if $feature)?,)+
            }
        }

        impl ::core::fmt::Display for $type {
            /// The stable name.
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

/// A text is none of the names that something has.
///
/// # Examples
/// ```
/// use sinch_callback::DeliveryState;
///
/// assert_eq!("read".parse(), Ok(DeliveryState::Read));
/// let error = "opened".parse::<DeliveryState>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "expected one of switching, failed, unconfirmed, queued, delivered, read",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownName {
    names: &'static [&'static str],
}

impl UnknownName {
    /// The error of a reader that knows these names.
    #[doc(hidden)]
    #[must_use]
    pub const fn among(names: &'static [&'static str]) -> Self {
        Self { names }
    }
}

impl fmt::Display for UnknownName {
    /// Lists the names, and does not repeat the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected one of ")?;
        let mut separator = "";
        for name in self.names {
            write!(f, "{separator}{name}")?;
            separator = ", ";
        }
        Ok(())
    }
}

impl core::error::Error for UnknownName {}

#[cfg(test)]
mod tests {
    use std::{format, string::ToString};

    named! {
        /// Made up for the test.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Color {
            /// As blood.
            Red = "red",
            /// As the sea.
            DeepBlue = "deep_blue",
        }
    }

    #[test]
    fn every_variant_reads_back_from_its_name_and_no_other_text_does() {
        assert_eq!(Color::ALL, [Color::Red, Color::DeepBlue]);
        for color in Color::ALL {
            assert_eq!(color.to_string().parse(), Ok(*color));
        }
        for other in ["", "Red", "red ", "blue"] {
            let error = other.parse::<Color>().unwrap_err();
            assert_eq!(error.to_string(), "expected one of red, deep_blue");
        }
    }

    #[test]
    fn a_name_is_padded_as_a_text_is() {
        assert_eq!(format!("{:<6}|", Color::Red), "red   |");
    }
}
