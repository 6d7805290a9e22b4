// The frame in which files are chosen and read. It lives in a sandbox without a network: what leaves it is one message to the page
// around it, { rempart, state, height, count, text }, that page.js checks sign by sign. File names stay here, and are not shown.

import { filled, lineOf } from "./lines.js";
import { MOST_SECONDS, videoSeconds } from "./video.js";

const MOST_FILES = 20, MOST_TEXT = 2_000_000;
const SURE_QUALITY = 50; // below it, only exact copies will be found
const NEAR_BITS = 2; // a second of a video that differs no more from the last one kept is left out, as the engine does
const LEAVE_WITHIN = 1500; // milliseconds for three presses of Shift

// One worker at a time, that does one thing at a time; stopping it gives all its memory back.
function helper(source) {
  let worker = null, asked = null;
  const answered = ({ data }) => {
    if ("part" in data) return asked?.onPart(data.part);
    const done = asked;
    asked = null;
    if (data.answer !== undefined) done?.resolve(data.answer);
    else done?.reject(data.reason);
  };
  const stop = () => {
    worker?.terminate();
    worker = null;
    asked?.reject("cancelled");
    asked = null;
  };
  const ask = (task, onPart = () => {}) => new Promise((resolve, reject) => {
    worker ??= source();
    worker.onmessage = answered;
    worker.onerror = () => asked?.reject("unreadable");
    asked = { resolve, reject, onPart };
    worker.postMessage(task, task.bitmap ? [task.bitmap] : []);
  });
  return { ask, stop };
}

// Fingerprints of one file: { kind, sha256, pdqs }, and a preview on the way. Notes if it was too long to be read whole. Throws a
// word.
async function fingerprinted(item, ask, onPart, onPreview) {
  if (item.kind === "picture") {
    const { sha256, pdqs, preview } = await ask({ task: "picture", file: item.file }, onPart);
    onPreview(preview);
    return { kind: "picture", sha256, pdqs };
  }
  const pdqs = [];
  const length = await videoSeconds(item.file, async (bitmap, second, seconds) => {
    if (item.isGone) throw "cancelled";
    const found = await ask({ task: "second", bitmap, second });
    if (found.preview) onPreview(found.preview);
    if (!isNear(pdqs.at(-1), found.pdq)) pdqs.push(found.pdq);
    onPart((0.9 * (second + 1)) / Math.min(seconds, MOST_SECONDS));
  });
  item.isLong = length > MOST_SECONDS;
  const sha256 = await ask({ task: "exact", file: item.file }, (part) => onPart(0.9 + 0.1 * part));
  return { kind: "video", sha256, pdqs };
}

// The published rule of pruning, and the engine's exception: a good frame is not left out for one that is not.
function isNear(last, now) {
  if (!last || (last[1] < SURE_QUALITY && now[1] >= SURE_QUALITY)) return false;
  let bits = 0;
  for (let at = 0; at < now[0].length; at++) {
    for (let differing = parseInt(last[0][at], 16) ^ parseInt(now[0][at], 16); differing; differing &= differing - 1) bits++;
  }
  return bits <= NEAR_BITS;
}

