//! Rules of `*.js` about the page around the widget: its buttons, its blocks, its queue, its looks.

use super::scripts::{FILE, errors, module, nothing};
use super::*;

#[test]
fn people_press_install_themselves() {
    errors(
        "js-virtual-click",
        &[
            "$('.js-widget-install').click()",
            "$('button.js-widget-uninstall').first().trigger('click')",
            "document.querySelector('.js-widget-install').dispatchEvent(e)",
            "document.querySelectorAll('.js-widget-install')[0].click()",
            "$(document.getElementsByClassName('js-widget-install')).trigger('click.x')",
        ],
    );
    let kept =
        module("var button = document.querySelector('.js-widget-install');\n button.click();");
    only_error(&kept, FILE, 6, "js-virtual-click");
    nothing(&[
        "$('.js-widget-install').click(function () { check(); })",
        "$(document).on('click', '.js-widget-install', check)",
        "if (event.target.closest('.js-widget-install')) { anchor.click(); }",
        "$('.js-widget-save').trigger('button:save:enable')",
        "$('#' + self.params.widget_code + '_custom').click()",
        "$('#' + self.params.own).click()",
        "$(`#${widget_code}-tab`).click()",
        "document.getElementById(self.params.widget_code).focus()",
    ]);
}

#[test]
fn install_is_known_by_its_other_names() {
    errors(
        "js-virtual-click",
        &[
            "$('#' + self.params.widget_code).click()",
            "var code = self.get_settings().widget_code; $('#' + code).trigger('click');",
            "document.getElementById(self.params.widget_code).click()",
            "$(`#${self.params.widget_code}`).click()",
            "document.querySelector('button.install-widget__button').click()",
            "$('.modal').find('.js-widget-uninstall').trigger('click')",
        ],
    );
}

#[test]
fn save_is_pressed_by_people_where_there_is_something_to_fill_in() {
    let cases = [
        "$('.js-widget-save').click()",
        "$('#save_' + code).trigger('click')",
    ];
    errors("js-virtual-click", &cases);
    for case in cases {
        let folder = module(case);
        let start = MANIFEST.find("\"key\": {").unwrap();
        let end = MANIFEST.find("  \"advanced\": {").unwrap();
        let manifest = [&MANIFEST[..start], "},\n", &MANIFEST[end..]].concat();
        assert_eq!(check(&folder.with("manifest.json", manifest)), [], "{case}");
    }
}

#[test]
fn requests_stand_in_no_loop() {
    errors(
        "js-request-loop",
        &[
            "for (var i in list) { self.$authorizedAjax({ url: u }); }",
            "for (var i in list) self.$authorizedAjax({ url: u });",
            "for (const a of list) if (a) await self.crm_post(u, a);",
            "while (next) { var x = await self.$authorizedAjax({ url: next }); }",
            "do { self.crm_post(u); } while (more);",
            "list.forEach(u => self.crm_post(u));",
            "list.forEach(function (u) { if (u) { self.crm_post(u); } });",
            "$.each(list, function (i, u) { self.crm_post(u); });",
            "Promise.all(list.map((u) => self.$authorizedAjax({ url: u })));",
            "list.forEach(u => go(u).then(() => { self.crm_post(u); }));",
            "for (const id of ids) { $.ajax({ url: '/api/v4/leads/' + id }); }",
            "for (const id of ids) { await fetch(`/api/v4/leads/${id}`); }",
        ],
    );
    nothing(&[
        "self.crm_post(u, list.map((x) => x.id));",
        "for (const x of list) { add(x); } self.crm_post(u, all);",
        "do { add(); } while (more)\n self.crm_post(u);",
        "buttons.forEach((b) => { b.on('click', () => self.crm_post(u)); });",
        "buttons.forEach((b) => b.addEventListener('click', function () { self.crm_post(u); }));",
        "for (const x of list) { x.send = function () { return self.crm_post(u); }; }",
        "self.crm_post(u, d, function (answer) { answer.forEach(show); });",
        "for (const x of list) { $.get('/own/' + x); }",
        "if (a) { self.crm_post(u); }",
        "class A { crm_post(u) { return this.x; } }",
        "Promise.resolve().then(() => self.crm_post(u));",
    ]);
}

#[test]
fn the_platforms_part_of_the_window_stays_as_it_is() {
    errors(
        "js-host-block",
        &[
            "$('.widget-settings__additional-block').remove()",
            "$body.find('.widget-settings__additional-block').hide()",
            "$('.widget-settings__additional-block').find('a').css({ display: 'none' })",
            "document.querySelector('.widget-settings__additional-block').innerHTML = ''",
            "document.querySelector('.widget-settings__additional-block').style.display = 'none'",
        ],
    );
    let kept = module("var b = $('.widget-settings__additional-block');\n b.empty();");
    only_error(&kept, FILE, 6, "js-host-block");
    nothing(&[
        "var a = $('.widget-settings__additional-block').find('a').attr('href');",
        "var h = $('.widget-settings__additional-block').css('height');",
        "if ($('.widget-settings__additional-block').length) { own.hide(); }",
    ]);
}

#[test]
fn style_sheets_in_texts_are_style_sheets() {
    errors(
        "css-scope",
        &[
            "$('head').append('<style>.modal{color:red}</style>')",
            "$('head').append('<style type=\"text/css\">' + 'p { margin: 0 }' + '</style>')",
            "$('head').append(`<style>\n.${code} p { margin: 0 }\nbody { margin: 0 }\n</style>`)",
            "var s = document.createElement('style'); s.textContent = '.button-input { color: red }';",
            "sheet.insertRule('a { color: red }')",
        ],
    );
    nothing(&[
        "$('head').append('<style>.shop-a{color:red}</style>')",
        "$('head').append('<style>.' + code + ' p { margin: 0 }</style>')",
        "$('head').append(`<style>${root} p { margin: 0 }</style>`)",
        "$('head').append('<link rel=\"stylesheet\" href=\"style.css\">')",
        "var s = document.createElement('style'); t('Hello {name}, it is {time}: look'); s.id = 'x';",
        "var s = document.createElement('style'); var j = '{\"a\": 1}';",
        "var t = '<styled-button>{a:b}</styled-button>';",
        "var t = '.modal { color: red }';",
    ]);
}
