/**
 * The right-hand column of a card: one block per widget that asked for it.
 */
'use strict';

define(['jquery', 'dom', 'templates'], function ($, { el }, render) {
  const find = () => document.querySelector('.card-widgets__elements');

  function block(widget) {
    const kept = Array.from(document.querySelectorAll('.card-widgets__widget')).find(
      (node) => node.dataset.widgetCode === widget.code
    );
    return kept || el('div', { class: `card-widgets__widget card-widgets__widget-${widget.code}`, 'data-widget-code': widget.code });
  }

  return {
    /** Draws `render`, or `body` under a caption, as the widget gave them. */
    put(widget, { caption, body, render: markup }, values) {
      const column = find();
      if (!column) {
        return;
      }
      const { class_name: className, html } = caption || {};
      const content = (body || '') + (markup || '');
      const picture = el('img', { src: `/widgets/${widget.code}/images/logo_medium.png`, alt: widget.name, height: 28 });
      const head = el('div', { class: `card-widgets__widget__caption ${className || ''}` }, el('span', { class: 'card-widgets__widget__caption__logo' }, picture));
      $(head).append(html || '');
      const node = block(widget);
      node.replaceChildren(head, el('div', { class: 'card-widgets__widget__body' }));
      $(node.lastChild).html(render({ data: content }, values));
      column.append(node);
    },

    remove(code) {
      document.querySelectorAll('.card-widgets__widget').forEach((node) => node.dataset.widgetCode === code && node.remove());
    },

    contacts: () => [
      { id: 501, name: 'Aigul Sydykova', first_name: 'Aigul', last_name: 'Sydykova', phones: ['+996 555 010101'], emails: ['aigul@client.example'] },
    ],
  };
});
