/**
 * The consent part: the one module another widget includes.
 *
 *     this.callbacks = consent.guard(this, config, { work: function (standing) { … } });
 *
 * `config` is `{ backend, product }`: the service's address and the Product's
 * code. The third argument holds the widget's own callbacks under their usual
 * names; they are called after ours. `work` is the new one: it is called with
 * the standing each time the widget enters a place, and only while the account
 * may use the Product. A widget that was there before is taken as it is:
 * `consent.around(Widget, config)`. docs/widget.md tells the rest.
 */
define([
  './host.js',
  './service.js',
  './texts.js',
  './person.js',
  './places.js',
  './install_gate.js',
  './panel.js',
  './card_block.js',
  './changes.js',
  './notice.js',
  './around.js',
], function (
  makeHost,
  makeService,
  makeTexts,
  makePerson,
  places,
  installGate,
  makePanel,
  cardBlock,
  makeChanges,
  makeNotice,
  makeAround
) {
  'use strict';

  // A card is opened many times a minute; the standing changes a few times a year.
  const FRESH_MS = 60000;

  /**
   * Makes the host's callbacks for a widget.
   * @param {object} widget the host's widget object (`this` of the constructor)
   * @param {{backend: string, product: string, field?: ?string}} config
   *   `field`: code of the required custom field in the manifest, `consent` if not given,
   *   null where the widget has none for us
   * @param {object|function(object): object} callbacks the widget's own, and `work(standing)`; or
   *   a function that makes them from what the page knows
   */
  function guard(widget, config, callbacks) {
    const host = makeHost(widget);
    const own = typeof callbacks === 'function' ? callbacks(host) : callbacks;
    const service = makeService(widget, config);
    const say = makeTexts(widget, host.lang);
    const tools = { widget, host, service, say, forget };
    tools.changes = makeChanges(tools);
    tools.notice = makeNotice(tools);

    const gate = installGate(Object.assign({ fieldCode: config.field === null ? null : config.field || 'consent', person: makePerson(tools) }, tools));
    const panel = makePanel(tools);
    const card = cardBlock(tools);

    let known = null;
    let visit = 0;

    function standing() {
      const now = Date.now();
      if (!known || now - known.at > FRESH_MS) {
        known = { at: now, answer: service.standing(host.lang()) };
        known.answer.catch(forget);
      }
      return known.answer;
    }

    function forget() {
      known = null;
    }

    /** Something changed under the person's hand: what is shown is read anew. */
    function again(news) {
      forget();
      standing().then(
        (answer) => card.show(answer, again, news),
        (failure) => card.fail(failure, enter)
      );
    }

    /** Entering a place: says how things stand, and lets the Product work if it may. */
    function enter() {
      const delivered = gate.deliverWaiting();
      if (!own.work && !places.isCard(host)) {
        return;
      }
      visit += 1;
      const mine = visit;
      const here = () => mine === visit;
      delivered.then(standing).then(
        (answer) => {
          if (here()) {
            card.show(answer, again);
            if (answer.entitled && own.work) {
              own.work(answer);
            }
          }
        },
        (failure) => here() && card.fail(failure, enter)
      );
    }

    // The widget's own callback of that name, with our answer where it has none.
    const after = (name, answer, ...values) => (own[name] ? own[name](...values) : answer);

    const ours = {
      render() {
        places.dress(host);
        if (places.isPanel(host)) {
          // Some hosts call `advancedSettings` on the first visit only.
          panel.open();
        } else if (places.isCard(host)) {
          card.open();
        }
        if (own.everywhere || !places.isPanel(host)) {
          enter();
        }
        return after('render', true);
      },
      init: () => after('init', true),
      bind_actions: () => after('bind_actions', true),
      settings($body, context) {
        places.dress(host);
        gate.open($body);
        return after('settings', true, $body, context);
      },
      onSave(event) {
        forget();
        const answer = gate.onSave(event);
        if (answer === true) {
          return after('onSave', true, event);
        }
        return answer && answer.then
          ? answer.then((going) => (going === false ? false : after('onSave', true, event)))
          : answer;
      },
      onInstall() {
        // A widget that the host starts once in a session starts now.
        gate.onInstall().then(() => own.everywhere && enter());
        return after('onInstall');
      },
      advancedSettings() {
        places.dress(host);
        panel.open();
        if (own.everywhere) {
          enter();
        }
        return after('advancedSettings', true);
      },
      destroy() {
        // Comes with every change of page, not only when the widget is switched off.
        visit += 1;
        gate.close();
        card.close();
        if (panel.close()) {
          forget();
        }
        return after('destroy');
      },
    };

    const others = Object.assign({}, own);
    delete others.work;
    delete others.everywhere;
    return Object.assign(others, ours);
  }

  return Object.assign({ guard }, makeAround(guard, places.isSettings));
});
