"""How good the sounds of a folder are to listen to, by DistillMOS: from 1 (bad) to 5 (excellent).

    python benchmarks/speech_measures/quality.py FOLDER      prints {"file name": score, ...}

Source: B. Stahl and H. Gamper, "Distillation and Pruning for Scalable Self-Supervised Representation-Based Speech
Quality Assessment" (2025); package distillmos (MIT), which has its weights inside. It hears sound and no language: a
mispronounced word is as good as another. It needs PyTorch, so it has an environment of its own, and this file imports
nothing of this project.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import distillmos
import soundfile
import soxr
import torch

RATE = 16000


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    with contextlib.redirect_stdout(sys.stderr):
        model = distillmos.ConvTransformerSQAModel()
    model.eval()
    scores = {}
    with torch.no_grad():
        for path in sorted(folder.glob("*.wav")):
            x, rate = soundfile.read(path, dtype="float32")
            scores[path.name] = float(model(torch.from_numpy(soxr.resample(x, rate, RATE))[None]))
    print(json.dumps(scores))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
