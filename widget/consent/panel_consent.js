/**
 * "Your consent" on the control panel: which version, when, for what, and the
 * receipts to keep. Where a consent is missing or outdated, the form itself.
 */
define(['./dom.js', './standing_text.js', './consent_form.js', './files.js'], function (
  dom,
  standingText,
  consentForm,
  files
) {
  'use strict';

  const { el } = dom;

  // A page for the person, and the file that can be verified.
  const FORMATS = [
    { format: 'html', type: 'text/html', label: 'panel.receiptRead' },
    { format: 'json', type: 'application/json', label: 'panel.receiptButton' },
  ];

  function fact(term, definition) {
    return definition ? [el('dt', null, term), el('dd', null, definition)] : null;
  }

  function givenBy({ consent }, say, host) {
    return consent.user_id === host.userId() ? say('panel.byYou') : say('panel.byUser', { user: consent.user_id });
  }

  /** A purpose's code is the number of the clause that names it, so the clause is its text. */
  function purposes({ standing, policy, say, host, service }) {
    const { policy_number: number, purposes: codes } = standing.consent;
    if (!codes || codes.length === 0) {
      return null;
    }
    const place = el('div');
    function draw(agreed) {
      const clauses = agreed ? agreed.sections.reduce((all, section) => all.concat(section.clauses), []) : [];
      const rows = codes.map((code) => {
        const clause = clauses.find((one) => one.no === code);
        return el('li', null, el('span', { class: 'accord-mark' }, code), ' ', clause && clause.text);
      });
      dom.fill(place, el('ul', { class: 'accord-list', lang: agreed && agreed.lang }, rows));
    }
    // Another version may say something else under the same number.
    if (policy.number === number) {
      draw(policy);
    } else {
      draw(null);
      service.policy(host.lang(), number).then(draw, () => {});
    }
    return el(
      'details',
      null,
      el('summary', { class: 'accord-summary' }, say('panel.purposes', { count: codes.length })),
      place
    );
  }

  function facts({ standing, say, host }) {
    const { consent } = standing;
    return el(
      'dl',
      { class: 'accord-facts' },
      fact(say('panel.version'), consent.policy_number && say('policy.number', { number: consent.policy_number })),
      fact(say('panel.givenAt'), consent.given_at && say.moment(consent.given_at)),
      fact(say('panel.givenBy'), consent.given_at && givenBy(standing, say, host))
    );
  }

  function receipts({ me, say, service, host }) {
    const status = el('div', { class: 'accord-live', role: 'status' });
    const rows = ((me && me.consents) || []).map((receipt) => {
      const words = say(`panel.receiptOf.${receipt.act}`, {
        number: receipt.policy.number,
        date: say.moment(receipt.issued_at),
      });
      const buttons = FORMATS.map(({ format, type, label }) => {
        const name = `receipt-${receipt.id}.${format}`;
        const get = dom.button(say(label), () =>
          files.offer(get, status, service.receipt(receipt.id, format), { name, type }, say, host)
        );
        get.setAttribute('aria-label', `${say(label)}: ${words}`);
        get.setAttribute('data-receipt', format);
        return get;
      });
      return el(
        'li',
        { class: 'accord-row' },
        el('span', null, words),
        el('span', { class: 'accord-row-actions' }, buttons)
      );
    });
    return (
      rows.length > 0 &&
      el(
        'div',
        null,
        el('h4', { class: 'accord-heading' }, say('panel.receipts')),
        el('ul', { class: 'accord-rows' }, rows),
        status
      )
    );
  }

  function form({ policy, me, say, host, service, changes, again }) {
    const values = Object.assign(host.person(), me && me.person ? me.person.contact : {});
    const consent = consentForm({
      say,
      host,
      changes,
      policy,
      values,
      page: service.policyPage(),
      loadPolicy: service.policy,
      onChange: () => {},
    });

    function failed(failure) {
      send.disabled = false;
      return failure.code === 'policy-changed'
        ? consent.policyChanged().catch(consent.showProblem)
        : consent.showProblem(failure);
    }

    const send = dom.button(
      say('consent.send'),
      () => {
        const missing = consent.missing();
        if (missing.length) {
          consent.point(missing);
          return;
        }
        send.disabled = true;
        consent.clearNotes();
        service
          .consent(consent.body())
          .then(
            () => again(el('div', { class: 'accord-note accord-note-good', role: 'status' }, say('consent.sent'))),
            failed
          );
      },
      'main'
    );

    return el('div', { class: 'accord-form' }, consent.root, el('div', { class: 'accord-actions' }, send));
  }

  return function panelConsent(parts) {
    const { standing, say } = parts;
    const known = standing.consent.state !== 'none';
    return el(
      'section',
      { class: 'accord-card' },
      el('h3', { class: 'accord-title' }, say('panel.consent')),
      known && [facts(parts), purposes(parts)],
      !known && el('p', null, say('panel.noConsent')),
      standingText.mayConsent(standing) && form(parts),
      receipts(parts)
    );
  };
});
