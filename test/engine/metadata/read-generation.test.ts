/** Generation parameters as each generator writes them, from real files and real tags. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFfmpeg } from '../../../src/engine/audio/find-ffmpeg.ts';
import { readGenerationTags } from '../../../src/engine/audio/generation-tags.ts';
import { inspectAudio } from '../../../src/engine/audio/inspect-audio.ts';
import { readGeneration, type GenerationProblem } from '../../../src/engine/metadata/read-generation.ts';
import type { SongTagMap } from '../../../src/engine/metadata/song-tag-map.ts';
import { generationSchema, type Generation } from '../../../src/shared/generation.ts';
import { useFreshFolder } from '../../support/fresh-folder.ts';
import {
  aceStep15Record,
  aceStep1Record,
  comfyuiPromptText,
  comfyuiWorkflow,
  musicGenRecord,
  referenceParams,
  referenceResults,
  referenceResultsWithPaths,
  sunoComment,
} from '../../support/generator-records.ts';
import { makeSong } from '../../support/make-audio.ts';

const inFolder = useFreshFolder();

/** Writes a record and reads what it says of a song; the song itself need not exist. */
async function readBeside(
  song: string,
  record: string,
  content: unknown,
  tags?: SongTagMap,
): Promise<{ generation: Generation | null; problems: GenerationProblem[] }> {
  const path = inFolder(record);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(
    path,
    content instanceof Uint8Array || typeof content === 'string' ? content : JSON.stringify(content),
  );
  return read(song, tags);
}

async function read(song: string, tags?: SongTagMap) {
  const problems: GenerationProblem[] = [];
  const generation = await readGeneration(inFolder(song), {
    tags,
    onProblem: (problem) => problems.push(problem),
  });
  return { generation, problems };
}

describe('ACE-Step', () => {
  it('1.5: prefers what its language model chose where the person left it open', async () => {
    const { generation, problems } = await readBeside(
      'batch_1770530000/0f9e.flac',
      'batch_1770530000/0f9e.json',
      aceStep15Record,
    );
    expect(problems).toEqual([]);
    expect(generation).toMatchObject({
      generator: 'ace-step-1.5',
      sourceFile: inFolder('batch_1770530000/0f9e.json'),
      prompt: 'dark synthwave with a driving bassline',
      lyrics: '[Verse]\nNeon rain\n\n[Chorus]\nRun',
      tempoBpm: 118,
      musicalKey: 'F# minor',
      timeSignature: '4/4',
      seed: '3735928559',
      guidanceScale: 7,
      inferenceSteps: 8,
      model: null,
    });
    expect(generation?.raw).not.toContain('audio_code');
    expect(JSON.parse(generation?.raw ?? '')).toMatchObject({ vocal_language: 'en', duration: -1 });
  });

  it('1.5: takes what the person stated, and ties the songs of a batch folder together', async () => {
    const stated = {
      ...aceStep15Record,
      bpm: 90,
      keyscale: 'Bb Major',
      timesignature: '6',
      cot_bpm: null,
      cot_keyscale: '',
      cot_timesignature: '',
    };
    const { generation: first } = await readBeside('batch_17/a.flac', 'batch_17/a.json', stated);
    const { generation: second } = await readBeside('batch_17/b.flac', 'batch_17/b.json', {
      ...stated,
      seed: 2,
      caption: 'x',
    });
    const { generation: other } = await readBeside('batch_18/c.flac', 'batch_18/c.json', stated);
    const { generation: loose } = await readBeside('saved/d.flac', 'saved/d.json', stated);
    expect(first).toMatchObject({ tempoBpm: 90, musicalKey: 'Bb major', timeSignature: '6/8' });
    expect(first?.runKey).toMatch(/^ace-step-1\.5:[0-9a-f]{24}$/);
    expect(second?.runKey).toBe(first?.runKey);
    expect(other?.runKey).not.toBe(first?.runKey);
    expect(loose?.runKey).toBeNull();
  });

  it('1: gives each song of a run its own seed', async () => {
    await readBeside(
      'output_20250604084637_0.wav',
      'output_20250604084637_0_input_params.json',
      aceStep1Record,
    );
    const { generation } = await readBeside(
      'output_20250604084637_1.wav',
      'output_20250604084637_1_input_params.json',
      {
        ...aceStep1Record,
        audio_path: './outputs/output_20250604084637_1.wav',
      },
    );
    expect(generation).toMatchObject({
      generator: 'ace-step-1',
      prompt: 'funk, pop, soul, 105 BPM, energetic',
      seed: '1822304529',
      guidanceScale: 15,
      inferenceSteps: 60,
      model: null,
      generationSeconds: 11,
    });
    const first = await read('output_20250604084637_0.wav');
    expect(first.generation).toMatchObject({ seed: '401640', runKey: generation?.runKey });
    const rerun = await readBeside('again_0.wav', 'again_0_input_params.json', {
      ...aceStep1Record,
      timecosts: { preprocess: 0.4, diffusion: 19, latent2audio: 1 },
    });
    expect(rerun.generation?.runKey).not.toBe(generation?.runKey);
  });
});

