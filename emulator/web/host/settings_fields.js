/**
 * The fields of a widget's settings window: drawn from its manifest, read when
 * it is saved, and checked for required ones that are empty.
 */
'use strict';

define(['jquery', 'dom', 'facts', 'words'], function ($, { el, button }, facts, say) {
  const templates = (widget) => Object.entries(widget.manifest.settings);
  const forPeople = ({ type }) => type === 'users' || type === 'users_lp';

  function kept(widget, name) {
    const value = widget.install.settings[name];
    return value === undefined || value === null ? '' : value;
  }

  /** The host keeps a custom field's value in a hidden input; the widget draws beside it. */
  function custom(widget, name) {
    return [
      el('input', { id: `${widget.code}_custom`, type: 'hidden', name, value: kept(widget, name) }),
      el('div', { id: `${widget.code}_custom_content` }),
    ];
  }

  function line(title, attributes) {
    const input = el('input', Object.assign({ class: 'text-input' }, attributes));
    return el(
      'label',
      { class: 'widget_settings_block__item_field' },
      el('span', { class: 'widget_settings_block__title_field' }, title),
      el('span', { class: 'widget_settings_block__input_field' }, input)
    );
  }

  /** The server keeps texts; one value per person is kept as JSON. */
  function byPerson(widget, name) {
    try {
      return Object(JSON.parse(kept(widget, name) || '{}'));
    } catch (error) {
      return {};
    }
  }

  function people(widget, name, title) {
    const values = byPerson(widget, name);
    return el(
      'fieldset',
      { class: 'widget_settings_block__people' },
      el('legend', null, title),
      facts.users.map((user) => line(user.name, { type: 'text', name: `${name}[${user.id}]`, value: values[user.id] || '' }))
    );
  }

  function field(widget, name, template, text) {
    const title = text(template.name) || name;
    if (template.type === 'custom') {
      return custom(widget, name);
    }
    if (forPeople(template)) {
      return people(widget, name, title);
    }
    const shape = template.type === 'pass' ? { type: 'password', autocomplete: 'new-password' } : { type: 'text' };
    const required = template.required ? 'true' : null;
    return line(title, Object.assign(shape, { name, value: kept(widget, name), 'aria-required': required }));
  }

  /** A widget that needs no settings can be saved as it is; others after a change. */
  function savable(widget) {
    const { active, status } = widget.install;
    return active && status === 'not_configured' && !templates(widget).some(([, { required }]) => required);
  }

  function saveRow(widget) {
    const ready = savable(widget);
    const save = button(say('save'), {
      id: `save_${widget.code}`,
      class: `button-input js-widget-save${ready ? '' : ' button-input-disabled'}`,
      disabled: !ready,
      'data-id': widget.code,
      'data-onsave-destroy-modal': 'true',
    });
    return el('div', { class: 'widget_settings_block__controls widget_settings_block__controls_top' }, save);
  }

  /** An old switch that the vendor still keeps in the window, out of sight. */
  function switcher(widget) {
    const input = el('input', {
      id: 'widget_active__sw',
      class: 'switcher__checkbox js-widget-install',
      name: 'widget_active',
      type: 'checkbox',
      value: 'Y',
      checked: widget.install.active,
    });
    return el('div', { class: 'switcher_wrapper', hidden: true }, input);
  }

  const named = ($body, name) => $body.find('input').filter((index, node) => node.name === name);

  function value($body, name, template) {
    if (!forPeople(template)) {
      return named($body, name).val() || '';
    }
    const entries = facts.users.map((user) => [user.id, named($body, `${name}[${user.id}]`).val() || '']);
    const given = entries.filter(([, text]) => text);
    return given.length ? JSON.stringify(Object.fromEntries(given)) : '';
  }

  /** The fault stands in the field, or where the widget draws its custom one. */
  function mark(widget, $body, name) {
    const error = el('div', { class: 'widget_settings_block__error', role: 'alert' }, say('required'));
    const shown = named($body, name).closest('.widget_settings_block__item_field')[0];
    const place = shown || $body.find(`[id="${widget.code}_custom_content"]`)[0];
    if (place) {
      place.append(error);
    }
  }

  return {
    draw: (widget, text) =>
      el(
        'div',
        { class: 'widget_settings_block__fields', id: 'widget_settings__fields_wrapper' },
        templates(widget).map(([name, template]) => field(widget, name, template, text)).flat(),
        saveRow(widget),
        switcher(widget)
      ),

    /** The values as they stand in the window. */
    read: (widget, $body) => Object.fromEntries(templates(widget).map(([name, template]) => [name, value($body, name, template)])),

    /** Marks the required fields that are empty; true when there are none. */
    complete(widget, $body) {
      $body.find('.widget_settings_block__error').remove();
      const missing = templates(widget).filter(([name, template]) => template.required && !value($body, name, template).trim());
      missing.forEach(([name]) => mark(widget, $body, name));
      // A hidden field cannot take the focus; then it stays where it is.
      missing.slice(0, 1).forEach(([name]) => named($body, name).trigger('focus'));
      return missing.length === 0;
    },
  };
});
