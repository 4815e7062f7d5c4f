/**
 * The app as it is shipped: packed with `electron-builder.yml`, its fuses set, started from its own folder. The fuses
 * forbid Playwright's usual way into main, so it is driven through the page alone.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCurrentFuseWire, FuseV1Options } from '@electron/fuses';
import { expect, test } from '@playwright/test';
import { execa } from 'execa';
import { poolSongs, writeSongs } from '../support/song-pool.ts';
import { DebuggedPage } from './debugged-page.ts';
import { freePort } from './free-port.ts';
import { appCommand, configFolder, makeHome, projectNode } from './launch-electron.ts';
import { packApp, type PackedApp } from './pack-app.ts';
import { PageLines } from './page-lines.ts';

const wantedFuses = {
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
};

// electron-builder packs for the system that it runs on; the others are packed by whoever has them.
const isLinux = process.platform === 'linux';

if (isLinux) {
  test.describe('the packed app', () => {
    let folder: string;
    let packed: PackedApp;
    let home: string;
    let removeHome: () => Promise<void>;

    test.beforeAll(async () => {
      test.setTimeout(300_000);
      folder = await mkdtemp(join(tmpdir(), 'banger-packed-'));
      packed = await packApp(folder);
    });
    test.afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

    test.beforeEach(async () => {
      ({ home, remove: removeHome } = await makeHome());
    });
    test.afterEach(() => removeHome());

    test('has every fuse set that its Electron has', async () => {
      const wire: Readonly<Record<string, unknown>> = {
        ...(await getCurrentFuseWire(packed.executablePath)),
      };
      const found = Object.keys(wire)
        .filter((place) => place !== 'version')
        .map((place) => [FuseV1Options[Number(place)] ?? place, wire[place] === '1'.charCodeAt(0)]);
      expect(found.length).toBeGreaterThanOrEqual(7);
      expect(wantedFuses).toMatchObject(Object.fromEntries(found) as Record<string, unknown>);
    });

    test('cannot be turned into a Node, nor be looked into', async () => {
      const mark = join(home, 'ran-as-node');
      const code = `require('fs').writeFileSync(${JSON.stringify(mark)}, '')`;
      const { env } = await appCommand({ home, env: { BANGER_TEST_NODE: projectNode } });
      const { stderr } = await execa(
        packed.executablePath,
        ['--no-sandbox', '--disable-gpu', '--inspect=0', '-e', code],
        {
          env: { ...env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: `--require=${mark}` },
          extendEnv: false,
          reject: false,
          timeout: 8000,
        },
      );
      expect(existsSync(mark)).toBe(false);
      expect(stderr).not.toContain('Debugger listening');
      // It started as what it is.
      expect(readFileSync(logOf(home), 'utf8')).toContain('The engine is running');
    });

    test('scores, plays and quits', async () => {
      const port = await freePort();
      const app = await startPacked(packed, home, port);
      const page = new DebuggedPage(port);
      try {
        await expect.poll(() => page.isThere(), { timeout: 40_000 }).toBe(true);
        const lines = new PageLines(page);
        await lines.openLines();
        await lines.waitForEngine();

        await writeSongs(join(home, 'music'), poolSongs.slice(0, 2));
        await lines.engine('add-watched-folder', { path: join(home, 'music') });
        await expect
          .poll(async () => (await lines.engine('list-songs', { limit: 0 })).scoredTotal, { timeout: 60_000 })
          .toBe(2);
        const [song] = (await lines.engine('list-songs', {})).rows;
        const status = await page.evaluate(
          async (id) => (await fetch(`media/${id}`, { headers: { Range: 'bytes=0-99' } })).status,
          song?.id ?? 0,
        );
        expect(status).toBe(206);
        const exited = new Promise((resolve) => app.once('exit', resolve));
        app.kill('SIGTERM');
        expect(await exited).toBe(0);
        const log = readFileSync(logOf(home), 'utf8');
        expect(log).toMatch(/engine ended with code 0[^]*The app ends/);
      } finally {
        app.kill('SIGKILL');
      }
    });
  });
}

function logOf(home: string): string {
  return join(configFolder(home), 'Banger Scorer', 'logs', 'main.log');
}

async function startPacked(packed: PackedApp, home: string, port: number): Promise<ChildProcess> {
  // Inside the archive, the entry for the old Electron does not find the project's Node.
  const { env } = await appCommand({ home, env: { BANGER_TEST_NODE: projectNode } });
  const args = ['--no-sandbox', '--disable-gpu', `--remote-debugging-port=${port}`];
  return spawn(packed.executablePath, args, { env, cwd: home, stdio: 'ignore' });
}
