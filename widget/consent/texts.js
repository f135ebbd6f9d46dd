/**
 * The widget's words in the reader's language. They live in `i18n/*.json`
 * under the one key `accord`, so that another widget can take the group over
 * as it is. Dates are written the way the reader's language writes them.
 */
define(function () {
  'use strict';

  function lookUp(tree, path) {
    return path.split('.').reduce((node, key) => (node ? node[key] : undefined), tree);
  }

  /**
   * Makes `say(path, values)`: the text under that path with `{name}` filled in.
   * @param {object} widget the host's widget object, asked for `i18n('accord')`
   * @param {function(): string} lang tells the language code of the page
   */
  return function texts(widget, lang) {
    function say(path, values) {
      const text = lookUp(widget.i18n('accord') || (widget.langs || {}).accord, path);
      if (typeof text !== 'string') {
        return '';
      }
      return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? values[name] : whole));
    }

    function written(instant, options) {
      const date = new Date(instant);
      return isNaN(date) ? String(instant || '') : new Intl.DateTimeFormat(lang(), options).format(date);
    }

    /** A calendar day such as `2026-11-22`: it has no time zone and must not move. */
    say.day = (day) => written(day, { dateStyle: 'long', timeZone: /^\d{4}-\d\d-\d\d$/.test(day) ? 'UTC' : undefined });
    /** An instant such as `2026-11-22T08:01:00Z`, in the reader's own time. */
    say.moment = (instant) => written(instant, { dateStyle: 'long', timeStyle: 'short' });

    /** The name of a language, in the reader's language if not told otherwise; the code where it has none. */
    say.language = (code, inLang) => {
      const reader = inLang || lang();
      try {
        const name = new Intl.DisplayNames([reader], { type: 'language' }).of(code);
        return name.charAt(0).toLocaleUpperCase(reader) + name.slice(1);
      } catch (error) {
        return code;
      }
    };

    say.lang = lang;
    return say;
  };
});
