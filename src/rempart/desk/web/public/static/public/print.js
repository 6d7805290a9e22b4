// Offers the browser's own printing. Without this file the browser's menu does the same.

document.querySelectorAll("[data-print]").forEach((place) => {
  place.hidden = false;
  place.querySelector("button").addEventListener("click", () => window.print());
});
