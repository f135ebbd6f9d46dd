/**
 * The list of calls, kept on the page for a test to read: `data-fixture-calls`
 * of the body, one name after the other.
 */
define(function () {
  'use strict';

  return {
    add(name) {
      const { dataset } = document.body;
      dataset.fixtureCalls = [dataset.fixtureCalls, name].filter(Boolean).join(' ');
    },
  };
});
