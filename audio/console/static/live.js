// The live page: microphone -> blocks of 8192 frames -> one request in flight a service -> level, voice, compass, events.
"use strict";
const $ = (id) => document.getElementById(id);
const page = $("live").dataset;
const WAITING = 24; // blocks that may wait for a service, some four seconds; then the oldest are left out, and counted
let run = null;

const number = (value, digits = 0) => value.toFixed(digits).replace("-", "\u2212");
const say = (text, kind = "warn") => { $("note").className = `note ${kind}`; $("note").textContent = text; $("note").hidden = !text; };
const side = (degrees) => Math.round(degrees) ? `${Math.abs(Math.round(degrees))}° ${degrees > 0 ? "left" : "right"}` : "ahead";

const log = (what, text) => happening.log(what, text);

// ---- sound -> WAV -> service
function wav(block, rate, channels) {
  const frames = block[0].length;
  const bytes = new DataView(new ArrayBuffer(44 + 2 * frames * channels));
  const text = (at, word) => [...word].forEach((c, i) => bytes.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF"); bytes.setUint32(4, 36 + 2 * frames * channels, true); text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true); bytes.setUint16(20, 1, true); bytes.setUint16(22, channels, true);
  bytes.setUint32(24, rate, true); bytes.setUint32(28, 2 * rate * channels, true);
  bytes.setUint16(32, 2 * channels, true); bytes.setUint16(34, 16, true);
  text(36, "data"); bytes.setUint32(40, 2 * frames * channels, true);
  let at = 44;
  for (let i = 0; i < frames; i++) {
    for (let c = 0; c < channels; c++, at += 2) {
      bytes.setInt16(at, Math.round(32767 * Math.max(-1, Math.min(1, block[c][i]))), true);
    }
  }
  return new Blob([bytes.buffer], { type: "audio/wav" });
}

class Sender {
  constructor(run, url, channels, inputs, show) {
    Object.assign(this, { run, url, channels, inputs, show, queue: [], busy: false, session: id(), lost: 0 });
  }

  add(block, offset) {
    this.queue.push([block, offset]);
    if (this.queue.length > WAITING) { this.queue.shift(); this.lost += 1; this.run.lost += 1; }
    this.next();
  }

  async next() {
    if (this.busy || this.run !== run) return;
    this.busy = true;
    while (this.queue.length && this.run === run) {
      const [block, offset] = this.queue[0];
      const begin = performance.now();
      const answer = await this.post(block, offset);
      if (!answer) break;
      this.queue.shift();
      this.run.answered(performance.now() - begin);
      this.show(answer, block[0].length / this.run.rate);
    }
    this.busy = false;
  }

  // The answer; null where there is none to wait for. What is busy or away is tried again.
  async post(block, offset) {
    const form = new FormData();
    const meta = { sound: "attachment://sound", async: false, state: { session_id: this.session, offset }, ...this.inputs() };
    form.append("meta", new Blob([JSON.stringify(meta)], { type: "application/json" }));
    form.append("attachment://sound", wav(block, this.run.rate, this.channels), "sound.wav");
    while (this.run === run) {
      let reply;
      try {
        reply = await fetch(this.url, { method: "POST", body: form, headers: { Authorization: `Bearer ${await this.run.token()}` } });
      } catch (error) {
        if (this.run !== run) return null;
        if (error instanceof Refusal) { stop(error.message); return null; }
        say("The gateway does not answer: trying again.");
        await pause(1000);
        continue;
      }
      const body = await reply.json().catch(() => ({ error: `The gateway answered ${reply.status}.` }));
      if (this.run !== run) return null; // stopped meanwhile: what was said of it stays
      if (reply.ok) { say(""); return body; }
      if (reply.status === 401) { this.run.renew(); await pause(300); continue; }
      if (reply.status === 503) { await pause(1000 * Number(reply.headers.get("Retry-After") || 1)); continue; }
      if (reply.status === 409) { this.session = id(); this.queue.shift(); return null; }
      stop(body.error);
      return null;
    }
    return null;
  }
}

class Refusal extends Error {}
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
function id() {
  const made = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  happening.own.add(made);
  return made;
}

// ---- one run, from Start to Stop
class Run {
  constructor(stream, context) {
    Object.assign(this, { stream, context, rate: context.sampleRate, offset: 0, lost: 0, times: [], expires: 0 });
  }

  renew() { this.expires = 0; }

  async token() {
    if (performance.now() < this.expires) return this.kept;
    this.asking ??= this.ask().finally(() => { this.asking = null; });
    return this.asking;
  }

  async ask() {
    const form = new URLSearchParams({ csrf_token: page.csrf });
    const reply = await fetch(page.token.replace("STREAM", this.stream), { method: "POST", body: form, redirect: "error" });
    if (!reply.ok) throw new Refusal((await reply.json().catch(() => ({}))).error || "You are signed out: load this page again.");
    const body = await reply.json();
    this.kept = body.token;
    this.expires = performance.now() + 1000 * (body.seconds - 60);
    return this.kept;
  }

  answered(ms) {
    const now = performance.now();
    this.times = [...this.times.filter(([at]) => now - at < 5000), [now, ms]];
    const mean = this.times.reduce((sum, [, ms]) => sum + ms, 0) / this.times.length;
    const lost = this.lost ? `, ${this.lost} left out` : "";
    $("state").textContent = `● ${number(this.times.length / 5, 1)} answers a second, ${number(mean)} ms each${lost}`;
  }
}

async function start() {
  if (!navigator.mediaDevices) { $("insecure").hidden = false; return; }
  $("go").disabled = true;
  say("");
  let media;
  const wanted = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: { ideal: 2 } };
  if ($("microphone").value) wanted.deviceId = { exact: $("microphone").value };
  try {
    media = await navigator.mediaDevices.getUserMedia({ audio: wanted });
  } catch (error) {
    $("go").disabled = false;
    say({
      NotAllowedError: "The browser does not let this page hear: allow the microphone beside its address, then start again.",
      NotFoundError: "There is no microphone here: plug one in, then start again.",
      NotReadableError: "The microphone is in use by another program, or does not answer.",
      OverconstrainedError: "This microphone is gone: choose another.",
    }[error.name] || `The microphone cannot be used: ${error.message}`, "bad");
    return;
  }
  const context = new AudioContext();
  await context.audioWorklet.addModule(page.worklet);
  const current = run = new Run($("stream").value, context);
  current.media = media;
  const source = context.createMediaStreamSource(media);
  const blocks = new AudioWorkletNode(context, "blocks", { numberOfOutputs: 0 });
  current.analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 });
  source.connect(blocks);
  source.connect(current.analyser);
  media.getAudioTracks()[0].addEventListener("ended", () => run === current && stop("The microphone is gone."));
  const senders = services(current);
  blocks.port.onmessage = ({ data: block }) => {
    if (run !== current) return;
    if (block.length < 2) $("mono").hidden = false;
    for (const sender of senders) if (block.length >= sender.channels) sender.add(block, current.offset);
    current.offset += block[0].length;
    hear(block);
  };
  Object.assign($("go"), { disabled: false, textContent: "■ Stop" });
  $("go").setAttribute("aria-pressed", "true");
  $("state").hidden = false;
  draw();
  devices();
}

