/**
 * What the settings window looks like: the same nesting and class names as in
 * a live account, because widgets look for them.
 */
'use strict';

define(['jquery', 'facts', 'dom', 'words', 'settings_fields'], function ($, facts, { el, button }, say, fields) {
  const STATES = { install: 'stateInstall', not_configured: 'stateNotConfigured', installed: 'stateInstalled' };

  /** The text at a key path of the manifest, in the page's language. */
  function words(widget) {
    const given = widget.texts || {};
    const texts = given[facts.lang] || given.en || Object.values(given)[0] || {};
    return (path) => {
      const found = String(path || '').split('.').reduce((part, name) => (part || {})[name], texts);
      return typeof found === 'string' ? found : '';
    };
  }

  /** The marks that the vendor fills in a description. */
  function filled(html) {
    const marks = {
      HOST: location.host,
      SUBDOMAIN: facts.account.subdomain,
      LOGIN: facts.user.login,
      ACCOUNT_ID: facts.account.id,
      USER_ID: facts.user.id,
      TOP_LEVEL_DOMAIN: 'localhost',
    };
    return html.replace(/#([A-Z_]+)#/g, (mark, name) => (name in marks ? $('<i>').text(marks[name]).html() : mark));
  }

  function state(status) {
    return el(
      'div',
      { class: `widget-state widget-state_status_${status}`, 'data-status': status },
      el('span', { class: 'widget-state__name' }, say(STATES[status]))
    );
  }

  function privacy() {
    return el(
      'label',
      { class: 'widget-settings__checkbox-privacy-policy control-checkbox' },
      el('span', { class: 'control-checkbox__body' }, el('input', { type: 'checkbox' }), el('span', { class: 'control-checkbox__helper' })),
      el('span', { class: 'control-checkbox__text element__text' }, say('privacy'))
    );
  }

  /** State, and Install or Disable. */
  function plate(widget) {
    const { code, install, manifest } = widget;
    const node = el('div', { class: 'widget-settings__command-plate' }, state(install.active ? install.status : 'install'));
    if (install.active) {
      node.append(button(say('disable'), { class: 'button-input button-cancel js-widget-uninstall', 'data-id': code }));
      return node;
    }
    if (manifest.widget.installation === false) {
      return node;
    }
    const gated = facts.switches.privacy_checkbox;
    if (gated) {
      node.append(privacy());
    }
    const look = `button-input js-widget-install button-input_blue install-widget__button${gated ? ' button-input-disabled' : ''}`;
    node.append(button(say('install'), { id: code, class: look, disabled: gated, 'data-id': code }));
    return node;
  }

  function baseSpace(widget) {
    const text = words(widget);
    const { version, support } = widget.manifest.widget;
    const contact = support.link || (support.email && `mailto:${support.email}`);
    return el(
      'div',
      { class: 'widget-settings__base-space' },
      el(
        'div',
        { class: 'widget_main_info' },
        el('div', { class: 'widget_settings_block__img' }, el('img', { src: `/widgets/${widget.code}/images/logo_main.png`, alt: '' })),
        el('h2', { class: 'widget_settings_block__title' }, widget.name || text('widget.name')),
        el('div', { class: 'widget_settings_block__head-desc' }, text(widget.manifest.widget.short_description))
      ),
      plate(widget),
      el(
        'div',
        { class: 'widget-settings__additional-block' },
        contact && el('a', { href: contact, target: '_blank', rel: 'noopener' }, say('support')),
        el('span', null, `${say('version')} ${version || ''}`)
      )
    );
  }

  /** In the two-step mode the fields appear after Install. */
  const showsFields = (widget) => widget.install.active || facts.switches.install_mode === 'legacy';

  function descSpace(widget) {
    const text = words(widget);
    const description = el('div', { class: 'widget_settings_block__descr' });
    $(description).html(filled(text(widget.manifest.widget.description)));
    return el(
      'div',
      { class: 'widget-settings__desc-space' },
      el('div', { class: 'widget_settings_block' }, description, showsFields(widget) && fields.draw(widget, text))
    );
  }

  function draw(widget) {
    return el(
      'div',
      { class: 'widget-settings', 'data-widget-code': widget.code },
      button('×', { class: 'modal-body__close', 'aria-label': say('close') }),
      baseSpace(widget),
      el('div', { class: 'widget-settings__wrap-desc-space' }, descSpace(widget))
    );
  }

  return { draw, plate, descSpace, words, state };
});
