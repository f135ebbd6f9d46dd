//! Rules of `*.css`.

use super::*;

const FILE: &str = "style.css";

/// The good style sheet with these lines before its third rule, where the tenth line begins.
fn sheet(lines: &str) -> Folder {
    with(
        FILE,
        "@media (max-width",
        &format!("{lines}\n@media (max-width"),
    )
}

fn errors(rule: &str, cases: &[&str]) {
    for case in cases {
        only_error(&sheet(case), FILE, 10, rule);
    }
}

fn nothing(cases: &[&str]) {
    for case in cases {
        assert_eq!(check(&sheet(case)), [], "{case}");
    }
}

#[test]
fn every_selector_begins_with_the_widgets_own_name() {
    errors(
        "css-scope",
        &[
            "p { margin: 0 }",
            "* { margin: 0 }",
            ".button-input { color: red }",
            ".modal .text-input { color: red }",
            ".card-widgets__widget-x + div { color: red }",
            ".card-widgets__widget__body { color: red }",
            ".card-widgets__widget- { color: red }",
            "[data-x] { color: red }",
            ":root { color: red }",
            ":root { --shop-a: 1; color: red }",
            "html[data-color-scheme=\"dark\"] .modal { color: red }",
            ":is(.shop-parcels, p) { color: red }",
            "@supports (display: grid) { a { color: red } }",
        ],
    );
    nothing(&[
        ".shop-parcels p, .shop-parcels > * + *, #shop_x { margin: 0 }",
        "html[data-color-scheme=\"dark\"] .shop-parcels { color: red }",
        "div.shop-row[data-x=\"a,b{\"]:not(.x):hover::before { color: red }",
        ".shop-parcels { & p { color: red } .x:hover { color: red } }",
        "/* p { } */",
        // What holds only inside of the widget's own is not global, whatever stands around it.
        ".modal .shop-parcels, body .shop-x > p { color: red }",
        // However many beginnings a widget's names have, they are its own.
        ".km-form { color: red } #calculation-result p { color: red } .km-a ~ .other { color: red }",
        // The vendor's own sample: the block of this widget.
        ".card-widgets__widget-new_widget .card-widgets__widget__body { color: red }",
        "#work-area-shop_widget .list { color: red }",
        "@namespace svg url(http://www.w3.org/2000/svg);",
        "@font-face { font-family: x; src: url(x.woff2) }",
    ]);
}

#[test]
fn each_selector_of_a_list_counts_and_has_its_own_line() {
    let finding = only_error(
        &sheet(".shop-a,\n.shop-b,\nh1 > a { color: red }"),
        FILE,
        12,
        "css-scope",
    );
    assert!(
        finding.message.starts_with("\"h1 > a\" must begin with"),
        "{finding}"
    );
    only_error(
        &sheet("@media print {\n @media (color) {\n  a { color: red }\n }\n}"),
        FILE,
        12,
        "css-scope",
    );
}

#[test]
fn elements_beside_the_root_are_left_alone() {
    errors(
        "css-scope",
        &[
            ".shop-parcels + div { margin: 0 }",
            ".shop-parcels ~ p { margin: 0 }",
            ".modal .shop-parcels + .modal-body { margin: 0 }",
        ],
    );
}

#[test]
fn names_known_to_the_whole_page_carry_the_prefix() {
    errors("css-name", &[":root { --ink: red }"]);
    only_warning(
        &sheet("@keyframes spin { to { top: 0 } }"),
        FILE,
        10,
        "css-name",
    );
    nothing(&[
        ":root { --crm-ui-kit-text: red }",
        ".km-a { color: red } @keyframes km-spin { to { top: 0 } }",
        "@keyframes shop-spin { from { top: 0 } to { top: 1px } }",
        ".shop-parcels { --ink: red }",
    ]);
}

#[test]
fn the_platforms_colours_are_not_set() {
    errors(
        "css-host-variable",
        &[
            ":root { --palette-text-primary: red }",
            ".shop-parcels { --palette-text-primary: red }",
        ],
    );
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    errors(
        "css-external",
        &[
            "@import \"https://fonts.example/x.css\";",
            "@import url(//fonts.example/x.css);",
            ".shop-parcels { background: image-set(url(\"https://x.example/a.png\") 1x) }",
        ],
    );
    nothing(&[
        ".shop-parcels { background: url(data:image/gif;base64,R0lGOD) }",
        ".shop-a{background:url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>\")}",
        ".shop-a{background:url( 'DATA:image/svg+xml;utf8,<svg xmlns=\"http://www.w3.org/2000/svg\"/>' )}",
        ".shop-a { mask: url(#shop-mask) }",
    ]);
}

#[test]
fn css_is_css() {
    only_error(
        &good().with(FILE, format!("{STYLE}.shop-x\n")),
        FILE,
        15,
        "css-syntax",
    );
    errors("css-syntax", &["}"]);
}
