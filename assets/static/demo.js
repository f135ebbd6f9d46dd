/* Keeps "what the service did" fresh. Without it the page shows the state at loading. */
(function () {
  'use strict';
  var target = document.getElementById('activity');
  function refresh() {
    if (document.hidden) { return; }
    fetch('/demo/activity', { headers: { Accept: 'text/html' } })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (html) { if (html !== null && html !== target.innerHTML) { target.innerHTML = html; } })
      .catch(function () { /* the demo was stopped: the last state stays */ });
  }
  setInterval(refresh, 2000);
}());
