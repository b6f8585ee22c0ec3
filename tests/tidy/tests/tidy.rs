//! The house rules, held against this repository. Each says what is wrong, where, and what to do.

use nightbell_tidy::{Finding, Tree, rules, tree};

fn hold(rule: fn(&Tree) -> Vec<Finding>) {
    let tree = Tree::read(&tree::root()).expect("the repository is readable");
    assert!(tree.has("Cargo.toml") && tree.has("plugin-sdk/wit"), "this is not the repository");
    let mut findings = rule(&tree);
    findings.sort();
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(lines.is_empty(), "{} found:\n{}\n", lines.len(), lines.join("\n"));
}

#[test]
fn i01_the_core_is_pure() {
    hold(rules::core_is_pure::check);
}

#[test]
fn files_have_one_idea() {
    hold(rules::file_sizes::check);
}

#[test]
fn each_invariant_is_named_by_a_test() {
    hold(rules::invariants::check);
}

#[test]
fn links_lead_somewhere() {
    hold(rules::links::check);
}

#[test]
fn every_file_says_what_it_is_for() {
    hold(rules::module_docs::check);
}

#[test]
fn no_test_sleeps_or_is_ignored() {
    hold(rules::no_waiting::check);
}

#[test]
fn the_tree_knows_no_machine() {
    hold(rules::places::check);
}

#[test]
fn the_contract_changes_only_on_purpose() {
    hold(rules::wit_digest::check);
}

#[test]
fn one_word_per_thing() {
    hold(rules::words::check);
}
