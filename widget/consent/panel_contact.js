/**
 * "Your contact details" on the control panel: what is kept, and a way to
 * correct it (clause 7.1.2). Only what changed is sent. While a consent is asked
 * for, whose form has the same fields, it is folded: correcting needs no consent.
 */
define(['./dom.js', './contact_form.js', './problem.js', './standing_text.js'], function (
  dom,
  contactForm,
  problem,
  standingText
) {
  'use strict';

  const { el } = dom;

  /** Changed fields; one that was emptied is sent as null, which clears it. */
  function changes(before, after) {
    const result = {};
    Object.keys(Object.assign({}, before, after)).forEach((key) => {
      const next = after[key] === undefined ? null : after[key];
      const last = before[key] === undefined ? null : before[key];
      if (next !== last) {
        result[key] = next;
      }
    });
    return result;
  }

  const EDITABLE = ['name', 'company', 'position', 'phone', 'email', 'language'];
  const known = (contact) =>
    EDITABLE.reduce((kept, key) => (contact[key] ? Object.assign(kept, { [key]: contact[key] }) : kept), {});

  return function panelContact({ me, standing, say, host, service }) {
    if (!me || !me.person || !me.person.contact) {
      return null;
    }
    let stored = known(me.person.contact);
    const whose = el('p', { class: 'accord-small' });
    const tellWhose = (confirmed) => dom.fill(whose, say(confirmed ? 'panel.emailConfirmed' : 'panel.emailUnconfirmed'));
    tellWhose(me.person.email_confirmed);
    const status = el('div', { class: 'accord-live', role: 'status' });

    const form = contactForm({
      say,
      values: stored,
      accountId: host.accountId(),
      onInput: () => dom.fill(status),
      quiet: true,
    });

    function saved(contact) {
      const before = stored.email;
      stored = known(contact || form.value());
      if (stored.email !== before) {
        service.me(host.lang()).then((fresh) => tellWhose(fresh.person.email_confirmed), () => {});
      }
      save.disabled = false;
      dom.fill(status, el('div', { class: 'accord-note accord-note-good' }, say('panel.contactSaved')));
    }

    function failed(failure) {
      save.disabled = false;
      const wrong = form.fromService(failure.errors);
      form.mark(wrong);
      if (wrong.length) {
        wrong[0].input.focus();
      }
      dom.fill(status, problem.view(failure, say, host));
    }

    const save = dom.button(
      say('panel.contactSave'),
      () => {
        const slips = form.slips();
        form.mark(slips);
        if (slips.length) {
          slips[0].input.focus();
          return;
        }
        const changed = changes(stored, form.value());
        if (Object.keys(changed).length === 0) {
          dom.fill(status, el('p', { class: 'accord-small' }, say('panel.contactSame')));
          return;
        }
        save.disabled = true;
        service.changeContact(changed).then(saved, failed);
      },
      'main'
    );

    const body = [
      el('p', { class: 'accord-small' }, say('panel.contactHint')),
      form.root,
      whose,
      el('div', { class: 'accord-actions' }, save),
      status,
    ];
    return standingText.mayConsent(standing)
      ? el(
          'details',
          { class: 'accord-card' },
          el('summary', { class: 'accord-summary' }, say('panel.contactApart')),
          body
        )
      : el('section', { class: 'accord-card' }, el('h3', { class: 'accord-title' }, say('panel.contact')), body);
  };
});
