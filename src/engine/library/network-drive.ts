/** Tells whether a folder lies on a network drive, where SQLite's write-ahead log must not be used. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/** Whether a folder, which must exist, lies on a network drive or another file system without shared memory. */
export type NetworkDriveDetector = (folder: string) => boolean;

/** File systems by the magic number that Linux's `statfs` gives, see `statfs(2)`. */
const networkMagics = new Set([
  0x00006969, // NFS
  0x0000517b, // SMB
  0xfe534d42, // SMB2
  0xff534d42, // CIFS
  0x0000564c, // NCP
  0x5346414f, // AFS
  0x6b414653, // AFS, kernel client
  0x73757245, // Coda
  0x00c36400, // Ceph
  0x0bd00bd0, // Lustre
  0x01021997, // 9p: virtual machines' shares and Windows' drives under WSL
  0x786f4256, // VirtualBox shared folders
  0xbacbacbc, // VMware shared folders
]);
const fuseMagic = 0x65735546;

/** FUSE file systems on a local disk that share memory as SQLite needs it; any other one is taken for remote. */
const localFuseTypes = new Set(['fuseblk', 'fuse.ntfs-3g', 'fuse.exfat', 'fuse.mergerfs', 'fuse.bindfs']);

const networkTypesOfMacos = new Set(['smbfs', 'nfs', 'afpfs', 'webdav', 'ftp', 'macfuse', 'osxfuse']);

/**
 * What the system knows about the drive under a folder: on Linux the file system's kind, on Windows whether the
 * resolved path names a server, on macOS the table of mounts. Elsewhere every drive is taken for a local one.
 */
export const isOnNetworkDrive: NetworkDriveDetector = (folder) => {
  const realFolder = fs.realpathSync.native(folder);
  if (process.platform === 'linux') {
    return isNetworkFileSystem(fs.statfsSync(realFolder).type, () =>
      mountTypeOf(realFolder, parseMountinfo(fs.readFileSync('/proc/self/mountinfo', 'utf8'))),
    );
  }
  if (process.platform === 'darwin') {
    const mounts = parseMacosMounts(execFileSync('/sbin/mount', { encoding: 'utf8', timeout: 5000 }));
    return networkTypesOfMacos.has(mountTypeOf(realFolder, mounts) ?? '');
  }
  return process.platform === 'win32' && isUncPath(realFolder);
};

/**
 * Judges a Linux file system.
 *
 * @param magic `statfs`'s type; may come as a signed number
 * @param mountType names the mount's type, such as `fuse.sshfs`; asked only when the magic says no more than FUSE
 */
export function isNetworkFileSystem(magic: number, mountType: () => string | null): boolean {
  const unsignedMagic = magic >>> 0;
  if (unsignedMagic === fuseMagic) return !localFuseTypes.has(mountType() ?? '');
  return networkMagics.has(unsignedMagic);
}

/** Whether a Windows path names a server: `\\server\share` or `\\?\UNC\server\share`, but not `\\?\C:\`. */
export function isUncPath(windowsPath: string): boolean {
  return /^\\\\(\?\\UNC\\|[^?.\\])/i.test(windowsPath);
}

export interface Mount {
  point: string;
  type: string;
}

/** The mounts in Linux's `/proc/self/mountinfo`, see `proc_pid_mountinfo(5)`. */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [mounted, source] = line.split(' - ');
    const point = mounted?.split(' ')[4];
    const type = source?.split(' ')[0];
    return point === undefined || type === undefined ? [] : [{ point: unescapeOctal(point), type }];
  });
}

/** The mounts that macOS's `mount` lists, one a line: `//host/share on /Volumes/share (smbfs, nodev)`. */
export function parseMacosMounts(text: string): Mount[] {
  return [...text.matchAll(/^.* on (.+) \(([^,)]+).*\)$/gm)].map(([, point = '', type = '']) => ({
    point,
    type,
  }));
}

/** The type of the innermost mount that holds a folder; of two at one point the later one lies on top. */
export function mountTypeOf(folder: string, mounts: readonly Mount[]): string | null {
  const holds = ({ point }: Mount) =>
    folder === point || folder.startsWith(point.endsWith('/') ? point : `${point}/`);
  return (
    mounts
      .filter(holds)
      .reduce<Mount | null>(
        (best, mount) => (best === null || mount.point.length >= best.point.length ? mount : best),
        null,
      )?.type ?? null
  );
}

/** Mountinfo writes space, tab, newline and backslash as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
