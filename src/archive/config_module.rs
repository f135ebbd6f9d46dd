//! `config.js`: the one file of the widget that differs between Publishers.
//!
//! It is an AMD module with two values, the service's address and the Product's
//! code, and it is written anew when the archive is packed for another one.

use super::Folder;
use super::javascript::Script;

/// The file's name.
pub const FILE: &str = "config.js";

/// Which service and which Product a copy of the widget belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// Address of the service, without a trailing slash.
    pub url: String,
    /// Code of the Product.
    pub product: String,
}

impl Backend {
    /// What the folder's own `config.js` says, as far as it is written in plain texts.
    #[must_use]
    pub fn configured(folder: &Folder) -> Option<Self> {
        let script = Script::read(folder.text(FILE)?);
        let value = |key: &str| {
            let at = script
                .positions()
                .find(|at| script.word(*at) == Some(key) && script.is(at + 1, ":"))?;
            script
                .string(at + 2)
                .filter(|text| !text.contains('\\'))
                .map(str::to_owned)
        };
        Some(Self {
            url: value("backend")?,
            product: value("product")?,
        })
    }

    /// The module that says the same. Both values are written as JSON texts, which
    /// are JavaScript texts too, so that nothing in them can become code.
    pub(super) fn module(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        format!(
            "/**\n * Where this copy of the widget belongs: the address of the Accord service\n \
             * and the code of the Product. Written by `accord widget pack`.\n */\n\
             define({{\n  backend: {},\n  product: {},\n}});\n",
            quoted(&self.url),
            quoted(&self.product)
        )
    }
}
