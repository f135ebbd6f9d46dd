/** What a person does with a widget, and whether they see something of it. */

const PATIENCE_MS = 5000;

/** Looks for a while; null where it never came to it. */
async function awaited(look) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const answer = await look().catch(() => null);
    if (answer) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return null;
}

const places = ({ manifest }) => [].concat(manifest.locations ?? []).map((place) => String(place).replace(/-[01]$/, ''));

/** The settings window opens and has something in it. */
export async function seeSettings(account) {
  const { page, home, fault } = account;
  if (fault) {
    return 'broken';
  }
  await page.goto(`${home}/settings/widgets`);
  await page.locator('.js-widget-open').click();
  const seen = await awaited(async () => (await page.locator('.widget-settings__desc-space').innerHTML()).length > 0);
  return seen ? 'yes' : 'no';
}

/** Fills in what is asked for, and ticks what may have to be ticked. */
async function fillIn(page) {
  for (const box of await page.locator('.widget-settings input[type=checkbox]:visible').all()) {
    await box.check({ force: true }).catch(() => {});
  }
  for (const field of await page.locator('.widget_settings_block__fields input:visible').all()) {
    const type = await field.getAttribute('type');
    if (['text', 'password', null].includes(type) && !(await field.inputValue())) {
      await field.fill('1').catch(() => {});
    }
  }
}

/** Installs and saves; `no` where the widget or an empty field holds it back. */
export async function install(account) {
  const { page, manifest, status, fault } = account;
  if (fault) {
    return 'no';
  }
  if (manifest.widget?.installation === false) {
    return 'not made for it';
  }
  if ((await page.locator('button.js-widget-install').count()) === 0) {
    return 'no';
  }
  await fillIn(page);
  await page.locator('button.js-widget-install').click({ timeout: PATIENCE_MS }).catch(() => {});
  if (!(await awaited(async () => (await status()) !== 'install'))) {
    return 'no';
  }
  if ((await status()) !== 'installed') {
    await fillIn(page);
    await page.locator('.js-widget-save:not([disabled])').click({ timeout: PATIENCE_MS }).catch(() => {});
  }
  const done = await awaited(async () => (await status()) === 'installed');
  return done ? 'yes' : 'half';
}

/** A card of a deal shows something of the widget; `–` where it is in no card. */
export async function seeCard({ page, home, code, ...account }) {
  if (!places(account).some((place) => ['lcard', 'everywhere'].includes(place))) {
    return '–';
  }
  await page.goto(`${home}/leads/detail/1001`);
  const seen = await awaited(async () => {
    const block = page.locator(`.card-widgets__widget-${code}`);
    return (await block.count()) > 0 && (await block.evaluate((node) => node.children.length > 1 && node.lastElementChild.innerHTML !== ''));
  });
  return seen ? 'yes' : 'nothing drawn';
}

/** The widget's own page in Settings shows something; `–` where it has none. */
export async function seeOwnPage({ page, home, code, ...account }) {
  if (!places(account).includes('advanced_settings')) {
    return '–';
  }
  await page.goto(`${home}/settings/widgets/${code}`);
  const seen = await awaited(async () => {
    const drawn = await page.locator(`[id="work-area-${code}"]`).evaluate((node) => {
      const holder = node.querySelector('#list_page_holder');
      return holder ? node.children.length > 1 || holder.innerHTML !== '' : node.innerHTML !== '';
    });
    return drawn;
  });
  return seen ? 'yes' : 'nothing drawn';
}
