/**
 * The one settings field of the widget: required and hidden. While it is
 * empty the host installs nothing. It holds no personal data, only which
 * version was agreed to; the proof is the service's ledger.
 */
define(function () {
  'use strict';

  /** The field's value. Custom fields keep JSON and numbers only, no plain text. */
  function value(policy) {
    return JSON.stringify({ v: 1, policy: policy.number, hash: policy.hash });
  }

  /** The value where a consent stands, maybe to a version before the one in force. */
  function given({ policy, consent }) {
    const same = policy && policy.number === consent.policy_number;
    return JSON.stringify({
      v: 1,
      policy: consent.policy_number,
      hash: same ? policy.hash : undefined,
      at: consent.given_at,
    });
  }

  // A real event, so that listeners of any kind hear it, jQuery's among them.
  function announce(node, name) {
    node.dispatchEvent(new Event(name, { bubbles: true }));
  }

  /**
   * Finds the field. All copies of the settings window share it: the host may
   * read either, and a person who agreed in one has agreed. Without a code the
   * widget keeps the host's one custom field for itself, and none is written.
   */
  function find(windows, fieldCode, host) {
    const all = (selector) =>
      windows.reduce((found, each) => found.concat(Array.from(each.querySelectorAll(selector))), []);
    let text = '';

    return {
      read: () => text,

      /** Writes the value; `announced` tells the host, which then enables its Save. */
      write(next, announced) {
        text = next;
        if (!fieldCode) {
          return;
        }
        all(`input[name="${fieldCode}"], [id="${host.code()}_custom"]`)
          .filter((input) => input.value !== next)
          .forEach((input) => {
            input.value = next;
            if (announced) {
              announce(input, 'change');
            }
          });
      },

      /** Lets the host's Save button stop its waiting sign. */
      saveFailed: () => all('.js-widget-save').forEach((button) => announce(button, 'button:save:error')),
    };
  }

  return { value, given, find };
});
