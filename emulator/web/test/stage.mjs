/**
 * What every browser test needs: a running emulator with two widgets, a
 * receiver for its hooks, and a browser with somebody signed in.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const EMULATOR = process.env.AMOCRM_EMULATOR ?? here('../../../target/debug/amocrm-emulator');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const listening = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

async function freePort() {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks again and again until the answer is there; fails after twenty seconds. */
export async function until(what, look) {
  for (const end = Date.now() + 20000; Date.now() < end; ) {
    const answer = await look().catch(() => null);
    if (answer) {
      return answer;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** The widget's server: notes the hooks it gets, and tells the token it was shown. */
async function widgetServer() {
  const hooks = [];
  const server = createServer((request, answer) => {
    const url = new URL(request.url, 'http://widget');
    answer.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
    answer.setHeader('Access-Control-Allow-Headers', 'X-Auth-Token');
    answer.setHeader('Content-Type', 'application/json');
    if (url.pathname === '/token') {
      answer.end(JSON.stringify({ token: request.headers['x-auth-token'] ?? '' }));
    } else {
      hooks.push(url.pathname);
      answer.end('{}');
    }
  });
  const port = await listening(server);
  return { hooks, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** An emulator with the account `demo` and these widgets of `tests/`. */
export async function openStage(widgets = ['fixture', 'naughty']) {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const program = spawn(EMULATOR, ['--port', String(port)], { stdio: 'ignore' });
  const server = await widgetServer();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

  async function control(method, path, body) {
    const answer = await fetch(`${base}/_emulator/${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    }
    return text ? JSON.parse(text) : null;
  }

  await until('the emulator', () => control('GET', 'switches'));
  const add = (code, folder) =>
    control('POST', 'integrations', {
      code,
      name: code.replace(/^./, (letter) => letter.toUpperCase()),
      redirect_uri: `${server.url}/hook`,
      disconnect_uri: `${server.url}/gone`,
      folder,
    });
  for (const code of widgets) {
    await add(code, here(`../../tests/${code}-widget`));
  }

  /** A new window in which this person is signed in; `problems` collects what the console said. */
  async function signIn(name, options = {}) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(20000);
    const page = await context.newPage();
    const problems = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`http://demo.localhost:${port}/`);
    await page.getByRole('button', { name }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    return { page, problems, close: () => context.close() };
  }

  return {
    base,
    add,
    control,
    server,
    signIn,
    findings: async () => (await control('GET', 'findings')).map(({ rule }) => rule),
    async close() {
      await browser.close();
      server.close();
      program.kill('SIGINT');
    },
  };
}

/** The serious and critical findings of axe, in words. */
export async function axe(page) {
  await page.addScriptTag({ path: AXE });
  const { violations } = await page.evaluate(() => window.axe.run(document));
  return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** The callbacks that the fixture wrote down since the last look. */
export function calls(page) {
  return page.evaluate(() => {
    const { fixtureCalls = '' } = document.body.dataset;
    delete document.body.dataset.fixtureCalls;
    return fixtureCalls.split(' ').filter(Boolean);
  });
}

/** Opens a page by its address inside the account, as a link would. */
export async function visit(page, path) {
  await page.evaluate((href) => {
    delete document.body.dataset.place;
    const link = document.createElement('a');
    link.href = href;
    document.body.append(link);
    link.click();
    link.remove();
  }, path);
  await page.locator(`body[data-place="${path}"]`).waitFor();
}

/** Opens the settings window of a widget from the integrations list. */
export async function openSettings(page, code) {
  await visit(page, '/settings/widgets');
  await page.locator(`.js-widget-open[data-code="${code}"]`).click();
  await page.locator(`.${code} .widget-settings`).waitFor();
}
