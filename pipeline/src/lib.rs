//! The two use cases over ports.
