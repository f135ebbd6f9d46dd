/**
 * Holds Install and Save back until the person consents, and sends the consent
 * to the service. Disabling is never held back.
 *
 * No single guard can be relied on in every version of the host, so there are
 * four: a required hidden field that stays empty, a look at each click on
 * Install and Save before the host sees it, the answer of `onSave`, and the
 * service, which lets nobody work without a consent entry.
 */
define(['./settings_window.js', './standing_text.js'], function (settingsWindow, standingText) {
  'use strict';

  const BUTTONS = 'button.js-widget-install, .js-widget-save';

  return function installGate(tools) {
    const { host, service, say, fieldCode } = tools;
    let sending = null;
    const shown = settingsWindow(Object.assign({ underWay: () => sending }, tools));
    // A consent that found no token: some hosts give none before the first Install.
    let waiting = null;

    // In the capture phase and on the document: before any handler of the host.
    function guard(event) {
      const button = event.target.closest ? event.target.closest(BUTTONS) : null;
      const view = button && shown.viewAt(button);
      // Save always asks `onSave`, which waits; Install may ask nobody.
      const waits = view && view.state === 'loading' && button.matches('.js-widget-save');
      if (view && !waits && !shown.ready(view)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        shown.complain(view);
      }
    }

    /** Sends a consent once, however many callbacks of the host ask for it. */
    function send(body) {
      if (!sending) {
        sending = service.consent(body).then(
          (answer) => {
            sending = null;
            waiting = null;
            shown.given(answer.standing);
          },
          (failure) => {
            sending = null;
            throw failure;
          }
        );
      }
      return sending;
    }

    function refused(view, failure) {
      if (failure.code === 'policy-changed') {
        view.form.policyChanged().catch((another) => view.form.showProblem(another));
      } else {
        view.form.showProblem(failure);
      }
      shown.field().saveFailed();
    }

    function writeInto(event) {
      if (event && event.fields && fieldCode) {
        event.fields[fieldCode] = shown.field().read();
      }
    }

    // Save without our form on the screen, such as after a change of page: only
    // a standing consent will do.
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

    function saveFrom(view, event) {
      writeInto(event);
      if (view.state === 'given') {
        return true;
      }
      const body = view.form.body();
      view.form.clearNotes();
      return send(body).then(
        () => {
          writeInto(event);
          return true;
        },
        (failure) => {
          if (failure.code === 'platform-refused' && host.status() === 'install') {
            // Nothing more can be done from here; `deliver` sends it when there is a token.
            waiting = body;
            return true;
          }
          refused(view, failure);
          throw failure;
        }
      );
    }

    /** Sends what is waiting, or what stands complete in the form after an Install without `onSave`. */
    function deliver(view) {
      const body = waiting || (view && view.form.body());
      if (!body) {
        return Promise.resolve();
      }
      return send(body).catch((failure) => {
        if (waiting && failure.code === 'platform-refused') {
          return;
        }
        waiting = null;
        // The host may have drawn its window anew meanwhile, and our note with it.
        if (view && document.contains(view.root)) {
          refused(view, failure);
        } else {
          host.notify(say('standing.consentRequired.title'), say('standing.consentRequired.text'));
        }
      });
    }

    const gate = {
      /** The host opened the settings window; may be called again for the same one. */
      open($body) {
        // The same listener added twice is one listener.
        document.addEventListener('click', guard, true);
        shown.open($body);
      },

      /** `true` lets the host go on; `false`, a Promise of it, or a rejected one stops it. */
      onSave(event) {
        if (event && event.active === 'N') {
          waiting = null;
          return true;
        }
        const views = shown.alive();
        if (views.length === 0) {
          return saveUnseen();
        }
        const view = views.find(shown.ready);
        const coming = views.find(({ state }) => state === 'loading');
        if (!view && coming) {
          return coming.loaded.then(() => gate.onSave(event));
        }
        if (!view) {
          shown.complain(views[0]);
          shown.field().saveFailed();
          return false;
        }
        return saveFrom(view, event);
      },

      /** Installed: what was agreed to must reach the service now, if it has not yet. */
      onInstall() {
        return deliver(shown.alive().find((each) => each.state === 'asked' && shown.ready(each)));
      },

      /** A new page: a consent still waiting for a token is tried again. */
      deliverWaiting: () => deliver(null),

      close() {
        document.removeEventListener('click', guard, true);
        shown.close();
      },
    };

    return gate;
  };
});
