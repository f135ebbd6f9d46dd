/**
 * The one settings field of the widget: required and hidden. While it is
 * empty the host installs nothing. It holds no personal data, only which
 * version was agreed to; the proof is the service's ledger.
 */
define(function () {
  'use strict';

  /** The field's value. Custom fields keep JSON and numbers only, no plain text. */
  function value(policy, givenAt) {
    return JSON.stringify({ v: 1, policy: policy.number, hash: policy.hash, at: givenAt || new Date().toISOString() });
  }

  // A real event, so that listeners of any kind hear it, jQuery's among them.
  function announce(node, name) {
    node.dispatchEvent(new Event(name, { bubbles: true }));
  }

  /** Finds the field in one copy of the settings window. */
  function find(scope, fieldCode, host) {
    const inputs = () => Array.from(scope.querySelectorAll(`input[name="${fieldCode}"], [id="${host.code()}_custom"]`));
    let text = '';

    return {
      read: () => text,

      /** Writes the value; `announced` tells the host, which then enables its Save. */
      write(next, announced) {
        text = next;
        inputs().forEach((input) => {
          if (input.value !== next) {
            input.value = next;
            if (announced) {
              announce(input, 'change');
            }
          }
        });
      },

      /** Lets the host's Save button stop its waiting sign. */
      saveFailed: () => scope.querySelectorAll('.js-widget-save').forEach((button) => announce(button, 'button:save:error')),
    };
  }

  return { value, find };
});
