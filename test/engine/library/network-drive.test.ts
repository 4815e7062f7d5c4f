/** Telling network drives from local ones, from what each system reports. */
import { describe, expect, it } from 'vitest';
import {
  isNetworkFileSystem,
  isOnNetworkDrive,
  isUncPath,
  mountTypeOf,
  parseMacosMounts,
  parseMountinfo,
} from '../../../src/engine/library/network-drive.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';

const inFolder = useFreshFolder();

describe('Linux', () => {
  const neverAsked = () => {
    throw new Error('the magic number was enough');
  };

  it.each([
    ['NFS', 0x6969],
    ['SMB2', 0xfe534d42],
    ['SMB2 as a signed number', 0xfe534d42 | 0],
    ['CIFS', 0xff534d42],
    ['Ceph', 0x00c36400],
    ['9p', 0x01021997],
  ])('takes %s for a network drive', (_, magic) => {
    expect(isNetworkFileSystem(magic, neverAsked)).toBe(true);
  });

  it.each([
    ['ext4', 0xef53],
    ['btrfs', 0x9123683e],
    ['xfs', 0x58465342],
    ['tmpfs', 0x01021994],
    ['overlayfs', 0x794c7630],
  ])('takes %s for a local drive', (_, magic) => {
    expect(isNetworkFileSystem(magic, neverAsked)).toBe(false);
  });

  it.each([
    ['fuse.sshfs', true],
    ['fuse.rclone', true],
    ['fuseblk', false],
    [null, true],
  ])('asks the mount table about FUSE: %s', (type, isNetwork) => {
    expect(isNetworkFileSystem(0x65735546, () => type)).toBe(isNetwork);
  });

  it('finds the innermost mount in the table', () => {
    const mounts = parseMountinfo(
      [
        '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
        '36 22 0:31 / /mnt/my\\040songs rw,nosuid shared:5 master:2 - fuse.sshfs me@host:/songs rw',
        '37 36 8:1 / /mnt/my\\040songs/usb rw - fuseblk /dev/sda1 rw',
        '',
      ].join('\n'),
    );
    expect(mountTypeOf('/mnt/my songs/new', mounts)).toBe('fuse.sshfs');
    expect(mountTypeOf('/mnt/my songs', mounts)).toBe('fuse.sshfs');
    expect(mountTypeOf('/mnt/my songs/usb', mounts)).toBe('fuseblk');
    expect(mountTypeOf('/mnt/my songs 2', mounts)).toBe('ext4');
    expect(mountTypeOf('/mnt', [])).toBe(null);
  });
});

it.each([
  ['\\\\server\\share\\songs', true],
  ['\\\\?\\UNC\\server\\share', true],
  ['\\\\?\\C:\\songs', false],
  ['\\\\.\\C:\\songs', false],
  ['C:\\songs', false],
])('Windows: %s', (path, isUnc) => {
  expect(isUncPath(path)).toBe(isUnc);
});

it('macOS: reads the list of mounts', () => {
  const mounts = parseMacosMounts(
    [
      '/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)',
      '//me@nas._smb._tcp.local/Songs on /Volumes/Songs (new) (smbfs, nodev, nosuid, mounted by me)',
      'map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)',
    ].join('\n'),
  );
  expect(mountTypeOf('/Volumes/Songs (new)/night', mounts)).toBe('smbfs');
  expect(mountTypeOf('/Users/me', mounts)).toBe('apfs');
});

it('takes this machine’s folder for temporary files for a local one', () => {
  expect(isOnNetworkDrive(inFolder())).toBe(false);
});