describe('the reference project', () => {
  it('reads params.json for the song in its folder', async () => {
    const { generation } = await readBeside(
      'output/candidates/gen_003/8c1f.mp3',
      'output/candidates/gen_003/params.json',
      referenceParams,
    );
    expect(generation).toMatchObject({
      generator: 'banger-scorer',
      prompt: 'boom bap, dusty drums, jazz piano',
      tempoBpm: 92,
      musicalKey: 'A minor',
      seed: '45',
    });
    const sibling = await readBeside(
      'output/candidates/gen_004/77aa.mp3',
      'output/candidates/gen_004/params.json',
      { ...referenceParams, seed: 46 },
    );
    expect(sibling.generation?.runKey).toBe(generation?.runKey);
  });

  it('finds a song in results.json by the rank and the seed in its name', async () => {
    const best = await readBeside(
      'output/best_01_score5.4_bpm128_Cminor_seed44.mp3',
      'output/results.json',
      referenceResults,
    );
    expect(best.generation).toMatchObject({
      generator: 'banger-scorer',
      prompt: 'edm, big drop',
      musicalKey: 'C minor',
      seed: '44',
      generationSeconds: 61.5,
    });
    const worst = await read('output/worst_01_score2.1_bpm140_Aminor_seed43.mp3');
    expect(worst.generation).toMatchObject({ prompt: 'trap, slow', runKey: best.generation?.runKey });
    const contradicting = await read('output/best_02_score3.3_bpm128_Gmajor_seed44.mp3');
    expect(contradicting.generation).toMatchObject({ seed: '44', prompt: 'edm, big drop' });
    for (const stranger of ['output/other.mp3', 'output/best_09.mp3', 'output/seed99.mp3']) {
      expect(await read(stranger)).toEqual({ generation: null, problems: [] });
    }
  });

  it('finds a song in results.json by its path, also in the folder below and after a conversion', async () => {
    const song = 'output/all_candidates/candidate_000_seed42.mp3';
    const { generation } = await readBeside(song, 'output/results.json', referenceResultsWithPaths);
    expect(generation).toMatchObject({
      generator: 'banger-scorer',
      prompt: 'uplifting house',
      seed: '42',
      generationSeconds: 81,
    });
    expect(JSON.parse(generation?.raw ?? '')).toMatchObject({ kept: 1, score: 4.2 });
    expect((await read('output/banger_01_score6.1.wav')).generation).toMatchObject({ seed: '43' });
  });

  it.each([
    [
      'an array',
      [
        { filename: 'a.wav', params: { prompt: 'A', seed: 1 } },
        { filename: 'b.wav', params: { prompt: 'B' } },
      ],
    ],
    ['a map by name', { 'a.wav': { prompt: 'A' }, 'b.wav': { prompt: 'B' } }],
    [
      'a map below a name',
      { songs: { 'C:\\out\\a.wav': { prompt: 'A' }, 'C:\\out\\b.wav': { prompt: 'B' } } },
    ],
    [
      'a list below a name',
      {
        tracks: [
          { file: '/x/a.wav', text: 'A' },
          { file: '/x/b.wav', text: 'B' },
        ],
      },
    ],
  ])('accepts %s', async (_shape, record) => {
    expect((await readBeside('b.wav', 'results.json', record)).generation).toMatchObject({ prompt: 'B' });
    expect((await read('c.wav')).generation).toBeNull();
    expect((await readBeside('p/b.wav', 'p/params.json', record)).generation).toMatchObject({ prompt: 'B' });
  });
});

