#!/usr/bin/env node
/**
 * Starts `banger` on a Node that it runs on: this one where it is new enough, else the one that came with the
 * package. Plain JavaScript that any Node since 18 reads.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The SQLite binding crashes on older ones. */
const MINIMUM_NODE_MAJOR = 22;

const entry = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'cli', 'banger.js');

if (!existsSync(entry)) {
  console.error('banger is not built yet. Run “npm install” in its folder, or “npm run build”.');
  process.exitCode = 1;
} else if (Number(process.versions.node.split('.')[0]) >= MINIMUM_NODE_MAJOR) {
  await import(pathToFileURL(entry).href);
} else {
  startOnBundledNode();
}

function startOnBundledNode() {
  const node = findBundledNode();
  if (node === null) {
    console.error(
      `banger needs Node ${MINIMUM_NODE_MAJOR} or newer; this is ${process.version}. Install a newer Node.`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends these to the child as well; waiting for it here keeps its exit code.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT') child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

function findBundledNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const names = process.platform === 'win32' ? ['bin/node.exe', 'node.exe'] : ['bin/node'];
    return names.map((name) => join(folder, name)).find((file) => existsSync(file)) ?? null;
  } catch {
    return null;
  }
}
