//! N1 to N3: the checks of a program in every build profile.
//!
//! The program in `tests/programs/linking` is built from a copy next to the lock file of this workspace. It has the versions
//! of this workspace and needs no network.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{LazyLock, OnceLock};

use health_tests::workspace;

static DEV: Build = Build::new("dev", "debug");
static RELEASE: Build = Build::new("release", "release");
static LTO: Build = Build::new("lto", "lto");

const LINKED: &str = "\
in_a_kept_library
in_a_module_that_nothing_names
in_a_transitive_library
in_a_used_library
in_the_binary
left_in_below
";

const NOT_LINKED: &str = "\
Error: health cannot start; 1 problem:
  health check `in_an_unnamed_library` is expected, but is not in this program; name its crate once, as in `health_runtime::link!(its_crate)`
";

#[test]
fn n1_named_crates_keep_their_checks_in_dev() {
    assert_eq!(DEV.run(&[]), (LINKED.into(), String::new()));
}

#[test]
fn n1_named_crates_keep_their_checks_in_release() {
    assert_eq!(RELEASE.run(&[]), (LINKED.into(), String::new()));
}

#[test]
fn n1_named_crates_keep_their_checks_with_lto_and_one_codegen_unit() {
    assert_eq!(LTO.run(&[]), (LINKED.into(), String::new()));
}

#[test]
fn n2_require_rejects_a_check_of_a_library_that_is_never_named() {
    for build in [&DEV, &RELEASE, &LTO] {
        assert_eq!(
            build.run(&["in_the_binary", "in_an_unnamed_library"]),
            (String::new(), NOT_LINKED.into()),
            "{}",
            build.profile
        );
    }
}

#[test]
fn n2_require_accepts_linked_checks() {
    for build in [&DEV, &RELEASE, &LTO] {
        let expected: Vec<_> = LINKED.lines().collect();
        assert_eq!(build.run(&expected), (LINKED.into(), String::new()), "{}", build.profile);
    }
}

#[test]
fn n2_rustc_warns_of_a_library_that_is_never_named() {
    DEV.program();
    let output = cargo(&["rustc", "--package", "app", "--", "--deny", "unused_crate_dependencies"]);
    let errors: Vec<_> =
        stderr(&output).lines().filter(|line| line.starts_with("error: extern crate")).map(str::to_owned).collect();
    assert_eq!(errors, ["error: extern crate `unnamed` is unused in crate `app`"], "{}", stderr(&output));
}

#[test]
fn a_crate_under_test_that_is_linked_twice_has_each_check_once() {
    DEV.program();
    let output = cargo(&["test", "--package", "transitive", "--lib"]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}{}", stderr(&output));
    assert!(stdout.contains("test tests::two_copies_of_a_check_are_one ... ok"), "{stdout}");
}

#[test]
fn a_renamed_runtime_without_its_path_is_one_error_with_the_remedy() {
    DEV.program();
    let output = cargo(&["build", "--package", "renamed"]);
    let errors: Vec<_> = stderr(&output).lines().filter(|line| line.starts_with("error")).map(str::to_owned).collect();
    let expected = [
        "error: health check `in_a_renamed_runtime` must name the runtime crate, which `Cargo.toml` calls `vitals`; add `crate = ::vitals`",
        "error: could not compile `renamed` (lib) due to 1 previous error",
    ];
    assert_eq!(errors, expected, "{}", stderr(&output));
}

#[test]
fn n3_a_function_removed_by_cfg_is_not_registered() {
    for build in [&DEV, &RELEASE, &LTO] {
        let (linked, _) = build.run(&[]);
        assert!(!linked.contains("cut_out"), "{}: {linked}", build.profile);
        assert!(linked.contains("left_in_below"), "{}: {linked}", build.profile);
    }
}

#[test]
fn n3_a_unit_test_calls_an_annotated_function() {
    DEV.program();
    let output = cargo(&["test", "--package", "app"]);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}{}", stderr(&output));
    assert!(stdout.contains("test tests::an_annotated_function_is_called_as_any_other ... ok"), "{stdout}");
}

/// The program built with one profile. The first test that needs it builds it.
struct Build {
    profile: &'static str,
    folder: &'static str,
    program: OnceLock<PathBuf>,
}

impl Build {
    const fn new(profile: &'static str, folder: &'static str) -> Self {
        Self { profile, folder, program: OnceLock::new() }
    }

    fn program(&self) -> &Path {
        self.program.get_or_init(|| {
            let output = cargo(&["build", "--package", "app", "--profile", self.profile]);
            assert!(output.status.success(), "{}: {}", self.profile, stderr(&output));
            target().join(self.folder).join("app")
        })
    }

    /// Returns the standard output and the standard error of the program.
    fn run(&self, expected: &[&str]) -> (String, String) {
        let output = Command::new(self.program()).args(expected).output().expect("the program starts");
        (String::from_utf8_lossy(&output.stdout).into_owned(), stderr(&output))
    }
}

fn cargo(args: &[&str]) -> Output {
    Command::new(env!("CARGO"))
        .arg("--offline")
        .args(args)
        .current_dir(&*WORKSPACE)
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_TERM_COLOR", "never")
        // With a build target set, the program would be in another folder.
        .env_remove("CARGO_BUILD_TARGET")
        .output()
        .expect("cargo starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("linking-target")
}

static WORKSPACE: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = workspace::root();
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("linking");
    copy_folder(&root.join("tests/programs/linking"), &copy, root);
    copy_file(&root.join("Cargo.lock"), &copy.join("Cargo.lock"), root);
    copy
});

fn copy_folder(from: &Path, to: &Path, root: &Path) {
    fs::create_dir_all(to).expect("the target folder can be written");
    for entry in fs::read_dir(from).expect("the fixture is there") {
        let entry = entry.expect("the fixture can be read");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == "target" || entry.file_name() == "Cargo.lock" {
            // A build in the original folder leaves these.
        } else if from.is_dir() {
            copy_folder(&from, &to, root);
        } else {
            copy_file(&from, &to, root);
        }
    }
}

/// An unchanged file keeps its modification time, so that cargo does not build it again.
fn copy_file(from: &Path, to: &Path, root: &Path) {
    let text = fs::read_to_string(from).expect("the fixture is text");
    let text = text.replace("\"../../../", &format!("\"{}/", root.display()));
    if fs::read_to_string(to).ok().as_ref() != Some(&text) {
        fs::write(to, text).expect("the target folder can be written");
    }
}
