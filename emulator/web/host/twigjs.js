/**
 * `twigjs` as amoCRM gives it to widgets: a function that makes templates, with
 * the library's other members on it, and the system's controls among the
 * templates that `ref` and `include` find.
 */
define(['twig-engine', 'controls'], function (engine, control) {
  'use strict';

  const template = (ref) => ({ id: ref, render: (values) => control(ref, values) });
  const twig = (options) => (control.knows((options || {}).ref) ? template(options.ref) : engine.twig(options));

  engine.extend((core) => {
    control.NAMES.map((name) => `/tmpl/controls/${name}.twig`).forEach((ref) => {
      core.Templates.registry[ref] = template(ref);
    });
  });
  engine.extendFunction('include_control', (name, values) => control(name, values));

  return Object.assign(twig, engine, { twig });
});
