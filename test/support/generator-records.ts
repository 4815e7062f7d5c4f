/** What generators write about their songs, with the fields and the order in which they write them. */

/** ACE-Step 1.5: every parameter of its `GenerationParams`, one file a song, named by a UUID. */
export const aceStep15Record = {
  task_type: 'text2music',
  instruction: 'Fill the audio semantic mask based on the given conditions:',
  reference_audio: null,
  src_audio: null,
  audio_codes: '<|audio_code_51234|>'.repeat(300),
  caption: 'dark synthwave with a driving bassline',
  lyrics: '[Verse]\nNeon rain\n\n[Chorus]\nRun',
  instrumental: false,
  vocal_language: 'en',
  bpm: null,
  keyscale: '',
  timesignature: '',
  duration: -1.0,
  inference_steps: 8,
  seed: 3735928559,
  guidance_scale: 7.0,
  use_adg: false,
  cfg_interval_start: 0.0,
  cfg_interval_end: 1.0,
  shift: 3.0,
  infer_method: 'ode',
  timesteps: null,
  repainting_start: 0.0,
  repainting_end: -1,
  audio_cover_strength: 1.0,
  thinking: true,
  lm_temperature: 0.85,
  lm_cfg_scale: 2.0,
  lm_top_k: 0,
  lm_top_p: 0.9,
  lm_negative_prompt: 'NO USER INPUT',
  use_cot_metas: true,
  use_cot_caption: true,
  use_cot_lyrics: false,
  use_cot_language: true,
  use_constrained_decoding: true,
  cot_bpm: 118,
  cot_keyscale: 'F# minor',
  cot_timesignature: '4',
  cot_duration: 182.0,
  cot_vocal_language: 'unknown',
  cot_caption: '',
  cot_lyrics: '',
};

/** ACE-Step 1: the same record beside each song of a run, but for `audio_path`. */
export const aceStep1Record = {
  format: 'wav',
  lora_name_or_path: 'none',
  lora_weight: 1,
  task: 'text2music',
  prompt: 'funk, pop, soul, 105 BPM, energetic',
  lyrics: '[verse]\nNeon lights they flicker bright',
  audio_duration: 170.63997916666668,
  infer_step: 60,
  guidance_scale: 15,
  scheduler_type: 'euler',
  cfg_type: 'apg',
  omega_scale: 10,
  guidance_interval: 0.5,
  guidance_interval_decay: 0,
  min_guidance_scale: 3,
  use_erg_tag: true,
  use_erg_lyric: true,
  use_erg_diffusion: true,
  oss_steps: [],
  timecosts: { preprocess: 0.5, diffusion: 20.25, latent2audio: 1.25 },
  actual_seeds: [401640, 1822304529],
  retake_seeds: [1440498023, 3211903361],
  retake_variance: 0.5,
  guidance_scale_text: 0,
  guidance_scale_lyric: 0,
  repaint_start: 0,
  repaint_end: 0,
  edit_n_min: 0.0,
  edit_n_max: 1.0,
  edit_n_avg: 1,
  src_audio_path: null,
  edit_target_prompt: null,
  edit_target_lyrics: null,
  audio2audio_enable: false,
  ref_audio_strength: 0.5,
  ref_audio_input: null,
  audio_path: './outputs/output_20250604084637_0.wav',
};

/** The reference project: written into the folder of one song before it is generated. */
export const referenceParams = {
  caption: 'boom bap, dusty drums, jazz piano',
  lyrics: '[verse]\nCity never sleeps',
  seed: 45,
  bpm: 92,
  key: 'A minor',
  duration: 120,
  output_dir: '/music/output/candidates/gen_003',
  ace_step_dir: '/music/ace-step/repo',
};

/** The reference project: all songs of a run, best first, without their paths. */
export const referenceResults = {
  run: 'banger_optimized',
  num_generated: 3,
  score_min: 2.1,
  score_max: 5.4,
  score_mean: 3.6,
  results: [
    { seed: 44, bpm: 128, key: 'C minor', caption: 'edm, big drop', gen_time: 61.5, score: 5.4 },
    { seed: 42, bpm: 128, key: 'G major', caption: 'edm, soft', gen_time: 60.25, score: 3.3 },
    { seed: 43, bpm: 140, key: 'A minor', caption: 'trap, slow', gen_time: 59, score: 2.1 },
  ],
};

/** The reference project’s simpler program: one prompt, entries with paths. */
export const referenceResultsWithPaths = {
  prompt: 'uplifting house',
  total_generated: 2,
  kept: 1,
  total_time_minutes: 3.5,
  results: [
    {
      path: 'output/all_candidates/candidate_001_seed43.wav',
      seed: 43,
      score: 6.1,
      gen_time: 80.5,
      score_time: 2,
    },
    {
      path: 'output/all_candidates/candidate_000_seed42.wav',
      seed: 42,
      score: 4.2,
      gen_time: 81,
      score_time: 2,
    },
  ],
};

