//! Modules of every shape.

use super::*;

#[test]
fn a_module_of_any_shape_is_handed_over_whole() {
    for (text, expected) in [
        (
            "define(['jquery'], function ($) { return function () {}; });",
            "define(['jquery', './config.js', './consent/consent.js'], (...accord) => accord.pop().wrap(function ($) { return function () {}; }, accord));",
        ),
        (
            "define([], () => class {})",
            "define(['./config.js', './consent/consent.js'], (...accord) => accord.pop().wrap(() => class {}, accord))",
        ),
        (
            "define(function () { return W; });",
            "define(['./config.js', './consent/consent.js'], (...accord) => accord.pop().wrap(function () { return W; }, accord));",
        ),
        (
            "define([\r\n\t\"a\",\r\n\t\"b\",\r\n], make,\r\n);",
            "define([\r\n\t\"a\",\r\n\t\"b\",\r\n\t\"./config.js\",\r\n\t\"./consent/consent.js\",\r\n], (...accord) => accord.pop().wrap(make, accord),\r\n);",
        ),
        (
            "define('w', ['a', // one\n 'b'], ($, _) => { define; return W })",
            "define('w', ['a', // one\n 'b',\n './config.js',\n './consent/consent.js'], (...accord) => accord.pop().wrap(($, _) => { define; return W }, accord))",
        ),
        (
            "(function () { define([\"a\"], factory) })()",
            "(function () { define([\"a\", \"./config.js\", \"./consent/consent.js\"], (...accord) => accord.pop().wrap(factory, accord)) })()",
        ),
    ] {
        assert_eq!(wrapped(text, "config.js").as_deref(), Ok(expected));
        assert!(is_included(expected));
    }
}

#[test]
fn what_is_not_certain_is_left_to_a_person() {
    for text in [
        "start(function () {});",
        "define({ a: 1 });",
        "define(function (require) { return require('./w.js'); });",
        "define(['exports'], function (exports) {});",
        "define('a', [], f); define('b', ['a'], g);",
        "define(deps, factory);",
        "define(['a'], function () {",
    ] {
        assert!(wrapped(text, "config.js").is_err(), "{text}");
    }
}
