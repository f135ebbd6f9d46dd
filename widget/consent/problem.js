/**
 * What went wrong, in the person's words: the reason, what to do about it and
 * whom to ask. The service answers with problem bodies (RFC 9457) whose `code`
 * never changes; the texts hang on that code.
 */
define(['./dom.js'], function (dom) {
  'use strict';

  const TEXT_OF_CODE = {
    'policy-changed': 'errors.policyChanged',
    'token-replayed': 'errors.token',
    'token-stale': 'errors.tokenStale',
    'token-missing': 'errors.token',
    'token-invalid': 'errors.token',
    'administrator-required': 'errors.administratorRequired',
    uninstalling: 'errors.uninstalling',
    'platform-unreachable': 'errors.platformUnreachable',
    'platform-refused': 'errors.platformRefused',
    'no-contact': 'errors.noContact',
    'consent-required': 'errors.consentRequired',
    'no-consent': 'errors.noConsent',
    'too-many': 'errors.tooMany',
    'no-policy': 'errors.noPolicy',
    'unknown-product': 'errors.noPolicy',
  };

  function bodyOf(xhr) {
    try {
      return JSON.parse(xhr.responseText) || {};
    } catch (error) {
      return {};
    }
  }

  /** Reads a failed call. Never throws, whatever the answer was. */
  function from(xhr) {
    const status = (xhr && xhr.status) || 0;
    const body = xhr ? bodyOf(xhr) : {};
    // Our answers carry a code. A refusal without one came from the platform
    // itself, which gave no token: so it may be before the first Install.
    const isAnswer = Boolean(xhr) && typeof xhr.status === 'number';
    const refused = !body.code && (!isAnswer || (status >= 400 && status < 500));
    return {
      status,
      code: body.code || (refused ? 'platform-refused' : ''),
      detail: body.detail || body.title || '',
      errors: Array.isArray(body.errors) ? body.errors : [],
      requestId: body.request_id || '',
    };
  }

  function reason(problem, say) {
    if (TEXT_OF_CODE[problem.code]) {
      return say(TEXT_OF_CODE[problem.code]);
    }
    if (problem.status === 422) {
      return say('errors.fields');
    }
    if (problem.status >= 500) {
      return say('errors.server');
    }
    return problem.status ? problem.detail || say('errors.server') : say('errors.network');
  }

  /**
   * Draws a problem: reason, number for support, whom to ask, and "try again"
   * where `again` is given. It is an alert: screen readers say it at once.
   */
  function view(problem, say, host, again) {
    const { el } = dom;
    const support = host.support();
    return el(
      'div',
      { class: 'accord-note accord-note-stop', role: 'alert' },
      el('p', { class: 'accord-note-text' }, reason(problem, say)),
      problem.requestId && el('p', { class: 'accord-small' }, say('errors.number', { number: problem.requestId })),
      support &&
        el('p', { class: 'accord-small' }, say('errors.support'), ' ', dom.outside(support.label, support.href)),
      again && dom.button(say('common.retry'), again)
    );
  }

  return { from, reason, view };
});
