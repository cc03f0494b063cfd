//! The proof of the protocol: one test per claim of the paper, and text transcripts of the famous stories.

mod durability;
mod figure_2_append_entries;
mod figure_2_request_vote;
mod figure_2_servers;
mod harness;
mod limits;
mod robustness;
mod safeguards;
mod section_5_1;
mod section_5_2;
mod section_5_3;
mod section_5_4;
mod time;
mod transcripts;
