/**
 * Watches for what the vendor forbids widgets to do and reports it to the
 * emulator, where the control page and tests can see it. Loaded before
 * everything else, so that nothing gets past it; it stops nothing.
 *
 * Only what a widget does counts: its files are known by their address in the
 * stack of the call.
 */
(function () {
  'use strict';

  const OWNED = /\/(?:widgets|upl)\/([\w-]+)\//;
  const GUARDED = '.js-widget-install, .js-widget-uninstall, .js-widget-save';
  const ALLOWED_CONSOLE = ['trace', 'debug'];
  const DEFAULT_RATE = 10;
  const PAUSE_MS = 150;

  // A widget's own frame may be far below those of jQuery.
  Error.stackTraceLimit = 40;

  const sending = window.fetch.bind(window);
  const waiting = [];
  let timer = null;
  let known = new Set();

  function send() {
    timer = null;
    sending('/ajax/emulator/findings', {
      method: 'POST',
      keepalive: true,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(waiting.splice(0, 50)),
    }).catch(() => {});
  }

  function report(rule, widget, detail) {
    waiting.push({ rule, widget: widget || '', detail: String(detail).slice(0, 300) });
    timer = timer || setTimeout(send, PAUSE_MS);
  }

  /**
   * The widget from whose file the present call comes. RequireJS loads files
   * on a widget's behalf, which is allowed: then it stands nearer to the call.
   */
  function caller() {
    const stack = new Error().stack || '';
    const owned = OWNED.exec(stack);
    const loader = stack.indexOf('/lib/require.js');
    return owned && (loader < 0 || owned.index < loader) ? owned[1] : '';
  }

  function watch(owner, name, rule, detail) {
    const native = owner[name];
    owner[name] = function (...args) {
      const widget = caller();
      const seen = widget && detail(args);
      if (seen) {
        report(rule, widget, seen);
      }
      return native.apply(this, args);
    };
  }

  Object.keys(console)
    .filter((name) => typeof console[name] === 'function' && !ALLOWED_CONSOLE.includes(name))
    .forEach((name) => watch(console, name, 'console', (args) => `console.${name}: ${args.join(' ')}`));

  ['alert', 'confirm', 'prompt', 'eval'].forEach((name) =>
    watch(window, name, 'forbidden-call', (args) => `${name}(${args[0] || ''})`)
  );

  watch(Document.prototype, 'createElement', 'script-element', ([tag]) =>
    String(tag).toLowerCase() === 'script' ? "createElement('script')" : ''
  );

  watch(XMLHttpRequest.prototype, 'open', 'sync-request', (args) => {
    counted(caller());
    return args[2] === false ? `${args[0]} ${args[1]}` : '';
  });

  watch(window, 'fetch', 'request', () => counted(caller()));

  // Requests of each widget in the present second.
  const rates = {};

  function counted(widget) {
    const second = Math.floor(Date.now() / 1000);
    const rate = rates[widget] && rates[widget].second === second ? rates[widget] : { second, count: 0 };
    rates[widget] = rate;
    rate.count += 1;
    if (widget && rate.count === window.emulatorRecorder.rate + 1) {
      report('too-many-requests', widget, `more than ${window.emulatorRecorder.rate} requests in a second`);
    }
    return '';
  }

  document.addEventListener(
    'click',
    (event) => {
      const button = event.target.closest && event.target.closest(GUARDED);
      if (button && !event.isTrusted) {
        const near = button.closest('[data-widget-code]');
        report('untrusted-click', near && near.dataset.widgetCode, `.${button.className.trim().replace(/\s+/g, '.')}`);
      }
    },
    true
  );

  window.addEventListener('error', (event) => {
    const widget = (OWNED.exec(event.filename || '') || [])[1];
    if (widget) {
      report('uncaught-error', widget, event.message);
    }
  });

  window.addEventListener('unhandledrejection', (event) => {
    const widget = (OWNED.exec((event.reason && event.reason.stack) || '') || [])[1];
    if (widget) {
      report('uncaught-error', widget, event.reason.message);
    }
  });

  window.emulatorRecorder = {
    rate: DEFAULT_RATE,
    report,
    caller,

    /** From here on these globals are known; later ones are a widget's. */
    baseline() {
      known = new Set(Object.keys(window));
    },

    /** Reports globals that were not there before. */
    globals(widget) {
      Object.keys(window)
        .filter((name) => !known.has(name))
        .forEach((name) => {
          known.add(name);
          report('leaked-global', widget, `window.${name}`);
        });
    },
  };
})();
