//! What the generated modules say of their types besides declaring them: how each is read and written.

/// An object: its fields with their keys, and its choices of one among several members.
macro_rules! object {
    ($name:ident { $($field:ident: $key:literal),* $(,)? } $($choice:ident)*) => {
        impl crate::described::Named for $name {}

        impl crate::described::Members for $name {
            fn from_object(mut other: crate::json::value::Object) -> Self {
                Self {
                    $($field: crate::described::take(&mut other, $key),)*
                    $($choice: crate::described::OneOf::take(&mut other),)*
                    other,
                }
            }

            fn to_object(&self) -> crate::json::value::Object {
                let mut object = self.other.clone();
                $(crate::described::put(&mut object, $key, self.$field.as_ref());)*
                $(if let Some(choice) = &self.$choice {
                    crate::described::OneOf::put(choice, &mut object);
                })*
                object
            }

            fn into_object(mut self) -> crate::json::value::Object {
                let other = core::mem::take(&mut self.other);
                let mut object = crate::described::Members::to_object(&self);
                object.extend(other);
                object
            }
        }

        impl crate::described::Described for $name {
            fn from_value(value: crate::json::value::Value) -> Result<Self, crate::json::value::Value> {
                match value {
                    crate::json::value::Value::Object(object) => {
                        Ok(crate::described::Members::from_object(object))
                    }
                    other => Err(other),
                }
            }

            fn to_value(&self) -> crate::json::value::Value {
                crate::json::value::Value::Object(crate::described::Members::to_object(self))
            }

            fn find_unlisted(&self, at: &str, found: &mut alloc::vec::Vec<alloc::string::String>) {
                $(if let Some(field) = &self.$field {
                    let at = crate::described::path(at, $key);
                    crate::described::Described::find_unlisted(field, &at, found);
                })*
                $(if let Some(choice) = &self.$choice {
                    crate::described::OneOf::find_unlisted(choice, at, found);
                })*
                crate::described::Described::find_unlisted(&self.other, at, found);
            }
        }

        serde_traits!($name);
    };
}

/// One of several members, each with its key.
macro_rules! one_of {
    ($name:ident { $($variant:ident: $key:literal),* $(,)? }) => {
        impl crate::described::OneOf for $name {
            fn take(object: &mut crate::json::value::Object) -> Option<Self> {
                $(if let Some(value) = crate::described::take(object, $key) {
                    return Some(Self::$variant(value));
                })*
                None
            }

            fn put(&self, object: &mut crate::json::value::Object) {
                match self {
                    $(Self::$variant(value) => crate::described::put(object, $key, Some(value)),)*
                }
            }

            fn find_unlisted(&self, at: &str, found: &mut alloc::vec::Vec<alloc::string::String>) {
                match self {
                    $(Self::$variant(value) => crate::described::Described::find_unlisted(
                        value,
                        &crate::described::path(at, $key),
                        found,
                    ),)*
                }
            }
        }
    };
}

/// An object whose type is told by one of its members.
macro_rules! union {
    ($name:ident by $tag:literal { $($variant:ident: $text:literal),* $(,)? }) => {
        impl crate::described::Named for $name {}

        impl crate::described::Members for $name {
            fn from_object(mut object: crate::json::value::Object) -> Self {
                let tag = object.remove_entry($tag);
                let text = tag.as_ref().and_then(|(_, value)| value.as_text());
                match text {
                    $(Some($text) => Self::$variant(alloc::boxed::Box::new(
                        crate::described::Members::from_object(object),
                    )),)*
                    _ => {
                        object.extend(tag);
                        Self::Unlisted(object)
                    }
                }
            }

            fn to_object(&self) -> crate::json::value::Object {
                let (mut object, text) = match self {
                    $(Self::$variant(value) => {
                        (crate::described::Members::to_object(&**value), $text)
                    })*
                    Self::Unlisted(object) => return object.clone(),
                };
                let text = crate::json::value::Value::Text(alloc::string::String::from(text));
                object.insert(alloc::string::String::from($tag), text);
                object
            }
        }

        impl crate::described::Described for $name {
            fn from_value(value: crate::json::value::Value) -> Result<Self, crate::json::value::Value> {
                match value {
                    crate::json::value::Value::Object(object) => {
                        Ok(crate::described::Members::from_object(object))
                    }
                    other => Err(other),
                }
            }

            fn to_value(&self) -> crate::json::value::Value {
                crate::json::value::Value::Object(crate::described::Members::to_object(self))
            }

            fn find_unlisted(&self, at: &str, found: &mut alloc::vec::Vec<alloc::string::String>) {
                match self {
                    $(Self::$variant(value) => {
                        crate::described::Described::find_unlisted(value, at, found);
                    })*
                    Self::Unlisted(object) => {
                        crate::described::Described::find_unlisted(object, at, found);
                    }
                }
            }
        }

        serde_traits!($name);
    };
}

/// A text that is mostly one of some names.
macro_rules! open {
    ($name:ident { $($variant:ident: $text:literal),* $(,)? }) => {
        impl $name {
            /// Its name on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unlisted(name) => name.as_str(),
                }
            }
        }

        impl From<alloc::string::String> for $name {
            fn from(name: alloc::string::String) -> Self {
                match &*name {
                    $($text => Self::$variant,)*
                    _ => Self::Unlisted(crate::unlisted::Unlisted::new(name)),
                }
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::from(alloc::string::String::from(name))
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl crate::described::Named for $name {}

        impl crate::described::Described for $name {
            fn from_value(value: crate::json::value::Value) -> Result<Self, crate::json::value::Value> {
                <alloc::string::String as crate::described::Described>::from_value(value)
                    .map(Self::from)
            }

            fn to_value(&self) -> crate::json::value::Value {
                crate::json::value::Value::Text(alloc::string::String::from(self.as_str()))
            }

            fn find_unlisted(&self, at: &str, found: &mut alloc::vec::Vec<alloc::string::String>) {
                if let Self::Unlisted(name) = self {
                    found.push(alloc::format!("{at}={name}"));
                }
            }
        }

        serde_traits!($name);
    };
}

/// serde's traits, under the feature.
macro_rules! serde_traits {
    ($name:ident) => {
        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::described::Described::to_value(self).serialize(serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::serde_traits::deserialize(deserializer)
            }
        }
    };
}
