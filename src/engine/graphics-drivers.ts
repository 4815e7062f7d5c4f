/** Names graphics cards and their drivers, so that a calibration is not trusted after an update. */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { release } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

/** What NVIDIA's driver says of itself on Linux. */
export const nvidiaVersionFile = '/proc/driver/nvidia/version';

/** Class of graphics cards in Windows' registry. */
const windowsDisplayClass =
  'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}';

/** Longer than a registry query ever takes. */
const QUERY_TIMEOUT_MS = 10_000;

/** One line for each card, driver or list of drivers, in a fixed order; what cannot be read is left out. */
export async function readGraphicsDrivers(): Promise<string[]> {
  if (process.platform === 'linux') return readLinuxDrivers();
  if (process.platform === 'win32') return readWindowsDrivers();
  // Drivers come with the system.
  return [`${process.platform} kernel ${release()}`];
}

async function readLinuxDrivers(): Promise<string[]> {
  const cardsFolder = '/sys/class/drm';
  const cards = (await namesIn(cardsFolder)).filter((name) => /^card\d+$/.test(name));
  const lines = await Promise.all(cards.map((card) => describeLinuxCard(join(cardsFolder, card, 'device'))));
  const nvidia = (await textOf(nvidiaVersionFile))?.split('\n', 1)[0];
  return [
    ...lines.filter((line) => line !== null),
    ...(nvidia === undefined ? [] : [nvidia.replaceAll(/\s+/g, ' ').trim()]),
    ...(await listVulkanDrivers()),
  ];
}

/** A card by its PCI numbers with its driver; one that comes with the kernel is as new as that. */
async function describeLinuxCard(device: string): Promise<string | null> {
  const [vendor, model] = await Promise.all([textOf(join(device, 'vendor')), textOf(join(device, 'device'))]);
  if (vendor === null || model === null) return null;
  const driver = await targetOf(join(device, 'driver'));
  const version = driver && (await textOf(join('/sys/module', driver, 'version')));
  return `${vendor.trim()}:${model.trim()} ${driver ?? 'no driver'} ${version?.trim() ?? `of Linux ${release()}`}`;
}

/** The manifests that Vulkan finds its drivers by, with the time of their last change. */
async function listVulkanDrivers(): Promise<string[]> {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  const chosen = (VK_DRIVER_FILES ?? VK_ICD_FILENAMES)?.split(':').filter((file) => file !== '');
  const files = chosen ?? [
    ...(await pathsIn('/etc/vulkan/icd.d')),
    ...(await pathsIn('/usr/share/vulkan/icd.d')),
  ];
  const lines: string[] = [];
  for (const file of files) {
    try {
      lines.push(`Vulkan ${file} of ${(await stat(file)).mtime.toISOString()}`);
    } catch {
      // A driver that is named and is not there does nothing.
    }
  }
  return lines;
}

async function readWindowsDrivers(): Promise<string[]> {
  const [names, versions] = await Promise.all([queryRegistry('DriverDesc'), queryRegistry('DriverVersion')]);
  return names.map((name, index) => `${name} ${versions[index] ?? ''}`.trim());
}

/** The values of one name in all keys of the class, in the registry's order. */
async function queryRegistry(value: string): Promise<string[]> {
  try {
    const query = ['query', windowsDisplayClass, '/s', '/v', value];
    const { stdout } = await promisify(execFile)('reg', query, {
      timeout: QUERY_TIMEOUT_MS,
      windowsHide: true,
    });
    return stdout.split(/\r?\n/).flatMap((line) => /\sREG_SZ\s+(.+)$/.exec(line)?.[1]?.trim() ?? []);
  } catch {
    // Without it a changed driver goes unnoticed, which measuring again mends.
    return [];
  }
}

async function pathsIn(folder: string): Promise<string[]> {
  return (await namesIn(folder)).map((name) => join(folder, name));
}

async function namesIn(folder: string): Promise<string[]> {
  return (await orNull(readdir(folder)))?.sort() ?? [];
}

function textOf(file: string): Promise<string | null> {
  return orNull(readFile(file, 'utf8'));
}

async function targetOf(link: string): Promise<string | null> {
  const target = await orNull(readlink(link));
  return target && basename(target);
}

/** These places differ from system to system; what is not there is simply not known. */
async function orNull<Value>(reading: Promise<Value>): Promise<Value | null> {
  try {
    return await reading;
  } catch {
    return null;
  }
}
