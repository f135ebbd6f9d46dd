/**
 * Light or dark and which language, before anything is drawn. The choice is
 * kept in the browser; `?theme=dark` and `?lang=en` in an address make it.
 */
(function () {
  'use strict';

  const asked = new URLSearchParams(location.search);
  ['theme', 'lang'].forEach((name) => {
    if (asked.get(name)) {
      localStorage.setItem(`emulator.${name}`, asked.get(name));
    }
  });
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.dataset.colorScheme = localStorage.getItem('emulator.theme') || system;
})();
