/**
 * What the server put into the page: account, person, widgets, switches.
 * Widgets change while the page is open (installed, saved, switched off);
 * `update` notes that.
 */
define(function () {
  'use strict';

  const facts = JSON.parse(document.getElementById('facts').textContent);
  // The manifest comes as text, because the order of its fields matters.
  facts.widgets.filter(({ fault }) => !fault).forEach((widget) => Object.assign(widget, { manifest: JSON.parse(widget.manifest) }));
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
