/**
 * The integrations list, and the page that an installed widget has of its own
 * in Settings.
 */
'use strict';

define(['facts', 'dom', 'words', 'settings_view', 'settings_window'], function (facts, { el, button }, say, view, settingsWindow) {
  /** A tile is drawn whatever the widget is like; what is wrong with it stands in the tile. */
  function tile(widget, changed) {
    try {
      return drawn(widget, changed);
    } catch (error) {
      return drawn(Object.assign({}, widget, { fault: error.message }), changed);
    }
  }

  function drawn(widget, changed) {
    const { code, install, manifest, fault } = widget;
    const open = button(say('open'), { class: 'button-input js-widget-open', 'data-code': code, 'aria-label': `${say('open')}: ${widget.name}` });
    open.addEventListener('click', () => settingsWindow.open(code, changed));
    return el(
      'li',
      { class: 'integration panel', 'data-code': code },
      el('div', { class: 'integration__logo' }, !fault && el('img', { src: `/widgets/${code}/images/logo_medium.png`, alt: '' })),
      el('h2', null, widget.name || code),
      el('p', { class: 'quiet' }, fault || view.words(widget)(manifest.widget.short_description)),
      el(
        'div',
        { class: 'integration__foot' },
        view.state(install.active ? install.status : 'install'),
        !fault && facts.user.is_admin && open
      )
    );
  }

  function integrations(page, changed) {
    page.append(el('div', { class: 'page__head' }, el('h1', null, say('integrations'))));
    if (!facts.user.is_admin) {
      page.append(el('p', { class: 'notice' }, say('onlyAdministrators')));
    }
    page.append(
      facts.widgets.length
        ? el('ul', { class: 'integrations' }, facts.widgets.map((widget) => tile(widget, changed)))
        : el('p', { class: 'quiet' }, say('noWidgets'))
    );
  }

  const title = (widget) => view.words(widget)(widget.manifest.advanced.title);

  /** A widget with a page of its own, installed. */
  const hasPage = (widget) =>
    Boolean(widget && widget.manifest && widget.install.active && widget.manifest.locations.includes('advanced_settings'));

  function refusal(widget) {
    return widget && widget.install.active ? say('noAdvanced') : say('notInstalled');
  }

  function advanced(page, code) {
    const widget = facts.widget(code);
    if (!hasPage(widget)) {
      page.append(el('div', { class: 'page__head' }, el('h1', null, say('settings'))), el('p', { class: 'notice' }, refusal(widget)));
      return false;
    }
    page.append(
      el(
        'div',
        { id: 'work_area' },
        el('div', { class: 'content__top__preset list__body-right__top page__head' }, el('h1', null, title(widget) || widget.name)),
        el('div', { id: `work-area-${code}`, class: 'work-area panel', 'data-widget-code': code }, el('div', { id: 'list_page_holder' }))
      )
    );
    return true;
  }

  return { integrations, advanced, hasPage, title };
});
