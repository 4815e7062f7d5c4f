/**
 * `npm start`: opens the app in a window of its own, and where that cannot be had says why and opens it in a browser
 * instead. It builds what is not built yet. What follows `npm start --` is handed on: folders and songs to open.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const electronFolder = join(root, 'node_modules', 'electron');

/** Electron's archive is about 110 MB. */
const DOWNLOAD_LIMIT_MS = 5 * 60_000;

/** A window that is gone with an error within this time never was one. */
const FALSE_START_MS = 10_000;

const handedOn = process.argv.slice(2);

process.exitCode = await start();

/** @returns {Promise<number>} the exit code */
async function start() {
  if (!buildWhereNeeded()) return 1;
  const obstacle = whatKeepsWindowAway();
  if (obstacle !== null) return serveInstead(obstacle);
  const electron = findElectron() ?? fetchElectron();
  if (electron === null) return serveInstead('Electron, which makes the window, could not be downloaded.');
  const startedAt = Date.now();
  const { code, error, wasInterrupted } = await run(electron, [root, ...handedOn]);
  const isFalseStart =
    error !== null || (code !== 0 && !wasInterrupted && Date.now() - startedAt < FALSE_START_MS);
  if (!isFalseStart) return code;
  return serveInstead(
    error === null ? `The window closed at once (${code}).` : 'Electron does not run here.',
  );
}

/** @returns {boolean} whether everything is there */
function buildWhereNeeded() {
  const parts = [
    'dist/cli/banger.js',
    'out/main/index.cjs',
    'out/preload/index.cjs',
    'out/renderer/index.html',
  ];
  if (parts.every((part) => existsSync(join(root, part)))) return true;
  console.error('Building, which takes a few seconds…');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.js')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) console.error('The build failed. Is everything installed? npm install');
  return status === 0;
}

/** @returns {string | null} one sentence */
function whatKeepsWindowAway() {
  if (process.platform !== 'linux') return null;
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'])
    return 'There is no screen here for a window.';
  // Its sandbox does not run as root, and without it a page could do whatever root can.
  if (process.getuid?.() === 0) return 'Electron’s sandbox does not run as root.';
  return null;
}

/** @returns {string | null} the program, where it is installed */
function findElectron() {
  const name = readText(join(electronFolder, 'path.txt')) ?? 'electron';
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(electronFolder, 'dist');
  const program = join(folder, name);
  return existsSync(program) ? program : null;
}

/**
 * Runs the installer that comes with Electron; a later start tries again.
 *
 * @returns {string | null} the program
 */
function fetchElectron() {
  const installer = join(electronFolder, 'install.js');
  if (!existsSync(installer)) return null;
  console.error('Downloading Electron, once (about 110 MB)…');
  spawnSync(process.execPath, [installer], {
    stdio: 'ignore',
    timeout: DOWNLOAD_LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  return findElectron();
}

/** @param {string} reason one sentence */
async function serveInstead(reason) {
  console.error(`${reason} Opening the app in a browser instead.`);
  const { code } = await run(process.execPath, [
    join(root, 'bin', 'banger.js'),
    'serve',
    ...foldersIn(handedOn),
  ]);
  return code;
}

/**
 * The window takes songs and options of Electron's as well.
 *
 * @param {string[]} names
 */
function foldersIn(names) {
  return names.filter((name) => statSync(name, { throwIfNoEntry: false })?.isDirectory() === true);
}

/**
 * Runs a program in this terminal until it ends.
 *
 * @param {string} program
 * @param {string[]} parameters
 * @returns {Promise<{ code: number, error: Error | null, wasInterrupted: boolean }>}
 */
function run(program, parameters) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { stdio: 'inherit' });
    let wasInterrupted = false;
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      wasInterrupted = true;
      // Ctrl-C reaches the child by itself.
      if (signal !== 'SIGINT') child.kill(signal);
    };
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
    for (const signal of signals) process.on(signal, passOn);
    /** @param {number} code @param {Error | null} error */
    const end = (code, error) => {
      for (const signal of signals) process.off(signal, passOn);
      resolve({ code, error, wasInterrupted });
    };
    child.once('error', (error) => {
      end(1, error);
    });
    child.once('exit', (code, signal) => {
      end(code ?? 128 + (signal === null ? 0 : constants.signals[signal]), null);
    });
  });
}

/** @param {string} file */
function readText(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
