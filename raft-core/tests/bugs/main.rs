//! Bugs that real Raft systems had, each as a test named after its number.
//!
//! `core` is this folder, message by message; `sim` is `raft-sim/tests/all/bugs`, whole clusters under the eyes of the checker.
//! Where a rule can be switched off, the same story must then break the property that is named, or a test says so in its
//! name: `…_and_without_the_rule_…`.
//!
//! | bug | test | where | switch → what breaks |
//! |---|---|---|---|
//! | B1 | `b1_old_term_entry_on_a_majority_is_not_committed_by_counting`, `b1_and_without_the_rule_it_is` | core, sim | `commit-current-term-only` → I7, I4 |
//! | B2 | `b2_a_change_before_the_first_commit_makes_disjoint_majorities` | core, sim | `no-op-before-config` → I4, a committed entry is overwritten |
//! | B4 | `b4_a_pre_candidate_that_falls_back_keeps_its_vote`, `b4_late_promises_are_no_votes`, `b4_two_candidates_and_a_pre_candidate_give_one_leader` | core, sim | `honest-nodes` → I10, I1 |
//! | B5 | `b5_commit_does_not_run_past_what_was_verified`, `b5_a_divergent_tail_is_replaced_before_it_could_be_applied` | core | – |
//! | B7 | `b7_an_acknowledgement_of_an_earlier_leadership_does_not_count` | core | – |
//! | B7 | `b7_answers_from_before_a_snapshot_move_nothing_back` | core | – |
//! | B8 | `b8_the_quorum_is_right_for_every_size_and_order`, `b8_an_election_needs_more_than_half`, `b8_half_of_four_is_no_quorum` | core, sim | `majority` → I1, I6 |
//! | B10 | `b10_stepping_down_does_not_roll_the_log_back`, `b10_a_suffix_that_could_be_committed_survives_role_changes` | core | – |
//! | B11 | `b11_a_snapshot_discards_the_configurations_of_discarded_entries` | core | – |
//! | B13 | `b13_a_late_snapshot_does_not_regress` | core | – |
//! | B13 | `b13_a_snapshot_keeps_newer_matching_entries`, `b13_and_without_the_rule_a_committed_entry_is_lost`, `b13_a_late_snapshot_does_not_cut_off_acknowledged_entries` | core, sim | `retain-suffix` → I4, a committed entry is overwritten |
//! | B14 | `b14_a_crash_does_not_free_a_vote_that_was_given`, `b14_a_vote_in_a_known_term_is_written_too`, `b14_a_crash_does_not_free_the_vote_for_oneself`, `b14_and_without_the_rules_it_votes_twice` | core, sim | `persist-vote`, `persist-term` → I10, I1 |
//! | B16 | `b16_a_read_at_a_new_leader_waits_for_its_first_commit`, `b16_and_without_a_blank_entry_it_is_refused` | core | `no-op` → the read is refused |
//! | B16 | `b16_a_deposed_leader_answers_no_read_and_without_the_rule_it_does`, `b16_a_deposed_leader_answers_no_read` | core, sim | `read-index` → I29 |
//! | B17 | `b17_a_late_answer_does_not_confirm_a_later_read_of_the_same_name`, `b17_a_late_answer_of_the_leader_does_not_confirm_a_later_read_of_a_follower` | core | – |
//! | B19 | `b19_a_new_leader_commits_the_joint_configuration_before_it_leaves_it`, `b19_the_commitment_of_an_earlier_entry_does_not_leave_the_joint_configuration` | core | – |
//! | B19 | `b19_and_without_a_joint_configuration_two_majorities_decide`, `b19_without_a_joint_configuration_two_majorities_decide` | core, sim | `joint-consensus` → I1, I4 |
//! | B20 | `b20_portions_of_committed_entries_leave_no_gap` | core | – |
//! | B22 | `b22_every_prefix_of_the_writes_keeps_what_was_promised`, `b22_and_without_the_rule_the_log_outlives_the_vote`, `b22_the_log_does_not_outlive_the_vote` | core, sim | `persist-term` → I10, I1 |
//! | B23 | `b23_messages_across_the_edge_of_a_compaction_have_no_gap` | core | – |
//! | B25 | `b25_a_restart_from_snapshot_and_log_changes_nothing` | core | – |
//! | B26 | `b26_a_configuration_counts_when_it_is_in_the_log`, `b26_the_new_configuration_decides_about_itself`, `b26_majorities_before_and_after_a_single_change_overlap` | core | – |
//! | B28 | `b28_a_leader_that_was_followed_ends_all_older_ones`, `b28_a_refused_message_and_a_heartbeat_carry_the_term` | core | – |
//! | B29 | `b29_changes_amid_kills_and_cuts_give_one_leader_a_term`, `b29_and_without_a_joint_configuration_a_promise_is_broken` | core | `joint-consensus` → I1 or I5 |
//! | B31 | `b31_a_cut_between_leader_and_follower_does_not_depose_the_leader` | sim | `pre-vote`, `vote-stickiness` → deposed again and again |
//! | B31 | `b31_a_server_in_the_middle_takes_over` | sim | `check-quorum` → nothing is committed |
//! | B32 | `b32_a_pre_candidate_does_not_protect_the_leader_it_lost`, `b32_pre_votes_do_not_renew_the_lease`, `b32_a_crashed_leader_is_replaced` | core, sim | – |
//! | B34 | `b34_a_higher_term_and_a_longer_log_do_not_deadlock` | core, sim | – |
//! | B35 | `b35_the_higher_term_spreads_through_refused_pre_votes`, `b35_a_refusal_teaches_the_term_and_a_question_does_not`, `b35_long_logs_with_low_terms_meet_short_logs_with_high_terms` | core, sim | – |
//! | B37 | `b37_uncommitted_bytes_do_not_leak` | core | – |
//! | B38 | `b38_a_follower_that_caught_up_otherwise_gets_entries_again`, `b38_no_lost_answer_stops_a_transfer` | core | – |
//! | B40 | `b40_more_conflicting_entries_than_a_message_holds_are_repaired`, `b40_a_snapshot_that_meets_a_conflicting_log_is_installed_once` | core | – |
//! | B41 | `b41_a_log_that_is_all_snapshot_serves_everybody` | core | – |
//! | B43 | `b43_a_joint_configuration_that_is_not_applied_elects_a_leader` | core | – |
//! | B44 | `b44_a_leader_of_two_removes_itself`, `b44_a_leader_of_two_removes_the_other` | core | – |
//! | B46 | `b46_leaving_twice_is_leaving_once`, `b46_a_snapshot_inside_a_joint_configuration_keeps_both_sets` | core | – |
//! | B47 | `b47_a_learner_that_was_promoted_votes_before_it_knows` | core | – |
//! | B49 | `b49_a_learner_with_a_higher_term_is_led_again`, `b49_who_has_no_vote_does_not_campaign`, `b49_the_vote_of_a_removed_server_does_not_count`, `b49_a_promise_does_not_refresh_the_last_contact` | core | – |
//! | B49 | `b49_a_removed_server_does_not_disturb` | core | `pre-vote` with `vote-stickiness` → the leader is deposed |
//! | B50 | `b50_a_lagging_target_is_asked_when_it_has_caught_up`, `b50_a_target_that_cannot_lead_is_refused`, `b50_a_target_that_loses_its_vote_is_given_up`, `b50_who_cannot_lead_does_not_campaign_when_asked`, `b50_proposals_resume_after_an_election_timeout`, `b50_a_lost_message_does_not_end_in_silence`, `b50_pre_vote_and_stickiness_do_not_stop_a_transfer`, `b50_a_target_with_a_slow_disk_is_asked_when_it_is_durable`, `b50_no_command_is_taken_and_lost` | core | – |
//! | B52 | `b52_a_heartbeat_to_a_follower_behind_the_commit_index_is_harmless`, `b52_a_refusal_below_what_is_committed_is_no_contradiction` | core | – |
//! | B53 | `b53_writes_that_complete_out_of_order_do_not_stall`, `b53_late_completions_change_nothing` | core | – |
//! | B55 | `b55_a_duplicate_change_leaves_nothing_pending` | core | – |
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
