"""Trains the model card's head with PyTorch on the data that bench/train.ts wrote; prints seconds and epochs as JSON.

Usage: python compare-pytorch-training.py <folder> [threads]   (needs torch, numpy and scikit-learn)
"""

import json
import os
import sys
import time

import numpy as np
import torch
from sklearn.model_selection import train_test_split

folder = sys.argv[1]
if len(sys.argv) > 2:
    torch.set_num_threads(int(sys.argv[2]))
settings = json.load(open(os.path.join(folder, "settings.json")))
X = torch.from_numpy(np.load(os.path.join(folder, "embeddings.npy")))
Y = torch.from_numpy(np.load(os.path.join(folder, "labels.npy")))
train, held_out = train_test_split(np.arange(len(Y)), test_size=0.3, random_state=42)
validation, _ = train_test_split(held_out, test_size=0.5, random_state=42)

torch.manual_seed(settings["seed"])
layers, width = [], X.shape[1]
for hidden, dropout in zip(settings["widths"], settings["dropout"]):
    layers += [torch.nn.Linear(width, hidden), torch.nn.BatchNorm1d(hidden), torch.nn.ReLU(), torch.nn.Dropout(dropout)]
    width = hidden
net = torch.nn.Sequential(*layers, torch.nn.Linear(width, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=settings["learningRate"], weight_decay=settings["weightDecay"])
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=settings["epochs"])
started, processor = time.time(), time.process_time()
best, best_epoch, epochs = np.inf, 0, 0
for epoch in range(settings["maximumEpochs"]):
    net.train()
    order = train[torch.randperm(len(train)).numpy()]
    for start in range(0, len(order), settings["batchSize"]):
        batch = order[start : start + settings["batchSize"]]
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(net(X[batch]).squeeze(-1), Y[batch]).backward()
        optimizer.step()
    scheduler.step()
    net.eval()
    with torch.no_grad():
        mae = (net(X[validation]).squeeze(-1) - Y[validation]).abs().mean().item()
    epochs = epoch + 1
    if mae < best:
        best, best_epoch = mae, epoch
    if epoch - best_epoch > settings["patience"]:
        break
print(
    json.dumps(
        {
            "seconds": time.time() - started,
            "processorSeconds": time.process_time() - processor,
            "epochs": epochs,
            "validationMae": best,
            "threads": torch.get_num_threads(),
        }
    )
)