export function show(makeWorker) {
  const words = JSON.parse(document.getElementById("words").textContent);
  const [choose, list, said, hide, views, ready, codes, copy, told] = "choose files said hide views ready codes copy told".split(" ").map((id) => document.getElementById(id));
  const items = [], numbers = { picture: 0, video: 0 };
  const worker = helper(makeWorker);
  let isWorking = false, isStopped = false, isSure = false;
  let isHeard = parent === window; // the page around may have lost its script on the way: then nothing can be sent from it

  const say = (text) => {
    said.textContent = text;
  };

  // ---- what the page around is told ----

  const stateNow = () => {
    if (isStopped) return "stopped";
    if (items.some((item) => item.state === "waiting" || item.state === "working")) return "busy";
    return items.some((item) => item.result) ? "ready" : "empty";
  };
  // What is kept of a file's fingerprints: of a picture the first is of the whole, the others of its views.
  const kept = ({ kind, sha256, pdqs }, hasViews = views.checked) => ({ kind, sha256, pdqs: hasViews || kind === "video" ? pdqs : pdqs.slice(0, 1) });
  const message = (hasViews) => JSON.stringify({ shape: 1, files: items.filter((item) => item.result).map((item) => kept(item.result, hasViews)) });
  const tell = (state = stateNow()) => {
    const count = items.filter((item) => item.result).length, text = state === "ready" ? message() : "";
    if (codes.textContent !== text) codes.textContent = text; // what is selected stays so
    ready.hidden = !text;
    if (parent === window) return state === "leave" && location.replace("about:blank");
    parent.postMessage({ rempart: 1, state, height: Math.ceil(document.body.getBoundingClientRect().height), count, text }, "*");
  };

  // ---- one line for each file ----

  const shown = (item, state, text) => {
    item.state = state;
    item.line.show(state, text);
  };
  const removed = (item) => {
    const place = items.indexOf(item);
    item.isGone = true;
    if (place >= 0) items.splice(place, 1);
    item.line.element.remove();
    if (item.state === "working") worker.stop();
    (list.querySelectorAll(".remove")[Math.min(place, items.length - 1)] ?? choose).focus();
    say(filled(words.removed, { name: item.line.name }));
    tell();
  };

  // ---- the work ----

  const stopAll = () => {
    isStopped = true;
    items.splice(0).forEach((item) => item.line.element.remove());
    choose.disabled = true;
    document.getElementById("doubt").hidden = false;
    say(words.doubtful);
  };
  const finished = (item, result) => {
    if (items.some((other) => other.result?.sha256 === result.sha256)) throw "same";
    item.result = result;
    if (message(true).length > MOST_TEXT) {
      item.result = null;
      throw "too_much";
    }
    showDone(item);
  };
  const showDone = (item) => {
    const { pdqs } = kept(item.result), isPlain = !pdqs.some(([, quality]) => quality >= SURE_QUALITY);
    const text = isPlain ? words.done_plain : filled(words.done, { n: pdqs.length });
    shown(item, "done", item.isLong ? `${text} ${words.long_video}` : text);
  };
  const worked = async (item) => {
    item.state = "working";
    item.line.begin();
    try {
      isSure ||= await worker.ask({ task: "truth" });
      if (!isSure) return stopAll();
      finished(item, await fingerprinted(item, worker.ask, item.line.part, item.line.preview));
    } catch (reason) {
      const word = reason?.reason ?? reason;
      if (word === "doubtful") return stopAll();
      if (!item.isGone) shown(item, "failed", words[`failed_${word}`] ?? words.failed_unreadable);
    } finally {
      item.file = null;
    }
  };
  const workThrough = async () => {
    if (isWorking) return;
    isWorking = true;
    for (let item; (item = items.find((one) => one.state === "waiting")) && !isStopped; tell()) {
      say(filled(words.working_on, { name: item.line.name }));
      await worked(item);
    }
    isWorking = false;
    worker.stop();
    sumUp();
    tell();
  };
  const sumUp = () => {
    if (isStopped) return;
    const count = items.filter((item) => item.result).length;
    if (!count) say(words.none_done);
    else say(isHeard ? filled(words.all_done, { n: count }) : words.not_heard);
  };
  const added = (files) => {
    for (const file of files) {
      if (items.length >= MOST_FILES) {
        say(words.too_many);
        break;
      }
      const kind = file.type.startsWith("video/") ? "video" : "picture";
      const item = { file, kind, line: lineOf(words, kind, ++numbers[kind]), result: null, isGone: false };
      item.line.remove.addEventListener("click", () => removed(item));
      shown(item, "waiting", words.waiting);
      list.append(item.line.element);
      items.push(item);
    }
    tell();
    workThrough();
  };

  // ---- what the person does ----

  const taken = () => {
    const files = [...choose.files];
    choose.value = "";
    if (files.length) added(files);
  };
  choose.addEventListener("change", taken);
  hide.addEventListener("change", () => list.classList.toggle("is-hidden", hide.checked));
  views.addEventListener("change", () => {
    items.filter((item) => item.result).forEach(showDone);
    tell();
  });
  // Only the saved document has this button: there is no page around it to take the codes.
  copy?.addEventListener("click", () => {
    codes.select();
    told.textContent = document.execCommand("copy") ? words.copied : words.copy_by_hand;
  });
  // A file let fall beside the button would open in the browser, large.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  let presses = [];
  addEventListener("keyup", ({ key, timeStamp }) => {
    presses = key === "Shift" ? [...presses.filter((at) => timeStamp - at < LEAVE_WITHIN), timeStamp] : [];
    if (presses.length === 3) tell("leave");
  });
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || data !== "rempart") return;
    if (!isHeard) {
      isHeard = true;
      if (items.length && !isWorking) sumUp();
    }
    tell();
  });
  document.getElementById("not-running")?.remove();
  new ResizeObserver(() => tell()).observe(document.body);
  tell();
  taken(); // what was chosen before this script ran
}