describe('MusicGen and common forms', () => {
  it('reads a record of the song’s name', async () => {
    const { generation } = await readBeside('musicgen__lofi.wav', 'musicgen__lofi.json', musicGenRecord);
    expect(generation).toMatchObject({
      generator: 'musicgen',
      prompt: 'lo-fi hip hop, rainy evening',
      seed: '2417038163',
      guidanceScale: 3.5,
      model: 'facebook/musicgen-stereo-large',
      runKey: null,
    });
  });

  it('looks one level down, and keeps seeds of 64 bits', async () => {
    const text =
      '{"version": 2, "params": {"description": "dub", "bpm": "96", "key": "gm", "seed": 18446744073709551615}}';
    const { generation } = await readBeside('x.wav', 'x.wav.json', text);
    expect(generation).toMatchObject({
      generator: 'other',
      prompt: 'dub',
      tempoBpm: 96,
      musicalKey: 'G minor',
      seed: '18446744073709551615',
    });
  });

  it('reads Suno’s description of a clip', async () => {
    const clip = {
      id: '116d',
      title: 'T',
      model_name: 'chirp-v4',
      major_model_version: 'v4',
      metadata: { tags: 'shoegaze', prompt: '[Verse]\nOh', duration: 180.1 },
    };
    const { generation } = await readBeside('T.mp3', 'T.json', clip);
    expect(generation).toMatchObject({
      generator: 'suno',
      prompt: 'shoegaze',
      lyrics: '[Verse]\nOh',
      model: 'chirp-v4',
    });
  });
});

