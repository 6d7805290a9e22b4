// The pictures of a video, one for each second, as the browser's own player shows them.
//
// The engine counts decoded frames and takes each m-th, m = ⌊frames a second⌋; a page cannot count frames, so it takes what is shown
// a hundredth after each whole second. At 25 or 30 frames a second these are the same frames; at 29.97 they are within one second.

import { Refusal } from "./picture.js";

export const MOST_SECONDS = 3600;
const AFTER = 0.01; // seconds: a time on the border of two frames would be either
const PATIENCE = 20_000; // milliseconds for one picture
const SHOWN_WITHIN = 250; // milliseconds
const FAR = 1e7; // seconds: asked of a recording that does not say how long it is

// each(bitmap, second, seconds) for every second, in turn; what it returns is awaited. Gives the length in whole seconds.
export async function videoSeconds(file, each) {
  const video = document.createElement("video"), address = URL.createObjectURL(file);
  video.muted = true;
  video.preload = "auto";
  video.playsInline = true;
  try {
    video.src = address;
    await until(video, "loadeddata");
    if (!video.videoWidth) throw new Refusal("video");
    if (!Number.isFinite(video.duration)) await moved(video, FAR);
    const seconds = Math.max(1, Math.ceil((Number.isFinite(video.duration) ? video.duration : video.currentTime) - AFTER));
    for (let second = 0; second < Math.min(seconds, MOST_SECONDS); second++) {
      const shown = pictureAt(video, second + AFTER);
      await moved(video, second + AFTER);
      await Promise.race([shown, waited(SHOWN_WITHIN)]);
      await each(await createImageBitmap(video, { colorSpaceConversion: "none", premultiplyAlpha: "none" }), second, seconds);
    }
    return seconds;
  } finally {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(address);
  }
}

async function moved(video, time) {
  video.currentTime = time;
  await until(video, "seeked");
}

// A busy browser says that it moved while it still shows the picture before. Where it tells of each picture that it shows, the one
// asked for is waited for, a moment; a page that nobody sees is told of none.
function pictureAt(video, time) {
  if (!video.requestVideoFrameCallback || document.hidden) return null;
  let told = 0;
  return new Promise((resolve) => {
    const look = (_now, { mediaTime }) => (Math.abs(mediaTime - time) < 1 || ++told > 2 ? resolve() : video.requestVideoFrameCallback(look));
    video.requestVideoFrameCallback(look);
  });
}

function waited(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function until(video, event) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Refusal("video")), PATIENCE);
    video.addEventListener(event, () => (clearTimeout(late), resolve()), { once: true });
    video.addEventListener("error", () => (clearTimeout(late), reject(new Refusal("video"))), { once: true });
  });
}
