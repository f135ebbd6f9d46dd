/**
 * "Your data" on the control panel: all the service holds about the person
 * and this installation, as a file, and the requests made so far.
 */
define(['./dom.js', './files.js'], function (dom, files) {
  'use strict';

  const { el } = dom;

  const FORMATS = [
    { format: 'html', type: 'text/html', label: 'data.html' },
    { format: 'json', type: 'application/json', label: 'data.json' },
    { format: 'zip', type: 'application/zip', label: 'data.zip' },
  ];

  function downloads({ standing, say, service, host }) {
    const status = el('div', { class: 'accord-live', role: 'status' });
    const buttons = FORMATS.map(({ format, type, label }) => {
      const get = dom.button(say(label), () =>
        files.offer(
          get,
          status,
          service.myData(format, host.lang()),
          { name: `my-data-${standing.product}.${format}`, type },
          say,
          host
        )
      );
      return get;
    });
    return [el('div', { class: 'accord-actions' }, buttons), status];
  }

  function requests({ me, say }) {
    const rows = ((me && me.requests) || []).map((request) =>
      el(
        'li',
        { class: 'accord-row accord-row-stack' },
        el('strong', null, request.number),
        el(
          'span',
          null,
          [
            say(`requests.kind.${request.kind}`) || request.kind,
            say(`requests.state.${request.state}`) || request.state,
          ].join(' · ')
        ),
        el(
          'span',
          { class: 'accord-small' },
          say('requests.dates', { received: say.moment(request.received_at), due: say.moment(request.due_at) })
        )
      )
    );
    return (
      rows.length > 0 &&
      el(
        'div',
        null,
        el('h4', { class: 'accord-heading' }, say('requests.title')),
        el('ul', { class: 'accord-rows' }, rows)
      )
    );
  }

  return function panelData(parts) {
    const { say } = parts;
    return el(
      'section',
      { class: 'accord-card' },
      el('h3', { class: 'accord-title' }, say('data.title')),
      el('p', { class: 'accord-small' }, say('data.text')),
      downloads(parts),
      requests(parts)
    );
  };
});
