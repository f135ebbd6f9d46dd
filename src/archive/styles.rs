//! `*.css`: nothing outside the widget may change its looks.
//!
//! A widget's style sheet is loaded into the platform's own page, for as long as
//! the page lives. So every selector has to begin with a class or an id of the
//! widget's own, and all of them share one first word (`accord` in
//! `.accord-widget`), which is found by counting.

mod sheet;

use std::collections::BTreeMap;

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

/// How the platform's colours begin: a widget uses them and does not set them.
const HOST_VARIABLES: &str = "--palette-";

/// Checks every style sheet of the folder.
pub fn check(folder: &Folder, report: &mut Report) {
    let sheets: Vec<Sheet> = folder
        .texts("css")
        .map(|(path, text)| Sheet::read(path, text))
        .collect();
    let root = commonest_root(&sheets);
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
            check_rule(&sheet.path, rule, root, report);
        }
        for (name, line) in &sheet.animations {
            global_name(&sheet.path, name, *line, root, report);
        }
        for (address, line) in &sheet.addresses {
            external(&sheet.path, address, *line, report);
        }
    }
}

/// The first own class or id of the family that most selectors begin with.
fn commonest_root(sheets: &[Sheet]) -> Option<&str> {
    let selectors = || {
        sheets
            .iter()
            .flat_map(|sheet| &sheet.rules)
            .flat_map(|rule| &rule.selectors)
    };
    let names = || selectors().filter_map(|selector| own_name(selector.first()?));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names() {
        *counts.entry(family_of(name)).or_default() += 1;
    }
    let (family, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    names().find(|name| family_of(name) == family)
}

fn check_rule(path: &str, rule: &Rule, root: Option<&str>, report: &mut Report) {
    let mut on_the_page = false;
    for selector in &rule.selectors {
        // `:root { --own-colour: … }` is the documented way to follow the dark theme.
        let is_palette = selector.is_page() && rule.sets_properties_only;
        on_the_page |= is_palette;
        if !is_palette {
            scope(path, selector, root, report);
        }
    }
    for (name, line) in &rule.properties {
        if name.starts_with(HOST_VARIABLES) {
            report.error(
                "css-host-variable",
                path,
                *line,
                format!("\"{name}\" is the platform's colour: use it, but do not set it"),
            );
        } else if on_the_page {
            global_name(path, name, *line, root, report);
        }
    }
}

fn scope(path: &str, selector: &Selector, root: Option<&str>, report: &mut Report) {
    let text = &selector.text;
    let belongs = selector
        .first()
        .and_then(own_name)
        .is_some_and(|name| root.map(family_of) == Some(family_of(name)));
    if !belongs {
        let example = root.map_or(String::new(), |root| format!(" such as \"{root}\""));
        let message = format!(
            "\"{text}\" must begin with a class or id of the widget's own{example}, or it changes the platform's pages"
        );
        report.error("css-scope", path, selector.line, message);
    } else if selector.leaves_the_root() {
        let message = format!(
            "\"{text}\" reaches elements beside the widget's root, which belong to the platform"
        );
        report.error("css-scope", path, selector.line, message);
    }
}

/// Names of animations, and of custom properties on `:root`, are known to the whole page.
fn global_name(path: &str, name: &str, line: usize, root: Option<&str>, report: &mut Report) {
    let family = root.map_or("widget", family_of);
    if family_of(name.trim_start_matches('-')) != family {
        let message = format!(
            "\"{name}\" is known to the whole page, so it must begin with \"{family}-\", the widget's own prefix"
        );
        report.error("css-name", path, line, message);
    }
}

fn external(path: &str, address: &str, line: usize, report: &mut Report) {
    if address.contains("://") || address.starts_with("//") {
        report.error(
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
    HOST_CLASSES.iter().any(|host| {
        name.strip_prefix(host).is_some_and(|rest| {
            host.ends_with(['-', '_']) || rest.is_empty() || rest.starts_with(['-', '_'])
        })
    })
}

/// `accord` of `accord-widget`, `accord__row`, `accord_x`: what makes a name the widget's own.
fn family_of(name: &str) -> &str {
    name.split(['-', '_']).next().unwrap_or(name)
}
