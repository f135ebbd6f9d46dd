//! Where the widget appears, and what has to be said for each of these places.

use std::collections::BTreeSet;

use super::{FILE, Manifest, stem, texts};
use crate::Report;
use crate::reference::{BLOCKS, CARDS, LOCATIONS};

/// Compares the locations with the places the platforms have, and with the parts that belong to them.
pub fn check(manifest: &Manifest, report: &mut Report) {
    locations(manifest, report);
    blocks(manifest, report);
    card_tab(manifest, report);
}

fn locations(manifest: &Manifest, report: &mut Report) {
    let mut seen = BTreeSet::new();
    for (location, line) in texts(manifest.at("locations")) {
        let name = stem(location);
        let known = LOCATIONS.iter().find(|known| known.name == name);
        if known.is_none_or(|known| location != name && !known.has_column) {
            report.error(
                "manifest-location",
                FILE,
                line,
                format!("\"{location}\" is not a place where the platforms show widgets"),
            );
        } else if !seen.insert(name) {
            report.error("manifest-location", FILE, line, format!("\"{name}\" is listed twice: with and without the right column (-1, -0) exclude each other"));
        }
    }
}

/// Some places need more to be said, and what is said of a place nobody asked for is left over.
fn blocks(manifest: &Manifest, report: &mut Report) {
    for (location, line) in texts(manifest.at("locations")) {
        let needed = BLOCKS
            .iter()
            .filter(|block| block.location == stem(location));
        for block in needed.filter(|block| {
            manifest
                .at(block.path)
                .is_none_or(|node| !block.shape.fits(node))
        }) {
            let message = format!(
                "\"{location}\" needs \"{}\" to be {}, which the platform shows there",
                block.path,
                block.shape.words()
            );
            report.error("manifest-block", FILE, line, message);
        }
    }
    for block in BLOCKS
        .iter()
        .filter(|block| !manifest.has_location(block.location))
    {
        let top = block.path.split('.').next().unwrap_or(block.path);
        if let Some(node) = manifest.at(top) {
            let message = format!(
                "\"{top}\" is of no use without the location \"{}\"",
                block.location
            );
            report.warning("manifest-block", FILE, node.line, message);
        }
    }
}

/// A tab in a card needs the card.
fn card_tab(manifest: &Manifest, report: &mut Report) {
    let tab = texts(manifest.at("locations")).find(|(location, _)| *location == "card_sdk");
    if let Some((_, line)) = tab.filter(|_| !CARDS.iter().any(|card| manifest.has_location(card))) {
        report.error(
            "manifest-block",
            FILE,
            line,
            "\"card_sdk\" needs the card itself among the locations, because its tab is inside one",
        );
    }
}
