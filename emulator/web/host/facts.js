/**
 * What the server put into the page: account, person, widgets, switches.
 * Widgets change while the page is open (installed, saved, switched off);
 * `update` notes that.
 */
define(function () {
  'use strict';

  const facts = JSON.parse(document.getElementById('facts').textContent);
  const object = (value) => (value && typeof value === 'object' && !Array.isArray(value) ? value : {});

  /** The manifest comes as text, because the order of its fields matters. Parts that are missing are there, empty. */
  function read(text) {
    const manifest = object(JSON.parse(text));
    const widget = object(manifest.widget);
    return Object.assign(manifest, {
      widget: Object.assign(widget, { version: String(widget.version || ''), support: object(widget.support) }),
      locations: Array.isArray(manifest.locations) ? manifest.locations.map(String) : [],
      settings: object(manifest.settings),
      advanced: object(manifest.advanced),
    });
  }

  facts.widgets
    .filter(({ fault }) => !fault)
    .forEach((widget) => {
      try {
        Object.assign(widget, { manifest: read(widget.manifest) });
      } catch (error) {
        Object.assign(widget, { manifest: null, fault: `manifest.json: ${error.message}` });
      }
    });
  const LANGUAGES = ['ru', 'en', 'es', 'pt'];
  const kept = localStorage.getItem('emulator.lang');
  const wanted = kept || facts.user.lang;

  return Object.assign(facts, {
    LANGUAGES,
    lang: LANGUAGES.includes(wanted) ? wanted : 'en',
    widget: (code) => facts.widgets.find((each) => each.code === code),
    update: (code, install) => Object.assign(facts.widget(code).install, install),
  });
});
