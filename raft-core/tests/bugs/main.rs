//! Bugs that real Raft systems had, each as a test named after its number.
//!
//! `core` is this folder, message by message; `sim` is `raft-sim/tests/bugs`, whole clusters under the eyes of the checker.
//! Where a rule can be switched off, the same story must then break the property that is named, or a test says so in its
//! name: `…_and_without_the_rule_…`.
//!
//! | bug | test | where | switch → what breaks |
//! |---|---|---|---|
//! | B1 | `b1_old_term_entry_on_a_majority_is_not_committed_by_counting` | core, sim | `commit-current-term-only` → I7, I4 |
//! | B4 | `b4_a_pre_candidate_that_falls_back_keeps_its_vote`, `b4_late_promises_are_no_votes`, `b4_two_candidates_and_a_pre_candidate_give_one_leader` | core, sim | – |
//! | B5 | `b5_commit_does_not_run_past_what_was_verified`, `b5_a_divergent_tail_is_replaced_before_it_could_be_applied` | core | – |
//! | B7 | `b7_an_acknowledgement_of_an_earlier_leadership_does_not_count` | core | – |
//! | B8 | `b8_the_quorum_is_right_for_every_size_and_order`, `b8_an_election_needs_more_than_half`, `b8_half_of_four_is_no_quorum` | core, sim | `majority` → I1, I6 |
//! | B10 | `b10_stepping_down_does_not_roll_the_log_back`, `b10_a_suffix_that_could_be_committed_survives_role_changes` | core | – |
//! | B14 | `b14_a_crash_does_not_free_a_vote_that_was_given`, `b14_a_vote_in_a_known_term_is_written_too`, `b14_a_crash_does_not_free_the_vote_for_oneself` | core, sim | `persist-vote`, `persist-term` → I10, I1 |
//! | B20 | `b20_portions_of_committed_entries_leave_no_gap` | core | – |
//! | B22 | `b22_every_prefix_of_the_writes_keeps_what_was_promised`, `b22_the_log_does_not_outlive_the_vote` | core, sim | `persist-term` → I10, I1 |
//! | B28 | `b28_a_leader_that_was_followed_ends_all_older_ones`, `b28_a_refused_message_and_a_heartbeat_carry_the_term` | core | – |
//! | B31 | `b31_a_cut_between_leader_and_follower_does_not_depose_the_leader` | sim | `pre-vote`, `vote-stickiness` → deposed again and again |
//! | B31 | `b31_a_server_in_the_middle_takes_over` | sim | `check-quorum` → nothing is committed |
//! | B32 | `b32_a_pre_candidate_does_not_protect_the_leader_it_lost`, `b32_pre_votes_do_not_renew_the_lease`, `b32_a_crashed_leader_is_replaced` | core, sim | – |
//! | B34 | `b34_a_higher_term_and_a_longer_log_do_not_deadlock` | core, sim | – |
//! | B35 | `b35_the_higher_term_spreads_through_refused_pre_votes`, `b35_a_refusal_teaches_the_term_and_a_question_does_not`, `b35_long_logs_with_low_terms_meet_short_logs_with_high_terms` | core, sim | – |
//! | B37 | `b37_uncommitted_bytes_do_not_leak` | core | – |
//! | B40 | `b40_more_conflicting_entries_than_a_message_holds_are_repaired` | core | – |
//! | B52 | `b52_a_heartbeat_to_a_follower_behind_the_commit_index_is_harmless`, `b52_a_refusal_below_what_is_committed_is_no_contradiction` | core | – |
//! | B53 | `b53_writes_that_complete_out_of_order_do_not_stall`, `b53_late_completions_change_nothing` | core | – |
//! | B56 | `b56_any_one_way_links_that_leave_a_majority_connected` | sim | – |
//! | B56 | `b56_a_deaf_leader_steps_down_and_a_mute_one_is_replaced` | sim | `check-quorum` → nothing is committed |
//! | B58 | `b58_a_campaign_on_the_leader_is_nothing`, `b58_a_late_promise_starts_nothing`, `b58_a_restarted_cluster_elects_at_the_first_timeout` | core | – |
//! | B59 | `b59_a_late_message_does_not_move_the_commit_index_back` | core | – |

#[allow(dead_code, unused_imports, reason = "the harness is shared with the tests of the protocol")]
#[path = "../protocol/harness/mod.rs"]
mod harness;

mod commitment;
mod durability;
mod elections;
mod membership;
mod reads;
mod replication;
mod snapshots;
mod transfer;
