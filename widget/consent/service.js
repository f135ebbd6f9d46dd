/**
 * Talks to the Accord service. Each function is one call of the widget API and
 * gives a Promise: of the answer, or of a Problem (see `problem.js`).
 *
 * Everything but the Policy and its changes goes through the host's `$authorizedAjax`, which
 * adds the one-time token that proves who asks and from which account.
 */
define(['jquery', './problem.js'], function ($, problem) {
  'use strict';

  // A person waits before a form; after this long an answer helps nobody.
  const PATIENCE_MS = 20000;

  return function service(widget, config) {
    const backend = config.backend.replace(/\/+$/, '');

    function ask(method, path, options) {
      const request = Object.assign(
        { url: backend + path, type: method, dataType: 'json', timeout: PATIENCE_MS },
        options
      );
      return new Promise((resolve, reject) => {
        widget.$authorizedAjax(request).then(
          (answer) => resolve(answer),
          (xhr) => reject(problem.from(xhr))
        );
      });
    }

    const send = (method, path, body) =>
      ask(method, path, { contentType: 'application/json', data: JSON.stringify(body) });

    // jQuery 2 cannot receive bytes; it can receive text in which every
    // character stands for one byte, and this charset gives just that.
    const bytes = (path) =>
      ask('GET', path, { dataType: 'text', mimeType: 'text/plain; charset=x-user-defined' }).then((text) =>
        Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff)
      );

    // What anybody may read needs no token.
    function open(path, query) {
      const url = `${backend}${path}?${$.param(query)}`;
      return new Promise((resolve, reject) => {
        $.ajax({ url, dataType: 'json', timeout: PATIENCE_MS }).then(
          (answer) => resolve(answer),
          (xhr) => reject(problem.from(xhr))
        );
      });
    }

    return {
      /** Where the account stands: may it use the Product, and if not, why. */
      standing: (lang) => ask('GET', `/widget/v1/standing?lang=${encodeURIComponent(lang)}`),

      /** The Policy in force, or the version of a number. */
      policy: (lang, number) =>
        open('/widget/v1/policy', Object.assign({ product: config.product, lang }, number && { number })),

      /** What two versions differ in, for everybody. */
      changes: (from, to, lang) => open('/widget/v1/policy/diff', { product: config.product, from, to, lang }),

      consent: (body) => send('POST', '/widget/v1/consents', body),
      /** The person knows of a version that asks for nothing more. */
      acknowledge: (number) => ask('POST', `/widget/v1/notices/${encodeURIComponent(number)}/ack`),
      me: (lang) => ask('GET', `/widget/v1/me?lang=${encodeURIComponent(lang)}`),
      changeContact: (fields) => send('PATCH', '/widget/v1/contact', fields),
      /** How far a withdrawal of the person's would reach: `account`, `own`, or `none`. */
      withdrawalReach: () => ask('GET', '/widget/v1/withdrawals'),
      withdraw: (comment) => send('POST', '/widget/v1/withdrawals', comment ? { comment } : {}),

      /** All we hold about the person; `format` is `json`, `html` or `zip`. */
      myData: (format, lang) => bytes(`/widget/v1/me?format=${format}&lang=${encodeURIComponent(lang)}`),
      /** A receipt; `format` is `json`, or `html` to read. */
      receipt: (id, format) => bytes(`/widget/v1/receipts/${encodeURIComponent(id)}?format=${format}`),

      policyPage: () => `${backend}/policy/${config.product}`,
      changesPage: (from, to, lang) => `${backend}/policy/${config.product}/${from}..${to}?lang=${encodeURIComponent(lang)}`,
      authorizePage: () => `${backend}/amocrm/${config.product}/authorize`,
      homePage: () => `${backend}/`,
    };
  };
});
