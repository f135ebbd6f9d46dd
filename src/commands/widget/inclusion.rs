//! `accord widget add-consent`: the consent part in somebody's own widget.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use similar::TextDiff;
use widget_archive::{Change, Folder};

use super::{BackendArgs, support_address};

/// What `accord widget add-consent` takes.
#[derive(Debug, clap::Args)]
pub(super) struct AddArgs {
    /// The widget's folder.
    dir: PathBuf,
    #[command(flatten)]
    backend: BackendArgs,
    /// Where people turn to when something fails, for a manifest that does not say: an address or an e-mail address.
    #[arg(long, value_name = "ADDRESS", value_parser = support_address)]
    support: Option<String>,
    /// Print what would change, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Changes the folder, or says what would change.
pub(super) fn run(args: AddArgs, out: &mut dyn Write) -> anyhow::Result<bool> {
    let folder =
        Folder::read(&args.dir).with_context(|| format!("cannot read {}", args.dir.display()))?;
    let otherwise = widget_archive::Backend::configured(&widget_archive::own_widget());
    let backend = args.backend.chosen(&folder, otherwise)?;
    let plan = widget_archive::add_consent(&folder, backend.as_ref(), args.support.as_deref())
        .map_err(|refusal| anyhow!("{}:{}: {}", refusal.file, refusal.line, refusal.message))?;

    for change in &plan.changes {
        tell(change, args.dry_run, out)?;
    }
    if plan.is_done() {
        writeln!(out, "{}: nothing to change", args.dir.display())?;
    }
    for note in &plan.notes {
        writeln!(out, "\n{note}")?;
    }
    if !args.dry_run {
        widget_archive::write_changes(&args.dir, &plan.changes)
            .with_context(|| format!("cannot write into {}", args.dir.display()))?;
    }
    Ok(true)
}

/// A new file in one line; of a change, in a dry run, every line.
fn tell(change: &Change, in_full: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(before) = &change.before else {
        let lines = change.after.split(|byte| *byte == b'\n').count() - 1;
        writeln!(out, "new      {} ({lines} lines)", change.path)?;
        return Ok(());
    };
    writeln!(out, "changed  {}", change.path)?;
    if in_full {
        let [before, after] = [before, &change.after].map(|bytes| String::from_utf8_lossy(bytes));
        let difference = TextDiff::from_lines(before.as_ref(), after.as_ref());
        write!(out, "{}", difference.unified_diff().context_radius(2))?;
    }
    Ok(())
}
