/**
 * From an address to a page: leaves the old place, draws the new one, brings
 * the widgets in. Pages change without a reload, as at the vendor; that is
 * what `destroy` and `page:changed` are about.
 */
define(['facts', 'app', 'life_cycle', 'shell', 'page_deals', 'page_settings', 'words'], function (
  facts,
  app,
  life,
  shell,
  deals,
  settings,
  say
) {
  'use strict';

  const { switches } = facts;
  const ADVANCED = switches.advanced_area_with_dash ? 'advanced-settings' : 'advanced_settings';
  const visited = new Set();
  // One move after the other: a widget must have arrived before it can leave.
  let moving = Promise.resolve();

  const ROUTES = [
    {
      at: /^\/leads$/,
      title: 'deals',
      go(page) {
        app.enter({ entity: 'leads', page: 'leads', page_v3: 'leads' });
        deals.list(page);
        return life.arrive('llist');
      },
    },
    {
      at: /^\/leads\/detail\/(\d+)$/,
      title: 'deal',
      go(page, id) {
        app.enter({ entity: 'leads', page: 'leads_card', page_v3: 'leads.card', isCard: true, id: Number(id) });
        deals.deal(page, Number(id));
        return life.arrive('lcard');
      },
    },
    {
      at: /^\/contacts\/detail\/(\d+)$/,
      title: 'contact',
      go(page, id) {
        app.enter({ entity: 'contacts', page: 'contacts_card', page_v3: 'contacts.card', isCard: true, id: Number(id) });
        deals.contact(page);
        return life.arrive('ccard');
      },
    },
    {
      at: /^\/settings\/widgets$/,
      title: 'integrations',
      go(page) {
        app.enter({ entity: 'settings', page: 'widgetsSettings', page_v3: 'settings.widgets' });
        settings.integrations(page, () => redrawIntegrations(page));
        return life.arrive('widgetsSettings');
      },
    },
    {
      at: /^\/settings\/widgets\/([\w-]+)$/,
      title: 'settings',
      async go(page, code) {
        app.enter({ entity: 'advanced-settings', page: `advanced-settings:${code}`, page_v3: 'widget.advanced_settings' });
        if (settings.advanced(page, code)) {
          await openAdvanced(code);
        }
      },
    },
  ];

  function redrawIntegrations(page) {
    shell.refresh();
    if (location.pathname.replace(/\/$/, '') === '/settings/widgets') {
      page.replaceChildren();
      settings.integrations(page, () => redrawIntegrations(page));
    }
  }

  async function openAdvanced(code) {
    await life.arrive(ADVANCED, code);
    if (switches.advanced_settings_once && visited.has(code)) {
      return;
    }
    visited.add(code);
    life.call(code, await life.load(code), 'advancedSettings');
  }

  async function go() {
    const path = location.pathname.replace(/\/$/, '');
    const route = ROUTES.find(({ at }) => at.test(path)) || ROUTES[0];
    const [, argument] = route.at.exec(path) || [];
    const page = shell.page();
    life.leave();
    page.replaceChildren();
    app.data.current_view.$el = window.jQuery(page);
    document.title = `${say(route.title)} · ${facts.account.name}`;
    shell.refresh();
    await route.go(page, argument);
    document.body.dataset.place = path;
  }

  function move() {
    moving = moving.then(go).catch((error) => window.emulatorRecorder.report('page-failed', '', error.message));
    return moving;
  }

  /** A click on a link to one of our pages changes the page in place. */
  function follow(event) {
    const link = event.target.closest && event.target.closest('a[href^="/"]');
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const ours = link && !link.target && !link.hasAttribute('download') && ROUTES.some(({ at }) => at.test(link.pathname.replace(/\/$/, '')));
    if (ours && plain && !event.defaultPrevented) {
      event.preventDefault();
      history.pushState({}, '', link.href);
      move().then(() => shell.page().focus({ preventScroll: true }));
    }
  }

  return {
    start() {
      shell.draw();
      window.emulatorRecorder.rate = switches.widget_requests_per_second;
      window.emulatorRecorder.baseline();
      document.addEventListener('click', follow);
      window.addEventListener('popstate', move);
      move();
    },
  };
});
