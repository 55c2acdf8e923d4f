//! What crosses crates. The tests stand in `tests/`; here is only the README, whose example is a doc test.

#![cfg_attr(doctest, doc = include_str!("../../README.md"))]
