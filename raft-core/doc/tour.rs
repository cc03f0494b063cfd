// What the examples share, in the three pieces that the documentation of the crate shows.
include!("server.rs");
include!("turn.rs");
include!("cluster.rs");
