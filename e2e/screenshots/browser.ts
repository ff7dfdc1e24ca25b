import { type Browser, type BrowserContext, chromium as playwright } from 'playwright-core';
import { chromium } from '../../scripts/parts.ts';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launch = (): Promise<Browser> => playwright.launch({ executablePath: chromium, args: flags });

export interface Look {
  readonly width: number;
  readonly scheme: 'dark' | 'light';
}

/** A window of somebody who is signed in. */
export function open(browser: Browser, { width, scheme }: Look, token: string): Promise<BrowserContext> {
  return browser.newContext({
    viewport: { width, height: width < 500 ? 844 : 900 },
    isMobile: width < 500,
    hasTouch: width < 500,
    colorScheme: scheme,
    reducedMotion: 'reduce',
    deviceScaleFactor: width < 500 ? 2 : 1,
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  });
}
