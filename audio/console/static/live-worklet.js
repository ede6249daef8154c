// Collects what the microphone gives into blocks of 8192 frames, channel by channel.
"use strict";
const FRAMES = 8192;

class Blocks extends AudioWorkletProcessor {
  constructor() {
    super();
    this.used = 0;
    this.channels = 0;
  }

  process(inputs) {
    const input = inputs[0];
    if (!input.length) return true;
    if (this.channels !== input.length) {
      this.channels = input.length;
      this.block = input.map(() => new Float32Array(FRAMES));
      this.used = 0;
    }
    input.forEach((samples, c) => this.block[c].set(samples, this.used));
    this.used += input[0].length;
    if (this.used >= FRAMES) {
      const full = this.block;
      this.block = input.map(() => new Float32Array(FRAMES));
      this.used = 0;
      this.port.postMessage(full, full.map((samples) => samples.buffer));
    }
    return true;
  }
}
registerProcessor("blocks", Blocks);
