//! Other designs keep what they promise, and break what they do not.

mod documents;
mod promises;
mod register;
mod trouble;
