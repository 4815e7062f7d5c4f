"""Encodes a clip with transformers' HubertModel on the weights that the encode bench uses; prints seconds as JSON.

Usage: python compare-pytorch.py <checkpoint folder> [--seconds 30] [--threads 0] [--runs 3]
(needs torch, transformers and safetensors)
"""

import argparse
import json
import os
import resource
import time

import torch
from safetensors.torch import load_file
from transformers import HubertConfig, HubertModel

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--seconds", type=float, default=30)
parser.add_argument("--threads", type=int, default=0, help="0 leaves the choice to PyTorch")
parser.add_argument("--runs", type=int, default=3)
arguments = parser.parse_args()
if arguments.threads > 0:
    torch.set_num_threads(arguments.threads)

settings = json.load(open(os.path.join(arguments.folder, "config.json")))
for name in ("architectures", "auto_map", "model_type"):
    settings.pop(name, None)
model = HubertModel(HubertConfig(**settings)).eval()
missing, unexpected = model.load_state_dict(
    load_file(os.path.join(arguments.folder, "model.safetensors")), strict=False
)
# What the network needs is all there; the embedding of masked frames is for pre-training only.
assert set(missing) <= {"masked_spec_embed"} and not unexpected, (missing, unexpected)

samples = torch.empty(1, round(arguments.seconds * 24000)).uniform_(-1, 1)


def best_seconds(attention: str) -> float:
    model.set_attn_implementation(attention)
    seconds = []
    with torch.inference_mode():
        for _ in range(arguments.runs):
            started = time.perf_counter()
            model(samples).last_hidden_state.mean(dim=1)
            seconds.append(time.perf_counter() - started)
    return min(seconds)


print(
    json.dumps(
        {
            "version": torch.__version__,
            "eagerSeconds": best_seconds("eager"),
            "sdpaSeconds": best_seconds("sdpa"),
            "peakResidentBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
    )
)
