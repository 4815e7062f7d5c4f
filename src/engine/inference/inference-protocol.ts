/** What the engine and the inference process say to each other, with the schemas that check it on both sides. */
import { z } from 'zod';
import type { Answer } from '../../shared/answer.ts';

const float32Schema = z.instanceof(Float32Array);
const bytesSchema = z.instanceof(Uint8Array);

export const sessionOptionsSchema = z.object({
  /** Name of an ONNX Runtime execution provider, such as `cpu`. */
  provider: z.string(),
  /** Threads inside one operator; 0 leaves the choice to the runtime. */
  threads: z.int().min(0).max(1024),
});
export type SessionOptions = z.infer<typeof sessionOptionsSchema>;

const encoderGraphSchema = z.object({
  onnx: bytesSchema,
  window: z.object({ onnx: bytesSchema, sampleCount: z.int().positive() }).nullable(),
  weightsFolder: z.string().nullable(),
  sampleRateHz: z.number(),
  minimumSamples: z.number(),
  embeddingSize: z.number(),
  normalizesInput: z.boolean(),
});

export const loadEncoderSchema = z.object({
  /** The engine's name for this encoder; later calls refer to it. */
  key: z.string(),
  graph: encoderGraphSchema,
  options: sessionOptionsSchema,
});
export type LoadEncoderRequest = z.infer<typeof loadEncoderSchema>;

export const loadHeadSchema = z.object({
  key: z.string(),
  graph: z.object({ onnx: bytesSchema, embeddingSize: z.number() }),
});
export type LoadHeadRequest = z.infer<typeof loadHeadSchema>;

export const loadedSchema = z.object({ seconds: z.number() });
export type Loaded = z.infer<typeof loadedSchema>;

export const encodeSchema = z.object({
  key: z.string(),
  /** Mono samples at the encoder's rate, not yet normalised. */
  samples: float32Schema,
  /** Whether the state of every frame is wanted besides their mean. */
  wantsHiddenState: z.boolean(),
});
export type EncodeRequest = z.infer<typeof encodeSchema>;

export const encodingSchema = z.object({
  /** Mean over time, (embeddingSize). */
  embedding: float32Schema,
  /** (frames, embeddingSize) in C order, null unless asked for. */
  hiddenState: float32Schema.nullable(),
  /** Time that the model took, without the transport. */
  seconds: z.number(),
});
export type Encoding = z.infer<typeof encodingSchema>;

export const timeGraphSchema = z.object({
  graph: encoderGraphSchema,
  /** Length of the input that it is run with. */
  sampleCount: z.int().positive(),
  /** How long it is run again and again at least, and how long at most while other work keeps the processors busy. */
  leastSeconds: z.number().positive(),
  mostSeconds: z.number().positive().max(60),
  options: sessionOptionsSchema,
});
export type TimeGraphRequest = z.infer<typeof timeGraphSchema>;

/** The fastest run, in seconds: what other programs do meanwhile only ever makes one slower. */
export const graphTimeSchema = z.object({ fastestSeconds: z.number().positive() });
export type GraphTime = z.infer<typeof graphTimeSchema>;

export const runGraphSchema = z.object({
  graph: encoderGraphSchema,
  samples: float32Schema,
  options: sessionOptionsSchema,
});
export type RunGraphRequest = z.infer<typeof runGraphSchema>;

/** The graph's embedding, of whatever length and finite or not. */
export const graphOutputSchema = float32Schema;

/** A priority in the terms of `os.setPriority`, from 0 (as usual) to 19. */
export const prioritySchema = z.int().min(0).max(19);

export const scoreSchema = z.object({
  key: z.string(),
  /** (count, embeddingSize) in C order. */
  embeddings: float32Schema,
});
export type ScoreRequest = z.infer<typeof scoreSchema>;

/** One raw score for each embedding, before the clamp to 0..10. */
export const rawScoresSchema = float32Schema;

export const inferenceStatusSchema = z.object({
  processId: z.int(),
  /** Resident memory of the inference process now and at its highest. */
  residentBytes: z.number(),
  peakResidentBytes: z.number(),
  encoders: z.array(z.object({ key: z.string(), provider: z.string() })),
  heads: z.array(z.string()),
  runtimeVersion: z.string(),
  /** Execution providers that this build of ONNX Runtime carries. */
  providers: z.array(z.string()),
});
export type InferenceStatus = z.infer<typeof inferenceStatusSchema>;

/** The calls that the inference process answers. Requests and values are checked by the schemas above. */
export interface InferenceFunctions {
  /** Comes first of all: threads that are made later take it on. */
  lowerPriority(request: unknown): Promise<Answer<null>>;
  loadEncoder(request: unknown): Promise<Answer<Loaded>>;
  loadHead(request: unknown): Promise<Answer<Loaded>>;
  encode(request: unknown): Promise<Answer<Encoding>>;
  score(request: unknown): Promise<Answer<Float32Array>>;
  timeGraph(request: unknown): Promise<Answer<GraphTime>>;
  runGraph(request: unknown): Promise<Answer<Float32Array>>;
  status(): Promise<Answer<InferenceStatus>>;
}
