/**
 * The widget itself. All it has to do for the law is in one call: the consent
 * part draws the Policy and the form in the settings window, the control panel
 * on the advanced page and the notice in cards, and calls `work` only while
 * the account may use the Product.
 */
define(['./config.js', './consent/consent.js'], function (config, consent) {
  'use strict';

  return function Widget() {
    this.callbacks = consent.guard(this, config, {
      // A Product does its own work here. This one has none: it is the
      // smallest widget that keeps the rules.
      work: function () {},
    });

    return this;
  };
});
