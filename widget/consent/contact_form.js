/**
 * The contact details the Policy names in clause 4.2, as fields: name,
 * company, position, phone, e-mail, usual language. The account's number is
 * shown, not asked. Used when consenting and when correcting.
 */
define(['./dom.js'], function (dom) {
  'use strict';

  const { el } = dom;

  const LANGUAGES = [
    'ru',
    'en',
    'es',
    'pt',
    'ky',
    'kk',
    'uz',
    'uk',
    'be',
    'hy',
    'az',
    'ka',
    'tr',
    'de',
    'fr',
    'it',
    'pl',
    'zh',
    'ar',
    'id',
  ];

  const FIELDS = [
    { key: 'name', type: 'text', autocomplete: 'name', required: true, hint: 'contact.nameHint' },
    { key: 'email', type: 'email', autocomplete: 'email', required: true },
    { key: 'phone', type: 'tel', autocomplete: 'tel', hint: 'contact.phoneHint' },
    { key: 'company', type: 'text', autocomplete: 'organization' },
    { key: 'position', type: 'text', autocomplete: 'organization-title' },
    { key: 'language', autocomplete: 'language' },
  ];

  /** Only to look at: the service reads numbers as people write them, and gets what was written. */
  function plainPhone(text) {
    return text
      .replace(/\(0\)|[^\d+\p{L}]/gu, '')
      .replace(/^00/, '+');
  }

  /** With a country's code; or eleven digits, as people dial where 8 stands for +7. */
  const PHONE = /^(\+[1-9]\d{6,14}|[78][3-9]\d{9})$/;

  // The service decides what is right; this only spares a round trip for plain slips.
  function slip(key, value) {
    if (key === 'name' && !value) return 'contact.nameMissing';
    if (key === 'email' && !value) return 'contact.emailMissing';
    if (key === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return 'contact.emailWrong';
    if (key === 'phone' && value && !PHONE.test(plainPhone(value))) return 'contact.phoneWrong';
    return null;
  }

  function languageSelect(attributes, value, say) {
    const codes = LANGUAGES.includes(value) || !value ? LANGUAGES : [value, ...LANGUAGES];
    const options = codes.map((code) => el('option', { value: code }, say.language(code)));
    return el('select', Object.assign({ value: value || 'en' }, attributes), options);
  }

  function field(spec, value, say) {
    const id = dom.uid(spec.key);
    const attributes = {
      id,
      class: 'accord-input',
      'data-field': spec.key,
      autocomplete: spec.autocomplete,
      'aria-required': spec.required ? 'true' : null,
      'aria-describedby': `${id}-hint ${id}-error`,
    };
    const input =
      spec.key === 'language'
        ? languageSelect(attributes, value, say)
        : el('input', Object.assign({ type: spec.type, maxlength: '200', value: value || '' }, attributes));
    const error = el('p', { class: 'accord-field-error', id: `${id}-error` });
    const mark = spec.required ? say('common.required') : spec.key === 'language' ? '' : say('common.optional');

    return {
      spec,
      input,
      error,
      root: el(
        'div',
        { class: 'accord-field' },
        el(
          'label',
          { class: 'accord-label', for: id },
          say(`contact.${spec.key}`),
          mark && el('span', { class: 'accord-mark' }, ` ${mark}`)
        ),
        input,
        el('p', { class: 'accord-hint', id: `${id}-hint` }, spec.hint ? say(spec.hint) : ''),
        error
      ),
    };
  }

  /**
   * Draws the fields, filled with `values`; `quiet` where a heading stands above already.
   * @returns `root`; `value()` the tidy values (an empty field is left out);
   *   `slips()` what is plainly wrong; `mark(slips)` shows it next to the fields
   */
  return function contactForm({ say, values, accountId, onInput, quiet }) {
    const fields = FIELDS.map((spec) => field(spec, values[spec.key], say));

    function tell(one, message) {
      one.error.textContent = message || '';
      if (message) {
        one.input.setAttribute('aria-invalid', 'true');
      } else {
        one.input.removeAttribute('aria-invalid');
      }
    }

    fields.forEach((one) => {
      const changed = () => {
        tell(one, null);
        onInput();
      };
      one.input.addEventListener('input', changed);
      one.input.addEventListener('change', changed);
    });

    function value() {
      const result = {};
      fields.forEach((one) => {
        const text = one.input.value.trim();
        if (text) {
          result[one.spec.key] = text;
        }
      });
      return result;
    }

    function slips() {
      const found = fields.map((one) => ({
        field: one,
        text: slip(one.spec.key, one.input.value.trim()),
      }));
      return found
        .filter((one) => one.text)
        .map((one) => ({ input: one.field.input, message: say(one.text), key: one.field.spec.key }));
    }

    function mark(list) {
      fields.forEach((one) => {
        const slipHere = list.find((each) => each.key === one.spec.key);
        tell(one, slipHere && slipHere.message);
      });
    }

    /**
     * Errors of the service, found by the last part of their JSON pointer. It
     * explains them in English; in other languages our own words stand in.
     */
    function fromService(errors) {
      const words = (error, key) =>
        (say.lang() === 'en' && error.detail) || say(`contact.${key}Wrong`) || say('contact.refused');
      return errors
        .map((error) => ({ error, key: String(error.pointer).split('/').pop() }))
        .map(({ error, key }) => ({ error, one: fields.find((each) => each.spec.key === key) }))
        .filter(({ one }) => one)
        .map(({ error, one }) => ({ input: one.input, key: one.spec.key, message: words(error, one.spec.key) }));
    }

    return {
      root: el(
        'fieldset',
        { class: 'accord-fieldset' },
        el('legend', { class: quiet ? 'accord-unseen' : 'accord-legend' }, say('contact.legend')),
        el(
          'div',
          { class: 'accord-fields' },
          fields.map((one) => one.root)
        ),
        accountId && el('p', { class: 'accord-small accord-account' }, say('contact.account', { id: accountId }))
      ),
      value,
      slips,
      mark,
      fromService,
    };
  };
});
