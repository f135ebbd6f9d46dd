/**
 * The system controls for a widget's templates (`/tmpl/controls/<name>.twig`
 * and `include_control`). Our own markup with the vendor's class names: enough
 * to fill in, to style and to test.
 */
define(['underscore'], function (_) {
  'use strict';

  const text = (value) => _.escape(value === undefined || value === null ? '' : String(value));
  const on = (name, value) => (value ? ` ${name}` : '');
  const given = (name, value) => (value === undefined || value === null || value === '' ? '' : ` ${name}="${text(value)}"`);
  const common = (o) => `${given('id', o.id)}${given('name', o.name)}${on('disabled', o.disabled)}${given('placeholder', o.placeholder)}`;
  const items = (o) => o.items || [];
  const label = (item) => text(item.option || item.title || item.name || item.id);

  function input(o) {
    return `<input class="text-input ${text(o.class_name)}" type="${text(o.type || 'text')}"${common(o)} value="${text(o.value)}">`;
  }

  function tick(o, type) {
    const ticked = o.checked || (o.selected !== undefined && o.selected === o.value);
    return `<label class="control-${type}${ticked ? ' is-checked' : ''} ${text(o.class_name)}">
      <span class="control-${type}__body"><input type="${type}"${common(o)} value="${text(o.value || 'Y')}"${on('checked', ticked)}>
      <span class="control-${type}__helper"></span></span>
      <span class="control-${type}__text element__text">${text(o.text || o.label || o.option)}</span></label>`;
  }

  function button(o, extra) {
    return `<button type="button" class="button-input ${extra} ${text(o.class_name)}${o.blue ? ' button-input_blue' : ''}"${common(o)}>
      <span class="button-input-inner"><span class="button-input-inner__text">${text(o.text)}</span></span></button>`;
  }

  function select(o, multiple) {
    const chosen = [].concat(o.selected === undefined ? [] : o.selected).map(String);
    const options = items(o).map((item) => `<option value="${text(item.id)}"${on('selected', chosen.includes(String(item.id)))}>${label(item)}</option>`);
    return `<select class="control--select ${text(o.class_name)}"${common(o)}${on('multiple', multiple)}>${options.join('')}</select>`;
  }

  const list = (o, type) => items(o).map((item) => tick(Object.assign({ name: o.name, value: item.id, text: item.option || item.name, checked: item.is_checked, selected: o.selected }, item), type)).join('');

  const CONTROLS = {
    input,
    textarea: (o) => `<textarea class="text-input text-input-textarea ${text(o.class_name)}"${common(o)}>${text(o.value)}</textarea>`,
    suggest: (o) => {
      const id = text(o.id || _.uniqueId('suggest-'));
      return `${input(o).replace('>', ` list="${id}-items">`)}<datalist id="${id}-items">${items(o).map((item) => `<option>${label(item)}</option>`).join('')}</datalist>`;
    },
    select: (o) => select(o, false),
    multiselect: (o) => select(o, true),
    radio: (o) => list(o, 'radio'),
    checkbox: (o) => tick(o, 'checkbox'),
    checkboxes_dropdown: (o) => `<div class="checkboxes_dropdown">${list(o, 'checkbox')}</div>`,
    date_field: (o) => input(Object.assign({}, o, { type: 'date' })),
    file: (o) => input(Object.assign({}, o, { type: 'file', value: '' })),
    button: (o) => button(o, ''),
    cancel_button: (o) => button(o, 'button-cancel'),
    delete_button: (o) => button(o, 'button-delete'),
  };

  const NAMES = Object.keys(CONTROLS);

  /** `input` of `input`, `/tmpl/controls/input.twig` and `/tmpl/controls/input/any_variant.twig`. */
  const named = (path) => String(path).replace(/^.*\/controls\//, '').replace(/\.twig$/, '').split('/')[0];

  /** The markup of a control; empty for a name that the vendor does not document. */
  function control(name, options) {
    const known = named(name);
    return NAMES.includes(known) ? CONTROLS[known](options || {}) : '';
  }

  /** Whether this is the path of a control's template. */
  const knows = (path) => /^\/tmpl\/controls\//.test(path || '') && NAMES.includes(named(path));

  return Object.assign(control, { NAMES, knows });
});
