/** Measures tempo and key of a clip. */
import type { SoundMeasurement } from '../../shared/sound-analysis.ts';
import { prepareClip } from './clip-signal.ts';
import { detectKey } from './detect-key.ts';
import { detectTempo } from './detect-tempo.ts';
import { measureOnsets } from './onset-envelope.ts';
import { measurePitchClasses } from './pitch-classes.ts';

/** To be raised whenever a clip may be measured otherwise than before, so that songs are measured again. */
export const soundDetectorVersion = 1;

/** Shorter clips say too little: four beats of a slow song. */
const shortestSeconds = 4;

const nothingFound: SoundMeasurement = {
  tempoBpm: null,
  tempoConfidence: 0,
  musicalKey: null,
  keyConfidence: 0,
};

/**
 * Tempo and key of a clip, each null where there is none to be found, as in silence, noise or speech. Takes some 60 ms
 * of processor time for 30 s.
 *
 * @param samples mono, about -1..1; 30 s are enough, and what is shorter than 4 s has nothing found in it
 * @param sampleRateHz 8,000 or more
 */
export function measureSound(samples: Float32Array, sampleRateHz: number): SoundMeasurement {
  const clip = samples.length < shortestSeconds * sampleRateHz ? null : prepareClip(samples, sampleRateHz);
  if (clip === null) return nothingFound;
  const tempo = detectTempo(measureOnsets(clip));
  const notes = measurePitchClasses(clip);
  const key = notes === null ? { name: null, confidence: 0 } : detectKey(notes);
  return {
    // More digits than that are not measured.
    tempoBpm: tempo.bpm === null ? null : Math.round(tempo.bpm * 10) / 10,
    tempoConfidence: tempo.confidence,
    musicalKey: key.name,
    keyConfidence: key.confidence,
  };
}
