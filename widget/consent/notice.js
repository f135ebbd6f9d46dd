/**
 * The notice of a new version, in every place the widget draws, until the
 * person says that they know. It tells what changed and takes nothing away:
 * a version that needs a new consent is told of by the standing itself, with
 * the way to the form.
 */
define(['./dom.js', './problem.js'], function (dom, problem) {
  'use strict';

  const { el } = dom;

  return function notice({ say, host, service, changes }) {
    function thanks(number) {
      return el(
        'div',
        { class: 'accord-note accord-note-good', role: 'status', 'data-accord-known': number },
        el('p', null, say('notice.done', { number }))
      );
    }

    /**
     * Draws the notice of a standing, null where there is none to acknowledge.
     * @param {function(Node=)} known called when the person knows, with a note that says
     *   so; without one when more than knowing is needed, and all must be read anew
     */
    function banner(standing, known) {
      const told = standing.notice;
      if (!told || told.level !== 'notice') {
        return null;
      }
      const number = told.policy_number;
      const id = dom.uid('notice');
      const status = el('div', { class: 'accord-live', role: 'status' });

      const button = dom.button(say('notice.known'), () => {
        button.disabled = true;
        service.acknowledge(number).then(
          () => known(thanks(number)),
          (failure) => {
            button.disabled = false;
            if (failure.code === 'consent-required') {
              known();
            } else {
              dom.fill(status, problem.view(failure, say, host));
            }
          }
        );
      });

      return el(
        'section',
        { class: 'accord-note accord-note-news', 'aria-labelledby': id, 'data-accord-notice': number },
        el('h3', { class: 'accord-note-title', id }, say('notice.title', { number })),
        el('p', null, say('notice.text', { date: say.moment(told.posted_at) })),
        changes.brief(standing.consent.policy_number, number),
        el('div', { class: 'accord-actions' }, button),
        status
      );
    }

    /** What changed, for a standing that asks again; null where it does not. */
    function asking(standing) {
      const { notice: told, consent } = standing;
      return told && told.level === 'reconsent' && consent.policy_number
        ? changes.brief(consent.policy_number, told.policy_number)
        : null;
    }

    return { banner, asking };
  };
});
