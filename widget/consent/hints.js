/**
 * Things the service cannot do itself and a person can: giving the Product
 * access to the account again, or as an administrator where an employee's is
 * not enough, or switching the widget off by hand when the platform refused.
 */
define(['./dom.js'], function (dom) {
  'use strict';

  const { el } = dom;

  function reauthorize({ say, service, again, standing }) {
    const words = standing.hint === 'reauthorize' ? 'reauthorize' : 'administrator';
    return el(
      'div',
      { class: 'accord-note accord-note-warn', 'data-accord-hint': standing.hint },
      el('p', { class: 'accord-note-text' }, el('strong', null, say(`hints.${words}Title`))),
      el('p', null, say(`hints.${words}Text`)),
      el(
        'div',
        { class: 'accord-actions' },
        dom.outside(say('hints.reauthorizeButton'), service.authorizePage(), 'accord-button accord-button-main'),
        dom.button(say('common.checkAgain'), () => again())
      )
    );
  }

  function uninstallByHand({ say }) {
    const steps = ['step1', 'step2', 'step3'].map((step) => el('li', null, say(`hints.uninstall.${step}`)));
    return el(
      'div',
      { class: 'accord-note accord-note-warn', 'data-accord-hint': 'uninstall-by-hand' },
      el('p', { class: 'accord-note-text' }, el('strong', null, say('hints.uninstall.title'))),
      el('p', null, say('hints.uninstall.text')),
      el('ol', { class: 'accord-steps' }, steps)
    );
  }

  return function hints(parts) {
    switch (parts.standing.hint) {
      case 'reauthorize':
      case 'reauthorize-as-administrator':
        // Access is of use only to an account whose consent stands.
        return parts.standing.install === 'active' ? reauthorize(parts) : null;
      case 'uninstall-by-hand':
        return uninstallByHand(parts);
      default:
        return null;
    }
  };
});
