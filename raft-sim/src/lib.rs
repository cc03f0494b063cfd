//! The world around the nodes.
#![forbid(unsafe_code)]
