/**
 * Stands in for a module that amoCRM gives to widgets and the emulator does not
 * have. A widget that only names it loads; the first use says which one is
 * missing, on the page, in the console and among the findings, and fails.
 */
define(['notifications', 'words'], function (notifications, say) {
  'use strict';

  const told = new Set();

  function tell(id, name) {
    const text = `${say('notEmulated')}: ${id}`;
    if (!told.has(id)) {
      told.add(id);
      window.emulatorRecorder.report('module-not-emulated', window.emulatorRecorder.caller(), `${id} (${name})`);
      notifications.show_message_error({ header: id, text });
    }
    throw new Error(`${text} (${name})`);
  }

  // What the loader and the language themselves look at says nothing about a use.
  const silent = (key) => typeof key === 'symbol' || ['then', 'prototype', '__esModule'].includes(key);

  function absent(id, name) {
    return new Proxy(function notEmulated() {}, {
      get: (target, key) => (silent(key) ? target[key] : absent(id, `${name}.${String(key)}`)),
      apply: () => tell(id, `${name}()`),
      construct: () => tell(id, `new ${name}()`),
    });
  }

  return (id) => absent(id, id);
});
