//! The house keeps its shape: who may use whom, where SQL is written, how long a file is.

use std::fs;
use std::path::{Path, PathBuf};

/// No file is longer.
const LONGEST: usize = 400;
/// Nine files out of ten are not longer.
const USUAL: usize = 250;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder of the repository.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.ends_with("target") {
                continue;
            } else if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A file's path from `src`.
fn place(path: &Path) -> String {
    path.strip_prefix(root().join("src")).unwrap_or(path).display().to_string()
}

/// The code of a file: without comments and without its unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules of the library, in the order of the ladder.
fn ladder() -> Vec<String> {
    code(&root().join("src/lib.rs"))
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "))
        .map(|name| name.trim_end_matches(';').to_owned())
        .collect()
}

/// The modules that `crate::` names in some code.
fn used(code: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0_u32;
                let mut at_start = true;
                for (index, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => at_start = true,
                        c if at_start && c.is_alphabetic() => {
                            names.push(word(&group[index..]));
                            at_start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => names.push(word(rest)),
        }
    }
    names
}

/// Where something that is named after `crate::` stands on the ladder.
fn rung(ladder: &[String], name: &str) -> usize {
    // What lib.rs itself holds: the application stands on the schema, the caller in the request.
    let module = match name {
        "App" => "schema",
        "Caller" => "request",
        name => name,
    };
    ladder.iter().position(|one| one == module).unwrap_or_else(|| panic!("{name} is no module"))
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let ladder = ladder();
    let mut upwards = Vec::new();
    for path in sources("src") {
        let place = place(&path);
        let module = place.split(['/', '.']).next().unwrap_or_default();
        let Some(own) = ladder.iter().position(|one| one == module) else { continue };
        for name in used(&code(&path)) {
            if rung(&ladder, &name) > own {
                upwards.push(format!("{place} uses crate::{name}"));
            }
        }
    }
    upwards.dedup();
    assert!(
        upwards.is_empty(),
        "these look down the ladder of src/lib.rs:\n{}",
        upwards.join("\n")
    );
}

#[test]
fn every_folder_and_file_of_the_library_stands_on_the_ladder() {
    let ladder = ladder();
    for path in sources("src") {
        let place = place(&path);
        let module = place.split(['/', '.']).next().unwrap_or_default().to_owned();
        let known = ["lib", "main", "demo"].contains(&module.as_str()) || ladder.contains(&module);
        assert!(known, "{place} is in no module of src/lib.rs");
    }
}

#[test]
fn sql_is_written_in_stores_and_at_the_door_only() {
    let at_the_door = ["db/", "page/", "event.rs", "record/"];
    let strangers: Vec<String> = sources("src")
        .into_iter()
        .filter(|path| {
            let place = place(path);
            let allowed = at_the_door.iter().any(|door| place.starts_with(door))
                || place.ends_with("tests.rs")
                || place.contains("/tests/")
                || place.ends_with("/store.rs")
                || place.contains("/store/");
            let code = code(path);
            !allowed
                && ["sea_orm::", "sea_query::", "sqlx::"].iter().any(|name| code.contains(name))
        })
        .map(|path| place(&path))
        .collect();
    assert!(strangers.is_empty(), "these use SeaORM:\n{}", strangers.join("\n"));
}

#[test]
fn files_are_short() {
    let mut lengths: Vec<(usize, PathBuf)> = ["src", "entity", "migration", "tests"]
        .into_iter()
        .flat_map(sources)
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .collect();
    lengths.sort();
    let too_long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > LONGEST).collect();
    assert!(too_long.is_empty(), "longer than {LONGEST} lines: {too_long:?}");
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > USUAL).collect();
    assert!(long.len() * 10 <= lengths.len(), "more than a tenth over {USUAL} lines: {long:?}");
}

#[test]
fn only_the_clock_asks_for_the_time() {
    let asking: Vec<String> = sources("src")
        .into_iter()
        .filter(|path| {
            let code = code(path);
            !path.ends_with("clock.rs")
                && (code.contains("Utc::now") || code.contains("SystemTime::now"))
        })
        .map(|path| place(&path))
        .collect();
    assert!(asking.is_empty(), "ask the Clock: {asking:?}");
}
