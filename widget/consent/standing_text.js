/**
 * What the account's standing means for the person at the screen: how good it
 * is, the words for it, and what can be done.
 */
define(function () {
  'use strict';

  const KEY_OF_REASON = {
    'consent-required': 'consentRequired',
    'reconsent-required': 'reconsentRequired',
    'consent-withdrawn': 'consentWithdrawn',
    restricted: 'restricted',
    'not-installed': 'notInstalled',
  };

  function key(standing) {
    if (standing.install === 'uninstalling') return 'uninstalling';
    if (standing.reason) return KEY_OF_REASON[standing.reason] || 'consentRequired';
    if (standing.consent.state === 'outdated') return 'outdated';
    return standing.entitled ? 'fine' : 'consentRequired';
  }

  /** Does a consent hold for this installation (not for an earlier one)? */
  function consented(standing) {
    return standing.install === 'active' && standing.consent.state === 'given';
  }

  /** May a person consent from the control panel? After a withdrawal it takes a new Install. */
  function mayConsent(standing) {
    return (
      ['consent-required', 'reconsent-required'].includes(standing.reason) ||
      (standing.entitled && standing.consent.state === 'outdated')
    );
  }

  /** The version whose consent a new one no longer lets stand; null where there is none. */
  function agreedBefore({ consent }) {
    return consent.state === 'outdated' ? consent.policy_number : null;
  }

  /** Is there a consent that can be withdrawn? */
  function mayWithdraw(standing) {
    return standing.install === 'active' && ['given', 'outdated'].includes(standing.consent.state);
  }

  function tone(standing) {
    if (!standing.entitled) return 'stop';
    return standing.consent.state === 'outdated' ? 'warn' : 'good';
  }

  /** Words for a standing: `{ tone: 'good' | 'warn' | 'stop', title, text }`. */
  function words(standing, say) {
    const name = key(standing);
    // What is in force may be a version that asks for nothing more than the one agreed to.
    const number = name === 'fine' ? standing.consent.policy_number : standing.policy && standing.policy.number;
    return {
      tone: tone(standing),
      title: say(`standing.${name}.title`, { number }),
      text: say(`standing.${name}.text`, { number }),
    };
  }

  return { words, consented, agreedBefore, mayConsent, mayWithdraw };
});