/** ComfyUI’s template for ACE-Step 1.5, in the form that is run (the tag `prompt`). */
export const comfyuiPrompt = {
  '3': {
    inputs: {
      seed: '18446744073709551615n',
      steps: 8,
      cfg: 1,
      sampler_name: 'euler',
      scheduler: 'simple',
      denoise: 1,
      model: ['78', 0],
      positive: ['94', 0],
      negative: ['47', 0],
      latent_image: ['98', 0],
    },
    class_type: 'KSampler',
    _meta: { title: 'KSampler' },
  },
  '18': { inputs: { samples: ['3', 0], vae: ['106', 0] }, class_type: 'VAEDecodeAudio' },
  '47': { inputs: { conditioning: ['94', 0] }, class_type: 'ConditioningZeroOut' },
  '78': { inputs: { shift: 3, model: ['104', 0] }, class_type: 'ModelSamplingAuraFlow' },
  '94': {
    inputs: {
      clip: ['105', 0],
      tags: ['200', 0],
      lyrics: '[Instrumental]',
      seed: 31,
      bpm: 70,
      duration: 60,
      timesignature: '3',
      language: 'en',
      keyscale: 'Eb major',
      generate_audio_codes: true,
      cfg_scale: 2,
      temperature: 0.85,
      top_p: 0.9,
      top_k: 0,
      min_p: 0,
    },
    class_type: 'TextEncodeAceStepAudio1.5',
  },
  '98': { inputs: { seconds: 60, batch_size: 1 }, class_type: 'EmptyAceStep1.5LatentAudio' },
  '104': {
    inputs: { unet_name: 'acestep_v1.5_turbo.safetensors', weight_dtype: 'default' },
    class_type: 'UNETLoader',
  },
  '105': {
    inputs: {
      clip_name1: 'qwen_0.6b_ace15.safetensors',
      clip_name2: 'qwen_4b_ace15.safetensors',
      type: 'ace',
    },
    class_type: 'DualCLIPLoader',
  },
  '106': { inputs: { vae_name: 'ace_1.5_vae.safetensors' }, class_type: 'VAELoader' },
  '107': { inputs: { filename_prefix: 'audio/ComfyUI', audio: ['18', 0] }, class_type: 'SaveAudioMP3' },
  '200': { inputs: { value: 'soft piano, warm lullaby' }, class_type: 'PrimitiveStringMultiline' },
};

/** The same as JSON text; a seed of 64 bits stands in it as the number that it is. */
export const comfyuiPromptText = JSON.stringify(comfyuiPrompt).replace(/"(\d+)n"/g, '$1');

/** ComfyUI’s template for ACE-Step 1, in the form that the person sees (the tag `workflow`). */
export const comfyuiWorkflow = {
  id: '88ac5dad-efd7-40bb-84fe-fbaefdee1fa9',
  last_node_id: 74,
  nodes: [
    {
      id: 14,
      type: 'TextEncodeAceStepAudio',
      mode: 0,
      inputs: [{ name: 'clip', type: 'CLIP', link: 80 }],
      widgets_values: ['anime, kawaii pop, j-pop', '[verse]\nla la', 0.99],
    },
    {
      id: 40,
      type: 'CheckpointLoaderSimple',
      mode: 0,
      inputs: [],
      widgets_values: ['ace_step_v1_3.5b.safetensors'],
    },
    {
      id: 44,
      type: 'ConditioningZeroOut',
      mode: 0,
      inputs: [{ name: 'conditioning', type: 'CONDITIONING', link: 108 }],
      widgets_values: [],
    },
    {
      id: 52,
      type: 'KSampler',
      mode: 0,
      inputs: [
        { name: 'model', type: 'MODEL', link: 83 },
        { name: 'positive', type: 'CONDITIONING', link: 117 },
        { name: 'negative', type: 'CONDITIONING', link: 120 },
      ],
      widgets_values: [468254064217846, 'randomize', 50, 5, 'euler', 'simple', 1],
    },
    {
      id: 59,
      type: 'SaveAudioMP3',
      mode: 0,
      inputs: [
        { name: 'audio', type: 'AUDIO', link: 122 },
        { name: 'filename_prefix', type: 'STRING', widget: { name: 'filename_prefix' }, link: null },
        { name: 'quality', type: 'COMBO', widget: { name: 'quality' }, link: null },
      ],
      widgets_values: ['audio/ComfyUI', 'V0'],
    },
    {
      id: 18,
      type: 'VAEDecodeAudio',
      mode: 0,
      inputs: [{ name: 'samples', type: 'LATENT', link: 101 }],
      widgets_values: [],
    },
  ],
  links: [
    [80, 40, 1, 14, 0, 'CLIP'],
    [83, 40, 0, 52, 0, 'MODEL'],
    [101, 52, 0, 18, 0, 'LATENT'],
    [108, 14, 0, 44, 0, 'CONDITIONING'],
    [117, 14, 0, 52, 1, 'CONDITIONING'],
    [120, 44, 0, 52, 2, 'CONDITIONING'],
    [122, 18, 0, 59, 0, 'AUDIO'],
  ],
  version: 0.4,
};

/** The comment of a Suno download. */
export const sunoComment =
  'made with suno; created=2025-10-08T16:20:02.314Z; id=116d34f4-b3d5-48b8-9334-011b1dd1df00';

/** A user interface of MusicGen: one file a song, of the song’s name. */
export const musicGenRecord = {
  _version: '0.0.1',
  _hash_version: '0.0.2',
  _type: 'musicgen',
  _audiocraft_version: '1.3.0',
  prompt: 'lo-fi hip hop, rainy evening',
  hash: 'f1a0',
  date: '2025-11-02 23:10:11',
  melody: null,
  model: 'facebook/musicgen-stereo-large',
  duration: 30,
  topk: 250,
  topp: 0,
  temperature: 1,
  cfg_coef: 3.5,
  seed: '2417038163',
};
