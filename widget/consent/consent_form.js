/**
 * The form a person consents with: the Policy to read, the contact details,
 * one unticked box for the consent and its declarations (clauses 3.1.1 to
 * 3.1.4), and a separate one for advertising (5.2.8) that nothing depends on.
 *
 * Where its button is depends on the place: in the settings window it is the
 * platform's Install or Save, on the control panel it is our own.
 */
define(['./dom.js', './policy_view.js', './contact_form.js', './problem.js'], function (
  dom,
  policyView,
  contactForm,
  problem
) {
  'use strict';

  const { el } = dom;

  function checkbox(name, text, details, onchange) {
    const id = dom.uid(name);
    const input = el('input', {
      type: 'checkbox',
      id,
      class: 'accord-tick',
      'data-consent': name,
      onchange,
      'aria-describedby': details && `${id}-more`,
    });
    return {
      input,
      root: el(
        'div',
        { class: 'accord-check' },
        input,
        el(
          'div',
          null,
          el('label', { class: 'accord-check-label', for: id }, text),
          details && el('div', { class: 'accord-small', id: `${id}-more` }, details)
        )
      ),
    };
  }

  /**
   * Draws the form.
   * @param {object} parts `policy` to consent to, `since` the number that what changed is told from, `values` to offer in the
   *   fields, `loadPolicy(lang)`, `onChange()` after each change, and `say`, `host`, `page`,
   *   `changes`
   */
  return function consentForm(parts) {
    const { say, host, changes, since, values, page, loadPolicy, onChange } = parts;
    let { policy } = parts;
    const changesPlace = el('div');
    const policyPlace = el('div');
    const changedNote = el('div', { class: 'accord-live', role: 'status' });
    const summary = el('div', { class: 'accord-live' });

    // Does the summary list what is missing? It goes when nothing is missing any more.
    let pointed = false;

    function changed() {
      if (pointed && missing().length === 0) {
        clearNotes();
      }
      onChange();
    }

    function clearNotes() {
      pointed = false;
      dom.fill(summary);
    }

    const contact = contactForm({ say, values, accountId: host.accountId(), onInput: changed });
    const declarations = el(
      'ul',
      { class: 'accord-declarations' },
      ['declareProcessing', 'declareRead', 'declareOwn', 'declareFree'].map((key) =>
        el('li', null, say(`consent.${key}`))
      )
    );
    const agree = checkbox('agree', say('consent.box'), declarations, () => {
      agree.input.removeAttribute('aria-invalid');
      changed();
    });
    const advertising = checkbox('advertising', say('consent.advertising'), say('consent.advertisingHint'), onChange);

    // What changed stands above the text, and is about the very text that is shown.
    function compare(from, words) {
      const shown = `${from}..${policy.number}`;
      if (from && from !== policy.number && changesPlace.dataset.shown !== shown) {
        changesPlace.dataset.shown = shown;
        dom.fill(
          changesPlace,
          el(
            'div',
            { class: 'accord-note accord-note-news' },
            el('h3', { class: 'accord-note-title' }, say('changes.title')),
            el('p', { class: 'accord-small' }, say(words, { from, to: policy.number })),
            changes.brief(from, policy.number)
          )
        );
      }
    }

    function show(next) {
      policy = next;
      compare(since, 'changes.since');
      dom.fill(policyPlace, policyView(policy, say, { page, onLanguage: read }));
      // The tick belongs to the very text that was shown; another text needs another tick.
      agree.input.checked = false;
      onChange();
    }

    function read(lang) {
      loadPolicy(lang).then(
        (next) => {
          show(next);
          const chosen = policyPlace.querySelector('[aria-pressed="true"]');
          if (chosen) {
            chosen.focus();
          }
        },
        (failure) => dom.fill(changedNote, problem.view(failure, say, host))
      );
    }

    function missing() {
      const list = contact.slips();
      if (!agree.input.checked) {
        list.push({ input: agree.input, message: say('consent.boxMissing'), key: 'agree' });
      }
      return list;
    }

    // The list of what is missing is a list of links to the fields.
    function point(list) {
      pointed = true;
      contact.mark(list);
      agree.input[list.some((one) => one.key === 'agree') ? 'setAttribute' : 'removeAttribute']('aria-invalid', 'true');
      const links = list.map((one) =>
        el(
          'li',
          null,
          dom.button(one.message, () => one.input.focus(), 'text')
        )
      );
      dom.fill(
        summary,
        el(
          'div',
          { class: 'accord-note accord-note-stop', role: 'alert' },
          el('p', { class: 'accord-note-text' }, say('consent.held')),
          el('ul', { class: 'accord-missing' }, links)
        )
      );
      list[0].input.focus();
    }

    function showProblem(failure, again) {
      const wrong = contact.fromService(failure.errors);
      if (wrong.length) {
        point(wrong);
        return;
      }
      pointed = false;
      dom.fill(summary, problem.view(failure, say, host, again));
      summary.scrollIntoView({ block: 'nearest' });
    }

    /** Another version came into force while the person was reading this one. */
    function policyChanged() {
      const read = policy.number;
      return loadPolicy(policy.lang).then((next) => {
        show(next);
        if (!since) {
          compare(read, 'changes.read');
        }
        clearNotes();
        dom.fill(
          changedNote,
          el('div', { class: 'accord-note accord-note-warn', role: 'alert' }, say('errors.policyChanged'))
        );
        dom.focus(changedNote);
      });
    }

    show(policy);
    const root = el(
      'div',
      { class: 'accord-form' },
      changedNote,
      changesPlace,
      policyPlace,
      contact.root,
      el(
        'fieldset',
        { class: 'accord-fieldset' },
        el('legend', { class: 'accord-legend' }, say('consent.legend')),
        agree.root,
        advertising.root
      ),
      summary
    );

    return {
      root,
      missing,
      point,
      showProblem,
      policyChanged,
      clearNotes,
      policy: () => policy,

      /** The consent as the service wants it (widget API, `POST /widget/v1/consents`). */
      body: () => ({
        policy_hash: policy.hash,
        lang: policy.lang,
        contact: contact.value(),
        purposes: { advertising: advertising.input.checked },
        declares: { read: agree.input.checked, own_data: agree.input.checked },
      }),
    };
  };
});
