/** The order in which ffmpeg is looked for, and what it must prove. */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { decodeRecipe } from '../../../src/engine/audio/decode-recipe.ts';
import { findFfmpeg } from '../../../src/engine/audio/find-ffmpeg.ts';
import { findBothBuilds } from '../../support/make-audio.ts';
import { useSongFolder } from '../../support/song-folder.ts';

const inFolder = useSongFolder();

async function script(name: string, body: string): Promise<string> {
  await mkdir(inFolder(name));
  const path = inFolder(name, 'ffmpeg');
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

const fakeVersion = `[ "$1" = -version ] && echo "ffmpeg version 4.2 Copyright (c) 2000-2019 the FFmpeg developers" && exit 0`;

describe('findFfmpeg', () => {
  it('takes the setting before FFMPEG_PATH, that before PATH, and the shipped one last', async () => {
    const { system, installer } = await findBothBuilds();
    const link = inFolder('linked-ffmpeg');
    await symlink(system.path, link);
    const path = process.env['PATH'];
    const all = { configuredPath: installer.path, env: { FFMPEG_PATH: link, PATH: path } };
    expect(await findFfmpeg(all)).toMatchObject({ source: 'setting', path: installer.path });
    expect(await findFfmpeg({ env: all.env })).toMatchObject({ source: 'environment', path: link });
    expect(['path', 'ffmpeg-static']).toContain(system.source);
    expect(installer).toMatchObject({ releaseYear: 2018, isOld: true, resampler: 'soxr', skipped: [] });
    expect(system).toMatchObject({ isOld: false, resampler: 'soxr' });
  });

  it('says so when the configured one does not work', async () => {
    for (const configuredPath of [inFolder('no-such-file'), await script('not-ffmpeg', 'echo hello')]) {
      const finding = findFfmpeg({ configuredPath });
      await expect(finding).rejects.toMatchObject({ code: 'ffmpeg-missing', file: configuredPath });
    }
  });

  it('passes over others that do not work, and remembers why', async () => {
    const broken = await script('broken', 'exit 3');
    const found = await findFfmpeg({ env: { FFMPEG_PATH: broken, PATH: inFolder('broken') } });
    expect(['ffmpeg-static', 'ffmpeg-installer']).toContain(found.source);
    expect(found.skipped[0]).toMatchObject({ source: 'environment', path: broken });
    expect(found.skipped[0]?.reason).toContain('exit code 3');
  });

  it('prefers a later one with soxr to an earlier one without', async () => {
    const { system } = await findBothBuilds();
    const body = `${fakeVersion}\ncase "$*" in *soxr*) exit 1;; esac\nexec '${system.path}' "$@"`;
    const withoutSoxr = await script('without-soxr', body);
    const found = await findFfmpeg({ env: { FFMPEG_PATH: withoutSoxr, PATH: process.env['PATH'] } });
    expect(found.resampler).toBe('soxr');
    expect(found.skipped).toMatchObject([{ source: 'environment', path: withoutSoxr }]);

    const configured = await findFfmpeg({ configuredPath: withoutSoxr });
    expect(configured).toMatchObject({ resampler: 'swr', version: '4.2', releaseYear: 2019, isOld: true });
    expect(decodeRecipe(configured)).not.toBe(decodeRecipe(found));
  });

  it('ignores relative entries of PATH', async () => {
    const found = await findFfmpeg({ env: { PATH: `.:bin:${inFolder()}` } });
    expect(['ffmpeg-static', 'ffmpeg-installer']).toContain(found.source);
  });

  it('can be cancelled', async () => {
    await expect(findFfmpeg({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});