describe('tags', () => {
  it.each(['flac', 'mp3', 'opus'])('finds ComfyUI’s graph in the tags of a real %s', async (format) => {
    const ffmpeg = await findFfmpeg();
    const song = inFolder(`ComfyUI_00001_.${format}`);
    const workflow = JSON.stringify(comfyuiWorkflow);
    await makeSong(song, '-metadata', `prompt=${comfyuiPromptText}`, '-metadata', `workflow=${workflow}`);
    const { generationTags } = await inspectAudio(ffmpeg, song);
    expect(generationTags).toMatchObject({ prompt: comfyuiPromptText, workflow });
    expect(await readGenerationTags(ffmpeg, song)).toEqual(generationTags);
    const { generation, problems } = await read(`ComfyUI_00001_.${format}`, generationTags);
    expect(problems).toEqual([]);
    expect(generation).toMatchObject({
      generator: 'comfyui',
      sourceFile: song,
      prompt: 'soft piano, warm lullaby',
      lyrics: '[Instrumental]',
      tempoBpm: 70,
      musicalKey: 'Eb major',
      timeSignature: '3/4',
      seed: '18446744073709551615',
      guidanceScale: 1,
      inferenceSteps: 8,
      model: 'acestep_v1.5_turbo.safetensors',
    });
  });

  it('falls back to what the person saw in ComfyUI', async () => {
    const { generation } = await read('a.flac', { workflow: JSON.stringify(comfyuiWorkflow) });
    expect(generation).toMatchObject({
      generator: 'comfyui',
      prompt: 'anime, kawaii pop, j-pop',
      lyrics: '[verse]\nla la',
      seed: '468254064217846',
      guidanceScale: 5,
      inferenceSteps: 50,
      model: 'ace_step_v1_3.5b.safetensors',
    });
  });

  it('ties repeats of one graph together whatever their seeds', async () => {
    const withSeed = (seed: string) =>
      read('a.flac', { prompt: comfyuiPromptText.replace('18446744073709551615', seed) });
    const [first, second] = [await withSeed('1'), await withSeed('2')];
    expect(second.generation?.runKey).toBe(first.generation?.runKey);
    const other = await read('a.flac', { prompt: comfyuiPromptText.replace('soft piano', 'loud drums') });
    expect(other.generation?.runKey).not.toBe(first.generation?.runKey);
  });

  it('never takes the negative prompt, and survives links in a circle', async () => {
    const circle = {
      1: { class_type: 'SaveAudio', inputs: { audio: ['2', 0] } },
      2: { class_type: 'KSampler', inputs: { seed: ['3', 0], negative: ['4', 0], positive: ['5', 0] } },
      3: { class_type: 'Reroute', inputs: { value: ['3', 0] } },
      4: { class_type: 'CLIPTextEncode', inputs: { text: 'bad quality' } },
      5: { class_type: 'Combine', inputs: { a: ['2', 0], b: ['1', 0] } },
    };
    const { generation } = await read('a.flac', { prompt: JSON.stringify(circle) });
    expect(generation).toMatchObject({ generator: 'comfyui', prompt: null, seed: null });
  });

  it.each(['mp3', 'wav', 'm4a'])('knows a real Suno %s by its comment', async (format) => {
    const song = inFolder(`song.${format}`);
    await makeSong(song, '-metadata', `comment=${sunoComment}`);
    const tags = await readGenerationTags(await findFfmpeg(), song);
    const { generation } = await read(`song.${format}`, tags);
    expect(generation).toMatchObject({ generator: 'suno', prompt: null, seed: null });
    expect(JSON.parse(generation?.raw ?? '')).toMatchObject({
      created: '2025-10-08T16:20:02.314Z',
      id: '116d34f4-b3d5-48b8-9334-011b1dd1df00',
    });
  });

  it('lets a sidecar win over tags', async () => {
    const { generation } = await readBeside('a.mp3', 'a.json', musicGenRecord, { comment: sunoComment });
    expect(generation?.generator).toBe('musicgen');
  });

  it('makes nothing of ordinary tags', async () => {
    expect(await read('a.mp3', { comment: 'nice', prompt: 'a plain word' })).toEqual({
      generation: null,
      problems: [],
    });
  });
});

