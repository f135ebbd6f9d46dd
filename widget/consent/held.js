/**
 * The callbacks of a widget that was written without us: they are held until
 * the account may use the Product, and then called in the order in which the
 * host asked for them. The settings window is not held, nor is saving, nor what
 * the host asks of pipelines, lists and bots, whose answers it waits for.
 */
define(function () {
  'use strict';

  /**
   * Makes what `guard` calls instead of the widget's own callbacks.
   * @param {object} own the widget's own callbacks, read when they are needed
   * @param {function(): boolean} isSettings are we in the settings window?
   */
  return function held(own, isSettings) {
    // One stay in one place: what was asked for before it may begin, and whether it has begun.
    let stay = { begun: false, ready: false, waiting: [] };

    const run = (name, given) => (typeof own[name] === 'function' ? own[name](...given) : true);

    /** Calls one now if the widget is at work here, else as soon as it is. */
    function ask(name, ...given) {
      if (stay.ready) {
        return run(name, given);
      }
      stay.waiting.push([name, given]);
      return true;
    }

    // As the host does: without a true answer of `render` the next two are not called.
    const needsRender = ([name]) => name === 'init' || name === 'bind_actions';

    function begin() {
      if (stay.begun) {
        return;
      }
      const mine = stay;
      mine.begun = true;
      Promise.resolve(mine.rendering ? run('render', []) : true).then((rendered) => {
        mine.ready = true;
        if (mine === stay) {
          mine.waiting.filter((each) => rendered || !needsRender(each)).forEach(([name, given]) => run(name, given));
        }
      });
    }

    return Object.assign({}, own, {
      everywhere: true,
      work: begin,
      render() {
        const open = isSettings();
        stay = { begun: open, ready: open, rendering: true, waiting: [] };
        return open ? run('render', []) : true;
      },
      init: () => ask('init'),
      bind_actions: () => ask('bind_actions'),
      advancedSettings: () => ask('advancedSettings'),
      settings: ($body, context) => run('settings', [$body, context]),
      onSave: (event) => run('onSave', [event]),
      onInstall: () => run('onInstall', []),
      destroy() {
        const begun = stay.begun;
        stay = { begun: false, ready: false, waiting: [] };
        return begun ? run('destroy', []) : undefined;
      },
    });
  };
});
