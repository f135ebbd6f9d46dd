//! Rules of `*.js`.

use super::*;

pub(super) const FILE: &str = "lib/parcels.js";

/// The good widget with these lines put into its module, where the fourth line begins.
pub(super) fn module(lines: &str) -> Folder {
    with(FILE, "      $('.shop", &format!("{lines}\n      $('.shop"))
}

pub(super) fn errors(rule: &str, cases: &[&str]) {
    for case in cases {
        let finding = only_error(&module(case), FILE, 5, rule);
        assert!(finding.message.len() > 20, "{finding}");
    }
}

pub(super) fn nothing(cases: &[&str]) {
    for case in cases {
        assert_eq!(check(&module(case)), [], "{case}");
    }
}

#[test]
fn text_is_never_run_as_code() {
    errors(
        "js-eval",
        &[
            "eval('1')",
            "window.eval(x)",
            "new Function('a', 'b')",
            "setTimeout('tick()', 10)",
        ],
    );
    nothing(&[
        "// eval(x)",
        "var a = 'eval(x)';",
        "model.eval(x)",
        "setTimeout(tick, 10)",
        "/* eval(x) */",
    ]);
}

#[test]
fn dialogs_of_the_browser_are_not_opened() {
    errors(
        "js-dialog",
        &[
            "alert('x')",
            "if (confirm('x')) { go(); }",
            "var a = window.prompt('x');",
        ],
    );
    nothing(&[
        "modal.alert('x')",
        "self.confirm()",
        "var o = { confirm(x) { return x; } };",
        "function prompt(x) {} prompt(1);",
    ]);
}

#[test]
fn requests_do_not_freeze_the_page() {
    errors(
        "js-sync-request",
        &[
            "$.ajax({ url: u, async: false })",
            "$.ajax({ 'async' : false })",
            "$.ajax({async:!1})",
        ],
    );
    nothing(&["$.ajax({ async: true })", "var async = false;"]);
}

#[test]
fn code_comes_through_define_only() {
    errors(
        "js-script-element",
        &[
            "document.createElement('script')",
            "document.createElement(\"SCRIPT\")",
            "$('head').append('<script src=x>')",
            "$('head').append('<script>' + code + '</script>')",
        ],
    );
    errors(
        "js-external-code",
        &[
            "$.getScript('/x.js')",
            "$.ajax({ dataType: 'script' })",
            "importScripts('x')",
            "require(['https://cdn.example/x.js'])",
            "require(['//cdn.example/x'])",
        ],
    );
    nothing(&[
        "document.createElement('div')",
        "$.ajax({ dataType: 'json' })",
        "require(['lib/components/base/modal'])",
    ]);
}

#[test]
fn the_console_is_for_failures() {
    errors(
        "js-console",
        &[
            "console.log(1)",
            "window.console.error(x)",
            "console['log'](1)",
            "console.trace(1)",
        ],
    );
    only_warning(&module("console.debug(1)"), FILE, 5, "js-console");
    nothing(&[
        "try { go(); } catch (e) { console.trace(e); }",
        "try { go(); } catch { console.trace('x'); }",
        "go().catch(function (e) { if (e) { console.trace(e); } });",
        "go().then(ok, (e) => console.trace(e));",
        "my.console.log(1)",
    ]);
}

#[test]
fn old_switches_are_not_read() {
    errors(
        "js-switcher",
        &[
            "$(x).hasClass('switcher__on')",
            "x.querySelector(\".switcher__off\")",
        ],
    );
}

#[test]
fn the_platforms_objects_are_only_read() {
    errors(
        "js-host-globals",
        &[
            "APP.data = 1",
            "AMOCRM.widgets['x'].y += 1",
            "window.APP.x.y = 1",
            "APP = {}",
            "delete APP.x",
            "APP.count++",
            "Object.assign(APP.data, { a: 1 })",
            "$.extend(true, AMOCRM, x)",
            "APP.constant('user', me)",
        ],
    );
    nothing(&[
        "var APP = window.APP;",
        "if (APP.data === 1) {}",
        "var u = APP.constant('user').id;",
        "x({ APP: 1 })",
        "Object.assign({}, APP.data)",
        "my.APP.x = 1",
    ]);
}

