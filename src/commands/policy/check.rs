//! Reading texts from files, and `accord policy check`: what is found in them.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use crate::actions::policies::{self, identity};
use crate::config::Config;
use crate::domain::facts::Facts;
use crate::domain::policies::{Document, Finding, lint, parse};

#[derive(Serialize)]
struct Checked {
    files: Vec<CheckedFile>,
}

#[derive(Serialize)]
struct CheckedFile {
    path: String,
    lang: Option<String>,
    number: Option<u32>,
    dated: Option<String>,
    title: Option<String>,
    sections: usize,
    clauses: usize,
    findings: Vec<Finding>,
}

/// Parses and lints; prints clauses found and findings. `false` when a finding is an error.
pub(super) fn check(
    config: &Config,
    files: &[PathBuf],
    facts: Option<&Path>,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let (documents, mut findings) =
        parse_all(files, |bytes| policies::filled(bytes, &config.publisher))?;
    findings.extend(lint::check(&documents));
    let toml = facts.map(text_of).transpose()?;
    match Facts::parse(toml.as_deref().unwrap_or(Facts::STARTER)) {
        Ok(facts) => {
            let who = identity(&config.publisher);
            findings.extend(lint::check_against(&documents, &facts, &who));
        }
        Err(faults) => {
            let file = files.first().map(|path| name_of(path)).unwrap_or_default();
            findings.extend(
                faults
                    .iter()
                    .map(|fault| lint::unusable_facts(&file, fault)),
            );
        }
    }
    let failed = findings.iter().any(Finding::is_error);
    let views: Vec<CheckedFile> = files
        .iter()
        .map(|path| {
            let name = name_of(path);
            let document = documents
                .iter()
                .find(|(file, _)| *file == name)
                .map(|(_, d)| d);
            CheckedFile {
                path: path.display().to_string(),
                lang: document.map(|d| d.lang.to_string()),
                number: document.and_then(|d| d.number),
                dated: document.and_then(|d| d.dated.clone()),
                title: document.map(|d| d.title.clone()),
                sections: document.map_or(0, |d| d.sections.len()),
                clauses: document.map_or(0, Document::clause_count),
                findings: findings
                    .iter()
                    .filter(|f| f.file == name)
                    .cloned()
                    .collect(),
            }
        })
        .collect();
    if json {
        serde_json::to_writer(&mut *out, &Checked { files: views })?;
        writeln!(out)?;
        return Ok(!failed);
    }
    for file in &views {
        writeln!(
            out,
            "{}: {} sections, {} clauses",
            file.path, file.sections, file.clauses
        )?;
        for finding in &file.findings {
            writeln!(out, "  {finding}\n    {}", finding.advice)?;
        }
    }
    Ok(!failed)
}

/// Documents by the name of their file.
pub(super) type Named = Vec<(String, Document)>;

/// Reads the files, each as `prepare` makes it. What cannot be parsed is told as findings.
pub(super) fn parse_all(
    files: &[PathBuf],
    prepare: impl Fn(Vec<u8>) -> Vec<u8>,
) -> anyhow::Result<(Named, Vec<Finding>)> {
    let (mut documents, mut findings) = (Vec::new(), Vec::new());
    for path in files {
        let bytes =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        match parse(&name_of(path), &prepare(bytes)) {
            Ok(document) => documents.push((name_of(path), document)),
            Err(more) => findings.extend(more),
        }
    }
    Ok((documents, findings))
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

pub(super) fn text_of(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

pub(super) fn read_facts(toml: &str) -> anyhow::Result<Facts> {
    Facts::parse(toml)
        .map_err(|faults| anyhow::anyhow!("the facts cannot be used: {}", faults.join("; ")))
}
