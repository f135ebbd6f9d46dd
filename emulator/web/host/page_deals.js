/**
 * The list of deals and the cards of a deal and of its contact: a few fixed
 * ones, so that widgets have a card to be in.
 */
'use strict';

define(['facts', 'dom', 'words'], function (facts, { el }, say) {
  const DEALS = [
    { id: 1001, name: 'Tea for the office', budget: '18 500', stage: 'stageNew' },
    { id: 1002, name: 'Felt carpets, spring order', budget: '240 000', stage: 'stageTalk' },
    { id: 1003, name: 'Walnut delivery to Osh', budget: '96 300', stage: 'stageWon' },
  ];
  const CONTACT = { id: 501, name: 'Aigul Sydykova', phone: '+996 555 010101' };

  const fact = (term, value) => el('div', { class: 'card-fields__row' }, el('dt', null, term), el('dd', null, value));
  const money = (deal) => `${deal.budget} ${facts.account.currency}`;
  const responsible = () => facts.users[0].name;

  function list(page) {
    const rows = DEALS.map((deal) =>
      el(
        'li',
        { class: 'deals__item' },
        el('a', { class: 'deals__name', href: `/leads/detail/${deal.id}` }, deal.name),
        el('span', { class: `deals__stage deals__stage_${deal.stage}` }, say(deal.stage)),
        el('span', { class: 'deals__budget' }, money(deal))
      )
    );
    page.append(el('div', { class: 'page__head' }, el('h1', null, say('deals'))), el('ul', { class: 'deals panel' }, rows));
  }

  /** Fields on the left, events in the middle, widgets on the right. */
  function card(page, title, fields) {
    page.append(
      el(
        'div',
        { class: 'card-holder', id: 'card_holder' },
        el('section', { class: 'card-fields panel', 'aria-labelledby': 'card_title' }, el('h1', { id: 'card_title' }, title), el('dl', null, fields)),
        el('section', { class: 'card-feed', 'aria-label': say('feed') }, el('p', { class: 'quiet' }, say('feedText'))),
        el('aside', { class: 'card-widgets', 'aria-label': say('widgets') }, el('h2', { class: 'card-widgets__title' }, say('widgets')), el('div', { class: 'card-widgets__elements' }))
      )
    );
  }

  function deal(page, id) {
    const found = DEALS.find((each) => each.id === id) || DEALS[0];
    card(page, found.name, [
      fact(say('stage'), say(found.stage)),
      fact(say('budget'), money(found)),
      fact(say('responsible'), responsible()),
      fact(say('contact'), el('a', { href: `/contacts/detail/${CONTACT.id}` }, CONTACT.name)),
    ]);
  }

  function contact(page) {
    card(page, CONTACT.name, [
      fact(say('phone'), CONTACT.phone),
      fact(say('responsible'), responsible()),
      fact(say('deal'), el('a', { href: `/leads/detail/${DEALS[0].id}` }, DEALS[0].name)),
    ]);
  }

  return { list, deal, contact };
});
