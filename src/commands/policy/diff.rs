//! `accord policy diff`: what two versions differ in.

use std::io::Write;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::product_of;
use crate::actions::comparison::{self, Comparison};
use crate::cache::Differences;
use crate::commands::block_on;
use crate::config::Config;
use crate::domain::policies::compare::{Difference, Op};
use crate::store::policies::level_text;

/// What `accord policy diff` takes.
#[derive(Debug, clap::Args)]
pub(in crate::commands) struct Args {
    /// The product's code
    #[arg(long)]
    product: String,
    /// The version before
    from: u32,
    /// The version after
    to: u32,
    /// The language [default: the prevailing one]
    #[arg(long)]
    lang: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::commands) fn run(
    config: &Config,
    args: &Args,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let comparison = block_on(async {
        let (store, product) = product_of(config, &args.product).await?;
        let langs: Vec<String> = args.lang.iter().cloned().collect();
        let numbers = (args.from, args.to);
        let found =
            comparison::between(&store, &Differences::default(), &product, numbers, &langs).await?;
        let found = found.with_context(|| {
            format!(
                "{} has no versions {} and {} in one language",
                product.code, args.from, args.to
            )
        })?;
        if let Some(lang) = args.lang.as_ref().filter(|lang| **lang != found.lang) {
            anyhow::bail!("the two versions do not both have a text in {lang}");
        }
        Ok(found)
    })?;
    if args.json {
        serde_json::to_writer(&mut *out, &view(&comparison))?;
        writeln!(out)?;
    } else {
        show(out, &comparison)?;
    }
    Ok(true)
}

fn view(comparison: &Comparison) -> Value {
    let facts: Vec<String> = comparison.facts.iter().map(ToString::to_string).collect();
    let clauses: Vec<Value> = comparison
        .clauses
        .iter()
        .map(|clause| {
            json!({
                "no": clause.no,
                "from_no": clause.from_no,
                "change": clause.change.name(),
                "before": clause.before,
                "after": clause.after,
            })
        })
        .collect();
    json!({
        "from": comparison.from.number,
        "to": comparison.to.number,
        "level": level_text(comparison.level),
        "facts": facts,
        "clauses": clauses,
    })
}

fn show(out: &mut dyn Write, comparison: &Comparison) -> anyhow::Result<()> {
    writeln!(
        out,
        "#{} to #{} ({}): {}",
        comparison.from.number,
        comparison.to.number,
        comparison.lang,
        level_text(comparison.level)
    )?;
    for change in &comparison.facts {
        writeln!(
            out,
            "  {} {change}",
            if change.is_wider() { "+" } else { "-" }
        )?;
    }
    for clause in comparison.clauses.iter() {
        writeln!(out, "\n{} {}", clause.no, headline(clause))?;
        writeln!(out, "{}", marked(clause))?;
    }
    Ok(())
}

fn headline(clause: &Difference) -> String {
    match &clause.from_no {
        Some(from) => format!("{} from {from}", clause.change.name()),
        None => clause.change.name().to_owned(),
    }
}

/// The words with their marks: `[-gone-]{+new+}`.
fn marked(clause: &Difference) -> String {
    clause
        .words
        .iter()
        .map(|(op, words)| match op {
            Op::Same => words.clone(),
            Op::Removed => format!("[-{words}-]"),
            Op::Added => format!("{{+{words}+}}"),
        })
        .collect()
}