describe('what is broken', () => {
  it.each<[string, string | Uint8Array]>([
    ['cut off', JSON.stringify(aceStep15Record).slice(0, 300)],
    ['empty', ''],
    ['not an object', '42'],
    ['about something else', '{"name": "my project", "version": 3}'],
    ['nested 100,000 deep', '['.repeat(100_000)],
    ['a million values', `[${'0,'.repeat(1_000_000)}0]`],
    ['of wrong types', '{"prompt": {"a": 1}, "seed": [], "bpm": true, "lyrics": 3}'],
    ['a graph of nonsense', '{"1": {"class_type": "X", "inputs": 5}, "2": null}'],
    ['binary', Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256)],
    ['huge', Buffer.alloc(9 * 1024 * 1024, 32)],
  ])('passes over a record that is %s, and says so', async (_what, content) => {
    const { generation, problems } = await readBeside('a.wav', 'a.json', content, { comment: sunoComment });
    expect(generation?.generator).toBe('suno');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: inFolder('a.json') });
    expect(problems[0]?.reason).toMatch(/^This sidecar was passed over: .+\.$/);
  });

  it('passes over folders, pipes and files that it may not read', async () => {
    await mkdir(inFolder('a.json'));
    await promisify(execFile)('mkfifo', [inFolder('params.json')]);
    const { generation, problems } = await read('a.wav');
    expect(generation).toBeNull();
    expect(problems.map(({ file }) => file)).toEqual([inFolder('a.json'), inFolder('params.json')]);
    if (process.getuid?.() === 0) return;
    await writeFile(inFolder('b.json'), '{}');
    await chmod(inFolder('b.json'), 0);
    expect((await read('b.wav')).problems[0]?.reason).toContain('EACCES');
  });

  it('is not troubled by a name that is too long for a sidecar', async () => {
    expect(await read(`${'x'.repeat(251)}.wav`)).toEqual({ generation: null, problems: [] });
  });

  const encodings: [string, (text: string) => Uint8Array][] = [
    ['UTF-8 with a mark', (text) => Buffer.from(`\uFEFF${text}`, 'utf8')],
    ['UTF-16 little endian with a mark', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16 little endian', (text) => Buffer.from(text, 'utf16le')],
    ['UTF-16 big endian with a mark', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['UTF-16 big endian', (text) => Buffer.from(text, 'utf16le').swap16()],
    ['Windows-1252', (text) => Buffer.from(text, 'latin1')],
  ];
  it.each(encodings)('reads %s', async (_name, encode) => {
    const { generation } = await readBeside(
      'a.wav',
      'a.json',
      encode('{"prompt": "café, schön", "seed": 7}'),
    );
    expect(generation).toMatchObject({ prompt: 'café, schön', seed: '7' });
  });

  it('reads the numbers that only Python writes as absent, and leaves such words in texts alone', async () => {
    const text =
      '{"prompt": "NaN \\"Infinity\\"", "seed": NaN, "bpm": -Infinity, "cfg": Infinity, "steps": 4}';
    const { generation } = await readBeside('a.wav', 'a.json', text);
    expect(generation).toMatchObject({
      prompt: 'NaN "Infinity"',
      seed: null,
      tempoBpm: null,
      guidanceScale: null,
      inferenceSteps: 4,
    });
  });

  it('takes nothing from a prototype and gives nothing to one', async () => {
    const text =
      '{"__proto__": {"prompt": "inherited", "polluted": true}, "constructor": {"seed": 1}, "seed": 5}';
    const { generation } = await readBeside('a.wav', 'a.json', text);
    expect(generation).toMatchObject({ prompt: null, seed: '5' });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect('polluted' in {}).toBe(false);
  });

  it('keeps raw parameters within bounds', async () => {
    const record = { prompt: 'x', seed: 1, big: Array.from({ length: 60 }, () => 'y'.repeat(5000)) };
    const { generation } = await readBeside('a.wav', 'a.json', record);
    expect(generation?.raw.length).toBeLessThan(65_537);
    expect(JSON.parse(generation?.raw ?? '')).toMatchObject({ prompt: 'x', seed: 1 });
  });

  it('gives a valid generation or none for whatever a record holds', async () => {
    const names = [
      ...[
        'prompt',
        'caption',
        'lyrics',
        'bpm',
        'key',
        'seed',
        'infer_step',
        'actual_seeds',
        'timecosts',
        'cot_bpm',
      ],
      ...[
        'cot_caption',
        'keyscale',
        'inference_steps',
        'metadata',
        'params',
        'results',
        'nodes',
        'links',
        'class_type',
      ],
      ...['inputs', 'model_name', 'timesignature', 'widgets_values', '__proto__', 'a.wav', 'path', '1'],
    ];
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.constantFrom('120', 'A minor', 'SaveAudio', 'chirp-v4', 'a.wav', '1', -1),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
      ),
    }));
    const files = ['a.json', 'a_input_params.json', 'params.json', 'results.json'];
    await fc.assert(
      fc.asyncProperty(value, fc.constantFrom(...files), async (record, file) => {
        const text = JSON.stringify(record);
        const { generation } = await readBeside(join(file, 'a.wav'), join(file, file), text, {
          prompt: text,
          workflow: text,
        });
        if (generation === null) return;
        expect(generationSchema.parse(generation)).toEqual(generation);
        expect(() => JSON.parse(generation.raw) as unknown).not.toThrow();
        expect(JSON.stringify(generation).isWellFormed()).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('survives any damage to a real record', async () => {
    const text = JSON.stringify(aceStep15Record);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length),
        fc.nat(40),
        fc.uint8Array({ maxLength: 20 }),
        async (at, removed, inserted) => {
          const bytes = Buffer.from(text);
          const damaged = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
          const { generation, problems } = await readBeside('a.wav', 'a.json', damaged);
          expect(generation === null ? problems.length : 1).toBe(1);
        },
      ),
      { numRuns: 300 },
    );
  });
});
