/**
 * The frame around every page: sections on the left, language, theme and the
 * person below them.
 */
'use strict';

define(['facts', 'dom', 'words', 'page_settings'], function (facts, { el, button }, say, { hasPage, title }) {
  const NAMES = { ru: 'Русский', en: 'English', es: 'Español', pt: 'Português' };
  const root = document.documentElement;

  function link(href, label, kind) {
    const here = location.pathname.replace(/\/$/, '') === href;
    return el('li', null, el('a', { class: `nav__link nav__link_${kind}`, href, 'aria-current': here ? 'page' : null }, label));
  }

  function sections() {
    const pages = facts.widgets.filter(hasPage);
    return el(
      'ul',
      { class: 'nav__list', id: 'nav_sections' },
      link('/leads', say('deals'), 'deals'),
      el('li', { class: 'nav__group', id: 'nav_settings' }, say('settings')),
      link('/settings/widgets', say('integrations'), 'integrations'),
      pages.map((widget) => link(`/settings/widgets/${widget.code}`, title(widget) || widget.name, 'widget'))
    );
  }

  function language() {
    const options = facts.LANGUAGES.map((code) => el('option', { value: code, lang: code, selected: code === facts.lang }, NAMES[code]));
    const select = el('select', { class: 'tool', id: 'language', 'aria-label': say('language') }, options);
    select.addEventListener('change', () => {
      localStorage.setItem('emulator.lang', select.value);
      location.assign(location.pathname);
    });
    return select;
  }

  function theme() {
    const other = () => (root.dataset.colorScheme === 'dark' ? 'light' : 'dark');
    const toggle = el('button', { type: 'button', class: 'tool', id: 'theme' }, say(other()));
    toggle.addEventListener('click', () => {
      root.dataset.colorScheme = other();
      localStorage.setItem('emulator.theme', root.dataset.colorScheme);
      toggle.textContent = say(other());
    });
    return toggle;
  }

  function person() {
    const { name, is_admin: isAdmin } = facts.user;
    return el(
      'div',
      { class: 'nav__person' },
      el('span', { class: 'avatar', 'aria-hidden': 'true' }, name.slice(0, 1)),
      el('span', { class: 'nav__who' }, el('b', null, name), el('span', null, say(isAdmin ? 'administrator' : 'employee'))),
      el('form', { method: 'post', action: '/sign-out' }, el('button', { class: 'tool', type: 'submit' }, say('signOut')))
    );
  }

  function draw() {
    const toggle = button('☰', { class: 'nav__toggle', 'aria-label': say('menu'), 'aria-expanded': 'false', 'aria-controls': 'nav_body' });
    const body = el(
      'div',
      { class: 'nav__body', id: 'nav_body' },
      sections(),
      el(
        'div',
        { class: 'nav__foot' },
        el('div', { class: 'nav__tools' }, language(), theme()),
        el('a', { class: 'nav__control', href: '/_emulator' }, say('control')),
        person()
      )
    );
    const nav = el(
      'nav',
      { class: 'nav', id: 'left_menu', 'aria-label': say('menu') },
      el('div', { class: 'nav__brand' }, el('img', { src: '/host/icon.svg', alt: '', width: 28, height: 28 }), el('span', null, facts.account.name), toggle),
      body
    );
    toggle.addEventListener('click', () => {
      const open = nav.classList.toggle('nav_open');
      toggle.setAttribute('aria-expanded', String(open));
    });
    document.getElementById('shell').append(
      el('a', { class: 'skip', href: '#page_holder' }, say('skip')),
      nav,
      el('main', { class: 'page', id: 'page_holder', tabindex: '-1' })
    );
    root.lang = facts.lang;
  }

  /** The menu follows the page and what is installed. */
  function refresh() {
    document.getElementById('nav_sections').replaceWith(sections());
    document.getElementById('left_menu').classList.remove('nav_open');
    document.querySelector('.nav__toggle').setAttribute('aria-expanded', 'false');
  }

  return { draw, refresh, page: () => document.getElementById('page_holder') };
});
