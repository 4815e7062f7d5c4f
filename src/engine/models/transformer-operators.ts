/** What a transformer is written with; each form of graph has operators of its own for the same arithmetic. */

/** What is added to the residual stream: a value, and the bias that its last product still lacks. */
export interface Update {
  /** (frames, hidden) */
  value: string;
  /** Name of the linear layer whose bias belongs to it, null where it is in the value already. */
  biasOf: string | null;
}

/** All values are 2-D, (frames, hidden); layers are named as in the checkpoint, without its prefix. */
export interface TransformerOperators {
  /** A linear layer, bias included. */
  linear(value: string, layer: string): Promise<string>;
  layerNorm(value: string, layer: string): Promise<string>;
  /** Exact GELU of a value of any shape. */
  gelu(value: string): string;
  /** Self-attention over all frames, with its four linear layers. */
  attention(value: string, layer: string): Promise<Update>;
  /** Two linear layers with a GELU between them. */
  feedForward(value: string, layer: string): Promise<Update>;
  /** The sum of the residual stream and an update, and the layer norm of that sum. */
  addAndNorm(residual: string, update: Update, layer: string): Promise<{ sum: string; normalised: string }>;
}

/** What all forms need to know of the network. */
export interface TransformerShape {
  num_attention_heads: number;
  hidden_size: number;
  layer_norm_eps: number;
}
