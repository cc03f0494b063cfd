//! Changes of the configuration: what counts when, and who may decide.

mod joint;
mod nemesis;
mod outsiders;
mod single;
