/**
 * Hands a file from the service to the person: saves it, and leaves a link in
 * case the browser did not. The service wants a token for it, so that a plain
 * link to the address would not do.
 */
define(['./dom.js', './problem.js'], function (dom, problem) {
  'use strict';

  const { el } = dom;

  function save(href, name) {
    // This anchor is never in the page: nothing of the host hears its click.
    const anchor = el('a', { href, download: name });
    anchor.click();
  }

  /**
   * Waits for the bytes and offers them as a file.
   * @param {HTMLButtonElement} button rests meanwhile
   * @param {Node} status where the outcome is told
   * @param {Promise<Uint8Array>} bytes
   * @param {{name: string, type: string}} file
   */
  function offer(button, status, bytes, file, say, host) {
    button.disabled = true;
    dom.fill(status, el('p', { class: 'accord-small' }, say('common.loading')));
    bytes
      .then((content) => {
        const href = URL.createObjectURL(new Blob([content], { type: file.type }));
        save(href, file.name);
        dom.fill(
          status,
          el(
            'p',
            { class: 'accord-small' },
            say('data.saved'),
            ' ',
            el('a', { class: 'accord-link', href, download: file.name }, file.name)
          )
        );
      })
      .catch((failure) => dom.fill(status, problem.view(failure, say, host)))
      .then(() => {
        button.disabled = false;
        button.focus();
      });
  }

  return { offer };
});
