// Keys, copying, revealing and counting down. Everything here also works without it, by plain forms.

const dialog = document.getElementById("keys");
const acts = new Map(
  [...document.querySelectorAll("#keys [data-key]")].map((one) => [one.dataset.key, one.dataset.does]),
);

const TYPING = "input:not([type=radio]):not([type=checkbox]):not([type=button]):not([type=submit]), textarea, select";

function isTyping(target) {
  return target instanceof Element && (target.matches(TYPING) || target.closest("[contenteditable]") !== null);
}

function reach(act) {
  return [...document.querySelectorAll(`[data-act="${act}"]`)].find((one) => one.getClientRects().length > 0);
}

function perform(act) {
  if (act === "help") {
    dialog.showModal();
    return true;
  }
  const target = reach(act);
  if (!target) {
    return false;
  }
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    const pressed = target.querySelector("[data-reveal]");
    if (pressed) {
      pressed.click();
    } else {
      target.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
    }
  } else if (target.matches("select, textarea, input[type=search]")) {
    target.focus();
  } else if (target.matches("input[type=radio]")) {
    target.focus();
    target.click();
  } else {
    target.click();
  }
  return true;
}

function keyOf(event) {
  if (acts.has(event.key)) {
    return event.key;
  }
  // On a French keyboard the digits of the top row need Shift; a verdict should not.
  const digit = /^Digit([1-5])$/.exec(event.code);
  return digit ? digit[1] : event.key.toLowerCase();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isTyping(event.target) && !dialog?.open) {
    event.target.blur();
    return;
  }
  if (acts.size > 0 && event.ctrlKey && event.key === "Enter") {
    event.preventDefault();
    perform("submit");
    return;
  }
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.altKey || event.metaKey || dialog?.open) {
    return;
  }
  const act = acts.get(keyOf(event));
  if (act && !isTyping(event.target) && perform(act)) {
    event.preventDefault();
  }
});

for (const button of document.querySelectorAll("button[data-act=help]")) {
  button.hidden = !dialog;
  button.addEventListener("click", () => dialog.showModal());
}

function ask(form, address) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  const headers = { Accept: "application/json" };
  return fetch(address, { method: "POST", body, headers, redirect: "error" }).then((answer) => {
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    return answer.json();
  });
}

// The live address never lies in the page: it goes from the answer to the clipboard.
for (const form of document.querySelectorAll("form[data-copy]")) {
  form.hidden = !navigator.clipboard;
  const said = form.querySelector("[role=status]");
  form.querySelector("button").addEventListener("click", () => {
    ask(form, form.action)
      .then((answer) => navigator.clipboard.writeText(answer.address))
      .then(() => {
        said.textContent = said.dataset.done;
      })
      .catch(() => {
        said.textContent = said.dataset.failed;
      });
  });
}

function quote(place, told) {
  const parts = told.flatMap((one) => {
    const title = document.createElement("h3");
    title.className = "signs";
    title.textContent = one.reference;
    const words = document.createElement("p");
    words.className = "quote";
    words.textContent = one.story || place.dataset.nothing;
    return [title, words];
  });
  place.replaceChildren(...parts);
  place.tabIndex = -1;
  place.focus();
}

for (const button of document.querySelectorAll("button[data-reveal]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const place = button.closest("[data-told]");
    ask(button.form, button.dataset.reveal)
      .then((answer) => quote(place, answer.told))
      .catch(() => button.form.requestSubmit(button));
  });
}

const counters = [...document.querySelectorAll("[data-countdown]")];

function count() {
  for (const counter of counters) {
    const left = Math.max(0, Math.round((new Date(counter.dataset.countdown) - Date.now()) / 1000));
    counter.textContent = left > 0 ? `(${left} s)` : "";
    if (left === 0) {
      counter.closest("[data-ends]")?.remove();
      counters.splice(counters.indexOf(counter), 1);
    }
  }
}

if (counters.length > 0) {
  count();
  setInterval(count, 1000);
}

document.getElementById("errors")?.focus();
if (location.hash === "#mappings") {
  document.getElementById("mappings")?.focus();
}
