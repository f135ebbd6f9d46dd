/**
 * Messages in the corner (`APP.notifications`). `add_*` would go through
 * amoCRM's server to all of a person's windows; here they stay in this one.
 */
'use strict';

define(['dom', 'words'], function ({ el, button }, say) {
  const SHOWN_MS = 8000;

  function show(kind, { header, text, link }) {
    const close = button('×', { class: 'notification__close', 'aria-label': say('close') });
    const note = el(
      'div',
      { class: `notification notification_${kind}`, role: kind === 'error' ? 'alert' : null },
      el('div', { class: 'notification__text' }, el('strong', null, header || ''), el('p', null, text || '')),
      link && el('a', { href: link }, link),
      close
    );
    close.addEventListener('click', () => note.remove());
    document.getElementById('notifications').append(note);
    setTimeout(() => note.remove(), SHOWN_MS);
    return note;
  }

  function added(kind, data, callbacks) {
    show(kind, data || {});
    const { done, always } = callbacks || {};
    [done, always].forEach((callback) => callback && callback({ status: 'ok' }));
  }

  return {
    show_message: (message) => show('message', message),
    show_message_error: (message) => show('error', message),
    show_notification: ({ text, type }) => show(type === 'error' ? 'error' : 'message', text || {}),
    add_error: (data, callbacks) => added('error', data, callbacks),
    add_call: (data) => added('message', { header: say('call'), text: (data && data.text) || '' }),
  };
});
