// Keeps the six digits of the rehearsal's people fresh. Without it the page shows those of the moment it was loaded.
const live = document.querySelector("[data-live]");

async function refresh() {
  let wait = 5;
  try {
    const answer = await fetch("/codes.json", { cache: "no-store" });
    const { codes, seconds } = await answer.json();
    for (const place of document.querySelectorAll("[data-code]")) {
      const code = codes[place.dataset.code];
      if (place.textContent !== code) place.textContent = code;
    }
    wait = seconds + 0.3;
  } catch {
    // The rehearsal was stopped; the next try may find it again.
  }
  setTimeout(refresh, wait * 1000);
}

live.hidden = false;
refresh();
