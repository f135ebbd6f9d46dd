/**
 * Puts the consent part around a widget as it is: around the module that makes
 * it, or around its constructor. Nothing inside of it has to change.
 */
define(['./held.js'], function (held) {
  'use strict';

  return function around(guard, isSettings) {
    /** Gives a widget that was just made our callbacks; its own are called by them. */
    function dress(widget, config) {
      const own = widget.callbacks || {};
      const ours = guard(widget, config, (host) => held(own, () => isSettings(host)));
      // Callbacks that the widget adds later to its own are found as well.
      Object.setPrototypeOf(ours, own);
      Object.defineProperty(widget, 'callbacks', {
        configurable: true,
        enumerable: true,
        get: () => ours,
        set: (later) => Object.assign(own, later),
      });
      return widget;
    }

    /**
     * Makes the constructor of a widget that asks for consent.
     * @param {function} Own the widget's constructor: a function or a class
     * @param {object} config as for `guard`
     */
    function widget(Own, config) {
      function Widget(...given) {
        const made = new.target ? Reflect.construct(Own, given, new.target) : Own.apply(this, given) || this;
        return dress(made, config);
      }
      // The host extends what it finds on the prototype, and may ask for what stands on the constructor.
      Widget.prototype = Own.prototype;
      return Object.setPrototypeOf(Widget, Own);
    }

    /**
     * Makes the module of such a widget, in `script.js`:
     * `define([…, './config.js', './consent/consent.js'], (...accord) => accord.pop().wrap(factory, accord));`
     * @param {function} factory the widget's own module: makes its constructor
     * @param {Array} given what it asked for, and our configuration at the end
     */
    function wrap(factory, given) {
      const config = given.pop();
      const Own = factory(...given);
      return typeof Own === 'function' ? widget(Own, config) : Own;
    }

    return { around: widget, wrap };
  };
});
