/**
 * One calm line that says which version was agreed to and when. Read-only:
 * where a consent stands there is no box to tick.
 */
define(['./dom.js'], function (dom) {
  'use strict';

  const { el } = dom;

  return function receiptLine(standing, say, host, service) {
    const mine = standing.consent.user_id === host.userId();
    const values = {
      number: standing.consent.policy_number,
      date: say.moment(standing.consent.given_at),
      user: standing.consent.user_id,
    };
    return el(
      'div',
      { class: 'accord-note accord-note-good', role: 'status' },
      el('p', { class: 'accord-note-text' }, say(mine ? 'consent.givenByYou' : 'consent.givenByUser', values)),
      el(
        'p',
        { class: 'accord-small' },
        dom.outside(say('policy.fullPage'), (standing.policy && standing.policy.url) || service.policyPage())
      )
    );
  };
});
