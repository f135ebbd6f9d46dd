/**
 * Tells RequireJS where the modules are that a widget may ask for, under the
 * names that amoCRM gives them, and starts the pages.
 */
(function () {
  'use strict';

  const lib = (name) => `/lib/${name}`;
  const host = (name) => `/host/${name}`;

  requirejs.config({
    baseUrl: '/host',
    waitSeconds: 30,
    paths: {
      jquery: lib('jquery'),
      underscore: lib('underscore'),
      backbone: lib('backbone'),
      moment: lib('moment'),
      'twig-engine': lib('twig'),
      text: host('text'),
      'lib/components/base/modal': host('modal'),
    },
    map: { '*': { twig: 'twigjs', 'vendor/underscore': 'underscore' } },
  });

  require(['pages'], (pages) => pages.start());
})();
