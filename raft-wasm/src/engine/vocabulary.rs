//! The two vocabularies of the field, as tables from the name that this project uses to the one that is shown.

use std::collections::BTreeMap;

use raft_core::{MessageKind, ProgressState, Role, Vocabulary};
use serde::Serialize;
use tsify::Tsify;

/// Both vocabularies.
#[derive(Serialize, Tsify)]
pub(crate) struct Vocabularies {
    paper: VocabularyView,
    etcd: VocabularyView,
}

/// The names of one vocabulary.
#[derive(Serialize, Tsify)]
pub(crate) struct VocabularyView {
    #[tsify(type = "Record<KindName, string>")]
    messages: BTreeMap<&'static str, &'static str>,
    #[tsify(type = "Record<RoleName, string>")]
    roles: BTreeMap<&'static str, &'static str>,
    #[tsify(type = "Record<'probe' | 'replicate' | 'snapshot', string>")]
    progress: BTreeMap<&'static str, &'static str>,
    /// What a server keeps, by the paper's names.
    #[tsify(type = "Record<string, string>")]
    state: BTreeMap<&'static str, &'static str>,
}

impl Default for Vocabularies {
    fn default() -> Self {
        Self { paper: VocabularyView::of(Vocabulary::Paper), etcd: VocabularyView::of(Vocabulary::Etcd) }
    }
}

impl VocabularyView {
    fn of(words: Vocabulary) -> Self {
        let roles = [
            ("follower", Role::Follower),
            ("preCandidate", Role::PreCandidate),
            ("candidate", Role::Candidate),
            ("leader", Role::Leader),
        ];
        let progress = [
            ("probe", ProgressState::Probe),
            ("replicate", ProgressState::Replicate),
            ("snapshot", ProgressState::Snapshot),
        ];
        Self {
            messages: MessageKind::ALL.iter().map(|&kind| (kind.name(), words.message(kind))).collect(),
            roles: roles.into_iter().map(|(name, role)| (name, words.role(role))).collect(),
            progress: progress.into_iter().map(|(name, state)| (name, words.progress(state))).collect(),
            state: words.state().iter().copied().collect(),
        }
    }
}
