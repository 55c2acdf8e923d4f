//! The verdict is compared with a reference model.

mod reference_model;
