// What a person sees of one file: a line with its number, how far it is, a small blurred preview, and a button that takes it away.

const SHOWN_AFTER = 1000; // milliseconds: no time left is told before
const PREVIEW = 48; // pixels each way

export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function make(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

// Of the number-th picture or video. { element, remove, name, show(state, text), begin(), part(done), preview(bitmap) }.
export function lineOf(words, kind, number) {
  const name = filled(words[kind], { n: number });
  const element = make("li", "file"), preview = make("canvas", "preview"), middle = make("div", "about");
  const status = make("span", "status"), bar = make("progress", "bar"), remove = make("button", "remove", words.remove);
  preview.width = preview.height = PREVIEW;
  preview.setAttribute("aria-hidden", "true");
  remove.type = "button";
  remove.setAttribute("aria-label", `${words.remove}: ${name}`);
  bar.setAttribute("aria-label", name);
  middle.append(make("strong", "name", name), status, bar);
  element.append(preview, middle, remove);
  let began = 0;
  const show = (state, text) => {
    element.dataset.state = state;
    status.textContent = text;
    bar.hidden = state !== "working";
  };
  return {
    element,
    remove,
    name,
    show,
    begin() {
      began = performance.now();
      bar.removeAttribute("value");
      show("working", words.working);
    },
    part(done) {
      const spent = performance.now() - began;
      bar.value = done;
      if (spent >= SHOWN_AFTER) status.textContent = timeLeft(words, (spent / done) * (1 - done));
    },
    preview(bitmap) {
      preview.getContext("2d").drawImage(bitmap, 0, 0, PREVIEW, PREVIEW);
      bitmap.close();
    },
  };
}

function timeLeft(words, milliseconds) {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  return seconds > 90 ? filled(words.minutes_left, { n: Math.ceil(seconds / 60) }) : filled(words.seconds_left, { n: seconds });
}
