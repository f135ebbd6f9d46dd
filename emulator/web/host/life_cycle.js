/**
 * Starts widgets and calls them in the order of the vendor's contract: on
 * entering a place `render`, then `init` and `bind_actions`; on leaving it
 * `destroy`. Where the contract leaves a choice, the emulator's switches make
 * it.
 */
define(['jquery', 'facts', 'app', 'widget_base', 'right_column'], function ($, facts, app, widgetBase, rightColumn) {
  'use strict';

  const { switches } = facts;
  const recorder = window.emulatorRecorder;
  const loaded = new Map();
  // Widgets that were entered here and must be left.
  let here = [];
  const once = new Set();

  /** Calls the constructor as the vendor does: what it inherits is there already. */
  function construct(Constructor, base) {
    const heir = function () {};
    heir.prototype = Object.assign(Object.create(Constructor.prototype || {}), base);
    const made = Reflect.construct(Constructor, [], heir);
    Object.keys(base).forEach((name) => {
      if (!(name in made)) {
        made[name] = base[name];
      }
    });
    return made;
  }

  /** The widget's object; its files are loaded once. */
  function load(code) {
    if (!loaded.has(code)) {
      loaded.set(code, begin(facts.widget(code)));
    }
    return loaded.get(code);
  }

  function begin(widget) {
    return new Promise((resolve, reject) => {
      const { version } = widget.manifest.widget;
      require([`/widgets/${widget.code}/script.js?v=${encodeURIComponent(version)}`], resolve, reject);
    }).then((Constructor) => {
      const object = construct(Constructor, widgetBase(widget));
      recorder.globals(widget.code);
      return object;
    });
  }

  /** Calls one callback. What it throws is the widget's fault and stays there. */
  function call(code, object, name, ...args) {
    const callback = object.callbacks && object.callbacks[name];
    if (!callback) {
      return undefined;
    }
    try {
      return callback.apply(object.callbacks, args);
    } catch (error) {
      recorder.report('uncaught-error', code, `${name}: ${error.message}`);
      return undefined;
    } finally {
      recorder.globals(code);
    }
  }

  function order() {
    const both = ['init', 'bind_actions'];
    const turned =
      switches.callback_order === 'bind_first' || (switches.callback_order === 'random' && Math.random() < 0.5);
    return turned ? both.reverse() : both;
  }

  const NEVER = {};
  // A widget may wait for its server. One that waits for ever must not keep the person from the other pages.
  const PATIENCE_MS = 10000;

  /** What `render` comes to in time; `NEVER` when it is refused or does not end. */
  function settled(code, value) {
    if (!value || typeof value.then !== 'function') {
      return Promise.resolve(value);
    }
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        recorder.report('render-pending', code, `render did not end within ${PATIENCE_MS / 1000} seconds`);
        resolve(NEVER);
      }, PATIENCE_MS);
      Promise.resolve(value)
        .catch(() => NEVER)
        .then((answer) => {
          clearTimeout(late);
          resolve(answer);
        });
    });
  }

  /** Brings one widget into the present place; the object, or null when `render` did not say `true`. */
  async function enter(code, area) {
    const object = await load(code);
    object._refresh();
    object._enter(area);
    if (switches.double_render) {
      call(code, object, 'render');
    }
    const rendered = await settled(code, call(code, object, 'render'));
    if (!rendered || rendered === NEVER) {
      return null;
    }
    order().forEach((name) => call(code, object, name));
    return object;
  }

  const isOnce = (widget) => Boolean(widget.manifest.widget.init_once);

  /** `lcard-1` and `lcard-0` are both the place `lcard`; the second keeps out of the right column. */
  function wants(widget, area) {
    const places = widget.manifest.locations.map((place) => place.replace(/-[01]$/, ''));
    return isOnce(widget) || places.includes(area.replace('-', '_')) || places.includes('everywhere');
  }

  // A widget works outside its settings window only after the first Save.
  const works = (widget) => widget.manifest && widget.install.active && widget.install.status === 'installed';

  function leave() {
    here.forEach(({ code, object }) => call(code, object, 'destroy'));
    here = [];
  }

  async function enterOne(widget, area) {
    if (isOnce(widget) && once.has(widget.code)) {
      (await load(widget.code))._enter(area);
      return;
    }
    const object = await enter(widget.code, area);
    app.widgets.list[widget.code] = await load(widget.code);
    if (isOnce(widget)) {
      once.add(widget.code);
    } else if (object) {
      here.push({ code: widget.code, object });
    }
  }

  return {
    load,
    call,
    works,
    leave,

    /**
     * The person came to another place: every widget that belongs there is
     * entered; on a page of one widget only that one. One after the other, so
     * that a new global has one possible owner.
     */
    async arrive(area, only) {
      app.widgets.system.area = area;
      $(document).trigger('page:changed');
      const wanted = facts.widgets.filter((widget) =>
        only ? widget.code === only : works(widget) && wants(widget, area)
      );
      for (const widget of wanted) {
        try {
          await enterOne(widget, area);
        } catch (error) {
          recorder.report('load-failed', widget.code, error.message);
        }
      }
      // Each widget saw its own; from here on it is the page's.
      app.widgets.system.area = area;
    },

    /** One widget comes into its settings window. */
    openSettings: (code) => enter(code, 'settings').then(() => load(code)),

    /** One widget is switched off: it leaves now, and its block with it. */
    async retire(code) {
      here = here.filter((each) => each.code !== code);
      once.delete(code);
      delete app.widgets.list[code];
      call(code, await load(code), 'destroy');
      rightColumn.remove(code);
    },
  };
});
