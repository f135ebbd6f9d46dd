//! `onSave`: without it the platform installs nothing (RU:integrations/settings).

use super::{Report, Source, Widget};

/// What the scripts of a widget say about saving.
#[derive(Default)]
pub struct Saving {
    is_named: bool,
    callbacks: Option<(String, usize)>,
}

impl Saving {
    /// Notes what one script says. The callback may be made in any of them, under its name as a
    /// key, a method or a text.
    pub fn look(&mut self, source: &Source) {
        let script = &source.script;
        for at in script.positions() {
            let word = script.word(at).or(script.string(at));
            self.is_named |= word == Some("onSave");
            let assigned = script.is(at + 1, "=") || script.is(at + 1, ":");
            if word == Some("callbacks") && assigned && self.callbacks.is_none() {
                self.callbacks = Some((source.path.to_owned(), script.line(at)));
            }
        }
        // What was not read may well hold it.
        self.is_named |= script.is_cut || script.fault.is_some();
    }

    /// Reports that there is none in a widget that can be installed.
    pub fn check(self, widget: &Widget, report: &mut Report) {
        if self.is_named || !widget.is_installable || !widget.folder.contains("script.js") {
            return;
        }
        let (file, line) = self.callbacks.unwrap_or(("script.js".to_owned(), 1));
        report.error(
            "js-on-save",
            &file,
            line,
            "there is no callback onSave, without which the platform does not install the widget",
        );
    }
}
