/**
 * `self.crm_post`: a POST that the account's server sends for the widget. One
 * leaves per second; more of them wait in line.
 */
define(['jquery'], function ($) {
  'use strict';

  const GAP_MS = 1000;

  const line = [];
  let free = true;

  function next() {
    const send = line.shift();
    free = !send;
    if (send) {
      send();
      setTimeout(next, GAP_MS);
    }
  }

  return function crmPost(url, data, callback, type, onError) {
    line.push(() =>
      $.ajax({
        url: '/ajax/widgets/post',
        type: 'POST',
        contentType: 'application/json',
        data: JSON.stringify({ url, data: data || {} }),
        dataType: type || 'json',
      }).then(callback, onError)
    );
    if (free) {
      next();
    }
  };
});
