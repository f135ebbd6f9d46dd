/**
 * `self.render`: Twig templates from text, from the widget's files, or the
 * system's controls.
 */
define(['jquery', 'twigjs', 'controls'], function ($, twig, control) {
  'use strict';

  const template = (data) => twig({ data: String(data), allowInlineIncludes: true });

  function fetched({ href, base_path: base, v }, folder) {
    const separator = href.startsWith('/') ? '' : '/';
    const version = v ? `?v=${encodeURIComponent(v)}` : '';
    return fetch(`${base || folder}${separator}${href}${version}`)
      .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(`${answer.status} for ${href}`))))
      .then(template);
  }

  /**
   * `{data}` and `{ref}` give a string; `{href, load}` calls `load` with the
   * template; `promised` makes it a Promise of the template.
   */
  return function render(what, params, folder) {
    if (what.ref) {
      return control(what.ref, params);
    }
    if (what.href) {
      const coming = fetched(what, folder);
      return what.promised ? coming : coming.then((loaded) => what.load && what.load(loaded, params));
    }
    const loaded = template(what.data);
    return what.promised ? Promise.resolve(loaded) : loaded.render(params || {});
  };
});
