// The page around the frame: takes its one message, checks every sign of it, and fills the form. It never touches a file.
//
// <iframe id="hasher" data-field="ID of the hidden field" data-button="ID of the button" data-refused="ID of what is shown when
// the message is not one of ours">, and where the page has them: data-count="ID of an element: how many files", data-kept="how
// many files the form holds from before", data-offline="ID of what is shown when nothing could be sent", data-sending="ID of
// what is shown while it is sent".

const frame = document.getElementById("hasher");
const MOST_HEIGHT = 20_000, MOST_FILES = 20, MOST_PDQS = 9, MOST_SECONDS = 3600, MOST_TEXT = 2_000_000;
const STATES = ["empty", "busy", "ready", "stopped", "leave"];
const PATIENCE = 15_000; // milliseconds: then a form that was sent may be sent again; the server takes it once
const NAMES = "height,rempart,state,count,text".split(",").sort().join();
const HASH = /^[0-9a-f]{64}$/, VIEW = /^[a-z0-9/-]{1,40}$/;

function isWhole(value, most) {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function has(thing, names) {
  return thing !== null && typeof thing === "object" && Object.keys(thing).sort().join() === names;
}

function isFile(file) {
  if (!has(file, "kind,pdqs,sha256") || !HASH.test(file.sha256) || !Array.isArray(file.pdqs) || !file.pdqs.length) return false;
  const isVideo = file.kind === "video";
  if ((!isVideo && file.kind !== "picture") || file.pdqs.length > (isVideo ? MOST_SECONDS : MOST_PDQS)) return false;
  const isPlace = (place) => (isVideo ? isWhole(place, MOST_SECONDS) : typeof place === "string" && VIEW.test(place));
  return file.pdqs.every((one) => Array.isArray(one) && one.length === 3 && HASH.test(one[0]) && isWhole(one[1], 100) && isPlace(one[2]));
}

// Is this text what frame.js writes, to the sign? Fingerprints of fixed size and nothing else.
function isSubmission(text, count) {
  try {
    const message = JSON.parse(text);
    if (!has(message, "files,shape") || message.shape !== 1 || !Array.isArray(message.files)) return false;
    if (message.files.length !== count || !message.files.every(isFile)) return false;
    return JSON.stringify(message) === text;
  } catch {
    return false;
  }
}

function isOurs(data) {
  if (!has(data, NAMES) || data.rempart !== 1 || !STATES.includes(data.state)) return false;
  if (!isWhole(data.height, MOST_HEIGHT) || !isWhole(data.count, MOST_FILES) || typeof data.text !== "string" || data.text.length > MOST_TEXT) return false;
  return data.state === "ready" ? data.count > 0 && isSubmission(data.text, data.count) : data.text === "";
}

// Does the server answer at this moment? A form sent into the void would take the page, and what was chosen, with it.
function isReached() {
  return new Promise((resolve) => {
    const asked = new Image();
    asked.onload = () => resolve(true);
    asked.onerror = () => resolve(false);
    setTimeout(() => resolve(false), PATIENCE);
    asked.src = `${document.querySelector('link[rel="icon"]').href}?${Date.now()}`;
  });
}

// One press is sent once, and only when the server is there to take it.
function guard(form, { isReady, offline, sending }) {
  let isSending = false, isSure = false, patience;
  const show = (isOn) => {
    isSending = isOn;
    clearTimeout(patience);
    if (sending) sending.hidden = !isOn;
    if (isOn) patience = setTimeout(() => show(false), 2 * PATIENCE);
  };
  form.addEventListener("submit", async (event) => {
    if (!["send", "paste"].includes(event.submitter?.value)) return;
    if (isSure) {
      isSure = false;
      return;
    }
    event.preventDefault();
    if (isSending || !isReady(event.submitter)) return;
    show(true);
    if (offline) offline.hidden = true;
    isSure = await isReached();
    if (isSure) return form.requestSubmit(event.submitter);
    show(false);
    if (offline) {
      offline.hidden = false;
      offline.scrollIntoView({ block: "nearest" });
    }
  });
  addEventListener("pageshow", () => show(false));
}

if (frame) {
  const [field, button, refused, count, offline, sending] = ["field", "button", "refused", "count", "offline", "sending"].map((name) =>
    document.getElementById(frame.dataset[name]),
  );
  const kept = Number(frame.dataset.kept ?? 0);
  const fill = (text) => {
    field.value = text;
    button.disabled = !text && !kept;
  };
  fill("");
  const listen = (event) => {
    if (event.source !== frame.contentWindow) return;
    if (event.origin !== "null" || event.ports.length || !isOurs(event.data)) {
      // Not a message that our frame writes: nothing of it is kept, nothing more is listened to.
      removeEventListener("message", listen);
      fill("");
      frame.remove();
      if (refused) refused.hidden = false;
      return;
    }
    const { state, height, text } = event.data;
    if (state === "leave") document.getElementById("leave")?.click();
    frame.style.height = `${height}px`;
    fill(text);
    if (count) count.textContent = String(kept + event.data.count);
  };
  addEventListener("message", listen);
  const isReady = (pressed) => pressed.value === "paste" || !button.disabled;
  guard(field.form, { isReady, offline, sending });
  // The frame may have spoken before anybody listened; and a page that comes back from the history starts again.
  const greet = () => frame.contentWindow?.postMessage("rempart", "*");
  frame.addEventListener("load", greet);
  addEventListener("pageshow", greet);
  greet();
}
