// Debian's Chromium, driven by playwright-core; every page is watched for what must never happen.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';
const pictures = join(process.env.BULWARK_BUILD ?? '/tmp', 'e2e-screenshots');

if (!existsSync(executable)) {
  console.log(`no browser at ${executable}: apt-get install chromium, or set CHROMIUM`);
  process.exit(77);
}

export function launch() {
  mkdirSync(pictures, { recursive: true });
  return chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A new, private browser window on the console. `complaints` collects policy violations, script errors and failed loads. */
export async function openWindow(browser, { colorScheme = 'light' } = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme, viewport: { width: 1440, height: 900 } });
  const complaints = [];
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(`script on ${page.url()}: ${error.stack}`));
  page.on('console', (message) => {
    // A refused request (401, 403) is logged by the browser itself; tests that expect one look at the page.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  return { context, page, complaints };
}

/** What axe-core finds wrong with the page as it stands, one line each. */
export async function accessibilityProblems(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}

export const picture = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`) });