function stop(why = "") {
  if (!run) return;
  run.media.getTracks().forEach((track) => track.stop());
  run.context.close();
  run = null;
  Object.assign($("go"), { disabled: false, textContent: "● Start" });
  $("go").setAttribute("aria-pressed", "false");
  $("state").hidden = true;
  pill("–", "");
  if (why) say(why, "bad");
}

async function devices() {
  const chosen = $("microphone").value;
  const found = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === "audioinput" && d.deviceId);
  $("microphone").replaceChildren(new Option("the usual one", ""), ...found.map((d) => new Option(d.label || "a microphone", d.deviceId)));
  $("microphone").value = chosen;
}

// ---- what comes back
let voiced = false;
function services(current) {
  const sounds = (answer) => {
    for (const event of answer.events) {
      log("sound", event.type === "sound_on" ? "begins" : "ends");
    }
  };
  let since = 0;
  const voice = (answer) => {
    const now = answer.voice_activity;
    voiced = now === "ON" || now === "VOICE";
    if (now === "ON") { since = performance.now(); log("voice", "begins"); }
    if (now === "OFF") log("voice", `ends after ${number((performance.now() - since) / 1000, 1)} s`);
    pill(now, voiced ? "ok" : "");
    $("since").textContent = voiced && since ? `since ${number((performance.now() - since) / 1000, 1)} s` : "";
  };
  let told = null;
  const direction = (answer) => {
    const best = answer.sources.reduce((a, b) => (a && a.confidence >= b.confidence ? a : b), null);
    if (!best) { $("needle").setAttribute("opacity", 0.25); return; }
    const degrees = best.yaw * 180 / Math.PI;
    $("needle").setAttribute("opacity", 0.4 + 0.6 * best.confidence);
    $("needle").setAttribute("transform", `rotate(${-degrees} 170 160)`);
    $("bearing").textContent = side(degrees);
    $("confidence").textContent = `confidence ${number(best.confidence, 2)}`;
    $("compass").setAttribute("aria-label", `Sound from ${side(degrees)}`);
    if (told === null || Math.abs(degrees - told) >= 10) { told = degrees; log("direction", `${side(degrees)}, ${number(best.confidence, 2)}`); }
  };
  const sensitivity = () => ({ sensitivity: Number($("sensitivity").value) / 100 });
  return [
    new Sender(current, page.sound, 1, () => ({}), sounds),
    new Sender(current, page.voice, 1, sensitivity, voice),
    new Sender(current, page.direction, 2, () => ({ baseline: Math.min(10, Math.max(0.01, Number($("baseline").value) || 0.2)) }), direction),
  ];
}

