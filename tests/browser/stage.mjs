/**
 * The stage of the story: `accord demo` in a folder of its own, a browser, and somebody
 * signed in to the emulated account. What is awaited is looked at again and again, never
 * slept for.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const ACCORD = process.env.ACCORD_BIN ?? here('../../target/debug/accord');
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
export const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Looks until there is an answer; fails after twenty seconds. */
export async function until(what, look) {
  for (const end = Date.now() + 20000; Date.now() < end; ) {
    const answer = await look().catch(() => null);
    if (answer) {
      return answer;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it never came to this: ${what}`);
}

/** Everything on this machine, as a newcomer starts it. */
export class Demo {
  /** `env`: settings the demo lets its caller decide. */
  static async start(env = {}) {
    const demo = new Demo();
    demo.folder = await mkdtemp(join(tmpdir(), 'accord-story-'));
    [demo.port, demo.amocrmPort] = [await freePort(), await freePort()];
    demo.service = `http://localhost:${demo.port}`;
    demo.account = `http://demo.localhost:${demo.amocrmPort}`;
    demo.amocrm = `http://127.0.0.1:${demo.amocrmPort}`;
    demo.child = spawn(
      ACCORD,
      ['demo', '--port', demo.port, '--amocrm-port', demo.amocrmPort, '--data-dir', demo.folder].map(String),
      { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } },
    );
    await until('the demo is ready', async () => (await fetch(`${demo.service}/readyz`)).ok);
    return demo;
  }

  async stop() {
    if (this.child.exitCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  /** What somebody at the Publisher's runs beside the demo; the answer is what it prints. */
  accord(...words) {
    const env = {
      ...process.env,
      ACCORD_DATA_DIR: this.folder,
      ACCORD_PUBLIC_URL: this.service,
      AMOCRM_HOSTS: `http://localhost:${this.amocrmPort}`,
      ACCORD_PUBLISHER_NAME: 'Rose Widgets',
      ACCORD_PUBLISHER_LEGAL_FORM: 'individual entrepreneur',
      ACCORD_PUBLISHER_TAX_NUMBER: '00000000000000',
      ACCORD_PUBLISHER_ADDRESS: '1 Example Street, Bishkek, Kyrgyz Republic',
      ACCORD_PUBLISHER_SITE: 'https://widgets.example',
      ACCORD_PUBLISHER_MAILBOX: 'privacy@widgets.example',
    };
    return new Promise((resolve, reject) => {
      execFile(ACCORD, words, { env }, (failure, out, err) =>
        failure ? reject(new Error(`accord ${words.join(' ')}: ${out}${err}`)) : resolve(out),
      );
    });
  }

  /** What amoCRM's back office would do. */
  async control(method, path, body) {
    const answer = await fetch(`${this.amocrm}/_emulator${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer.status === 204 ? null : answer.json();
  }
}

/** Starts the demo for one telling, and looks at the end whether anything forbidden was done. */
export async function told(tell, env) {
  const demo = await Demo.start(env);
  try {
    await tell(demo);
    // axe, which the test itself brings into the page, is noticed too.
    const findings = (await demo.control('GET', '/findings')).filter((finding) => !/axe/.test(finding.detail));
    assert.deepEqual(findings, [], 'forbidden behaviour');
  } finally {
    await demo.stop();
  }
}

// What the browser calls an error and the story expects.
const EXPECTED = [
  // The emulator's authorize page has no icon.
  (text, url) => url.endsWith('/favicon.ico'),
  // Before the first Install amoCRM has no token to give.
  (text, url) => url.includes('/disposable_token'),
  // The text was replaced while it was read.
  (text, url) => / 409 /.test(text) && url.endsWith('/widget/v1/consents'),
  // An employee is refused.
  (text, url) => / 403 /.test(text) && url.endsWith('/widget/v1/withdrawals'),
];

let browser;

export async function openBrowser() {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  });
}

export async function closeBrowser() {
  await browser.close();
}

/** A browser window of one person, in a language and a theme. */
export async function person(demo, name, { lang, theme, width = 1280, height = 800, bypassCSP = false }) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: lang,
    reducedMotion: 'reduce',
    acceptDownloads: true,
    // Only for axe, which a page's own policy would not let in.
    bypassCSP,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    const { url } = message.location();
    if (message.type() === 'error' && !EXPECTED.some((each) => each(message.text(), url))) {
      faults.push(`${message.text()} ${url}`);
    }
  });
  await page.goto(`${demo.account}/sign-in?lang=${lang}&theme=${theme}`);
  await page.getByText(name).click();
  await page.waitForURL('**/leads');
  const leave = async () => {
    assert.deepEqual(faults, [], `errors in the console of ${name}`);
    await context.close();
  };
  return { context, page, leave };
}

/** What axe finds serious or critical; empty when all is well. */
export async function barriers(page, within) {
  await page.addScriptTag({ path: AXE });
  const found = await page.evaluate(
    (selector) =>
      window.axe.run(selector ?? document, {
        resultTypes: ['violations'],
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
      }),
    within,
  );
  return found.violations
    .filter((violation) => ['serious', 'critical'].includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`);
}
