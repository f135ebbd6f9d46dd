/**
 * What the widget shows in the settings window: the Policy with the form, or,
 * where a consent stands, one line about it. The window may exist in several
 * copies; each gets a view, and all views share the one hidden field.
 *
 * This file draws and knows whether the form is complete. What to hold back
 * until it is, is the business of `install_gate.js`.
 */
define([
  './dom.js',
  './places.js',
  './consent_form.js',
  './receipt_line.js',
  './standing_text.js',
  './problem.js',
  './hidden_field.js',
  './keep.js',
], function (dom, places, consentForm, receiptLine, standingText, problem, hiddenField, keep) {
  'use strict';

  const { el } = dom;

  const NEVER_SEEN = {
    install: 'pending',
    entitled: false,
    reason: 'consent-required',
    generation: 0,
    consent: { state: 'none' },
  };

  return function settingsWindow({ host, service, say, fieldCode, person, changes, notice, forget, underWay }) {
    // One per copy of the window: { root, block, state, form, release, loaded }, the state being
    // `loading`, `asked` (the form is shown), `given` or `failed`.
    let views = [];
    let field = null;

    const release = () => views.forEach((view) => view.release());
    const alive = () => views.filter((view) => document.contains(view.root));

    /** May the host go on: a consent stands, or the form for one is complete? */
    function ready(view) {
      if (view.state === 'asked') {
        return view.form !== null && view.form.missing().length === 0;
      }
      return view.state === 'given';
    }

    function showGiven(view, standing) {
      view.state = 'given';
      view.form = null;
      const known = (news) => {
        forget();
        dom.fill(view.root, news, receiptLine(standing, say, host, service));
        return news ? dom.focus(news) : load(view);
      };
      dom.fill(view.root, notice.banner(standing, known), receiptLine(standing, say, host, service));
      // The host enables its Save on a change; an installed widget has nothing to save.
      field.write(hiddenField.given(standing), host.status() !== 'installed');
    }

    function writeField() {
      const complete = alive().find((view) => view.state === 'asked' && ready(view));
      field.write(complete ? hiddenField.value(complete.form.policy()) : '', true);
    }

    function earlierStanding(standing) {
      const words = standingText.words(standing, say);
      return el(
        'div',
        { class: `accord-note accord-note-${words.tone}` },
        el('strong', null, words.title),
        ' ',
        words.text
      );
    }

    function showForm(view, standing, policy, values) {
      const again = standingText.agreedBefore(standing) !== null;
      view.state = 'asked';
      view.form = consentForm({
        say,
        host,
        changes,
        policy,
        since: standingText.agreedBefore(standing),
        values,
        page: service.policyPage(),
        loadPolicy: service.policy,
        onChange: writeField,
      });
      dom.fill(
        view.root,
        el('h2', { class: 'accord-title' }, say(again ? 'consent.titleAgain' : 'consent.title')),
        el('p', { class: 'accord-lead' }, say(again ? 'consent.introAgain' : 'consent.intro')),
        standing.generation > 0 && earlierStanding(standing),
        view.form.root
      );
      // What an earlier installation left in the field must not count as a consent.
      writeField();
    }

    // Before the first Install the host may have no token to give; then nothing is known of this account yet.
    function standingNow() {
      return service.standing(host.lang()).catch((failure) => {
        if (failure.code === 'platform-refused' && host.status() !== 'installed') {
          return NEVER_SEEN;
        }
        throw failure;
      });
    }

    function load(view) {
      view.state = 'loading';
      dom.fill(view.root, el('p', { class: 'accord-loading', role: 'status' }, say('common.loading')));
      // A consent sent meanwhile from another copy of the window wins over an older answer.
      const still = (action) => view.state === 'loading' && action();

      // A consent that is on its way is waited for, so that nobody is asked twice.
      view.loaded = Promise.resolve(underWay())
        .catch(() => {})
        .then(() => Promise.all([standingNow(), service.policy(host.lang())]))
        .then(([standing, policy]) => {
          if (standingText.consented(standing)) {
            return still(() => showGiven(view, standing));
          }
          return person.details(standing).then((values) => still(() => showForm(view, standing, policy, values)));
        })
        .catch((failure) =>
          still(() => {
            view.state = 'failed';
            dom.fill(
              view.root,
              problem.view(failure, say, host, () => load(view))
            );
          })
        );
    }

    return {
      alive,
      ready,
      field: () => field,

      /** Draws into every copy of the window; again: anew. */
      open($body) {
        release();
        views = places.settingsBlocks($body, host).map((block) => {
          const root = places.root(block, 'gate', host);
          const put = () => {
            places.insertIntoSettings(block, root);
            return root.isConnected;
          };
          put();
          return { root, block, state: 'loading', form: null, release: keep(root, put) };
        });
        const windows = views.map((view) => places.windowOf(view.block));
        field = hiddenField.find(windows, fieldCode, host);
        views.forEach(load);
      },

      close() {
        release();
        views.forEach((view) => view.root.remove());
        views = [];
      },

      /** The view in whose window a button stands; null where the button is not this widget's. */
      viewAt(button) {
        const living = alive();
        const here = living.find((view) => places.windowOf(view.block).contains(button));
        const ours = button.id === host.code() || button.id === `save_${host.code()}`;
        return here || (ours && living[0]) || null;
      },

      /** Tells the person what is still needed. */
      complain(view) {
        if (view.state === 'asked') {
          view.form.point(view.form.missing());
        } else {
          dom.focus(view.root);
        }
      },

      /** A consent is recorded: every view says so. */
      given: (standing) => alive().forEach((view) => showGiven(view, standing)),
    };
  };
});
