//! Rules of pictures.

use super::*;

const LOGO: &str = "images/logo_min.png";
const TOUR: &str = "images/tour_en.png";

#[test]
fn every_logo_is_there() {
    for logo in LOGOS.iter().filter(|logo| !logo.pipeline_only) {
        let folder = good().without(logo.path).with(
            "style.css",
            STYLE.replace("images/logo.png", "images/logo_min.png"),
        );
        only_error(&folder, logo.path, 1, "logo-missing");
    }
}

#[test]
fn logos_have_their_exact_size() {
    let finding = only_error(&good().with(LOGO, png(85, 84)), LOGO, 1, "picture-size");
    assert!(finding.message.contains("85×84") && finding.message.contains("exactly 84×84"));
}

#[test]
fn logos_are_whole_and_still_pngs() {
    only_error(&good().with(LOGO, jpeg(84, 84)), LOGO, 1, "picture-format");
    only_error(
        &good().with(LOGO, &png(84, 84)[..12]),
        LOGO,
        1,
        "picture-format",
    );
    let mut animated = png(84, 84);
    let before_the_pixels = animated.len() - 8;
    animated.splice(
        before_the_pixels..before_the_pixels,
        *b"\x00\x00\x00\x08acTL\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00",
    );
    only_error(&good().with(LOGO, animated), LOGO, 1, "picture-format");
}

#[test]
fn pictures_are_not_too_heavy() {
    let heavy = |bytes: Vec<u8>, size: usize| [bytes.clone(), vec![0; size - bytes.len()]].concat();
    only_error(
        &good().with(LOGO, heavy(png(84, 84), 300 * 1024 + 1)),
        LOGO,
        1,
        "picture-weight",
    );
    only_warning(
        &good().with(TOUR, heavy(png(1188, 616), 300 * 1024 + 1)),
        TOUR,
        1,
        "picture-weight",
    );
    assert_eq!(
        check(&good().with(LOGO, heavy(png(84, 84), 300 * 1024))),
        []
    );
}

#[test]
fn the_tour_has_pictures_of_one_size_in_every_language() {
    let finding = only_error(&good().with(TOUR, png(1188, 600)), TOUR, 1, "picture-size");
    assert!(
        finding.message.contains("as a picture of the tour"),
        "{finding}"
    );
    let logo = with(
        "manifest.json",
        "/images/tour_en.png",
        "/images/logo_main.png",
    )
    .without(TOUR);
    let finding = only_error(&logo, "images/logo_main.png", 1, "picture-size");
    assert!(finding.message.contains("cannot be the logo"), "{finding}");
    only_error(
        &good().with(TOUR, jpeg(1188, 616)),
        TOUR,
        1,
        "picture-format",
    );
    only_error(&good().without(TOUR), "manifest.json", 24, "tour-pictures");
    let six = ["\"/images/tour_en.png\""; 6].join(", ");
    only_error(
        &with("manifest.json", "\"/images/tour_en.png\"", &six),
        "manifest.json",
        24,
        "tour-pictures",
    );
    only_error(
        &with(
            "manifest.json",
            "\"/images/tour_en.png\"",
            "\"images/tour_en.png\"",
        ),
        "manifest.json",
        24,
        "tour-pictures",
    );
    let none = with(
        "manifest.json",
        "\"en\": [\"/images/tour_en.png\"]",
        "\"en\": []",
    )
    .without(TOUR);
    only_error(&none, "manifest.json", 24, "tour-pictures");
    let other = with(
        "manifest.json",
        "\"ru\": [\"/images/tour_ru.jpg\"]",
        "\"ru\": [\"/images/tour_ru.jpg\"],\n\"es\": [\"/images/tour_en.png\"]",
    );
    only_error(&other, "manifest.json", 26, "tour-pictures");
}