function pill(text, kind) {
  $("voice").textContent = text;
  $("voice").className = `pill large ${kind}`;
}

// ---- level and spectrogram
let floor = null, peak = -120, clipped = 0;
function hear(block) {
  let sum = 0, most = 0;
  for (const x of block[0]) { sum += x * x; most = Math.max(most, Math.abs(x)); }
  const level = 10 * Math.log10(sum / block[0].length + 1e-12);
  peak = Math.max(peak - 1, 20 * Math.log10(most + 1e-6));
  if (most >= 0.999) clipped += 1;
  floor = floor === null || level < floor ? level : floor + 0.1; // falls at once, rises by some 0.6 dB a second
  const share = (db) => Math.max(0, Math.min(100, (db + 90) / 0.9));
  $("level-bar").setAttribute("width", share(level));
  $("level-floor").setAttribute("x", share(floor));
  $("level-meter").setAttribute("aria-valuenow", Math.round(level));
  $("level").textContent = `${number(level)} dBFS`;
  $("levels").textContent = `background ${number(floor)} · peak ${number(peak)} · ${clipped ? `${clipped} blocks clipped: turn it down` : "nothing clipped"}`;
}

const COLOURS = ["#0b0f14", "#0d2447", "#0b4f8a", "#1f86c4", "#6cc3d8", "#d7f0c8", "#ffffff"].map((c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)));
function colour(x) {
  const at = Math.max(0, Math.min(0.999, x)) * (COLOURS.length - 1), i = Math.floor(at), part = at - i;
  return COLOURS[i].map((c, k) => c + part * (COLOURS[i + 1][k] - c));
}

function draw() {
  if (!run) return;
  const canvas = $("spectrogram"), strip = $("strip");
  const spectrum = new Float32Array(run.analyser.frequencyBinCount);
  run.analyser.getFloatFrequencyData(spectrum);
  const top = Math.min(spectrum.length, Math.round(8000 / (run.rate / 2) * spectrum.length));
  const context = canvas.getContext("2d"), { width, height } = canvas;
  const column = context.createImageData(2, height);
  for (let y = 0; y < height; y++) {
    const rgb = colour((spectrum[Math.floor((1 - (y + 0.5) / height) * top)] + 100) / 70);
    for (const x of [0, 1]) column.data.set([...rgb, 255], 4 * (2 * y + x));
  }
  context.drawImage(canvas, -2, 0);
  context.putImageData(column, width - 2, 0);
  const line = strip.getContext("2d");
  line.drawImage(strip, -2, 0);
  line.fillStyle = getComputedStyle(strip).getPropertyValue(voiced ? "--b" : "--track");
  line.fillRect(width - 2, 0, 2, strip.height);
  requestAnimationFrame(draw);
}

$("go").addEventListener("click", () => (run ? stop() : start()));
$("stream").addEventListener("change", () => { stop(); happening.follow($("stream").value); });
$("microphone").addEventListener("change", () => { if (run) { stop(); start(); } });
$("sensitivity").addEventListener("input", () => { $("sensitive").textContent = number($("sensitivity").value / 100, 2); });
document.addEventListener("visibilitychange", () => { if (document.hidden && run) say("This page goes on to hear while it is hidden."); });
addEventListener("pagehide", () => stop());
if (!navigator.mediaDevices) $("insecure").hidden = false;
$("go").disabled = false;