#[test]
fn a_widget_that_is_installed_can_save() {
    let without = SCRIPT.replace(",\n      onSave: function () { return true; }", "");
    only_error(
        &good().with("script.js", without.clone()),
        "script.js",
        4,
        "js-on-save",
    );
    let showcase = MANIFEST.replace("\"installation\": true", "\"installation\": false");
    let folder = good()
        .with("script.js", without.clone())
        .with("manifest.json", showcase);
    assert_eq!(check(&folder), []);
    for written in ["onSave() { return true; }", "'onSave': f", "onSave"] {
        let module = MODULE.replace(
            "  return {",
            &format!("  var x = {{ {written} }};\n  return {{"),
        );
        let folder = good().with("script.js", without.clone()).with(FILE, module);
        assert_eq!(check(&folder), [], "{written}");
    }
}

#[test]
fn what_a_minifier_wrote_may_be_a_library() {
    let bundle = |code: &str| module(&format!("var a = [{}];{code}", "1, ".repeat(200)));
    for code in [
        "console.error('x');",
        "document.createElement('script');",
        "Function('return this')();",
        "for (;;) { self.crm_post(u); }",
    ] {
        let findings = check(&bundle(code));
        assert_eq!(findings.len(), 2, "{findings:#?}");
        assert!(
            findings.iter().all(|f| f.severity == Severity::Warning),
            "{findings:#?}"
        );
    }
    assert!(super::super::refused(&check(&bundle(
        "$('.js-widget-install').click();"
    ))));
    // React's own way to an element that never runs, in any file.
    nothing(&[
        "d.innerHTML = '<script><' + '/script>';",
        r#"d.innerHTML = "<script>\x3c/script>";"#,
        r#"d.innerHTML = "<script><\/script>";"#,
    ]);
    // A long text on one line is no minified code.
    let picture = format!("var a = 'data:image/png;base64,{}';", "A".repeat(2_000));
    nothing(&[picture.as_str()]);
}

#[test]
fn code_is_readable() {
    only_warning(
        &module(&format!("var a = [{}];", "1, ".repeat(200))),
        FILE,
        5,
        "js-minified",
    );
}

#[test]
fn code_is_code() {
    only_error(&module("var a = 'open;"), FILE, 5, "js-syntax");
    only_error(&module("go();)"), FILE, 5, "js-syntax");
}

#[test]
fn scripts_are_amd_modules() {
    only_error(
        &with("script.js", "define(", "start("),
        "script.js",
        1,
        "js-define",
    );
    only_error(
        &with(
            FILE,
            "define(function",
            "import x from 'y';\ndefine(function",
        ),
        FILE,
        1,
        "js-module-syntax",
    );
    errors("js-module-syntax", &["import('./x.js')"]);
    nothing(&["var a = { import: 1, export: 2 };", "a.export();"]);
}

#[test]
fn modules_are_in_the_archive() {
    only_error(
        &with(
            "script.js",
            "'./config.js'",
            "'./config.js', './lib/old.js'",
        ),
        "script.js",
        1,
        "js-missing-module",
    );
    only_error(
        &with(FILE, "define(function", "define(['./config.js'], function"),
        FILE,
        1,
        "js-missing-module",
    );
    assert_eq!(
        check(&with(
            FILE,
            "define(function",
            "define(['../config.js', 'underscore', 'text!../style.css?v=1'], function"
        )),
        []
    );
    // The platform asks for the very file that is named.
    let finding = only_error(
        &with(FILE, "define(function", "define(['../config'], function"),
        FILE,
        1,
        "js-missing-module",
    );
    assert!(finding.message.contains("\"../config.js\""), "{finding}");
    // A bundler gives its modules names, and these are looked for by name.
    let bundled =
        "define('lib/b', [], function () {});\ndefine('lib/a', ['./b'], function () {});\n";
    assert_eq!(
        check(&with(
            FILE,
            "define(function",
            &format!("{bundled}define(function")
        )),
        []
    );
}
