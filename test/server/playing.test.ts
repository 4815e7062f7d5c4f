/** How songs play over the server in a real browser, also where a connection was given up in between. */
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { expect, test } from 'vitest';
import { chromiumOptions } from '../e2e/support/chromium.ts';
import { makeSound } from '../support/make-audio.ts';
import { serveLibrary } from '../support/served-library.ts';
import { useSongFolder } from '../support/song-folder.ts';

const inFolder = useSongFolder();
const browserPath = chromiumOptions().executablePath ?? chromium.executablePath();
const hasBrowser = existsSync(browserPath);
if (!hasBrowser && process.env['CI']) throw new Error('This test needs Chromium (apt-get install chromium).');

/** As text, since nothing else in this place knows of documents. */
const playing = `(async () => {
  const until = async (condition) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const audio = new Audio('media/1');
  audio.muted = true;
  await audio.play();
  await until(() => audio.currentTime > 0.3);
  audio.pause();
  // The browser has read what it wants to keep; the server gives up on the rest.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  audio.currentTime = 500;
  await audio.play();
  await until(() => audio.currentTime > 500.3);
  audio.currentTime = 100;
  await until(() => audio.currentTime > 100.3 && audio.currentTime < 499);
  return { duration: Math.round(audio.duration), error: audio.error };
})()`;

test.runIf(hasBrowser)('a player that paused longer than the server waits plays on, and seeks', async () => {
  // 106 MB, far more than a browser reads ahead.
  await makeSound(inFolder('song.wav'), 'sine=f=440:d=600', '-ac', '2');
  const served = await serveLibrary(inFolder('served'), [inFolder('song.wav')], {
    limits: { unreadMs: 1000 },
  });
  const browser = await chromium.launch(chromiumOptions());
  try {
    const page = await browser.newPage();
    const broken: string[] = [];
    page.on('requestfailed', (request) => broken.push(request.url()));
    await page.goto(served.page.newAddress());
    await page.waitForURL(`${served.page.origin}/`);
    expect(await page.evaluate(playing)).toEqual({ duration: 600, error: null });
    // It was given up indeed.
    expect(broken.length).toBeGreaterThan(0);
  } finally {
    await browser.close();
    await served.close();
  }
});
