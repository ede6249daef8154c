// What a stream tells as it happens: one open connection while the page is seen, closed while it is hidden.
"use strict";
const happening = (() => {
  const FIRST_PAUSE = 3000, LONGEST_PAUSE = 60_000; // ms before a connection that was refused is tried again
  const WORDS = {
    sound_on: ["sound", "begins"], sound_off: ["sound", "ends"], voice_on: ["voice", "begins"], voice_off: ["voice", "ends"],
    direction: ["direction", ""], person_entered: ["person", "comes"], person_left: ["person", "leaves"],
    stream_online: ["stream", "online"], stream_offline: ["stream", "offline"],
    plan_warning: ["plan", "nearly used up"], plan_used_up: ["plan", "used up"], test: ["test", "a test event"],
  };
  const place = document.getElementById("happening");
  const list = document.getElementById("events");
  const own = new Set(); // sessions of this page, which it tells of itself
  let source = null, timer = 0, pause = FIRST_PAUSE;
  let stream = place.dataset.stream, after = place.dataset.after;

  const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: place.dataset.zone || undefined });
  const side = (yaw) => {
    const degrees = Math.round(yaw * 180 / Math.PI);
    return degrees ? `${Math.abs(degrees)}° ${degrees > 0 ? "left" : "right"}` : "ahead";
  };

  function log(what, text, at = new Date()) {
    const entry = document.createElement("li");
    for (const [tag, words] of [["small", clock.format(at)], ["b", what], ["span", text]]) {
      const part = document.createElement(tag);
      part.textContent = words;
      entry.append(part);
    }
    entry.firstChild.className = "mono";
    document.getElementById("quiet").hidden = true;
    list.prepend(entry);
    while (list.children.length > 60) list.lastChild.remove();
  }

  function tell({ data }) {
    const event = JSON.parse(data);
    after = event.id;
    if (own.has(event.data.session_id)) return;
    const [what, words] = WORDS[event.type];
    const more = [words];
    if (event.type === "direction") more.push(side(event.data.yaw));
    if (event.data.duration !== undefined) more.push(`after ${event.data.duration.toFixed(1)} s`);
    log(what, more.filter(Boolean).join(" "), new Date(event.time));
  }

  function now({ data }) {
    const state = JSON.parse(data);
    if (own.has(state.session_id)) return;
    const parts = [state.service.split("/")[0].replaceAll("_", " ")];
    if (state.level !== undefined) parts.push(`${state.level.toFixed(0).replace("-", "\u2212")} dBFS`);
    for (const what of ["voice", "sound"]) if (what in state) parts.push(state[what] ? what : `no ${what}`);
    if (state.yaw !== undefined) parts.push(side(state.yaw));
    document.getElementById("now").textContent = parts.join(" · ");
  }

  function open() {
    if (source || document.hidden || !stream) return;
    clearTimeout(timer);
    const query = new URLSearchParams({ stream, live: 1 });
    if (after) query.set("after", after);
    source = new EventSource(`${place.dataset.url}?${query}`);
    source.addEventListener("open", () => { pause = FIRST_PAUSE; });
    for (const type of Object.keys(WORDS)) source.addEventListener(type, tell);
    source.addEventListener("gap", () => log("gap", "some events are not kept any more"));
    source.addEventListener("state", now);
    // After a connection that broke the browser comes back by itself; after any answer but 200 it never does.
    source.addEventListener("error", () => {
      if (!source || source.readyState !== EventSource.CLOSED) return;
      close();
      timer = setTimeout(open, pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    });
  }

  function close() {
    clearTimeout(timer);
    if (source) source.close();
    source = null;
    document.getElementById("now").textContent = "";
  }

  function follow(other) {
    close();
    stream = other;
    open();
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  place.hidden = false;
  open();
  return { follow, log, own };
})();
