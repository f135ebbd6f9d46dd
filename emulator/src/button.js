// The button for websites: put <script class="amocrm_oauth" data-client-id="…" src="…/auth/button.min.js">
// where the button should appear. Without a client id, data-name, data-description, data-redirect_uri,
// data-secrets_uri, data-logo and data-scopes describe an external integration. Like the vendor's, it opens the
// authorize window and waits for its message; unlike the vendor's, it encodes what it puts into the address.
(function () {
  'use strict';
  var source = document.currentScript;
  if (!source) { return; }
  var host = new URL(source.src).origin;
  var data = source.dataset;
  var popup = null;
  var button = document.createElement('button');
  button.type = 'button';
  button.className = data.className || 'amocrm-oauth';
  button.textContent = data.title || 'Install';
  source.parentNode.insertBefore(button, source);

  function address() {
    var query = new URLSearchParams({
      state: data.state || String(Math.random()).slice(2),
      mode: data.mode || 'popup',
      origin: location.href
    });
    if (data.clientId) {
      query.append('client_id', data.clientId);
    } else {
      ['name', 'description', 'redirect_uri', 'secrets_uri', 'logo'].forEach(function (name) {
        query.append(name, data[name] || '');
      });
      (data.scopes || '').split(',').filter(Boolean).forEach(function (scope) {
        query.append('scopes[]', scope.trim());
      });
    }
    return host + '/oauth/?' + query;
  }

  button.addEventListener('click', function () {
    popup = window.open(address(), 'oauth', 'width=750,height=580');
  });
  window.addEventListener('message', function (event) {
    if (!popup || event.source !== popup || !event.data) { return; }
    if (event.data.error) {
      var callback = window[data.errorCallback];
      if (typeof callback === 'function') { callback(event.data); }
    } else if (event.data.url) {
      location.href = event.data.url;
    }
  });
}());
