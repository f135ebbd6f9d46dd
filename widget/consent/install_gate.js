/**
 * The settings window: shows the Policy and the form, and holds Install and
 * Save back until the person consents. Disabling is never held back.
 *
 * No single guard can be relied on in every version of the host, so there are
 * four: a required hidden field that stays empty, a look at each click on
 * Install and Save before the host sees it, the answer of `onSave`, and the
 * service, which lets nobody work without a consent entry.
 */
define(['./dom.js', './places.js', './consent_form.js', './receipt_line.js', './standing_text.js', './problem.js', './hidden_field.js'], function (
  dom, places, consentForm, receiptLine, standingText, problem, hiddenField
) {
  'use strict';

  const { el } = dom;
  const BUTTONS = 'button.js-widget-install, .js-widget-save';

  return function installGate({ host, service, say, fieldCode, person }) {
    // One per copy of the window: { root, block, state, form }.
    let views = [];
    let field = null;
    let sending = null;

    const alive = () => views.filter((view) => document.contains(view.root));

    function viewAt(button) {
      const living = alive();
      const here = living.find((view) => places.windowOf(view.block).contains(button));
      const ours = button.id === host.code() || button.id === `save_${host.code()}`;
      return here || (ours ? living[0] : null);
    }

    const ready = (view) => view.state === 'given' || (view.state === 'asked' && Boolean(view.form) && view.form.missing().length === 0);

    /** Tells the person what is still needed, in the view they look at. */
    function complain(view) {
      if (view.state === 'asked') {
        view.form.point(view.form.missing());
      } else {
        dom.focus(view.root);
      }
    }

    // In the capture phase and on the document: before any handler of the host.
    function guard(event) {
      const button = event.target.closest ? event.target.closest(BUTTONS) : null;
      const view = button && viewAt(button);
      if (view && !ready(view)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        complain(view);
      }
    }

    function draw(view, ...content) {
      dom.fill(view.root, content);
    }

    function showGiven(view, standing) {
      view.state = 'given';
      view.form = null;
      draw(view, receiptLine(standing, say, host, service));
      field.write(hiddenField.value(standing.policy, standing.consent.given_at), host.status() !== 'installed');
    }

    function showForm(view, standing, policy, values) {
      view.state = 'asked';
      view.form = null;
      const update = () => {
        const complete = alive().find((each) => each.state === 'asked' && ready(each));
        field.write(complete ? hiddenField.value(complete.form.policy()) : '', true);
      };
      view.form = consentForm({ say, host, policy, values, page: service.policyPage(), loadPolicy: service.policy, onChange: update });
      const words = standingText.words(standing, say);
      const again = standing.generation > 0 && el('div', { class: `accord-note accord-note-${words.tone}` }, el('strong', null, words.title), ' ', words.text);
      draw(view, el('h2', { class: 'accord-title' }, say('consent.title')), el('p', { class: 'accord-lead' }, say('consent.intro')), again, view.form.root);
      // What an earlier installation left in the field must not count as a consent.
      update();
    }

    function load(view) {
      view.state = 'loading';
      draw(view, el('p', { class: 'accord-loading', role: 'status' }, say('common.loading')));
      // A consent sent meanwhile from another copy of the window wins over an older answer.
      const still = (action) => (...answer) => view.state === 'loading' && action(...answer);
      Promise.all([standingNow(), service.policy(host.lang())])
        .then(([standing, policy]) => {
          if (standingText.consented(standing)) {
            return still(showGiven)(view, standing);
          }
          return person.details(standing).then((values) => still(showForm)(view, standing, policy, values));
        })
        .catch(still((failure) => {
          view.state = 'failed';
          draw(view, problem.view(failure, say, host, () => load(view)));
        }));
    }

    // Before the first Install the host may have no token to give; then nothing is known of this account yet.
    function standingNow() {
      return service.standing(host.lang()).catch((failure) => {
        if (failure.code === 'platform-refused' && host.status() !== 'installed') {
          return { install: 'pending', entitled: false, reason: 'consent-required', generation: 0, consent: { state: 'none' } };
        }
        throw failure;
      });
    }

    /** Sends the consent once, however many callbacks of the host ask for it. */
    function send(view) {
      if (!sending) {
        view.form.clearNotes();
        sending = service.consent(view.form.body()).then(
          (answer) => {
            alive().forEach((each) => showGiven(each, answer.standing));
            return answer;
          },
          (failure) => {
            refuse(view, failure);
            throw failure;
          }
        );
        const over = () => {
          sending = null;
        };
        sending.then(over, over);
      }
      return sending;
    }

    function refuse(view, failure) {
      if (!view.form) {
        return;
      }
      if (failure.code === 'policy-changed') {
        view.form.policyChanged().catch((another) => view.form.showProblem(another));
      } else {
        view.form.showProblem(failure);
      }
      field.saveFailed();
    }

    function write(event, value) {
      if (event && event.fields) {
        event.fields[fieldCode] = value;
      }
    }

    // Save without an open form, such as from a script: only a standing consent will do.
    function saveUnseen() {
      return service.standing(host.lang()).then((standing) => {
        if (!standingText.consented(standing)) {
          const words = standingText.words(standing, say);
          host.notify(words.title, words.text);
          throw new Error('consent-required');
        }
        return true;
      });
    }

    return {
      /** The host opened the settings window; may be called again for the same one. */
      open($body) {
        document.removeEventListener('click', guard, true);
        document.addEventListener('click', guard, true);
        views = places.settingsBlocks($body, host).map((block) => {
          const root = places.root(block, 'gate', host);
          places.insertIntoSettings(block, root);
          return { root, block, state: 'loading', form: null };
        });
        field = hiddenField.find(views.map((view) => places.windowOf(view.block)), fieldCode, host);
        views.forEach(load);
      },

      /** `true` lets the host go on; `false` or a rejected Promise stops it. */
      onSave(event) {
        if (event && event.active === 'N') {
          return true;
        }
        const living = alive();
        if (living.length === 0) {
          return saveUnseen();
        }
        const view = living.find(ready);
        if (!view) {
          complain(living[0]);
          field.saveFailed();
          return false;
        }
        write(event, field.read());
        if (view.state === 'given') {
          return true;
        }
        return send(view).then(
          () => {
            write(event, field.read());
            return true;
          },
          (failure) => {
            // No token before the first Install: go on, and send when the host says it is installed.
            if (failure.code === 'platform-refused' && host.status() === 'install') {
              return true;
            }
            throw failure;
          }
        );
      },

      /** Some hosts install without `onSave`; the consent must still reach the service. */
      onInstall() {
        const view = alive().find((each) => each.state === 'asked' && ready(each));
        if (view) {
          send(view).catch(() => {});
        }
      },

      close() {
        document.removeEventListener('click', guard, true);
        views.forEach((view) => view.root.remove());
        views = [];
      },
    };
  };
});
