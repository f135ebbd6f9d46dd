//! `*.css`: nothing outside the widget may change its looks.
//!
//! A widget's style sheet is loaded into the platform's own page, for as long as
//! the page lives. So every selector has to name a class or an id of the widget's
//! own, and what it styles has to be that element or lie inside of it.

mod sheet;

use std::collections::BTreeSet;

use sheet::{Compound, Rule, Selector, Sheet};

use super::{Folder, Report};

/// The platform's own classes and ids, or how they begin: no widget may hang its rules on them.
const HOST_CLASSES: &[&str] = &[
    "button-input",
    "card-",
    "card_",
    "content__",
    "control-",
    "custom-scroll",
    "digital-pipeline",
    "element__",
    "feed-",
    "install-widget",
    "js-",
    "left-menu",
    "linked-form",
    "list-widget",
    "list__",
    "list_page_holder",
    "modal",
    "n-",
    "nav",
    "note-",
    "notification",
    "page-loader",
    "pipeline_",
    "switcher",
    "text-input",
    "view-integration",
    "widget-settings",
    "widget-state",
    "widget_main_info",
    "widget_settings",
    "work-area",
    "work_area",
];

/// The platform's names that end with the code of one widget: with it they are that widget's own
/// (amocrm.ru integrations/script_js styles `.card-widgets__widget-new_widget`).
const NAMES_OF_ONE_WIDGET: &[&str] = &[
    "card-widgets__widget-",
    "work-area-",
    "digital-pipeline__short-task_widget-style_",
];

/// How the platform's colours begin: a widget uses them and does not set them.
const HOST_VARIABLES: &str = "--palette-";

/// How variables of the vendor's own kit for React begin, which a widget brings along.
const KIT_VARIABLES: &str = "--crm-ui-kit-";

/// Checks every style sheet of the folder.
pub fn check(folder: &Folder, report: &mut Report) {
    let sheets: Vec<Sheet> = folder
        .texts("css")
        .map(|(path, text)| Sheet::read(path, text))
        .collect();
    let families = families(&sheets);
    for sheet in &sheets {
        if let Some(line) = sheet.broken {
            report.error(
                "css-syntax",
                &sheet.path,
                line,
                "browsers do not understand this line and drop the rule around it",
            );
        }
        for rule in &sheet.rules {
            check_rule(&sheet.path, rule, &families, report);
        }
        for (name, line) in &sheet.animations {
            if !is_prefixed(name, &families) {
                report.warning("css-name", &sheet.path, *line, known_to_all(name));
            }
        }
        for (address, line) in &sheet.addresses {
            external(&sheet.path, address, *line, report);
        }
    }
}

/// What is wrong with the selectors of a sheet that stands in a script; nothing where it cannot be
/// read, because then it was something else.
pub fn faults_of_text(text: &str) -> Vec<String> {
    let sheet = Sheet::read("", text);
    if sheet.broken.is_some() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for rule in &sheet.rules {
        let selectors = rule.selectors.iter().filter(|each| !is_palette(each, rule));
        faults.extend(selectors.filter_map(out_of_scope));
    }
    faults
}

/// The first words of all names that are the widget's own.
fn families(sheets: &[Sheet]) -> BTreeSet<&str> {
    sheets
        .iter()
        .flat_map(|sheet| &sheet.rules)
        .flat_map(|rule| &rule.selectors)
        .filter_map(|selector| selector.elements().find_map(own_name))
        .map(family_of)
        .collect()
}

fn check_rule(path: &str, rule: &Rule, families: &BTreeSet<&str>, report: &mut Report) {
    let mut on_the_page = false;
    for selector in &rule.selectors {
        if is_palette(selector, rule) {
            on_the_page = true;
        } else if let Some(message) = out_of_scope(selector) {
            report.moderation("css-scope", path, selector.line, message);
        }
    }
    for (name, line) in &rule.properties {
        if name.starts_with(HOST_VARIABLES) {
            report.moderation(
                "css-host-variable",
                path,
                *line,
                format!("\"{name}\" is the platform's colour: use it, but do not set it"),
            );
        } else if on_the_page && !name.starts_with(KIT_VARIABLES) && !is_prefixed(name, families) {
            report.moderation("css-name", path, *line, known_to_all(name));
        }
    }
}

/// `:root { --own-colour: … }` is the documented way to follow the dark theme.
fn is_palette(selector: &Selector, rule: &Rule) -> bool {
    selector.is_page() && rule.sets_properties_only
}

/// Why a selector reaches more than the widget; `None` when it does not.
///
/// Every name that is not the platform's is the widget's own, however many beginnings they have:
/// what matters is that a rule holds nowhere without one of them.
fn out_of_scope(selector: &Selector) -> Option<String> {
    let text = &selector.text;
    if !selector
        .elements()
        .any(|element| own_name(element).is_some())
    {
        return Some(format!(
            "\"{text}\" must begin with a class or id of the widget's own, or it changes the platform's pages"
        ));
    }
    let leaves = selector.leaves_the_root(|element| own_name(element).is_some());
    leaves.then(|| {
        format!(
            "\"{text}\" reaches elements beside the widget's root, which belong to the platform"
        )
    })
}

/// Names of animations, and of custom properties on `:root`, are known to the whole page.
fn is_prefixed(name: &str, families: &BTreeSet<&str>) -> bool {
    families.contains(family_of(name.trim_start_matches('-')))
}

fn known_to_all(name: &str) -> String {
    format!(
        "\"{name}\" is known to the whole page, so it must begin as the widget's own classes do"
    )
}

fn external(path: &str, address: &str, line: usize, report: &mut Report) {
    let address = address.trim();
    // A picture that is written out may well name an address, such as that of SVG.
    let is_data = address
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    if !is_data && (address.contains("://") || address.starts_with("//")) {
        report.moderation(
            "css-external",
            path,
            line,
            format!("\"{address}\" must come from the archive, not from an address of its own"),
        );
    }
}

/// The class or id by which an element can be the widget's own.
fn own_name(element: &Compound) -> Option<&str> {
    element
        .names
        .iter()
        .map(String::as_str)
        .find(|name| !is_host_class(name))
}

fn is_host_class(name: &str) -> bool {
    let of_one = NAMES_OF_ONE_WIDGET
        .iter()
        .find_map(|begin| name.strip_prefix(begin));
    if of_one.is_some_and(|code| !code.is_empty()) {
        return false;
    }
    HOST_CLASSES.iter().any(|host| {
        name.strip_prefix(host).is_some_and(|rest| {
            host.ends_with(['-', '_']) || rest.is_empty() || rest.starts_with(['-', '_'])
        })
    })
}

/// `accord` of `accord-widget`, `accord__row`, `_accord_x`: the prefix that a widget chose.
fn family_of(name: &str) -> &str {
    name.trim_start_matches(['-', '_'])
        .split(['-', '_'])
        .next()
        .unwrap_or(name)
}
