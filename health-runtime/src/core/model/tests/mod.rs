pub(crate) mod quorum_model;
