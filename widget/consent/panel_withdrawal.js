/**
 * Withdrawal on the control panel: two presses, one to open and one to
 * confirm, which is no more than consenting takes. The confirmation tells in
 * plain words what will happen, to the whole account or to the person's own
 * consent alone: the service says which. Nothing tries to change their mind.
 */
define(['./dom.js', './problem.js', './standing_text.js'], function (dom, problem, standingText) {
  'use strict';

  const { el } = dom;

  // What is asked and what will happen, by how far the withdrawal reaches.
  const REACH = {
    account: { question: 'question', effects: ['effect1', 'effect2', 'effect3'] },
    own: { question: 'ownQuestion', effects: ['ownEffect1', 'ownEffect2', 'effect3'] },
  };

  function done(answer, say) {
    const { number, received_at: received, due_at: due } = answer.request;
    const text = answer.standing.install === 'active' ? 'withdrawal.doneOwnText' : 'withdrawal.doneText';
    return el(
      'div',
      { class: 'accord-note accord-note-good', role: 'status', 'data-accord-withdrawn': number },
      el('p', { class: 'accord-note-text' }, el('strong', null, say('withdrawal.doneTitle', { number }))),
      el('p', null, say(text, { received: say.moment(received), due: say.moment(due) }))
    );
  }

  return function panelWithdrawal({ standing, say, host, service, again }) {
    if (!standingText.mayWithdraw(standing)) {
      return null;
    }
    const place = el('div');
    const status = el('div', { class: 'accord-live' });

    function closed() {
      const open = dom.button(say('withdrawal.open'), opened, 'danger');
      dom.fill(place, el('p', null, say('withdrawal.text')), el('div', { class: 'accord-actions' }, open));
      return open;
    }

    function opened() {
      const open = place.querySelector('button');
      const failed = (failure) => {
        open.disabled = false;
        dom.fill(status, problem.view(failure, say, host));
      };
      open.disabled = true;
      dom.fill(status);
      service
        .withdrawalReach()
        .then(({ reach }) => (REACH[reach] ? confirm(REACH[reach]) : failed({ status: 409, code: 'no-consent' })), failed);
    }

    function confirm({ question, effects }) {
      const comment = el('textarea', { class: 'accord-input', id: dom.uid('comment'), rows: '2', maxlength: '2000' });
      const heading = el('h4', { class: 'accord-heading', id: dom.uid('withdraw') }, say(`withdrawal.${question}`));
      const keep = dom.button(say('withdrawal.keep'), () => {
        dom.fill(status);
        closed().focus();
      });
      const withdraw = dom.button(
        say('withdrawal.confirm'),
        () => {
          withdraw.disabled = keep.disabled = true;
          service.withdraw(comment.value.trim()).then(
            (answer) => again(done(answer, say)),
            (failure) => {
              withdraw.disabled = keep.disabled = false;
              dom.fill(status, problem.view(failure, say, host));
            }
          );
        },
        'danger'
      );

      const points = effects.map((key) => el('li', null, say(`withdrawal.${key}`)));
      dom.fill(
        place,
        el(
          'div',
          { role: 'group', 'aria-labelledby': heading.id },
          heading,
          el('ul', { class: 'accord-list' }, points),
          el(
            'label',
            { class: 'accord-label', for: comment.id },
            say('withdrawal.comment'),
            el('span', { class: 'accord-mark' }, ` ${say('common.optional')}`)
          ),
          comment,
          el('div', { class: 'accord-actions' }, withdraw, keep)
        )
      );
      dom.focus(heading);
    }

    closed();
    return el(
      'section',
      { class: 'accord-card' },
      el('h3', { class: 'accord-title' }, say('withdrawal.title')),
      place,
      status
    );
  };
});
