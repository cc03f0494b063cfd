//! The proof of the protocol: one test per claim of the paper, and text transcripts of the famous stories.

mod dissertation_3_10;
mod dissertation_4_2_1;
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
mod section_7_compaction;
mod section_7_durability;
mod section_7_install;
mod section_7_transfer;
mod time;
mod transcripts;
