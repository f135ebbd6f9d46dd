/**
 * What every widget inherits (`self.…`): its parameters, settings and texts,
 * templates, and the ways to reach its own server.
 */
define(['jquery', 'underscore', 'facts', 'app', 'templates', 'crm_post', 'right_column'], function (
  $,
  _,
  facts,
  app,
  render,
  crmPost,
  rightColumn
) {
  'use strict';

  function params(widget) {
    const { code, manifest, install } = widget;
    return Object.assign({}, install.settings, {
      id: code,
      widget_code: code,
      version: manifest.widget.version,
      path: `/widgets/${code}`,
      cdn_path: `/upl/${code}/widget`,
      images_path: `/widgets/${code}/images`,
      status: install.status,
      active: install.active ? 'Y' : 'N',
      widget_active: install.active ? 'Y' : 'N',
      oauth_client_uuid: widget.client_id,
      support: manifest.widget.support || {},
    });
  }

  const texts = (widget) => widget.texts[facts.lang] || widget.texts.en || Object.values(widget.texts)[0] || {};

  /** A new token for each call, as at the vendor: it is good for one request. */
  function authorizedAjax(widget, options) {
    const address = `/ajax/v2/integrations/${widget.client_id}/disposable_token`;
    let request = $.ajax({ url: address, dataType: 'json' });
    const answer = request.then(({ token }) => {
      const headers = Object.assign({}, options.headers, { 'X-Auth-Token': token });
      request = $.ajax(Object.assign({}, options, { headers }));
      return request;
    });
    answer.abort = () => request.abort();
    return answer;
  }

  /** The members that a widget finds on itself, from its constructor on. */
  return function widgetBase(widget) {
    const area = { now: '' };
    let langs = texts(widget);

    return {
      params: params(widget),
      langs,
      get_settings() {
        return this.params;
      },
      set_settings(values) {
        Object.assign(this.params, values);
      },
      get_install_status() {
        return this.params.status;
      },
      set_status(status) {
        this.params.status = status;
        $(`[data-widget-code="${widget.code}"] .widget-state`).attr('data-status', status);
      },
      get_version: () => widget.manifest.widget.version,
      i18n: (key) => {
        const found = String(key).split('.').reduce((part, name) => (part || {})[name], langs);
        return found === undefined ? '' : found;
      },
      set_lang(values) {
        langs = values;
        this.langs = values;
      },
      system: () => Object.assign({}, app.widgets.system, { area: area.now, lang: facts.lang }),
      get_accounts_current: () => Object.assign({}, facts.account, { users: facts.users }),
      get_current_card_contacts_data: () => Promise.resolve(app.isCard() ? rightColumn.contacts() : []),
      // The one of `/api/v4/leads/pipelines`.
      get_pipeline_id: () => Promise.resolve(7001),
      list_selected: () => ({ count_selected: 0, selected: [] }),
      widgetsOverlay: (visible) => $(document.body).toggleClass('widgets-overlay', Boolean(visible)),
      add_action() {},
      add_source() {},
      add_call_notify: (data) => app.notifications.add_call(data),
      listenSocketChannel: () => () => {},
      setSdkCatalogId() {},
      crm_post: crmPost,
      $authorizedAjax: (options) => authorizedAjax(widget, options || {}),
      render(what, values) {
        return render(what, values, this.params.path);
      },
      render_template: (block, values) => rightColumn.put(widget, block, values),

      // For the pages only, so not enumerable to the widget by any documented name.
      _enter(name) {
        area.now = name;
        app.widgets.system.area = name;
      },
      _refresh() {
        Object.assign(this.params, params(widget));
      },
    };
  };
});
